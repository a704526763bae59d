"""`report exits`: a file that Lee's Summit holds itself becomes a release, the same whenever it is asked for."""

import csv
from pathlib import Path
from random import Random

import openpyxl
import pytest

from bot import imports
from tests.bot.conftest import Run

ASK = ("report", "exits", "--city", "lees_summit", "--quarter", "2026Q2", "--out", "out")


@pytest.fixture
def run(command: Run) -> Run:
    """On a migrated database with keys."""
    assert command("keys", "new")[0] == 0
    assert command("migrate")[0] == 0
    return command


def export(people: int) -> str:
    """A file as their personnel system writes it, cp1252 and all, with made-up answers."""
    crosswalk, random = imports.load_crosswalk("lees_summit"), Random(5)  # noqa: S311 -- the same each time
    names = ["Response ID", "Separation date", *(column.name for column in crosswalk.columns)]
    with Path("exits.csv").open("w", encoding="cp1252", newline="") as file:
        rows = csv.DictWriter(file, names)
        rows.writeheader()
        for number in range(people):
            found = {column.name: _answer(column, random) for column in crosswalk.columns}
            rows.writerow({"Response ID": str(number), "Separation date": "05/12/2026", **found})
    return "exits.csv"


def _answer(column: object, random: Random) -> str:
    name = str(getattr(column, "name"))  # noqa: B009 -- any column of a crosswalk
    if name.startswith("Reason"):
        return random.choice(("X", "-", "-"))
    if "1-10" in name:
        return str(random.randint(1, 10))
    if name.startswith(("I ", "My ", "Policies")):
        return random.choice(("SA", "A", "N", "D", "SD"))
    words = {
        "Length of service": "3-4 years",
        "Next employer": "Private sector",
        "Would you work for the City again?": "Yes",
    }
    return words[name]


def test_a_file_of_their_own_becomes_a_release_that_is_the_same_each_time(run: Run) -> None:
    code, _, told = run("exits", "import", export(40), "--city", "lees_summit", "--map", "lees_summit")
    assert (code, told.count("FAULT")) == (0, 0)
    code, first, told = run(*ASK)
    assert code == 0
    assert "40 people answered" in first
    assert "tables: 0 %" in told
    names = sorted(path.name for path in Path("out").iterdir())
    assert "lees_summit-exits-2026Q2.pdf" in names
    assert "lees_summit-exits-2026Q2-scales.png" in names
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    book = openpyxl.load_workbook("out/lees_summit-exits-2026Q2.xlsx")
    about = [str(row[0]) for row in book["About"].iter_rows(values_only=True)]
    (marked,) = [line for line in about if line.startswith("Data hash")]
    code, again, _ = run(*ASK)
    assert marked in again
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == before


def test_too_few_are_a_sentence_and_no_file(run: Run) -> None:
    run("exits", "import", export(4), "--city", "lees_summit", "--map", "lees_summit")
    code, said, told = run(*ASK)
    assert code == 1
    assert "Too few people answered so far." in said
    assert "No file was written." in told
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("changed", "named"),
    [({3: "atlantis"}, "--city is wrong"), ({5: "2999Q1"}, "--quarter"), ({5: "2026-Q2"}, "--quarter")],
)
def test_wrong_use_names_what_is_wrong(run: Run, changed: dict[int, str], named: str) -> None:
    words = [changed.get(at, word) for at, word in enumerate(ASK)]
    code, _, told = run(*words)
    assert (code, named in told) == (2, True)
