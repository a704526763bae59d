"""Reads the files that staff send, CSV or XLSX by what is in them, for the form that they are for."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from bot import imports, imports_csv, imports_xlsx
from handlers.exits import roster
from handlers.exits.imports import Read
from handlers.messages import Inbound
from handlers.surveys.cells import Cell, key
from handlers.surveys.crosswalk import apply
from handlers.tables import Faulty
from handlers.training import catalogue_file, roster_file
from handlers.uploads import Table

UNPACKED = 40 << 20
MOST_ROWS = 10_000
MOST_CELLS = 500_000
MOST_INTERVIEWS = 2_000
"""More would keep the database from others for a second; from a terminal, at night, that is no harm."""
NO_TABLE = "This is no CSV file and no XLSX workbook; what it is called does not matter, what is in it does."
OLD = "The file is an old Excel workbook, or has a password; save it as .xlsx without one."
TOO_MANY = f"The file has more than {MOST_INTERVIEWS} rows; cut it in parts, or take it in by the command line."
TOO_LONG = f"The file has more than {MOST_ROWS} rows, or {MOST_CELLS} cells; cut it in parts."
OTHERS = (b"%pdf", b"{\\rtf", b"<!doctype", b"<html", b"<?xml")

Reader = Callable[[Inbound, bytes], object]


def read(inbound: Inbound, content: bytes) -> object:
    """What the reader of this form or button makes of a file, None without one; raises Faulty with a sentence."""
    check(content)
    reader = READERS.get((inbound.kind, inbound.name))
    return reader(inbound, content) if reader else None


def check(content: bytes) -> None:
    """Raises Faulty for what is no table, or too large a one."""
    if content.startswith(imports.OLE):
        raise Faulty(OLD)
    if content.startswith(imports.ZIP):
        imports_xlsx.check(content, UNPACKED)
    elif not imports_csv.is_text(content) or content[:64].lstrip().lower().startswith(OTHERS):
        raise Faulty(NO_TABLE)


def table(content: bytes, names: Iterable[str], times: bool = False) -> Table:
    """A sheet of which some columns are called like `names`; raises Faulty if it cannot be read.

    With `times`, times of day come as words, as they are in CSV.
    """
    numbered = limited(enumerate(_rows(content, {key(name) for name in names}, times), 1))
    return Table(tuple((number, tuple(row)) for number, row in numbered if any(cell not in (None, "") for cell in row)))


def limited(rows: Iterable[tuple[int, Sequence[Cell]]]) -> Iterator[tuple[int, Sequence[Cell]]]:
    """The same rows; raises Faulty where there are more than a chat has the time for."""
    cells = 0
    for number, row in rows:
        cells += len(row)
        if number > MOST_ROWS or cells > MOST_CELLS:
            raise Faulty(TOO_LONG)
        yield number, row


def _rows(content: bytes, known: set[str], times: bool) -> Iterable[Sequence[Cell]]:
    if content.startswith(imports.ZIP):
        return imports_xlsx.rows(content, "", "keep only the one that is meant", times)
    text, _ = imports_csv.decode(content, "auto", lambda cell: key(cell) in known)
    mark = imports_csv.delimiter(text, lambda rows: len(known & {key(cell) for cell in next(iter(rows), ())}))
    return imports_csv.rows(text, mark)


def _leavers(inbound: Inbound, content: bytes) -> Table:
    return table(content, roster.COLUMNS)


def _interviews(inbound: Inbound, content: bytes) -> Read | None:
    """None where no crosswalk is named: the step says so."""
    if inbound.value("map") not in imports.crosswalk_names():
        return None
    crosswalk = imports.load_crosswalk(inbound.value("map"))
    sheet = imports.read_sheet(content, crosswalk)
    rows = list(limited(sheet.rows))
    if len(rows) > MOST_INTERVIEWS:
        raise Faulty(TOO_MANY)
    latest = imports.quarter(inbound.received_at)
    columns = {f"{one.metric}/{one.item}" if one.item else one.metric: one.name for one in crosswalk.columns}
    return Read(crosswalk.questionnaire, apply(crosswalk, replace(sheet, rows=rows), latest), columns)


def _training(inbound: Inbound, content: bytes) -> Table:
    columns = (*catalogue_file.fields({}), *roster_file.fields())
    return table(content, (name for column in columns for name in column.names), times=True)


# By kind and name of the message: a form's file is read when it is submitted, and for the button that follows.
READERS: Mapping[tuple[str, str], Reader] = {
    ("submit", "exit_many"): _leavers,
    ("press", "exit_all"): _leavers,
    ("submit", "exit_import"): _interviews,
    ("press", "exit_take_in"): _interviews,
    ("submit", "training_import"): _training,
    ("press", "training_take_in"): _training,
}
