"""Reads one sheet of an XLSX workbook row by row; formulas, errors and times are no answers."""

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from handlers.surveys.cells import Cell, Odd
from handlers.tables import Faulty

UNPACKED = 400 << 20
CHUNK = 1 << 20
HIDDEN = re.compile(rb'<row [^>]*hidden="(?:1|true)"')
FORMULA = Odd("a formula", "its value: copy the sheet and paste it as values")
ERROR = Odd("a spreadsheet's error", "a value")
SEVERAL = "name the one to read as `sheet` in the crosswalk"
MACROS = "The workbook holds macros; save it as .xlsx without them."
OTHER = Odd("a time of day", "a value")


def rows(content: bytes, sheet: str, several: str = SEVERAL, times: bool = False) -> Iterator[Sequence[Cell]]:
    """Every row of the sheet of that name, or of the only one; raises Faulty if there is no such workbook or sheet.

    `several` is what to do where there are more sheets than one. With `times`, times of day are words such as 13:30,
    also those that stand behind a day.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl leaves out (styles, validations) is nothing we read
            workbook = load_workbook(BytesIO(content), read_only=True, keep_links=False)
        try:
            chosen = _sheet(workbook, sheet, several)
            chosen.reset_dimensions()  # what a workbook says of its size may be wrong
            for row in chosen.iter_rows():
                yield [_timed(cell) if times else _cell(cell) for cell in row]
        finally:
            workbook.close()
    except (Faulty, GeneratorExit):
        raise
    except Exception as error:  # openpyxl answers a damaged file with any of a dozen exceptions
        raise Faulty(f"The file is not a sound XLSX workbook ({type(error).__name__}).") from None


def check(content: bytes, unpacked: int) -> None:
    """Raises Faulty for a damaged workbook, one with macros, or one of more bytes than that when unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise Faulty(f"The file is not a sound XLSX workbook ({type(error).__name__}).") from None
    if sum(part.file_size for part in parts) > unpacked:
        raise Faulty(f"The workbook is too large: more than {unpacked >> 20} MB when it is unpacked.")
    if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
        raise Faulty(MACROS)


def has_hidden_rows(content: bytes) -> bool:
    """Whether rows of any sheet are hidden; raises Faulty for a damaged file, or one that is huge when unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > UNPACKED:
                raise Faulty(f"The workbook is too large: more than {UNPACKED >> 20} MB when it is unpacked.")
            sheets = [part for part in parts if part.filename.startswith("xl/worksheets/")]
            return any(_hides(archive, part) for part in sheets)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise Faulty(f"The file is not a sound XLSX workbook ({type(error).__name__}).") from None


def _hides(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with archive.open(part) as file:
        rest = b""
        while chunk := file.read(CHUNK):
            if HIDDEN.search(rest + chunk):
                return True
            rest = chunk[-200:]
    return False


def _sheet(workbook: Any, name: str, several: str) -> Any:
    sheets = {sheet.title: sheet for sheet in workbook.worksheets}
    if name:
        if name not in sheets:
            raise Faulty(f'The workbook has no sheet "{name}".')
        return sheets[name]
    if len(sheets) != 1:
        raise Faulty(f"The workbook has {len(sheets)} sheets; {several}.")
    return next(iter(sheets.values()))


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None or type(value) in (str, int, float):
        return _marked(cell, value) if cell.data_type in ("f", "e") else value
    if cell.data_type in ("f", "e"):
        return _marked(cell, value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else OTHER


def _timed(cell: Any) -> Cell:
    if isinstance(cell.value, time):
        return f"{cell.value:%H:%M}"
    if isinstance(cell.value, datetime) and cell.value.time() != time(0):
        return f"{cell.value:%Y-%m-%d %H:%M}"
    return _cell(cell)


def _marked(cell: Any, value: object) -> Cell:
    """#N/A stands for "no value" on purpose; other errors do not."""
    if cell.data_type == "f":
        return FORMULA
    return "#N/A" if value == "#N/A" else ERROR
