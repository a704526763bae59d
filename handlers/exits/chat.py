"""The step for whoever takes their own exit interview in Slack or Teams: in forms, so that no chat keeps it."""

from collections.abc import Callable

from handlers.calendar import after_days, next_text_time
from handlers.cards import Answer, Open, Part, Refuse, Text, say
from handlers.casework import codes
from handlers.clean import clean
from handlers.effects import Guess, Hush, Join, Step
from handlers.exits import pages
from handlers.exits.sitting import CONSENT, TIMERS, Sitting
from handlers.exits.steering import erase
from handlers.messages import Inbound
from handlers.questions import SKIPPED, Question
from handlers.said import Said
from handlers.state import Facts, Wants

NOTHING = say(
    "Nothing is open",
    "There is no interview here for you. If a city asks you questions by text, text CHAT to that number for a code.",
    "No hay nada abierto para usted. Si una ciudad le pregunta por texto, escriba CHAT a ese teléfono.",
)


def wants(inbound: Inbound) -> Wants:
    """The interview of whoever asks, or that of a code."""
    _, _, code = clean(inbound.text).partition(" ")
    return Wants(own=True, join=codes.find(code.strip().upper()) if _verb(inbound) == "join" else "")


def step(inbound: Inbound, facts: Facts) -> Step:
    """What they want to do; whoever has no interview learns nothing, whatever they try."""
    verb = _verb(inbound)
    if facts.interview is None or facts.form is None:
        return Step((Guess(False, "chat"),) if wants(inbound).join else (), answer=NOTHING)
    said = Said(inbound, facts)
    sitting = Sitting(said, facts.interview.but(channel=inbound.channel), facts.form)
    if verb == "join":
        said.do(Join(facts.thread, inbound.channel, inbound.sender))
    stopped = facts.conversation.stopped and verb not in ("start", "erase")
    answer = _stopped(sitting) if stopped else TURNS.get(verb, _open)(sitting)
    if not said.traceless:
        if not said.conversation.stopped:
            said.do(Hush())
            sitting.remind_later()
        sitting.keep()
    return Step(said.step().effects, said.step().conversation, answer)


def _verb(inbound: Inbound) -> str:
    if inbound.kind == "command":
        return next(iter(inbound.text.split()), "open").lower()
    return inbound.name.removeprefix("interview_")


def _open(sitting: Sitting, *first: Part) -> Answer:
    """Where they are: before they agreed, at the next open questions, or through."""
    if sitting.interview.stage not in ("agreed", "finished"):
        return Open(pages.agreement(sitting))
    page = pages.open_page(sitting)
    if not page:
        return Open(pages.ended(sitting, first))
    sitting.change(asked=page[0].id, edited=False, paused=False)
    return Open(pages.asking(sitting, page, len(sitting.path()), first=first))


def _agree(sitting: Sitting) -> Answer:
    choice = sitting.said.inbound.value("agree")
    if sitting.interview.stage in ("agreed", "finished") or choice not in ("yes", "no"):
        return _open(sitting)
    wording = "\n".join((*pages.terms(sitting), sitting.words("chat_begin")))
    evidence = next(option.label for option in sitting.gate(CONSENT).options if option.code == choice)
    if choice == "yes":
        sitting.consent("agreed", wording=wording, evidence=evidence)
        sitting.change(stage="agreed", again=0)
        return _open(sitting)
    sitting.consent("declined", wording=wording, evidence=evidence)
    sitting.change(stage="declined", asked="", paused=False)
    sitting.forget()
    return Open(pages.note(sitting, "chat_declined"))


def _answer(sitting: Sitting) -> Answer:
    """A page comes back. All of it is taken, or none: what is wrong is said beside its field."""
    said = sitting.said.inbound
    if sitting.interview.stage not in ("agreed", "finished"):
        return _open(sitting)
    asked = said.value("asked").split()
    page = [question for question in sitting.ahead(sitting.interview.answers) if question.id in asked]
    read = {question.id: pages.read(question, said.values.get(question.id, "")) for question in page}
    if faults := {id: sitting.words("again") for id, code in read.items() if code is None}:
        return Refuse(faults)
    given = {id: code for id, code in read.items() if code and not (said.value("again") and code == SKIPPED)}
    return _taken(sitting, given, pages.safety(sitting, _words(page, given)))


def _taken(sitting: Sitting, given: dict[str, str], first: tuple[Part, ...]) -> Answer:
    if given and sitting.closed and not sitting.interview.late:
        first = (*first, Text(sitting.words("closed"), "quiet"))
    for id, code in given.items():
        sitting.answer(id, code)
    if sitting.unanswered() is None and sitting.interview.stage == "agreed":
        sitting.change(asked="", edited=False, stage="finished", paused=False)
        sitting.forget()
    return _open(sitting, *first)


def _words(page: list[Question], given: dict[str, str]) -> list[str]:
    return [given[question.id] for question in page if not question.options and question.id in given]


def _back(sitting: Sitting) -> Answer:
    before = sitting.said.inbound.value("before")
    place = int(before) if before.isdecimal() else len(sitting.path())
    page = pages.answered_page(sitting, place)
    if sitting.interview.stage not in ("agreed", "finished") or not page:
        return _open(sitting)
    return Open(pages.asking(sitting, page, max(0, place - pages.PAGE), again=True))


def _later(sitting: Sitting) -> Answer:
    at = next_text_time(sitting.city, after_days(sitting.city, sitting.now, 1))
    if not sitting.open:
        return _open(sitting)
    sitting.wait_until(at)
    return Open(pages.note(sitting, "chat_paused", date=sitting.day(at), time=sitting.clock(at)))


def _stop(sitting: Sitting) -> Answer:
    sitting.consent("revoked", evidence=sitting.words("chat_stop"))
    sitting.forget(*TIMERS)
    sitting.unsay()
    sitting.said.change(stopped=True)
    return _stopped(sitting)


def _stopped(sitting: Sitting) -> Answer:
    return Open(pages.note(sitting, "chat_stopped", "start", "erase"))


def _start(sitting: Sitting) -> Answer:
    if sitting.said.conversation.stopped:
        sitting.consent("resumed", evidence=sitting.words("chat_start"))
        sitting.said.change(stopped=False)
    return _open(sitting)


def _erase(sitting: Sitting) -> Answer:
    erase(sitting)
    return Open(pages.note(sitting, "erased"))


TURNS: dict[str, Callable[[Sitting], Answer]] = {
    "open": _open,
    "join": _open,
    "agree": _agree,
    "answer": _answer,
    "back": _back,
    "later": _later,
    "start": _start,
    "stop": _stop,
    "erase": _erase,
}
