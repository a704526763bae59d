"""The report as an XLSX workbook: values only, whatever an answer looks like, and the same bytes each time."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from bot.reports.pages import Report, accounting, comparison, notes, pages
from handlers.release.explain import HIDDEN

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

LONG_AGO = datetime(2000, 1, 1)
TITLE = 28
FORBIDDEN = re.compile(r"[\[\]:*?/\\']|[\x00-\x1f]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
Row = Sequence[str | int]


def make(report: Report) -> bytes:
    """An "About" sheet, then a sheet for each table, the comparison and the response accounting."""
    from openpyxl import Workbook

    book = Workbook()
    about = book.worksheets[0]
    about.title = "About"
    about.column_dimensions["A"].width = 110
    _fill(about, [(report.title,), *((note,) for note in notes(report))])
    for number, page in enumerate(pages(report), 1):
        _sheet(book, f"{number} {page.title}", [*page.rows, (), *((note,) for note in page.notes)])
    if report.benchmark:
        _sheet(book, "Own and others", [("Answer", "Own", "Others"), *comparison(report)])
    if report.accounting:
        _sheet(book, "Response", [("Outcome", "Interviews"), *accounting(report)])
    if report.comments:
        _sheet(book, "In their own words", [("Question", "Words"), *report.comments])
    return _bytes(book)


def of_tables(sheets: Iterable[tuple[str, Iterable[Row]]]) -> bytes:
    """A workbook of plain tables, each under its title with the names of its columns first."""
    from openpyxl import Workbook

    book = Workbook()
    for title, rows in sheets:
        _sheet(book, title, rows)
    book.remove(book.worksheets[0])
    return _bytes(book)


def _sheet(book: Workbook, title: str, rows: Iterable[Row]) -> None:
    sheet = book.create_sheet(FORBIDDEN.sub(" ", title)[:TITLE])
    sheet.column_dimensions["A"].width = 34
    sheet.freeze_panes = "B2"
    _fill(sheet, rows)


def _fill(sheet: Worksheet, rows: Iterable[Row]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font

    for at, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(at, column)
            _write(cell, value)
            cell.font = Font(bold=at == 1, italic=value == HIDDEN)
            if sheet.title == "About":
                cell.alignment = Alignment(wrap_text=True, vertical="top")
            if value == HIDDEN:
                cell.comment = Comment("See the sheet About.", "Commonline")


def _write(cell: Cell | MergedCell, value: str | int) -> None:
    """Text stays text: a label that begins with = + - @ is no formula, neither here nor after a save elsewhere."""
    if isinstance(value, int):
        cell.value = value
        return
    cell.value = CONTROL.sub(" ", value)
    cell.data_type = "s"
    cell.quotePrefix = value[:1] in ("=", "+", "-", "@", "\t", "\r")


def _bytes(book: Workbook) -> bytes:
    """What save() does, without the present time in it."""
    from openpyxl.writer.excel import ExcelWriter

    book.properties.creator, book.properties.created, book.properties.modified = "Commonline", LONG_AGO, LONG_AGO
    first, second = BytesIO(), BytesIO()
    ExcelWriter(book, zipfile.ZipFile(first, "w")).save()
    with zipfile.ZipFile(first) as made, zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as again:
        for name in sorted(made.namelist()):
            again.writestr(zipfile.ZipInfo(name, LONG_AGO.timetuple()[:6]), made.read(name), zipfile.ZIP_DEFLATED)
    return second.getvalue()
