"""What an exit interview asks next, and how it ends."""

from datetime import timedelta

from handlers import talking
from handlers.exits.interviews import PROGRAM
from handlers.exits.sitting import CONSENT, INVITE, Sitting
from handlers.said import Said
from handlers.talking import hotline


def sitting_of(said: Said) -> Sitting | None:
    """The interview of whoever wrote; None for those who do not take part."""
    facts = said.facts
    if facts.interview is None or facts.form is None:
        return None
    return Sitting(said, facts.interview.but(channel=said.inbound.channel), facts.form)


def leave(sitting: Sitting) -> None:
    """Nothing is written of whoever had all of it deleted."""
    if not sitting.said.traceless:
        sitting.remind_later()
        sitting.keep()


def turn_away(said: Said) -> None:
    """A kind word for somebody who was never invited."""
    talking.turn_away(said, PROGRAM)


def invite(sitting: Sitting, before: str = "") -> None:
    """Ask whether they want to: in the chat of which staff told us, else by text."""
    sitting.change(stage="asked", again=0)
    if sitting.said.facts.account and not sitting.interview.channel:
        sitting.change(asked=INVITE)
        sitting.nudge()
    else:
        sitting.ask(sitting.gate(INVITE), before)


def ask_open(sitting: Sitting, before: str = "", hold: timedelta = timedelta(0)) -> None:
    """Ask what is to be asked now: a gate, a question that is answered again, or the first without an answer."""
    interview = sitting.interview
    if interview.stage in ("invited", "asked", "declined"):
        sitting.change(stage="asked")
        sitting.ask(sitting.gate(CONSENT if interview.asked == CONSENT else INVITE), before, hold)
        return
    again = sitting.question(interview.asked) if interview.edited else None
    question = again or sitting.unanswered()
    if question:
        sitting.ask(question, before, hold)
    else:
        finish(sitting, hold)


def finish(sitting: Sitting, hold: timedelta = timedelta(0)) -> None:
    """All is answered."""
    sitting.forget()
    sitting.thank(sitting.words("thanks", hotline=hotline(sitting.said)), hold)
