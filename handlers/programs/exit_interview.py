"""Exit interviews by text: an invitation, consent, short questions at one's own pace, and thanks."""

from collections.abc import Iterator
from datetime import timedelta

from handlers import steering, words
from handlers.exits.asking import ask_open, finish, invite, leave, sitting_of, turn_away
from handlers.exits.interviews import PROGRAM as NAME
from handlers.exits.sitting import CONSENT, HOLD, INVITE, SURE, THANKS, Sitting, is_words
from handlers.exits.steering import STEER, WORDS, decline, erase, later
from handlers.program import Answers, Program
from handlers.questions import GIVEN, REFUSED, SKIPPED, Question
from handlers.reading.several import Answered, continues, read_several
from handlers.said import Said
from handlers.spelling import plain
from handlers.state import Facts
from handlers.surveys.questionnaire import to_questions

REASKS = 2
POLITE = frozenset(
    """thanks|thank you|ty|thx|ok|okay|ok thanks|ok thank you|bye|you too|youre welcome|no problem|great|
    gracias|ok gracias|muchas gracias|de nada|adios|igualmente|bueno|vale""".replace("\n    ", "").split("|")
)
"""What people say when all is said; an answer to it would begin it all again."""


def questions(answers: Answers, facts: Facts, language: str) -> Iterator[Question]:
    """Those of the person's own version of the questionnaire."""
    return to_questions(facts.form, answers, language) if facts.form else iter(())


def hear(said: Said) -> None:
    """Any text: of somebody who takes part an answer or a word that steers; of nobody else anything is kept."""
    sitting = sitting_of(said)
    if sitting is None:
        turn_away(said)
        return
    steer, rest = steering.read(said.text)
    if said.conversation.stopped:  # nothing is asked, taken or said; but what they gave can still be taken back
        if steer == "erase":
            erase(sitting)
        return
    sitting.look_out()
    if steer and not _is_label(sitting):
        STEER[steer](sitting, rest)
    elif _comes_from_chat(sitting) and sitting.open:
        ask_open(sitting, sitting.words("resumed"))
    elif said.text and not (said.media and words.read(said.text)):
        _answer(sitting)
    if said.media:
        sitting.say("no_pictures")
    leave(sitting)


def _comes_from_chat(sitting: Sitting) -> bool:
    """Whether they went on elsewhere since our last text, so that this cannot be an answer to it."""
    before = sitting.said.facts.interview
    return before is not None and before.channel not in ("", sitting.interview.channel)


def _is_label(sitting: Sitting) -> bool:
    """Whether a steering word is what the invitation offers ("go on")."""
    reading = sitting.gate(INVITE).read(sitting.said.text) if sitting.interview.asked == INVITE else None
    return reading is not None and reading.code == "yes"


def _answer(sitting: Sitting) -> None:
    """A text that steers nothing: it answers the question that the person had seen when they wrote it."""
    interview = sitting.interview
    if plain(sitting.said.text) in POLITE and not (sitting.open or interview.edited):
        return
    if interview.stage in ("invited", "declined"):
        invite(sitting)
    elif _belongs_to_earlier(sitting):
        return
    elif interview.stage == "asked":
        _gate(sitting)
    elif interview.asked:
        _read(sitting)
    else:
        sitting.say("finished")


def _belongs_to_earlier(sitting: Sitting) -> bool:
    """Whether the newest question had not reached them, so that the text is more of an earlier answer, or another."""
    (message, seen), (last, newest) = _seen(sitting)
    question = sitting.question(seen) if message != last else None
    if question is None or seen == INVITE:
        return False
    before = sitting.interview.answers.get(seen, "")
    if is_words(question) and before not in ("", SKIPPED, REFUSED):
        _more(sitting, question, before)
        return True
    reading = question.read(sitting.said.text)
    if reading is None or reading.confidence < SURE:
        return False
    if seen != CONSENT and reading.code != before:
        sitting.answer(seen, reading.code)
        _follow_change(sitting, newest)
    return True


def _seen(sitting: Sitting) -> tuple[tuple[str, str], tuple[str, str]]:
    """The prompt they had seen last, and the newest one, each with its question."""
    prompts, sent = sitting.interview.prompts, sitting.said.facts.sent
    newest = prompts[-1] if prompts else ("", "")
    seen = (prompt for prompt in reversed(prompts) if sent.get(prompt[0], "seen") == "seen")
    return next(seen, newest), newest


def _more(sitting: Sitting, question: Question, before: str) -> None:
    """A further part of an answer in words; while the next question waits for its end, it waits some more."""
    sitting.answer(question.id, f"{before}\n{sitting.said.text}")
    message, newest = sitting.interview.prompts[-1]
    if sitting.said.facts.sent.get(message) != "held":
        return
    if newest == THANKS:
        finish(sitting, HOLD)
    elif again := sitting.question(newest):
        sitting.ask(again, hold=HOLD)


def _follow_change(sitting: Sitting, newest: str) -> None:
    """Another answer to an earlier question may lead elsewhere."""
    question = sitting.unanswered()
    if sitting.interview.stage == "agreed" and question and question.id != newest:
        sitting.ask(question)


def _gate(sitting: Sitting) -> None:
    """The answer to the invitation, or whether they agree."""
    gate = sitting.gate(CONSENT if sitting.interview.asked == CONSENT else INVITE)
    reading = gate.read(sitting.said.text)
    if reading is None or reading.confidence < SURE:
        _unread(sitting, gate)
    elif reading.code == "no":
        decline(sitting, gate)
    elif reading.code in ("later", SKIPPED):
        later(sitting, "")
    elif gate.id == INVITE:
        sitting.change(again=0)
        sitting.ask(sitting.gate(CONSENT))
    else:
        sitting.consent("agreed", wording=gate.prompt, evidence=sitting.said.text)
        sitting.change(stage="agreed", again=0)
        ask_open(sitting)


def _read(sitting: Sitting) -> None:
    question = sitting.question(sitting.interview.asked)
    if question is None:  # the path changed under it
        ask_open(sitting)
        return
    readings = _readings(sitting, question)
    if not readings and _goes_on(sitting):
        ask_open(sitting)
        return
    if not readings or any(reading.confidence < SURE for _, reading in readings):
        _unread(sitting, question)
        return
    first_late = sitting.closed and not sitting.interview.late
    for id, reading in readings:
        sitting.answer(id, sitting.said.text if reading.code == GIVEN else reading.code)
    before = sitting.words("several", count=len(readings)) if len(readings) > 1 else ""
    hold = HOLD if readings[-1][1].code == GIVEN else timedelta(0)
    _next(sitting, sitting.words("closed") if first_late else before, hold)


def _goes_on(sitting: Sitting) -> bool:
    """Whether a text that answers nothing goes on with the words before it, and so was added to them."""
    path = sitting.path()
    former = sitting.question(path[-1]) if path else None
    if former is None or not is_words(former) or sitting.interview.edited:
        return False
    before, said = sitting.interview.answers[former.id], sitting.said.text
    last = sitting.said.facts.last_text
    if (
        last is None
        or before in (SKIPPED, REFUSED)
        or not continues(before, said, (sitting.now - last).total_seconds())
    ):
        return False
    sitting.answer(former.id, f"{before}\n{said}")
    return True


def _readings(sitting: Sitting, question: Question) -> Answered:
    """Answers by question id: to this one alone while it is given again, else to several in a row."""
    said = sitting.said.text
    if sitting.interview.edited:
        reading = question.read(said)
        return ((question.id, reading),) if reading else ()
    return read_several(sitting.following, sitting.interview.answers, said)


def _next(sitting: Sitting, before: str, hold: timedelta = timedelta(0)) -> None:
    """What follows an answer. One that was given again leads back to where they were."""
    if sitting.interview.edited:
        sitting.change(edited=False)
        before = sitting.words("changed")
    question = sitting.unanswered()
    if question:
        sitting.change(stage="agreed")
        sitting.ask(question, before, hold)
    elif sitting.interview.stage == "finished":
        sitting.thank(f"{before} {sitting.words('finished')}".strip(), hold)
    else:
        finish(sitting, hold)


def _unread(sitting: Sitting, question: Question) -> None:
    """It is asked again twice, then SKIP is offered; nothing is guessed."""
    again = sitting.interview.again + 1
    sitting.change(again=again)
    if again <= REASKS:
        sitting.ask(question, sitting.words("again"))
    else:
        sitting.say("offer")


def _nothing_is_held(said: Said) -> None:
    """Every text is answered at once here."""


PROGRAM = Program(NAME, questions, hear, _nothing_is_held, {**WORDS, "new": hear})
