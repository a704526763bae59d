"""Rows of a file as fields of a form: columns by any of their names, cells of any make, each fault with its row."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from handlers.surveys.cells import Cell, Odd, excel_day, key, number, tidy
from handlers.uploads import text_of

DEEPEST = 30
DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y", "%m-%d-%Y")
WEEKDAY = re.compile(r"^(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?,? ")
MIDNIGHT = re.compile(r"[ t]00:00(:00(\.0+)?)?$")
CLOCK = re.compile(r"(\d{1,2})(?::(\d\d))?(?::00)?\s*(?:([ap])\.?\s*m\.?)?")
EARLIEST = 6
YES, NO = frozenset("yes y true x 1 si sí".split()), frozenset(("no", "n", "false", "0", "-", ""))

Reader = Callable[[Cell], str]


class Unfit(ValueError):
    """A cell cannot be used; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one row (0: in the whole file), under the name that the column has in the file."""

    row: int
    column: str
    what: str

    def __str__(self) -> str:
        where = f"row {self.row}" if self.row else "the file"
        return f"{where}, {self.column}: {self.what}" if self.column else f"{where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the form, the names that its column may have, and how its cells are read."""

    field: str
    names: tuple[str, ...]
    read: Reader


@dataclass(slots=True)
class Line:
    """One row as words by field. `called` is what a field's column is called in the file."""

    number: int
    values: dict[str, str]
    called: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)

    def wrong(self, field: str, what: str) -> None:
        """Note a fault of this row, once for each field."""
        fault = Fault(self.number, self.called.get(field, field.replace("_", " ")), what)
        if all(fault.column != other.column for other in self.faults):
            self.faults.append(fault)


def lines(
    rows: Iterable[tuple[int, Sequence[Cell]]], columns: Sequence[Column], needed: Iterable[str]
) -> tuple[list[Line], list[Fault]]:
    """The rows under the header, and what is wrong with the file as a whole; rows without any of our fields are left
    out."""
    found = list(rows)
    header = next((row for row in found[:DEEPEST] if len(_known(row[1], columns)) > 1), None)
    if header is None:
        names = ", ".join(column.names[0] for column in columns)
        return [], [Fault(0, "", f"no row names two of its columns like these: {names}.")]
    places = _known(header[1], columns)
    faults = [*_doubled(header, columns), *_missing(header[0], columns, places, needed)]
    called = {column.field: text_of(header[1][at]) for at, column in places.items()}
    below = (row for row in found if row[0] > header[0])
    return [line for row in below if (line := _line(row, places, called)).values or line.faults], faults


def words(cell: Cell) -> str:
    """Words as they stand there."""
    return tidy(text_of(_usable(cell)))


def day(cell: Cell) -> str:
    """A day, whichever way it was written, as 2026-11-30; months come first in 11/30/2026."""
    if isinstance(_usable(cell), date):
        return text_of(cell)
    written = MIDNIGHT.sub("", WEEKDAY.sub("", key(cell))).replace(",", "").replace(".", "").replace("sept ", "sep ")
    for form in DAYS:
        try:
            return datetime.strptime(written, form).date().isoformat()
        except ValueError:
            continue
    if found := excel_day(cell):
        return found.isoformat()
    raise Unfit("Give a day such as 2026-11-30 or 11/30/2026.")


def clock(cell: Cell) -> str:
    """A time as 9:00 am; one without am or pm counts on a clock of 24 hours, but not before six."""
    if isinstance(cell, float) and 0 < cell < 1:
        minutes = round(cell * 24 * 60)
        cell = f"{minutes // 60}:{minutes % 60:02}"
    found = CLOCK.fullmatch(words(cell).casefold())
    if not found or not (found[2] or found[3]):
        raise Unfit("Give a time such as 9:00 am.")
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3] or ""
    if not half and hour < EARLIEST:
        raise Unfit("Say am or pm.")
    if minute > 59 or hour > 23 or (half and not 1 <= hour <= 12):
        raise Unfit("Give a time such as 9:00 am.")
    after_noon = half == "p" or (not half and hour >= 12)
    return f"{hour % 12 or 12}:{minute:02} {'pm' if after_noon else 'am'}"


def amount(cell: Cell) -> str:
    """Dollars such as $25.00; "free" is nothing."""
    if key(cell) in ("free", "none", "-"):
        return "0"
    found = number(_usable(cell))
    if found is None:
        raise Unfit("Give an amount such as 25 or $25.00.")
    return f"{found:.2f}" if found == round(found, 2) else f"{found:f}"


def decimal(cell: Cell) -> str:
    """A number, without idle noughts."""
    found = number(_usable(cell))
    if found is None:
        raise Unfit("Give a number such as 6 or 6.5.")
    return f"{found.normalize():f}"


def percent(cell: Cell) -> str:
    """Fifteen, written as 15, as 15 %, or as a spreadsheet keeps it: 0.15."""
    found = number(key(_usable(cell)).removesuffix("%").strip())
    if found is None:
        raise Unfit("Give a percentage such as 15.")
    return f"{found * 100 if isinstance(cell, float) and 0 < cell < 1 else found:.0f}"


def count(cell: Cell) -> str:
    """A whole number."""
    found = number(_usable(cell))
    if found is None or found != int(found):
        raise Unfit("Give a whole number.")
    return str(int(found))


def yes(cell: Cell) -> str:
    """Yes, or nothing for no."""
    said = key(_usable(cell))
    if said not in YES | NO:
        raise Unfit("Say yes or no.")
    return "yes" if said in YES else "no"


def several(cell: Cell) -> str:
    """Words apart by commas, semicolons or new lines."""
    parts = re.split(r"[;,\n]", text_of(_usable(cell)))
    return ",".join(part for one in parts if (part := tidy(one)))


def one_of(known: Mapping[str, str]) -> Reader:
    """One of these (word that is written, in small letters → its key)."""

    def read(cell: Cell) -> str:
        return _known_as(words(cell), known)

    return read


def some_of(known: Mapping[str, str]) -> Reader:
    """Several of these."""

    def read(cell: Cell) -> str:
        return ",".join(sorted(_known_as(part, known) for part in several(cell).split(",")))

    return read


def _known_as(written: str, known: Mapping[str, str]) -> str:
    try:
        return known[written.casefold()]
    except KeyError:
        raise Unfit(f"Give one of {', '.join(sorted({*known.values()}))}.") from None


def _usable(cell: Cell) -> Cell:
    if isinstance(cell, Odd):
        raise Unfit(f"It holds {cell.found}; give {cell.fits}.")
    return cell


def _known(row: Sequence[Cell], columns: Sequence[Column]) -> dict[int, Column]:
    """Our columns by their place; of two alike, the first."""
    names = {key(name): column for column in columns for name in column.names}
    found: dict[int, Column] = {}
    for at, cell in enumerate(row):
        column = names.get(key(cell).replace("_", " "))
        if column and column not in found.values():
            found[at] = column
    return found


def _doubled(header: tuple[int, Sequence[Cell]], columns: Sequence[Column]) -> Iterator[Fault]:
    names = {key(name): column.field for column in columns for name in column.names}
    fields = [names.get(key(cell).replace("_", " "), "") for cell in header[1]]
    for at, field_ in enumerate(fields):
        if field_ and field_ in fields[:at]:
            yield Fault(header[0], text_of(header[1][at]), "There are two columns of this.")


def _missing(
    row: int, columns: Sequence[Column], places: Mapping[int, Column], needed: Iterable[str]
) -> Iterator[Fault]:
    there = {column.field for column in places.values()}
    for column in columns:
        if column.field in needed and column.field not in there:
            yield Fault(row, column.names[0], "This column is missing.")


def _line(row: tuple[int, Sequence[Cell]], places: Mapping[int, Column], called: Mapping[str, str]) -> Line:
    line = Line(row[0], {}, called)
    for at, column in places.items():
        cell = row[1][at] if at < len(row[1]) else None
        if cell is None or (isinstance(cell, str) and not tidy(cell)):
            continue
        try:
            line.values[column.field] = column.read(cell)
        except Unfit as unfit:
            line.wrong(column.field, str(unfit))
    return line
