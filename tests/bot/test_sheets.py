"""Files of any make and any malice: read as a table, or refused with one sentence."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date

import pytest
from openpyxl import Workbook

from bot import sheets
from bot.sheets import check, table
from handlers.surveys.cells import Cell, Odd
from handlers.tables import Faulty

NAMES = ("phone", "department")
TEXT = "phone;department\n+18165550199;Parks"


def workbook(*rows: Sequence[object], sheets: Iterable[str] = ()) -> bytes:
    made, held = Workbook(), io.BytesIO()
    for row in rows:
        made.worksheets[0].append(list(row))
    for name in sheets:
        made.create_sheet(name)
    made.save(held)
    return held.getvalue()


def packed(parts: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return held.getvalue()


def more(content: bytes, parts: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return packed({name: archive.read(name) for name in archive.namelist()} | parts)


def cells(content: bytes) -> list[tuple[Cell, ...]]:
    check(content)
    return [row for _, row in table(content, NAMES).rows]


def fault(content: bytes) -> str:
    with pytest.raises(Faulty) as refused:
        cells(content)
    return str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_text_in_any_usual_encoding_is_read(encoding: str) -> None:
    text = "phone,department\r\n+18165550199,Jardinería\r\n"
    assert cells(text.encode(encoding)) == [("phone", "department"), ("+18165550199", "Jardinería")]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_the_names(mark: str) -> None:
    assert cells(TEXT.replace(";", mark).encode())[1] == ("+18165550199", "Parks")


def test_rows_keep_their_numbers_and_empty_ones_are_left_out() -> None:
    read = table(b"phone,department\n,\n\n1,2\n", NAMES)
    assert [number for number, _ in read.rows] == [1, 4]


def test_a_workbook_is_read_whatever_it_is_called() -> None:
    assert cells(workbook(["phone", "last_day"], [8165550199, date(2026, 11, 30)])) == [
        ("phone", "last_day"),
        (8165550199, date(2026, 11, 30)),
    ]


def test_a_formula_is_a_fault_of_its_cell() -> None:
    odd = cells(workbook(["phone"], ['=HYPERLINK("http://x")']))[1][0]
    assert isinstance(odd, Odd) and odd.found == "a formula"


def test_a_lone_quote_is_named_by_its_row() -> None:
    assert fault(b'phone,department\n1,"Parks\n2,Pool\n').startswith("The file is broken at row 2")


def test_a_bomb_is_not_unpacked() -> None:
    bomb = more(workbook(["phone"]), {"xl/worksheets/sheet1.xml": b" " * (sheets.UNPACKED + 1)})
    assert len(bomb) < 1 << 20
    assert "too large" in fault(bomb)


def test_entities_that_multiply_end_in_a_sentence() -> None:
    names = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol" * 100}">' for n in range(10))
    bomb = f"<!DOCTYPE x [{names}]><worksheet>&e9;</worksheet>".encode()
    assert "not a sound XLSX workbook" in fault(more(workbook(["phone"]), {"xl/worksheets/sheet1.xml": bomb}))


def test_a_file_outside_is_not_read_by_an_entity() -> None:
    sheet = b"""<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><worksheet xmlns=
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr">
    <is><t>&f;</t></is></c></row></sheetData></worksheet>"""
    content = more(workbook(["phone"]), {"xl/worksheets/sheet1.xml": sheet})
    try:
        assert "root" not in str(cells(content))
    except Faulty as refused:
        assert "root" not in str(refused)


def test_a_workbook_with_macros_is_refused() -> None:
    assert fault(more(workbook(["phone"]), {"xl/vbaProject.bin": b"x"})) == (
        "The workbook holds macros; save it as .xlsx without them."
    )


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\nx",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\x7fELF\x02\x01\x01\x00",
        b"<!DOCTYPE html><html>Sign in</html>",
        b"{\\rtf1 phone}",
    ],
)
def test_what_is_no_table_is_refused_by_its_content(content: bytes) -> None:
    assert fault(content) == sheets.NO_TABLE


def test_an_old_workbook_a_broken_one_and_another_archive_are_refused() -> None:
    assert fault(b"\xd0\xcf\x11\xe0" + b"x" * 600) == sheets.OLD
    assert "not a sound XLSX workbook" in fault(workbook(["phone"])[:-200])
    assert "not a sound XLSX workbook" in fault(packed({"readme.txt": b"phone"}))


def test_several_sheets_are_not_guessed_between() -> None:
    assert "has 2 sheets; keep only the one" in fault(workbook(["phone"], sheets=["Other"]))


def test_too_many_rows_and_too_wide_ones_are_refused() -> None:
    assert fault(b"phone\n" + b"1\n" * sheets.MOST_ROWS) == sheets.TOO_LONG
    assert fault(b"phone" + b"," * 1000 + b"\n" + (b"1" + b"," * 1000 + b"\n") * 600) == sheets.TOO_LONG


def test_a_row_far_below_is_not_waited_for() -> None:
    sheet = b"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">
    <c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>"""
    assert fault(more(workbook(["phone"]), {"xl/worksheets/sheet1.xml": sheet})) == sheets.TOO_LONG


def test_an_empty_file_has_no_rows() -> None:
    assert cells(b"") == []
