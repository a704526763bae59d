"""What one cell of a mapped column means: an answer of ours, a blank of one of two kinds, or nothing that fits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from handlers.surveys.answers import ASKED, TICKED, Comparable
from handlers.surveys.cells import Cell, Odd, has_odd_spaces, is_collapsed, key, number, range_of, ranges, shape

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Blanks:
    """Which cells mean that it was asked and not ticked or answered, and which that it was not asked at all."""

    asked: frozenset[str]
    not_asked: frozenset[str]


@dataclass(frozen=True, slots=True)
class Band:
    """A number below `below` (None: any other) is this code."""

    below: float | None
    code: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of theirs, and which metric of ours it is.

    Words are looked up in `values`; with a `separator`, one cell holds several. An `item` is one that can be ticked,
    by a cell in `ticked`. Numbers are multiplied by `factor`, then put in `bands` if there are any. A cell in
    `left_out` (such as "Total") leaves its whole row out; `lenient` leaves out an answer that fits nothing.
    """

    name: str
    metric: str
    comparable: Comparable
    blanks: Blanks
    item: str = ""
    ticked: frozenset[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict)
    separator: str = ""
    factor: float | None = None
    bands: tuple[Band, ...] = ()
    left_out: frozenset[str] = frozenset()
    lenient: bool = False

    @property
    def fills(self) -> tuple[str, ...]:
        """The keys that it fills: its metric, or metric/item."""
        if self.separator:
            return tuple(sorted({f"{self.metric}/{code}" for code in self.values.values()}))
        return (f"{self.metric}/{self.item}" if self.item else self.metric,)


@dataclass(frozen=True, slots=True)
class Meaning:
    """Answers by key; or what was found and what would fit. With a `note`, it was mended so; `excluded`: the row is."""

    answers: tuple[tuple[str, str], ...] = ()
    found: str = ""
    fits: str = ""
    note: str = ""
    excluded: bool = False


def meaning(column: Column, cell: Cell, repairs: frozenset[str]) -> Meaning:
    """Read one cell; `repairs` are those that the crosswalk allows."""
    if isinstance(cell, Odd):
        return Meaning(found=cell.found, fits=cell.fits)
    words = key(cell)
    if words in column.left_out:
        return Meaning(found=shape(cell), note="the row is left out", excluded=True)
    if words in column.blanks.not_asked:
        return Meaning()
    if words in column.blanks.asked:
        return Meaning(tuple((name, ASKED) for name in column.fills))
    return _noted(column, cell, _answer(column, cell, repairs))


def nearest(words: str, known: Iterable[str]) -> str:
    """What it may have been meant to be, in the crosswalk's own words."""
    known = list(known)
    close = get_close_matches(words, known, 1, 0.8) if len(words) < 80 else []
    return f'perhaps "{close[0]}"' if close else f"one of {_listed(known)}"


def _answer(column: Column, cell: Cell, repairs: frozenset[str]) -> Meaning:
    if column.factor is not None:
        return _number(column, column.factor, cell)
    if column.separator:
        return _several(column, cell)
    words = key(cell)
    if words in column.ticked:
        return Meaning(((column.fills[0], TICKED),))
    if words in column.values:
        return Meaning(((column.fills[0], column.values[words]),))
    return _range(column, cell, repairs)


def _noted(column: Column, cell: Cell, read: Meaning) -> Meaning:
    if column.lenient and read.found and not read.note:
        return Meaning(found=read.found, note="the answer is left out")
    if not read.found and has_odd_spaces(cell):
        return Meaning(read.answers, "hard spaces or dashes", note="read as plain ones")
    return read


def _range(column: Column, cell: Cell, repairs: frozenset[str]) -> Meaning:
    """The range that a spreadsheet took for a date, where only one of the column's can be meant."""
    found = [theirs for theirs in column.values if range_of(theirs) in ranges(cell)]
    if not found:
        return Meaning(found=shape(cell), fits=nearest(key(cell), sorted(column.ticked) or column.values))
    odd = f"{shape(cell)}, which a spreadsheet made of a range"
    if len({column.values[theirs] for theirs in found}) > 1:
        return Meaning(found=odd, fits=f"one of {_listed(found)}; it could be either")
    if "ranges" not in repairs:
        return Meaning(found=odd, fits=f'"{found[0]}"; or repairs = ["ranges"]')
    return Meaning(((column.fills[0], column.values[found[0]]),), odd, note=f'read as "{found[0]}"')


def _several(column: Column, cell: Cell) -> Meaning:
    parts = [part for part in map(key, str(cell).split(column.separator)) if part]
    if unknown := next((part for part in parts if part not in column.values), ""):
        return Meaning(found=f"{shape(unknown)} among several", fits=nearest(unknown, column.values))
    chosen = {f"{column.metric}/{column.values[part]}" for part in parts}
    return Meaning(tuple((name, TICKED if name in chosen else ASKED) for name in column.fills))


def _number(column: Column, factor: float, cell: Cell) -> Meaning:
    found = None if is_collapsed(cell) else number(cell)
    if found is None:
        return Meaning(found=shape(cell), fits="a number")
    value = float(found) * factor
    if not column.bands:
        return Meaning(((column.metric, f"{round(value, 2):.15g}"),))
    code = next((band.code for band in column.bands if band.below is None or value < band.below), "")
    if value < 0 or not code:
        return Meaning(found="a number outside of all bands", fits="a number from 0 that is within the bands")
    return Meaning(((column.metric, code),))


def _listed(known: Iterable[str]) -> str:
    shown = [f'"{one}"' for one in known]
    more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    return ", ".join(shown[:SHOWN]) + more
