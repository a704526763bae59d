"""The words that steer an exit interview: the program's own, and those of every program in this one's way."""

from collections.abc import Callable
from datetime import datetime, timedelta

from handlers.calendar import after_days, next_text_time
from handlers.casework.filing import emergency
from handlers.effects import Dismiss, Erase, NoteConsent, OfferCode
from handlers.exits.asking import ask_open, leave, sitting_of, turn_away
from handlers.exits.interviews import TOPIC
from handlers.exits.sitting import TIMERS, Sitting
from handlers.language import wished
from handlers.questions import Question
from handlers.reading.appointments import appointment
from handlers.said import Said
from handlers.talking import note_stranger

CODE_LASTS = timedelta(days=1)


def decline(sitting: Sitting, gate: Question) -> None:
    """They would rather not; nothing more is asked."""
    sitting.consent("declined", wording=gate.prompt, evidence=sitting.said.text)
    sitting.change(stage="declined", asked="", paused=False)
    sitting.forget()
    sitting.say("declined")


def _back(sitting: Sitting, rest: str) -> None:
    path = sitting.path()
    here = path.index(sitting.interview.asked) if sitting.interview.asked in path else len(path)
    if sitting.interview.stage not in ("agreed", "finished"):
        ask_open(sitting)
    elif here == 0:
        ask_open(sitting, sitting.words("first"))
    else:
        _edit(sitting, str(here))


def _edit(sitting: Sitting, number: str) -> None:
    path = sitting.path()
    if not path:
        sitting.say("nothing")
    elif not 1 <= int(number) <= len(path):
        sitting.say("edit_unknown", number=number, most=len(path))
    elif question := sitting.question(path[int(number) - 1]):
        sitting.change(edited=True, again=0)
        sitting.ask(question, sitting.words("changing"))


def _pause(sitting: Sitting, rest: str) -> None:
    """They go on when they text, or the next day at this time."""
    _wait(sitting, next_text_time(sitting.city, after_days(sitting.city, sitting.now, 1)))


def later(sitting: Sitting, rest: str) -> None:
    """They name a time; without one, it is the next day at this time."""
    at = appointment(sitting.city, rest, sitting.now) if rest else None
    if rest and at is None:
        sitting.say("when")
    elif at:
        _wait(sitting, at)
    else:
        _pause(sitting, rest)


def _wait(sitting: Sitting, at: datetime) -> None:
    if sitting.open:
        sitting.wait_until(at)
        sitting.say("paused", date=sitting.day(at), time=sitting.clock(at))
    else:
        _resume(sitting, "")


def _resume(sitting: Sitting, rest: str) -> None:
    if sitting.interview.stage == "finished" and not sitting.interview.edited:
        sitting.say("finished")
    else:
        ask_open(sitting)


def _why(sitting: Sitting, rest: str) -> None:
    sitting.say("why")


def _who(sitting: Sitting, rest: str) -> None:
    sitting.say("who")


def erase(sitting: Sitting, rest: str = "") -> None:
    """Now, and for good; the alias alone is kept on the list of those who are not to be texted."""
    said, facts = sitting.said, sitting.said.facts
    sitting.forget(*TIMERS, "exit_close")
    said.do(
        Erase(facts.thread, sitting.interview.wave),
        NoteConsent(facts.thread, TOPIC, said.inbound.channel, "revoked", "reply"),
    )
    if said.inbound.kind == "text" and not said.conversation.stopped:
        said.do(Dismiss(sitting.words("erased")))
    sitting.unsay()
    said.traceless = True


def _chat(sitting: Sitting, rest: str) -> None:
    """They would rather go on in Slack or Teams: a code that they type there."""
    code = sitting.said.facts.fresh.code
    sitting.said.do(OfferCode(code, sitting.now + CODE_LASTS))
    sitting.say("chat_code", code=code)


STEER: dict[str, Callable[[Sitting, str], None]] = {
    "back": _back,
    "edit": _edit,
    "pause": _pause,
    "later": later,
    "resume": _resume,
    "why": _why,
    "who": _who,
    "erase": erase,
    "chat": _chat,
}


def _with(act: Callable[[Sitting], None]) -> Callable[[Said], None]:
    """For those who take part; anybody else is told what this line is."""

    def heard(said: Said) -> None:
        sitting = sitting_of(said)
        if sitting is None:
            turn_away(said)
        elif said.conversation.stopped:
            return
        else:
            act(sitting)
            leave(sitting)

    return heard


def _help(sitting: Sitting) -> None:
    sitting.say("help", emergency=emergency(sitting.said))


def _status(sitting: Sitting) -> None:
    done = len(sitting.path())
    if sitting.interview.stage == "finished":
        sitting.say("finished")
    else:
        sitting.say("status", done=done, left=sitting.length - done)


def _language(sitting: Sitting) -> None:
    """Go on in that language, from the open question."""
    language = wished(sitting.said.text)
    if language not in sitting.city.languages:
        sitting.say_text(sitting.said.words("language.unknown", languages=sitting.said.languages()))
        return
    sitting.said.speak(language)
    sitting.say_text(sitting.said.words("language.set"))
    if sitting.open or sitting.interview.edited:
        ask_open(sitting)


def _carrier_stop(said: Said) -> None:
    """The carrier has confirmed it already, and lets nothing of ours through."""
    sitting = sitting_of(said)
    if sitting is None:
        note_stranger(said, TOPIC, "revoked")
    elif not said.conversation.stopped:
        sitting.forget(*TIMERS)
        sitting.unsay()
        sitting.keep()
        sitting.revoked()


def _stop(said: Said) -> None:
    if sitting := sitting_of(said):
        sitting.farewell()
    _carrier_stop(said)


def _start(said: Said) -> None:
    """Who takes part goes on from the open question; who does not may be invited again."""
    sitting = sitting_of(said)
    if sitting is None:
        note_stranger(said, TOPIC, "resumed")
        turn_away(said)
        return
    sitting.resumed()
    if sitting.interview.stage == "finished":
        sitting.say("finished")
    else:
        ask_open(sitting, sitting.words("started"))
    leave(sitting)


WORDS: dict[str, Callable[[Said], None]] = {
    "carrier stop": _carrier_stop,
    "stop": _stop,
    "start": _start,
    "help": _with(_help),
    "status": _with(_status),
    "language": _with(_language),
}
