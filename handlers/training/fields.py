"""Reads the fields of a submitted form; every fault is named by its field, and nothing is guessed."""

import re
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from handlers.clean import clean
from handlers.messages import Inbound, Place

CLOCK = re.compile(r"(\d{1,2})(?::(\d\d))?\s*(?:([ap])\.?m\.?)?")
LONGEST = 100

T = TypeVar("T")


class Fields:
    """A submitted form, read field by field; `faults` gathers what cannot be used, by field."""

    def __init__(self, inbound: Inbound) -> None:
        self._inbound = inbound
        self.faults: dict[str, str] = {}

    def text(self, name: str, fault: str = "") -> str:
        """One line of words; with a `fault` it must not be empty."""
        said = " ".join(clean(self._inbound.value(name), LONGEST).split())
        return said or self.wrong(name, fault, "")

    def some(self, name: str) -> frozenset[str]:
        """What is ticked, or the parts of a text with commas."""
        found = self._inbound.values.get(name, ())
        parts = found.split(",") if isinstance(found, str) else found
        return frozenset(word for part in parts if (word := " ".join(clean(part, LONGEST).split())))

    def number(self, name: str, most: int, least: int = 0) -> int:
        """A whole number; an empty field is the least."""
        said = self.text(name)
        if said.isascii() and said.isdigit() and len(said) < 8 and least <= int(said) <= most:
            return int(said)
        return self.wrong(name, f"Give a whole number from {least} to {most}.", least) if said else least

    def decimal(self, name: str, most: int) -> Decimal:
        """A number such as 120, $120.50 or 1,200; an empty field is nought."""
        said = self.text(name).removeprefix("$").replace(",", "")
        try:
            found = Decimal(said or 0)
        except InvalidOperation:
            found = Decimal(-1)
        if found.is_finite() and 0 <= found <= most and found == round(found, 2):
            return found
        return self.wrong(name, f"Give a number such as 12 or 12.50, at most {most}.", Decimal(0))

    def day(self, name: str, fault: str = "") -> date | None:
        """A day; with a `fault` it must be there."""
        try:
            return date.fromisoformat(self._inbound.value(name))
        except ValueError:
            return self.wrong(name, fault, None)

    def clock(self, name: str) -> time:
        """A time such as "9:00 am", "1pm" or "13:30"; without "am" or "pm" it is read on a clock of 24 hours."""
        found = CLOCK.fullmatch(self.text(name).lower())
        hour, minute, half = (int(found[1]), int(found[2] or 0), found[3] or "") if found else (99, 0, "")
        if minute > 59 or hour > 23 or (half and not 1 <= hour <= 12):
            return self.wrong(name, "Give a time such as 9:00 am.", time(0))
        return time(hour % 12 + 12 * (half == "p") if half else hour, minute)

    def person(self, name: str) -> Place | None:
        """Somebody chosen from this chat's own people."""
        _, _, user = self._inbound.value(name).partition("/")
        return Place(self._inbound.channel, user) if user else None

    def wrong(self, name: str, fault: str, instead: T) -> T:
        """Note a fault, if there is one, and go on with something."""
        if fault:
            self.faults.setdefault(name, fault)
        return instead
