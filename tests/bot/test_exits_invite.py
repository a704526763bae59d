"""`exits invite`: every fault is named before anybody is invited, and then everybody is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.bot.conftest import Run

HEADER = "phone,language,last_day,voluntary,department,consent\n"
SOON = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()


@pytest.fixture
def run(command: Run) -> Run:
    """Runs a command with keys and a migrated database."""
    assert command("keys", "new")[0] == 0
    assert command("migrate")[0] == 0
    return command


def invite(run: Run, text: str, *more: str, city: str = "independence") -> tuple[int, str, str]:
    Path("leavers.csv").write_text(text, "utf-8")
    return run("exits", "invite", "leavers.csv", "--city", city, *more)


def test_every_fault_is_named_by_its_row_and_nobody_is_invited(run: Run) -> None:
    code, _, said = invite(run, f"{HEADER}816-555-0144,en,{SOON},yes,,form\n12,en,{SOON},yes,,form\n1,en,soon,yes,,x\n")
    assert code == 1
    assert "row 3: phone" in said
    assert "row 4: phone" in said
    assert "Nobody was invited." in said
    assert "0144" not in said


def test_dry_run_keeps_nothing_and_the_second_time_somebody_is_known(run: Run) -> None:
    rows = f"{HEADER}816-555-0144,en,{SOON},yes,Parks,form\n816-555-0145,es,{SOON},no,,form\n"
    assert invite(run, rows, "--dry-run")[:2] == (0, "2 people, no faults.\n")
    assert invite(run, rows)[:2] == (0, "2 people are invited.\n")
    code, _, said = invite(run, rows)
    assert code == 1
    assert "row 2: This number is invited already." in said
    assert run("verify")[0] == 0


def test_city_without_such_a_line_is_refused(run: Run) -> None:
    code, _, said = invite(run, HEADER, city="marc")
    assert code == 2
    assert "independence" in said
