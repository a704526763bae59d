"""Kinds of question: each knows its words and options, and reads an answer as people give it."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from handlers.reading.assent import NO, NOT_KNOWN, WAVERING, passes, refuses, sign
from handlers.reading.dates import Lean, day
from handlers.reading.ladder import choose, choose_several, starred, unmarked
from handlers.reading.numerals import number
from handlers.reading.readings import GIVEN, NONE, REFUSED, SKIPPED, UNSURE, Method, Option, Options, Reading
from handlers.spelling import plain

__all__ = [
    "GIVEN",
    "NONE",
    "REFUSED",
    "SKIPPED",
    "UNSURE",
    "Choice",
    "Date",
    "Method",
    "Number",
    "Option",
    "Options",
    "Pictures",
    "Question",
    "Reading",
    "Scale",
    "Text",
    "yes_no",
]


@dataclass(frozen=True, slots=True)
class Text:
    """Answered in free words. With `refusable`, here and below, "prefer not to say" is an answer, else it skips."""

    id: str
    text: str
    options: Options = ()
    refusable: bool = False

    @property
    def prompt(self) -> str:
        """The question as it is sent."""
        return self.text

    def read(self, said: str, pictures: int = 0) -> Reading | None:
        """Any words are an answer; pictures alone are not."""
        if passed := _passed(said, self.refusable):
            return passed
        return Reading(GIVEN, "text") if said.strip() else None


@dataclass(frozen=True, slots=True)
class Choice:
    """Answered by a numbered option, by several where `many` is set; `generous` as in reading/ladder.py."""

    id: str
    text: str
    options: Options
    many: bool = False
    generous: bool = False
    refusable: bool = False

    @property
    def prompt(self) -> str:
        """The question as it is sent, with its options numbered from 1."""
        numbered = (f"{number} {option.label}" for number, option in enumerate(self.options, 1))
        return "\n".join((self.text, *numbered))

    def labels(self, codes: str) -> str:
        """The options of a reading in words, for whoever reads the answer without the question before them."""
        return ", ".join(option.label for option in self.options if option.code in codes.split(" "))

    def read(self, said: str, pictures: int = 0) -> Reading | None:
        """The first rung of the ladder that finds exactly one option; None if no rung does."""
        if found := self._unsure(said) or _passed(said, self.refusable):
            return found
        if not self.many:
            return choose(said, self.options, self.generous)
        several = choose_several(said, self.options, self.generous)
        if several and " " in several.code:
            return several
        return choose(said, self.options, self.generous) or several

    def _unsure(self, said: str) -> Reading | None:
        """Not knowing is an answer where it is an option."""
        option = next((option for option in self.options if option.code == UNSURE), None)
        unsure = plain(said) in NOT_KNOWN or plain(said) in WAVERING
        return Reading(UNSURE, "label") if option and unsure else None


@dataclass(frozen=True, slots=True)
class Scale:
    """Answered by a whole number from `low` to `high`; the code is that number. `ends` are labels of the two ends."""

    id: str
    text: str
    low: int
    high: int
    ends: tuple[str, str] = ("", "")
    also: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    refusable: bool = False

    @property
    def options(self) -> Options:
        """Every number, for places that show buttons; those at the ends are also read by their labels."""
        others: dict[int, tuple[str, ...]] = {}
        for place, label, also in zip((self.low, self.high), self.ends, self.also, strict=True):
            others[place] = (*filter(None, (label,)), *also)
        return tuple(Option(str(one), str(one), others.get(one, ())) for one in range(self.low, self.high + 1))

    @property
    def prompt(self) -> str:
        """The question as it is sent, with what its ends mean."""
        low, high = self.ends
        return f"{self.text} {self.low}-{self.high} ({self.low} {low}, {self.high} {high})" if low else self.text

    def read(self, said: str, pictures: int = 0) -> Reading | None:
        """ "4", "four", "4/5", "4 out of 5", "⭐⭐⭐⭐", "le doy un 4"; nothing off the scale or between two steps"""
        if found := self._number(said):
            return found
        if passed := _passed(said, self.refusable):
            return passed
        bare = unmarked(said)
        ends = (self.options[0], self.options[-1])
        labelled = [option for option in ends if any(plain(bare) == plain(label) for label in option.also)]
        return Reading(labelled[0].code, "label") if len(labelled) == 1 else None

    def _number(self, said: str) -> Reading | None:
        highest = f"{self.high}|{HIGHEST.get(self.high, self.high)}"
        out_of = rf"\s*(?:/|out of|of|de|sobre|on)\s*(?:a |un |una )?(?:{highest})\W*$"
        found = number((starred(said) or re.sub(out_of, "", unmarked(said))).strip("#() "))
        if found is None or found[0] != int(found[0]) or not self.low <= found[0] <= self.high:
            return None
        return Reading(str(int(found[0])), "code" if found[1] == 1 else "number word", found[1])


@dataclass(frozen=True, slots=True)
class Number:
    """Answered by a number, from `least` to `most` where those are set; the code is the number in plain digits."""

    id: str
    text: str
    least: Decimal | None = None
    most: Decimal | None = None
    options: Options = ()
    refusable: bool = False

    @property
    def prompt(self) -> str:
        """The question as it is sent."""
        return self.text

    def read(self, said: str, pictures: int = 0) -> Reading | None:
        """ "$1,200", "15k", "quince mil", "two and a half"; never a range, never half of an address"""
        found = number(said)
        if found and self._within(found[0]):
            return Reading(f"{found[0].normalize():f}", "number", found[1])
        return _passed(said, self.refusable) if found is None else None

    def _within(self, value: Decimal) -> bool:
        return not ((self.least is not None and value < self.least) or (self.most is not None and value > self.most))


@dataclass(frozen=True, slots=True)
class Date:
    """Answered by a day; the code is YYYY-MM-DD. `today` is needed for "yesterday" and for days without a year."""

    id: str
    text: str
    today: date | None = None
    lean: Lean = ""
    options: Options = ()
    refusable: bool = False

    @property
    def prompt(self) -> str:
        """The question as it is sent."""
        return self.text

    def read(self, said: str, pictures: int = 0) -> Reading | None:
        """ "3/14/2026", "el 3 de marzo", "two weeks ago"; not "3/4/2026", which is April to some"""
        found = day(said, self.today, self.lean)
        if found:
            return Reading(found[0].isoformat(), "date", found[1])
        return _passed(said, self.refusable)


@dataclass(frozen=True, slots=True)
class Pictures:
    """Answered by sending pictures, or by saying that there are none."""

    id: str
    text: str
    options: Options = ()

    @property
    def prompt(self) -> str:
        """The question as it is sent."""
        return self.text

    def read(self, said: str, pictures: int = 0) -> Reading | None:
        """Pictures, or words for "none" or "done"."""
        if pictures:
            return Reading(GIVEN, "picture")
        if plain(said) in NO or plain(said).split(" ")[:1] == ["no"] or sign(said) == "no":
            return Reading(NONE, "yes or no")
        if plain(said) in DONE:
            return Reading(GIVEN, "text", 0.8)
        return _passed(said)


Question = Text | Choice | Scale | Number | Date | Pictures

HIGHEST = {4: "four|cuatro", 5: "five|cinco", 6: "six|seis", 7: "seven|siete", 10: "ten|diez", 100: "hundred|cien"}
DONE = frozenset(("done", "thats all", "that is all", "sent", "listo", "ya", "es todo", "eso es todo", "enviado"))


def yes_no(id: str, text: str, yes: str, no: str, unsure: str = "") -> Choice:
    """A choice between yes, no and, if it has a label, not sure."""
    options = (Option("yes", yes), Option("no", no), *((Option(UNSURE, unsure),) if unsure else ()))
    return Choice(id, text, options)


def _passed(said: str, refusable: bool = False) -> Reading | None:
    if refusable and refuses(said):
        return Reading(REFUSED, "refusal")
    return Reading(SKIPPED, "skip") if passes(said) else None
