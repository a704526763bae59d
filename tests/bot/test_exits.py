"""Another employer's exit file, from the dry run that names every fault to its undoing, as a person types it."""

import asyncio
import tomllib
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from datetime import time as time_of_day
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from bot import imports
from bot.commands.opened import opened
from bot.settings import read_settings
from handlers.surveys.crosswalk import apply
from handlers.surveys.crosswalk_file import read_crosswalk
from handlers.tables import Faulty
from storage import responses
from storage.responses import Response
from tests.bot.conftest import Run
from tests.databases import SCHEMES, new_url

# cp1252: a long dash in a header and in a range, hard spaces; two title rows; "-" and blank; letters, words, numbers.
THEIRS = """Exit survey export;;;;;;;
Human Resources;;;;;;;
Response ID;Cease date;Length\u00a0of service;Job satisfaction;Fair treatment;Reason \u2013 pay;\
Reason \u2013 hours;Comments
6.35E+17;01/2014;1\u20132 years;SA;Agree;X;-;Maria Delgado made it impossible
6.35E+17;2012;01-Feb;Strongly agree;7;-;X;
6.35E+17;Not Stated;03-Apr;4;Disagree;-;-;
6.35E+17;10/31/2013;3\u20134 years;SD;Strongly\u00a0disagree;;;call me at 816-555-0100
6.35E+17;10/31/2013;Maria Delgado;N;N/A;X;-;
6.35E+17;10/31/2013;Less than 1 year;A;Agree;X;maybe;
6.35E+17;10/31/2013;Less than 1 year;A;Agree;X;maybe;
"""
FIRST = """
questionnaire = "exit_interview"
id = "Response ID"
ignored = ["Comments"]
blanks = { asked = ["-"], not_asked = ["", "N/A"] }
[quarter]
column = "Cease date"
order = "mdy"
[[columns]]
name = "Length of service"
metric = "exit.service"
comparable = "same"
values = { "Less than 1 year" = "under_1", "1-2 years" = "1_to_4", "3-4 years" = "1_to_4" }
[[columns]]
name = "Job satisfaction"
metric = "exit.growth"
comparable = "same"
scale = "agreement"
[[columns]]
name = "Fair treatment"
metric = "exit.manager"
comparable = "rescaled"
scale = "agreement"
[[columns]]
name = "Reason - pay"
metric = "exit.reasons"
item = "pay"
ticked = ["X"]
comparable = "same"
[[columns]]
name = "Reason - hours"
metric = "exit.reasons"
item = "hours"
ticked = ["X"]
comparable = "same"
[scales.agreement]
"Strongly agree" = "5"
"SA" = "5"
"Agree" = "4"
"A" = "4"
"4" = "4"
"N" = "3"
"Disagree" = "2"
"Strongly disagree" = "1"
"SD" = "1"
"""
FAULTS = {
    "Response ID": "rows 4-10",
    "Cease date": "row 5",
    "Length of service": "row 5",
    "Fair treatment": "row 5",
    "Reason - hours": "row 9",
}


@pytest.fixture(params=SCHEMES)
def run(request: pytest.FixtureRequest, command: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    """Runs a command on a migrated database with keys."""
    with asyncio.Runner() as runner:
        place = new_url(request.param, tmp_path)
        monkeypatch.setenv("DATABASE_URL", runner.run(place.__aenter__()))
        assert command("keys", "new")[0] == 0 and command("migrate")[0] == 0
        yield command
        runner.run(place.__aexit__(None, None, None))


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """The file and the first attempt at its crosswalk (map.toml) beside it."""
    (tmp_path / "map.toml").write_text(FIRST, "utf-8")
    file = tmp_path / "exits.csv"
    file.write_bytes(THEIRS.encode("cp1252"))
    return file


def take_in(run: Run, file: Path, *more: str) -> tuple[int, str, str]:
    return run("exits", "import", str(file), "--city", "lees_summit", "--map", str(file.parent / "map.toml"), *more)


def kept() -> list[Response]:
    async def read() -> list[Response]:
        async with opened(read_settings(), readonly=True) as (database, vault):
            return await database.read(lambda tx: responses.read(tx, vault, "lees_summit", "2000Q1", "2099Q4"))

    return asyncio.run(read())


def mend(file: Path) -> None:
    """What a person does after the dry run: say how each fault is to be mended."""
    text = FIRST.replace('id = "Response ID"', 'id = "Response ID"\nrepairs = ["ids", "ranges"]\nduplicates = "drop"')
    text = text.replace('order = "mdy"', 'order = "mdy"\nyear_only = 4\nunknown = "leave_out"')
    text = text.replace('comparable = "rescaled"', 'comparable = "rescaled"\notherwise = "leave_out"')
    text = text.replace('item = "hours"', 'item = "hours"\notherwise = "leave_out"')
    text = text.replace('"3-4 years" = "1_to_4" }', '"3-4 years" = "1_to_4" }\notherwise = "leave_out"')
    (file.parent / "map.toml").write_text(text, "utf-8")


def test_a_dry_run_names_every_fault_with_row_and_column_and_keeps_nothing(run: Run, theirs: Path) -> None:
    code, out, err = take_in(run, theirs, "--dry-run")
    assert code == 1 and "Nothing was kept" in err
    faults = [line for line in out.splitlines() if line.startswith("FAULT")]
    for column, rows in FAULTS.items():
        assert any(f'{rows}, column "{column}"' in line for line in faults), column
    assert any("row 6" in line and "not stated" in line for line in faults)
    assert any("row 8" in line and "13 characters" in line for line in faults)
    assert any("row 10: the same as row 9" in line for line in faults)
    assert any('"01-Feb"' in line and '"1-2 years"' in line for line in faults)
    assert any('"03-Apr"' in line and '"3-4 years"' in line for line in faults)
    assert any(line.startswith("note") and "cp1252" in line for line in out.splitlines())
    assert "Maria" not in out + err and "0100" not in out + err and "impossible" not in out + err
    assert kept() == [] and run("exits", "imports")[1] == ""


def test_a_file_with_faults_is_not_kept_without_a_dry_run_either(run: Run, theirs: Path) -> None:
    code, _, err = take_in(run, theirs)
    assert code == 1 and "Nothing was kept" in err and kept() == []


def test_once_every_fault_is_answered_the_file_is_kept_and_undone_again(run: Run, theirs: Path) -> None:
    mend(theirs)
    code, out, _ = take_in(run, theirs, "--dry-run")
    assert code == 0 and "dry run" in out and kept() == []
    code, out, _ = take_in(run, theirs)
    assert code == 0
    row = out.split("Kept as import ")[1].split(".")[0]
    found = sorted((one.quarter, sorted(one.answers.items())) for one in kept())
    wanted = [
        (
            "2012Q4",
            [("exit.reasons/hours", "1"), ("exit.reasons/pay", "-"), ("exit.growth", "5"), ("exit.service", "1_to_4")],
        ),
        ("2013Q4", [("exit.manager", "1"), ("exit.growth", "1"), ("exit.service", "1_to_4")]),
        (
            "2013Q4",
            [("exit.manager", "4"), ("exit.reasons/pay", "1"), ("exit.growth", "4"), ("exit.service", "under_1")],
        ),
        ("2013Q4", [("exit.reasons/hours", "-"), ("exit.reasons/pay", "1"), ("exit.growth", "3")]),
        (
            "2014Q1",
            [
                ("exit.manager", "4"),
                ("exit.reasons/hours", "-"),
                ("exit.reasons/pay", "1"),
                ("exit.growth", "5"),
                ("exit.service", "1_to_4"),
            ],
        ),
    ]
    assert found == sorted((quarter, sorted(answers)) for quarter, answers in wanted)
    assert all(one.source == f"import:{row}" and one.comparable == {"exit.manager": "rescaled"} for one in kept())
    code, _, err = take_in(run, theirs)
    assert code == 1 and f"in already, as import {row}" in err and len(kept()) == 5
    assert f"{row}  lees_summit" in run("exits", "imports")[1]
    assert run("exits", "undo", row, "--city", "independence")[0] == 1
    code, out, _ = run("exits", "undo", row.upper(), "--city", "lees_summit")
    assert code == 0 and "taken away: 5" in out and kept() == []
    assert "undone" in run("exits", "imports", "--city", "lees_summit")[1]
    assert run("verify")[0] == 0
    assert take_in(run, theirs)[0] == 0


@pytest.mark.parametrize("run", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("none.csv", "--city", "lees_summit", "--map", "map.toml"), "none.csv"),
        (("exits.csv", "--city", "atlantis", "--map", "map.toml"), "--city"),
        (("exits.csv", "--city", "lees_summit", "--map", "none.toml"), "--map"),
        (("exits.csv", "--city", "lees_summit"), "--map"),
    ],
)
def test_wrong_use_ends_with_2_and_names_the_option(run: Run, theirs: Path, words: tuple[str, ...], names: str) -> None:
    code, _, err = run("exits", "import", *words)
    assert code == 2 and names in err and "Traceback" not in err


@pytest.mark.parametrize("run", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[quarter]", "[quarter", "map.toml: is not TOML: "),
        ('metric = "exit.manager"', "", "map.toml: columns[2].metric: is missing"),
        ('scale = "agreement"', 'scale = "agree"', "map.toml: columns[1].scale: must be one of [scales]: agreement"),
    ],
)
def test_a_wrong_crosswalk_is_refused_with_its_line_or_key(
    run: Run, theirs: Path, old: str, new: str, says: str
) -> None:
    (theirs.parent / "map.toml").write_text(FIRST.replace(old, new, 1), "utf-8")
    code, _, err = take_in(run, theirs)
    assert code == 1 and says in err and err.count("\n") == 1


def broken_workbook() -> bytes:
    with BytesIO() as held:
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr("xl/worksheets/sheet1.xml", "<worksheet>")
        return held.getvalue()


@pytest.mark.parametrize("run", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "None of the first 30 rows"),
        (b"a,b,c\n1,2,3\n", "None of the first 30 rows holds the name"),
        (bytes(range(256)) * 40, "no text in a known encoding"),
        (THEIRS.encode("cp1252") + b'1;2;"never closed', "broken at row 11"),
        (THEIRS.encode("cp1252") + b'1;2;"a"b;4\n', "broken at row 11"),
        (b"\xff\xfe" + b"a" * 7, "not utf-16"),
        (b"PK\x03\x04 and nothing", "not a sound XLSX"),
        (broken_workbook(), "not a sound XLSX"),
        (b"\xd0\xcf\x11\xe0" + bytes(500), "old Excel workbook, or has a password"),
        (b"x" * ((25 << 20) + 1), "too large"),
    ],
)
def test_a_broken_file_is_one_sentence_and_1(run: Run, theirs: Path, content: bytes, says: str) -> None:
    theirs.write_bytes(content)
    code, _, err = take_in(run, theirs, "--dry-run")
    assert code == 1 and says in err.splitlines()[-1] and "Traceback" not in err
    assert not any(secret in err for secret in ("Maria", "0100"))


WORDS = [line.split(";") for line in THEIRS.splitlines()[2:]]


@pytest.mark.parametrize(
    "content",
    [
        THEIRS.replace(";", ",").encode("utf-8"),
        THEIRS.replace(";", "\t").encode("utf-16"),
        THEIRS.replace(";", "|").replace("\n", "\r\n").encode("utf-8-sig"),
        THEIRS.replace("\n", "\r").encode("cp1252"),
        THEIRS.replace(";", ",").encode("mac-roman"),
        THEIRS.replace(";", ",").encode("utf-16-be"),
        b"sep=;\n" + THEIRS.encode("cp1252"),
    ],
    ids=[
        "comma, utf-8",
        "tab, utf-16",
        "bar, utf-8 with a mark",
        "carriage returns",
        "Mac",
        "utf-16 without a mark",
        "sep=",
    ],
)
def test_delimiters_line_ends_and_encodings_are_found_out(theirs: Path, content: bytes) -> None:
    mend(theirs)
    crosswalk = imports.load_crosswalk(str(theirs.parent / "map.toml"))
    result = apply(crosswalk, imports.read_sheet(content, crosswalk))
    assert not result.faults and len(result.responses) == 5


def workbook(*rows: tuple[Any, ...], sheets: tuple[str, ...] = ("Data",), hidden: int = 0) -> bytes:
    """An XLSX file whose first sheet holds these rows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = sheets[0]
    for name in sheets[1:]:
        book.create_sheet(name)
    for row in rows:
        sheet.append(row)
    if hidden:
        sheet.row_dimensions[hidden].hidden = True
    with BytesIO() as held:
        book.save(held)
        return held.getvalue()


COLUMNS = tuple(WORDS[0])


def read_workbook(theirs: Path, content: bytes) -> list[str]:
    """Every fault and note of it, in words."""
    crosswalk = imports.load_crosswalk(str(theirs.parent / "map.toml"))
    result = apply(crosswalk, imports.read_sheet(content, crosswalk))
    return [str(one) for one in (*result.faults, *result.notes)] or [str(len(result.responses))]


def test_a_workbook_is_read_with_its_types(theirs: Path) -> None:
    day = date(2013, 10, 31)
    rows = [
        ("a1", day, "1\u20132 years", "SA", 4, "X", "-", None),
        ("a2", "Oct 2013", "3-4 years", 4.0, "Agree", None, None, "=1+1"),
    ]
    assert read_workbook(theirs, workbook(COLUMNS, *rows)) == [
        'row 1, column "Length of service": hard spaces or dashes in its name',
        'row 1, column "Reason - pay": hard spaces or dashes in its name',
        'row 1, column "Reason - hours": hard spaces or dashes in its name',
        'row 2, column "Length of service": hard spaces or dashes',
    ]


def test_formulas_errors_times_and_dates_in_a_workbook_are_faults_where_they_are_read(theirs: Path) -> None:
    day = date(2013, 10, 31)
    rows = [
        (6.35e17, day, date(2026, 2, 1), "=A1", "Agree", "X", "-", "=A2"),
        ("a2", time_of_day(8, 30), "3-4 years", "#REF!", True, "X" * 6000, "-", "long" * 6000),
    ]
    told = "\n".join(read_workbook(theirs, workbook(("Title",), (), COLUMNS, *rows)))
    for words in (
        'row 4, column "Response ID": a number that lost its digits',
        'row 4, column "Length of service": a date, which a spreadsheet made of a range',
        'row 4, column "Job satisfaction": a formula',
        'row 5, column "Cease date": a time of day',
        'row 5, column "Job satisfaction": a spreadsheet\'s error',
        'row 5, column "Fair treatment": "true"',
        'row 5, column "Reason - pay": a text of more than 5000 characters',
    ):
        assert words in told, words


def test_a_workbook_of_several_sheets_needs_the_name_of_one(theirs: Path) -> None:
    row = ("a1", "10/31/2013", "1-2 years", "SA", "Agree", "X", "-", "")
    content = workbook(COLUMNS, row, sheets=("Data", "Notes"), hidden=2)
    with pytest.raises(Faulty, match="has 2 sheets"):
        read_workbook(theirs, content)
    (theirs.parent / "map.toml").write_text('sheet = "Data"\n' + FIRST, "utf-8")
    assert "hidden rows in the workbook" in read_workbook(theirs, content)
    (theirs.parent / "map.toml").write_text('sheet = "Other"\n' + FIRST, "utf-8")
    with pytest.raises(Faulty, match='no sheet "Other"'):
        read_workbook(theirs, content)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: (";".join(COLUMNS) + text).encode())))
def test_whatever_a_file_holds_it_is_read_or_refused_in_a_sentence(content: bytes) -> None:
    crosswalk = read_crosswalk("map.toml", tomllib.loads(FIRST))
    for packed in (content, b"PK\x03\x04" + content):
        with suppress(Faulty):
            apply(crosswalk, imports.read_sheet(packed, crosswalk))


def test_files_of_too_many_rows_or_columns_are_refused(theirs: Path) -> None:
    crosswalk = imports.load_crosswalk(str(theirs.parent / "map.toml"))
    header = ";".join(COLUMNS)
    with pytest.raises(Faulty, match="501 columns"):
        imports.read_sheet((header + ";x" * 493 + "\n").encode(), crosswalk)
    endless = imports.read_sheet((header + "\n" + ";\n" * imports.MOST_ROWS).encode(), crosswalk)
    with pytest.raises(Faulty, match="more than 250000 rows"):
        apply(crosswalk, endless)


def test_an_aggregate_table_is_kept_as_counts_of_people(run: Run, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(
        """
questionnaire = "exit_interview"
suppressed = ["<5"]
blanks = { asked = [], not_asked = [""] }
quarter = { fixed = "2025Q4" }
long = { question = "Question" }
columns = [{ name = "I was treated fairly", metric = "exit.manager", comparable = "own", scale = "agreement" }]
counts = [{ column = "Agree", answer = "A" }, { column = "Disagree", answer = "D" }]
scales = { agreement = { A = "4", D = "2" } }
""",
        "utf-8",
    )
    file = tmp_path / "table.csv"
    file.write_text("Question,Agree,Disagree\nI was treated fairly,31,<5\n", "utf-8")
    assert take_in(run, file)[0] == 0
    assert [(one.answers, one.weight, one.comparable) for one in kept()] == [
        ({"exit.manager": "4"}, 31, {"exit.manager": "own"})
    ]


def many(theirs: Path, count: int) -> None:
    """That many rows, and a crosswalk for them."""
    mend(theirs)
    text = (theirs.parent / "map.toml").read_text("utf-8").replace('"drop"', '"keep"')
    (theirs.parent / "map.toml").write_text(text, "utf-8")
    rows = WORDS[1:]
    body = "\n".join(";".join(rows[number % len(rows)]) for number in range(count))
    theirs.write_bytes((";".join(COLUMNS) + "\n" + body + "\n").encode("cp1252"))


def test_a_row_takes_little_memory(theirs: Path) -> None:
    many(theirs, 10_000)
    crosswalk = imports.load_crosswalk(str(theirs.parent / "map.toml"))
    content = theirs.read_bytes()
    tracemalloc.start()
    try:
        assert apply(crosswalk, imports.read_sheet(content, crosswalk)).rows == 10_000
        assert tracemalloc.get_traced_memory()[1] < 10_000 * 1_500
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("run", ["sqlite"], indirect=True)
def test_tens_of_thousands_of_rows_are_taken_in(run: Run, theirs: Path) -> None:
    many(theirs, 30_000)
    code, out, err = take_in(run, theirs)
    assert code == 0 and "30000 rows" in out and "keeping: 100 %" in err
    assert len(kept()) > 24_000


@pytest.mark.parametrize("name", imports.crosswalk_names())
def test_every_shipped_crosswalk_fits_its_questionnaire(name: str) -> None:
    crosswalk = imports.load_crosswalk(name)
    assert {column.metric for column in crosswalk.columns}


@pytest.mark.parametrize("run", ["sqlite"], indirect=True)
def test_the_shipped_crosswalk_takes_in_lees_summits_export(run: Run, tmp_path: Path) -> None:
    crosswalk = imports.load_crosswalk("lees_summit")
    row = {name: "" for name in crosswalk.wanted} | {
        "Response ID": "41", "Separation date": "3/31/2026", "Length of service": "5-Jun", "Reason: pay": "X",
        "Reason: benefits": "-", "I felt safe at work": "A", "Overall rating of benefits (1-10)": "10",
        "Next employer": "Acme Paving", "Would you work for the City again?": "Maybe", "Employee name": "Dana Reyes",
    }  # fmt: skip
    file = tmp_path / "export.csv"
    file.write_text("\n".join(",".join(f'"{cell}"' for cell in line) for line in (row, row.values())), "utf-8")
    code, out, err = run("exits", "import", str(file), "--city", "lees_summit", "--map", "lees_summit")
    assert code == 0 and "Dana" not in out + err and "Acme" not in out + err
    (response,) = kept()
    assert response.answers == {
        "exit.service": "5_to_9", "exit.reasons/pay": "1", "exit.reasons/benefits": "-", "exit.safety": "4",
        "exit.benefits": "5", "exit.return": "unsure",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"exit_interview"', '"exit"', "map.toml: questionnaire: must be one of"),
        ('"exit.growth"', '"exit.joy"', "map.toml: columns[1].metric: the questionnaire has no exit.joy"),
        ('item = "pay"', 'item = "boss"', 'map.toml: columns[3]: the questionnaire has no code "boss" there'),
        ('"SA" = "5"', '"SA" = "6"', 'map.toml: columns[1]: the questionnaire has no code "6" there'),
    ],
)
def test_a_crosswalk_that_does_not_fit_the_questionnaire_is_refused(
    theirs: Path, old: str, new: str, says: str
) -> None:
    file = theirs.parent / "map.toml"
    file.write_text(FIRST.replace(old, new, 1), "utf-8")
    with pytest.raises(Faulty) as refused:
        imports.load_crosswalk(str(file))
    assert says in str(refused.value)
