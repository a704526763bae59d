"""`training import|roster|export` and `report training`: files in, files out, and nothing half."""

import zipfile
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from tests.bot.conftest import Run

DAY = (datetime.now(UTC) + timedelta(days=40)).date()
CATALOGUE = f"""Course,Title,Date,Start,End,Location,Capacity,Fee
SUP,Supervision,{DAY:%m/%d/%Y},9:00 am,1:00 pm,Room 5,20,$25.00
CUS,Customer service,{DAY},13:30,16:00,"Hall; 2nd floor",12,free
"""
PEOPLE = """Name;Role;Board;Term from;Phone;Consent;Language
José Núñez;board;Parks Board;1/1/2026;816-234-0100;form of 2026-10-01;Spanish
Pat Lee;staff;;;816-234-0101;form of 2026-10-01;English
"""


@pytest.fixture
def run(command: Run) -> Run:
    """Runs a command with keys and a migrated database."""
    assert command("keys", "new")[0] == 0
    assert command("migrate")[0] == 0
    return command


def take_in(run: Run, content: str | bytes, *more: str, name: str = "file.csv") -> tuple[int, str, str]:
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return run("training", "import", name, "--city", "marc", *more)


def test_a_catalogue_comes_in_once_and_goes_out_as_it_was(run: Run) -> None:
    assert take_in(run, CATALOGUE, "--dry-run")[:2] == (0, "2 courses, 2 new sessions, 0 changed, no faults.\n")
    assert take_in(run, CATALOGUE)[:2] == (0, "2 courses, 2 new sessions, 0 changed are kept.\n")
    assert take_in(run, CATALOGUE)[:2] == (0, "0 courses, 0 new sessions, 0 changed are kept.\n")
    assert run("training", "export", "--city", "marc", "--xlsx", "out.xlsx")[0] == 0
    assert take_in(run, Path("out.xlsx").read_bytes(), name="again.xlsx")[1].startswith("0 courses, 0 new sessions, 0")
    assert run("training", "export", "--city", "marc", "--ics", "out.ics")[0] == 0
    assert Path("out.ics").read_bytes().count(b"BEGIN:VEVENT") == 2
    assert take_in(run, Path("out.ics").read_bytes(), name="again.ics")[1].startswith("0 courses, 0 new sessions, 0")
    assert run("training", "export", "--city", "marc", "--ics", "out.ics")[0] == 2


def test_excels_own_days_times_and_amounts_are_understood(run: Run) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Code", "Title", "Date", "From", "To", "Place", "Seats", "Price", "Discount"])
    sheet.append(
        ["SUP", "Supervision", date(DAY.year, DAY.month, DAY.day), time(9), time(13, 30), "Room 5", 20, 25.5, 0.15]
    )
    sheet.append(
        ["SUP", "", datetime(DAY.year, DAY.month, DAY.day) + timedelta(1), 0.375, 0.5, "Room 5", 20.0, 25, None]
    )
    content = BytesIO()
    book.save(content)
    assert take_in(run, content.getvalue(), name="x.xlsx")[:2] == (
        0,
        "1 courses, 2 new sessions, 0 changed are kept.\n",
    )
    assert run("training", "export", "--city", "marc", "--xlsx", "out.xlsx")[0] == 0
    rows = list(load_workbook("out.xlsx").worksheets[0].iter_rows(values_only=True))
    kept = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert [(one["from"], one["to"], one["price"], one["discount"]) for one in kept] == [
        ("9:00 am", "1:30 pm", "25.50", "15"),
        ("9:00 am", "12:00 pm", "25.00", "0"),
    ]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (CATALOGUE.replace("9:00 am", "1:00"), "a.csv", "row 2, Start: Say am or pm."),
        (CATALOGUE.replace("20,$25", "0,$25"), "a.csv", "row 2, Capacity: Give a whole number from 1"),
        ("x,y\n1,2\n", "a.csv", "no row names two of its columns"),
        ("", "a.csv", "no row names two"),
        (b"PK\x03\x04 broken", "a.xlsx", "not a sound XLSX workbook"),
        (b"%PDF-1.7", "a.csv", "no CSV file and no XLSX workbook"),
        ("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "a.ics", "holds 0 events"),
    ],
)
def test_a_broken_file_is_refused_in_words_and_nothing_is_taken_in(
    run: Run, content: str | bytes, name: str, said: str
) -> None:
    code, _, told = take_in(run, content, name=name)
    assert code == 1
    assert said in told
    assert "Nothing was taken in." in told
    assert take_in(run, CATALOGUE, "--dry-run")[1].startswith("2 courses, 2 new")


def test_a_roster_comes_in_once_without_repeating_a_name(run: Run) -> None:
    def roster(content: str, *more: str) -> tuple[int, str, str]:
        Path("people.csv").write_text(content, "utf-8")
        return run("training", "roster", "people.csv", "--city", "independence", *more)

    code, _, told = roster(PEOPLE.replace("816-234-0101", "12").replace(";form of 2026-10-01;Spanish", ";;Spanish"))
    assert code == 1
    assert "row 3, Phone:" in told
    assert "row 2, Consent:" in told
    assert "Pat" not in told
    assert roster(PEOPLE, "--dry-run")[1] == "2 people are new or changed, 0 are as they were, no faults.\n"
    assert roster(PEOPLE)[1] == "2 people are new or changed, 0 are as they were; they are kept.\n"
    assert roster(PEOPLE.replace("Parks Board", "Tree Board"))[1].startswith("1 people are new or changed, 1 are as")


def test_a_report_holds_duties_by_name_for_the_city_and_in_counts_for_who_runs_it(run: Run) -> None:
    course = "code,title,kind,within days,required roles\nOPEN,Open meetings,governance,90,board\n"
    assert take_in(run, course)[2] == ""
    Path("people.csv").write_text(PEOPLE, "utf-8")
    assert run("training", "roster", "people.csv", "--city", "independence")[0] == 0
    quarter = f"{datetime.now(UTC).year}Q{(datetime.now(UTC).month + 2) // 3}"
    for city, named in (("independence", True), ("marc", False)):
        code, said, _ = run("report", "training", "--city", city, "--quarter", quarter, "--out", "out")
        assert code == 0
        assert "Wrote" in said
        name = f"out/{city}-training-{quarter}"
        assert Path(f"{name}-boards.png").read_bytes().startswith(b"\x89PNG")
        assert Path(f"{name}.pdf").read_bytes().startswith(b"%PDF")
        with zipfile.ZipFile(f"{name}.xlsx") as book:
            cells = b"".join(book.read(part) for part in book.namelist()).decode()
        assert ("José Núñez" in cells) is named
        assert "Parks Board" in cells


def test_what_is_no_city_with_training_is_named(run: Run) -> None:
    code, _, told = run("training", "export", "--city", "atlantis", "--ics", "x.ics")
    assert code == 2
    assert "--city is wrong: it must be one of blue_springs, independence, lees_summit, marc." in told
    assert run("training", "import", "nothing.csv", "--city", "marc")[0] == 2
    assert run("report", "training", "--city", "marc", "--quarter", "2999Q1", "--out", "x")[0] == 2
