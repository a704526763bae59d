"""A phone that was silent for long may have a new owner: nothing of a case goes out to it before its code comes."""

from datetime import datetime, timedelta

from handlers.casework import notices
from handlers.effects import Step
from handlers.jurisdiction import Jurisdiction
from handlers.messages import Inbound
from handlers.state import Conversation, Facts
from handlers.texts import Texts

PROGRAMS = frozenset({"hotline"})
"""Whose people are given a code to prove themselves by."""

KINDS = frozenset({"reply", "relay"})
"""Texts of a case, as the outbox calls them."""

HINT_AGAIN = timedelta(days=7)
"""How long after one hint that something waits the next may follow."""


def is_long(city: Jurisdiction, last_text: datetime, now: datetime) -> bool:
    """Whether a phone that texted then may be somebody else's by now."""
    return now - last_text >= timedelta(days=city.silent_days)


def stranger(conversation: Conversation) -> Conversation:
    """Where somebody stands of whom we know no more than the number; texts that are in no report yet are not lost."""
    fresh = Conversation(stopped=conversation.stopped)
    unfiled = len(conversation.offered) > 1
    return fresh.but(waiting=conversation.waiting, offered=conversation.offered) if unfiled else fresh


def hint(texts: Texts, city: Jurisdiction, language: str) -> str:
    """That something waits, in words that tell a stranger nothing."""
    return texts.say(language, "hotline.waits", city=city.name)


def withheld(inbound: Inbound, facts: Facts) -> Step:
    """A text of a case waits for the code; the card says so."""
    if facts.case is None:
        return Step()
    return Step(notices.notify(facts, facts.case, "A text waits for the reporter's code"))
