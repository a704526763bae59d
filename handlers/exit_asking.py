"""What an exit interview asks next, and how it ends."""

import re
from datetime import timedelta

from handlers.effects import Dismiss
from handlers.filing import emergency
from handlers.interviews import PROGRAM
from handlers.said import Said
from handlers.sitting import CONSENT, INVITE, Sitting


def sitting_of(said: Said) -> Sitting | None:
    """The interview of whoever wrote; None for those who do not take part."""
    facts = said.facts
    return Sitting(said, facts.interview, facts.form) if facts.interview and facts.form else None


def leave(sitting: Sitting) -> None:
    """Nothing is written of whoever had all of it deleted."""
    if not sitting.said.traceless:
        sitting.remind_later()
        sitting.keep()


def turn_away(said: Said) -> None:
    """A kind word for somebody who was never invited; nothing of them is kept."""
    city = said.facts.jurisdiction
    line = city.line(said.inbound.channel, "hotline")
    fields: dict[str, object] = {
        "city": city.name,
        "hotline": dialled(line.address if line else ""),
        "emergency": emergency(said),
    }
    said.traceless = True
    said.do(Dismiss(said.words(f"{PROGRAM}.stranger", **fields)))


def invite(sitting: Sitting, before: str = "") -> None:
    """Ask whether they want to; what it says first is what the ledger keeps."""
    sitting.change(stage="asked", again=0)
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
    sitting.thank(sitting.words("thanks", hotline=hotline(sitting)), hold)


def dialled(number: str) -> str:
    """A number as people dial it: 816-555-0101."""
    return re.sub(r"^\+1(\d{3})(\d{3})(\d{4})$", r"\1-\2-\3", number)


def hotline(sitting: Sitting) -> str:
    """How the city is told of a problem, as people dial it."""
    line = sitting.city.line(sitting.said.inbound.channel, "hotline") or sitting.city.line("twilio_sms", "hotline")
    return dialled(line.address if line else "")
