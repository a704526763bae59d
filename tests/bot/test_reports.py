import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

from bot.reports import charts
from bot.reports.report import Files, Report, make
from handlers.release.benchmark import WHY_NOT, Benchmark, Line, Point
from handlers.release.explain import WHY_HIDDEN
from handlers.release.published import Release
from handlers.release.table import ALL, Crossing, Table

ROOT = Path(__file__).parents[2]
CITY = frozenset({"independence"})
QUARTERS = frozenset({"2026Q1", "2026Q2"})
REASONS = Table(
    Crossing("reason", "", CITY, QUARTERS),
    ("=1+1", "Pay $5 or *more*", "#hash [x](y)", "Supervisor"),
    (),
    {
        ("=1+1", ALL): 30,
        ("Pay $5 or *more*", ALL): 22,
        ("#hash [x](y)", ALL): None,
        ("Supervisor", ALL): None,
        (ALL, ALL): 70,
    },
)
UNITS = Table(
    Crossing(
        "reason", "unit", CITY, QUARTERS, {"unit": (("Parks + Police", ("Parks", "Police")), ("Fire", ("Fire",)))}
    ),
    ("Pay", "Move"),
    ("Parks + Police", "Fire"),
    {
        ("Pay", "Parks + Police"): 20,
        ("Pay", "Fire"): None,
        ("Move", "Parks + Police"): 20,
        ("Move", "Fire"): None,
        ("Pay", ALL): 36,
        ("Move", ALL): 34,
        (ALL, "Parks + Police"): 40,
        (ALL, "Fire"): 30,
        (ALL, ALL): 70,
    },
)
SUPPORT = Table(
    Crossing(
        "support", "", CITY, QUARTERS, {"support": tuple((one, (one,)) for one in ("Agree", "Neither", "Disagree"))}
    ),
    ("Agree", "Neither", "Disagree"),
    (),
    {("Agree", ALL): 12, ("Neither", ALL): None, ("Disagree", ALL): None, (ALL, ALL): 24},
)
LINES = (Line("Pay", 40, 25, 50), Line("Move", None, 0, 25))
REPORT = Report(
    "Exit interviews, Independence",
    Release("2026Q2", (REASONS, UNITS, SUPPORT), (), CITY),
    benchmark=Benchmark(LINES, ()),
    compared=True,
    trend=(Point("2026Q1", 38), Point("2026Q2", None)),
    trend_of="Pay",
    drawn=frozenset({"reason"}),
    scales=frozenset({"support"}),
    accounting={"complete": 70, "partial": None},
    rates={"RR1": 61, "RR2": None},
)


@pytest.fixture(scope="module")
def files() -> Files:
    return make(REPORT)


def test_same_release_makes_the_same_bytes(files: Files) -> None:
    again = make(REPORT)
    assert (again.workbook, again.document, again.data_hash) == (files.workbook, files.document, files.data_hash)
    assert {name: picture.png for name, picture in again.pictures.items()} == {
        name: picture.png for name, picture in files.pictures.items()
    }


def test_another_count_has_another_hash(files: Files) -> None:
    changed = Table(REASONS.crossing, REASONS.rows, (), {**REASONS.cells, ("=1+1", ALL): 31})
    assert Report("", Release("2026Q2", (changed, UNITS, SUPPORT), (), CITY)).data_hash != files.data_hash


def test_labels_never_become_formulas(files: Files) -> None:
    book = openpyxl.load_workbook(BytesIO(files.workbook))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert [cell.quotePrefix for cell in cells if cell.value == "=1+1"] == [True]


def test_workbook_says_hidden_and_why_and_holds_the_hash(files: Files) -> None:
    book = openpyxl.load_workbook(BytesIO(files.workbook))
    assert book.sheetnames == ["About", "1 Reason", "2 Reason by unit", "3 Support", "Own and others", "Response"]
    about = [str(row[0]) for row in book["About"].iter_rows(values_only=True)]
    assert WHY_HIDDEN in about
    assert f"Data hash (SHA-256): {files.data_hash}" in about
    assert book["2 Reason by unit"]["C2"].value == "hidden"
    assert book["2 Reason by unit"]["B2"].value == 20


def test_document_is_tagged_and_a_screen_reader_gets_every_picture_in_words(files: Files) -> None:
    assert files.document.startswith(b"%PDF")
    assert files.document.count(b"/Alt") >= len(files.pictures)


def test_pictures_are_readable_and_have_words(files: Files) -> None:
    assert list(files.pictures) == ["reason.png", "scales.png", "trend.png", "own-and-others.png"]
    for picture in files.pictures.values():
        width, height = Image.open(BytesIO(picture.png)).size
        assert width >= 900
        assert height >= 200
        assert picture.alt.startswith(picture.title)


def test_alt_text_names_hidden_values_without_a_number(files: Files) -> None:
    assert files.pictures["reason.png"].alt == (
        "Reason. =1+1: 30 people; Pay $5 or *more*: 22 people; #hash [x](y): hidden; Supervisor: hidden."
    )
    assert "Move: own hidden, others 0 to 25 %" in files.pictures["own-and-others.png"].alt
    assert files.pictures["trend.png"].alt == "Pay, over time. 2026Q1: 38 %; 2026Q2: hidden."


def test_scale_says_its_answers_in_order() -> None:
    picture = charts.scales("Support", [("By the boss", SUPPORT)])
    assert picture.alt == "Support. By the boss: Agree: 12 people, Neither: hidden, Disagree: hidden."


def test_without_a_benchmark_the_same_sentence_stands_there() -> None:
    report = Report("Exits", Release("2026Q2", (REASONS,), (), CITY), compared=True, not_shown=(("age", "Too few."),))
    about = openpyxl.load_workbook(BytesIO(make(report).workbook))["About"]
    words = [str(row[0]) for row in about.iter_rows(values_only=True)]
    assert WHY_NOT in words
    assert "Not shown: age. Too few." in words


def test_empty_release_still_makes_its_files() -> None:
    made = make(Report("Exits", Release("2026Q2")))
    assert made.headline == "Nothing may be shown this time."
    assert made.pictures == {}


def test_heavy_libraries_are_not_loaded_before_a_report_is_made() -> None:
    ours = "bot.reports.report, handlers.release.release, handlers.release.benchmark"
    code = f"import sys; import {ours}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603
    assert not re.findall(r"\b(matplotlib|numpy|scipy|openpyxl|typst)\b", loaded)
