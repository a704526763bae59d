"""What an answer means once it is read, and the choices it is read against."""

from dataclasses import dataclass
from typing import Literal

Method = Literal[
    "skip",
    "refusal",
    "code",
    "number word",
    "yes or no",
    "sign",
    "label",
    "start",
    "slip",
    "within",
    "several",
    "number",
    "date",
    "text",
    "picture",
]

SKIPPED, REFUSED, GIVEN, NONE, UNSURE = "skipped", "refused", "given", "none", "unsure"


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer means and how it was found.

    `code` is that of an option (several: joined by spaces), a number in digits, a date as YYYY-MM-DD, "given",
    "skipped" or "refused"; `confidence` goes from 0 to 1.
    """

    code: str
    method: Method
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Option:
    """A choice: its code, the same in every language; its label in the reader's; other words that mean it."""

    code: str
    label: str
    also: tuple[str, ...] = ()


Options = tuple[Option, ...]
