"""Reads who is to be invited, from a form or from rows of a table, and names every fault."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import phonenumbers

from handlers.calendar import local_day, moment, next_text_time
from handlers.clean import clean
from handlers.jurisdiction import Jurisdiction
from handlers.language import wished
from handlers.spelling import plain
from handlers.surveys.cells import Cell, Odd
from handlers.uploads import Table, text_of

COLUMNS = ("phone", "language", "last_day", "voluntary", "department", "consent")
NEEDED = ("phone", "last_day", "voluntary", "consent")
BEFORE, AFTER = -5, 3
"""Days from the last day: whoever leaves may be asked from five before on, whoever is let go from three after on."""
FARTHEST = 60
LONGEST = 200
MOST = 500
YES = frozenset("yes y true 1 voluntary si s voluntaria voluntario".split())
NO = frozenset("no n false 0 involuntary involuntaria involuntario".split())
DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y")


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody to be invited. `first` is when, in UTC; `evidence` says how they agreed to be texted, `row` where."""

    phone: str
    language: str
    department: str
    evidence: str
    first: datetime
    row: int = 1


class Wrong(ValueError):
    """One field cannot be used; `field` is its column."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(what)
        self.field = field


def invitee(city: Jurisdiction, fields: Mapping[str, str], now: datetime) -> Invitee:
    """One person, from fields by COLUMNS; raises Wrong with the first that cannot be used."""
    given = {name: clean(fields.get(name, ""), LONGEST).strip() for name in COLUMNS}
    for name in NEEDED:
        if not given[name]:
            raise Wrong(name, f"{name} is missing")
    return Invitee(
        phone(given["phone"]),
        _language(city, given["language"]),
        given["department"],
        given["consent"],
        _first(city, _day(given["last_day"]), _voluntary(given["voluntary"]), now),
    )


def rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Line number and fields of each row of a CSV text with COLUMNS in its first line; raises Wrong for its header."""
    lines = [line for line in text.replace("\ufeff", "").splitlines() if line.strip()]
    if not lines:
        raise Wrong("header", f"there are no rows; the first line must be {','.join(COLUMNS)}")
    reader = csv.reader(lines, delimiter=_delimiter(lines[0]))
    header = ["_".join(plain(name).split()) for name in next(reader)]
    if missing := [name for name in NEEDED if name not in header]:
        raise Wrong("header", f"the first line lacks {', '.join(missing)}; it must be {','.join(COLUMNS)}")
    for number, cells in enumerate(reader, 2):
        yield number, dict(zip(header, cells, strict=False))


def rows_of_table(table: Table) -> Iterator[tuple[int, Mapping[str, Cell]]]:
    """The same of a file; raises Wrong for its header."""
    if not table.rows:
        raise Wrong("header", f"there are no rows; the first line must be {','.join(COLUMNS)}")
    header = ["_".join(plain(text_of(name)).split()) for name in table.rows[0][1]]
    if missing := [name for name in NEEDED if name not in header]:
        raise Wrong("header", f"the first line lacks {', '.join(missing)}; it must be {','.join(COLUMNS)}")
    for number, cells in table.rows[1:]:
        yield number, dict(zip(header, cells, strict=False))


def all_of(city: Jurisdiction, text: str, now: datetime) -> tuple[list[Invitee], list[str]]:
    """Everybody of a CSV text, and every fault with its row; nothing is repeated of what stands in a row."""
    return _all(city, rows(text), now)


def all_of_table(city: Jurisdiction, table: Table, now: datetime) -> tuple[list[Invitee], list[str]]:
    """The same of a file."""
    return _all(city, rows_of_table(table), now)


def phones_of_table(table: Table) -> tuple[str, ...]:
    """The numbers of a file that can be read."""
    try:
        listed = [known_phone(text_of(fields.get("phone"))) for _, fields in rows_of_table(table)]
    except Wrong:
        return ()
    return tuple(number for number in listed[:MOST] if number)


def _all(
    city: Jurisdiction, rows: Iterable[tuple[int, Mapping[str, Cell]]], now: datetime
) -> tuple[list[Invitee], list[str]]:
    found: list[Invitee] = []
    faults: list[str] = []
    try:
        listed = list(rows)
    except Wrong as wrong:
        return [], [f"row 1: {wrong}"]
    for number, fields in listed[:MOST]:
        try:
            one = replace(invitee(city, _typed(fields), now), row=number)
        except Wrong as wrong:
            faults.append(f"row {number}: {wrong}")
            continue
        if any(one.phone == other.phone for other in found):
            faults.append(f"row {number}: phone is there twice")
        found.append(one)
    if len(listed) > MOST:
        faults.append(f"row {MOST + 2}: {MOST} people are the most at once")
    if not listed:
        faults.append("row 2: there is nobody")
    return found, faults


def _typed(fields: Mapping[str, Cell]) -> Mapping[str, str]:
    """A row as it would be typed; raises Wrong for a cell that cannot be used."""
    for name in COLUMNS:
        if isinstance(cell := fields.get(name), Odd):
            raise Wrong(name, f"{name} is {cell.found}; it must be {cell.fits}")
    return {name: text_of(cell) for name, cell in fields.items()}


def phones(text: str) -> tuple[str, ...]:
    """The numbers of a CSV text that can be read."""
    found: list[str] = []
    try:
        for _, fields in list(rows(text))[:MOST]:
            found.append(known_phone(fields.get("phone", "")))
    except Wrong:
        return ()
    return tuple(number for number in found if number)


def phone(text: str) -> str:
    """A number in E.164 form; raises Wrong."""
    if number := known_phone(text):
        return number
    raise Wrong("phone", "phone must be a number that can be texted, such as 816-555-0141")


def known_phone(text: str) -> str:
    """A number in E.164 form, or nothing."""
    try:
        number = phonenumbers.parse(clean(text, LONGEST), "US")
    except phonenumbers.NumberParseException:
        return ""
    fits = phonenumbers.is_possible_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if fits else ""


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _language(city: Jurisdiction, text: str) -> str:
    language = wished(f"lang {text}") if text else city.languages[0]
    if language not in city.languages:
        raise Wrong("language", f"language must be one of {', '.join(city.languages)}")
    return language


def _voluntary(text: str) -> bool:
    said = plain(text)
    if said not in YES | NO:
        raise Wrong("voluntary", "voluntary must be yes or no")
    return said in YES


def _day(text: str) -> date:
    for form in DAYS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise Wrong("last_day", "last_day must be a date such as 2026-11-30")


def _first(city: Jurisdiction, last_day: date, voluntary: bool, now: datetime) -> datetime:
    """The first decent moment for the invitation."""
    if abs((last_day - local_day(city, now)).days) > FARTHEST:
        raise Wrong("last_day", f"last_day must be at most {FARTHEST} days away")
    earliest = moment(city, last_day + timedelta(days=BEFORE if voluntary else AFTER), city.hours.texts_from)
    return next_text_time(city, max(earliest, now))
