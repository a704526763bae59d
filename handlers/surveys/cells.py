"""Reads the cells of other people's spreadsheets: hard spaces, dashes, dates of many makes, and what Excel mangled."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NAMED = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d\x96\x97]")
SPACES = re.compile(r"\s+")
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
ODD = re.compile("[\u00a0\u00ad\u2000-\u2015\u202f\u205f\u2060\u2212\u3000\ufe58\ufe63\ufeff\uff0d\x96\x97]")

COLLAPSED = re.compile(r"\d(?:\.\d+)?e\+?\d{2,}")
LARGEST = 10**15  # a spreadsheet keeps fifteen digits of a number, and zeros for the rest
EXCEL_DAYS = range(20_000, 80_000)  # 1954 to 2119
EXCEL_ZERO = date(1899, 12, 30)

# What may be repeated to whoever runs the import: words that every survey tool writes, and nobody's name.
COMMON = frozenset(
    """- -- . ? * n/a na #n/a nan null none nil not stated not applicable not asked unknown blank missing yes no y n x
    true false agree disagree strongly agree strongly disagree neutral total all grand total""".split()
) | {
    *("not stated", "not applicable", "not asked", "not answered", "no answer", "prefer not to say", "grand total"),
    *("strongly agree", "strongly disagree", "somewhat agree", "somewhat disagree", "neither agree nor disagree"),
    *("very satisfied", "satisfied", "dissatisfied", "very dissatisfied", "excellent", "good", "fair", "poor"),
    *("sa", "a", "d", "sd"),
}


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell that cannot be used: what was found, in words that repeat nothing private, and what would fit."""

    found: str
    fits: str


Cell = str | int | float | date | Odd | None
"""As it lies in the file: CSV has only texts; empty is "" or None."""


def tidy(text: str) -> str:
    """With plain hyphens, single plain spaces, and nothing that cannot be seen."""
    return SPACES.sub(" ", DASHES.sub("-", UNSEEN.sub("", unicodedata.normalize("NFKC", text)))).strip()


def key(cell: Cell) -> str:
    """What a cell is looked up by: "4.0" is "4", case and odd spaces don't count."""
    if isinstance(cell, str):
        text = tidy(cell).casefold()
        return text[: text.index(".")] if re.fullmatch(r"-?\d+\.0+", text) else text
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < LARGEST:
        return str(int(cell))
    return "" if cell is None or isinstance(cell, Odd) else str(cell).casefold()


def has_odd_spaces(cell: Cell) -> bool:
    """Whether a text holds hard spaces, long dashes or unseen characters."""
    return isinstance(cell, str) and not cell.isascii() and ODD.search(cell) is not None


def shape(cell: Cell) -> str:
    """What was found, for a message: never a name, a number that could be somebody's, or free words."""
    if isinstance(cell, Odd):
        return cell.found
    if isinstance(cell, date):
        return "a date"
    words = key(cell)
    if is_collapsed(cell):
        return f"a number that lost its digits ({words.upper()})"
    if not words or words in COMMON or re.fullmatch(r"\d{1,4}(\.\d{1,2})?", words):
        return f'"{words}"' if words else "an empty cell"
    return _of_pattern(words) or f"a text of {len(words)} characters"


def ranges(cell: Cell) -> frozenset[tuple[int, int]]:
    """The ranges that Excel may have made this date of: "01-Feb" is 1-2, "Nov-20" is 11-20."""
    pairs = _pairs_of_date(cell) if isinstance(cell, date) else _pairs_of_words(key(cell))
    return frozenset((min(pair), max(pair)) for pair in pairs)


def range_of(words: str) -> tuple[int, int] | None:
    """The two numbers that a label such as "1-2 years" or "3 to 4" begins with."""
    found = re.match(r"(\d{1,3}) ?(?:-|to|a) ?(\d{1,3})\b", key(words))
    return (int(found[1]), int(found[2])) if found else None


def is_collapsed(cell: Cell) -> bool:
    """Whether a spreadsheet took a long id for a number and lost its end: 6.35E+17."""
    if isinstance(cell, str):
        return COLLAPSED.fullmatch(key(cell)) is not None
    return isinstance(cell, int | float) and abs(cell) >= LARGEST


def number(cell: Cell) -> Decimal | None:
    """The number of a cell, with thousands and a currency sign taken off; None for anything else."""
    words = key(cell)
    bare = re.sub(r"^\$ ?", "", words)
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", bare):
        bare = bare.replace(",", "")
    return Decimal(bare) if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", bare) else None


def quarter(cell: Cell, order: str = "", begins: int = 1, year_only: int = 0) -> str | Odd:
    """The calendar quarter of a date, such as 2026Q4.

    `order` is mdy or dmy for 3/4/2026; `begins` the month in which the year of "Q1 2026" begins, named for the
    calendar year in which it ends; `year_only` the quarter that a bare year counts for (0: none).
    """
    if isinstance(cell, date):
        return _checked(cell.year, cell.month)
    words = key(cell)
    if found := re.fullmatch(r"(\d{4}) ?-?/? ?q([1-4])|q([1-4]) ?[-/']? ?(\d{4})", words):
        return _of_year(int(found[1] or found[4]), int(found[2] or found[3]), begins)
    if re.fullmatch(r"\d{4}", words):
        if not year_only:
            return Odd("a year without a month", 'a month or a quarter; or year_only = 4, or unknown = "leave_out"')
        return _checked(int(words), 3 * year_only)
    return _of_date(words, order)


def excel_day(cell: Cell) -> date | None:
    """The date behind Excel's number of a day (1900 system), if the cell can be one."""
    words = key(cell).partition(".")[0]
    days = int(words) if re.fullmatch(r"\d{5}", words) else 0
    return EXCEL_ZERO + timedelta(days=days) if days in EXCEL_DAYS else None


def _of_pattern(words: str) -> str:
    if _pairs_of_words(words) or re.fullmatch(rf"{NAMED}[- ]\d{{2}}", words):
        return f'"{words.title()}"'
    if re.fullmatch(r"-?[\d,. ]+%", words):
        return "a percentage"
    if re.fullmatch(r"[$-]?[\d,.]+", words):
        return f"a number of {sum(letter.isdigit() for letter in words)} digits"
    if not isinstance(_of_date(words, "mdy"), Odd) or not isinstance(_of_date(words, "dmy"), Odd):
        return "a date"
    return "a formula" if words.startswith("=") else ""


def _pairs_of_date(day: date) -> list[tuple[int, int]]:
    return [(day.day, day.month), *([(day.month, day.year % 100)] if day.day == 1 else [])]


def _pairs_of_words(words: str) -> list[tuple[int, int]]:
    if found := re.fullmatch(rf"(\d{{1,2}})[- ]{NAMED}", words):
        return [(int(found[1]), _month(found[2]))]
    if found := re.fullmatch(rf"{NAMED}[- ](\d{{2}})", words):
        return [(_month(found[1]), int(found[2]))]
    return []


def _month(name: str) -> int:
    return MONTHS.index(name[:3]) + 1


def _of_date(words: str, order: str) -> str | Odd:
    """The first way of writing a date that matches wholly; the time of day is dropped."""
    bare = re.sub(r"[t ,]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]\.?m\.?)?( ?z|[+-]\d{2}:?\d{2})?$", "", words)
    if named := next(_named(bare), None):
        return _checked(*named)
    if found := re.fullmatch(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{2}|\d{4})", bare):
        return _slashed(int(found[1]), int(found[3]), _year(found[4]), order)
    return Odd(_no_date(words), "a date such as 2026-10-31, 10/2026 or Oct 2026, or a quarter such as 2026Q4")


def _named(words: str) -> Iterator[tuple[int, int, int]]:
    """Year, month and day, where the way of writing leaves no doubt which is which."""
    if found := re.fullmatch(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?", words):
        yield int(found[1]), int(found[2]), int(found[3] or 1)
    if found := re.fullmatch(r"(\d{1,2})[-/.](\d{4})", words):
        yield int(found[2]), int(found[1]), 1
    if found := re.fullmatch(rf"(?:(\d{{1,2}})[- ])?{NAMED}[-, ]+(\d{{4}})", words):
        yield int(found[3]), _month(found[2]), int(found[1] or 1)
    if found := re.fullmatch(rf"{NAMED} (\d{{1,2}}),? (\d{{4}})", words):
        yield int(found[3]), _month(found[1]), int(found[2])


def _no_date(words: str) -> str:
    if not words or words in COMMON:
        return f'"{words}"' if words else "an empty cell"
    return f"a text of {len(words)} characters that is no date"


def _slashed(first: int, second: int, year: int, order: str) -> str | Odd:
    month, day = (second, first) if order == "dmy" else (first, second)
    if not order:
        return Odd("a date whose month could be either number", 'order = "mdy" or "dmy" in [quarter]')
    return _checked(year, month, day)


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _checked(year: int, month: int, day: int = 1) -> str | Odd:
    try:
        date(year, month, day)
    except ValueError:
        return Odd("a date that does not exist", "a day of the calendar; check `order` in [quarter]")
    if not 1990 <= year <= 2100:
        return Odd("a year that cannot be", "a year from 1990 on")
    return _quarter(year, month)


def _of_year(year: int, number: int, begins: int) -> str | Odd:
    months = (year - (begins > 1)) * 12 + begins - 1 + 3 * (number - 1)
    return _checked(months // 12, months % 12 + 1)


def _quarter(year: int, month: int) -> str:
    return f"{year:04d}Q{(month + 2) // 3}"
