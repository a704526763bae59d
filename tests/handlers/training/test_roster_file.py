"""A roster is taken in whole or not at all, and no fault repeats what stands in a row."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count

import pytest

from handlers.messages import Place
from handlers.surveys.cells import Cell
from handlers.training import roster_file
from handlers.training.roster_file import Roster
from handlers.training.values import Learner
from tests.handlers.talk import CITIES

CITY = CITIES["independence"]
NOW = datetime(2026, 11, 2, 16, tzinfo=UTC)
HEADER = ("Name", "Role", "Board", "Term from", "Term until", "Phone", "Chat account", "Manager", "Language", "Consent")
ROW: tuple[Cell, ...] = (
    *("Dana Reyes", "Board", "Parks Board", "1/1/2026", date(2028, 12, 31), "(816) 234-0100"),
    *("slack:T0123/u0dana", "teams: 00000000-0000-4000-8000-000000000201", "Spanish", "form of 2026-10-01"),
)
DANA = Learner(
    "id1",
    "independence",
    "Dana Reyes",
    "es",
    "board",
    "Parks Board",
    term_begins=date(2026, 1, 1),
    term_ends=date(2028, 12, 31),
    places=(Place("twilio_sms", "+18162340100"), Place("slack", "U0DANA")),
    manager=Place("teams", "00000000-0000-4000-8000-000000000201"),
)


def read(*rows: Sequence[Cell], known: Sequence[Learner] = ()) -> Roster:
    return roster_file.read(enumerate(rows, 1), CITY, known, (f"id{number}" for number in count(1)), NOW)


def test_a_row_becomes_a_learner_with_the_evidence_of_consent() -> None:
    (listed,) = read(HEADER, ROW).people
    assert listed.learner == DANA
    assert listed.evidence == "form of 2026-10-01"


def test_who_has_a_known_phone_or_account_is_that_person() -> None:
    known = replace(DANA, id="old", places=(Place("slack", "U0DANA"),))
    (listed,) = read(HEADER, ROW, known=[known]).people
    assert listed.learner == replace(DANA, id="old")
    assert read(HEADER, ROW, known=[listed.learner]) == Roster(same=1)


@pytest.mark.parametrize(
    ("column", "cell", "fault"),
    [
        ("Name", "", "row 2, Name: Give their name."),
        ("Role", "boss", "row 2, Role: Give one of board, elected, staff."),
        ("Board", "", "row 2, Board: Say which board or commission."),
        ("Phone", "99345", "row 2, Phone: Give a number that can be texted"),
        ("Chat account", "dana", "row 2, Chat account: Give an account such as slack:U0123456"),
        ("Manager", "Bob", "row 2, Manager: Give an account"),
        ("Language", "Klingon", "row 2, Language: Give a language"),
        ("Term until", "2025-01-01", "row 2, Term until: The term ends before it begins."),
        ("Consent", "", "row 2, Consent: Say how they agreed to be texted"),
    ],
)
def test_every_fault_is_named_and_repeats_nothing(column: str, cell: Cell, fault: str) -> None:
    row = tuple(cell if name == column else usual for name, usual in zip(HEADER, ROW, strict=True))
    found = read(HEADER, row)
    assert found.people == ()
    assert any(str(one).startswith(fault) for one in found.faults)
    told = " ".join(map(str, found.faults))
    assert not any(word in told for word in ("Dana", "234-0100", "u0dana", "99345", "boss", "Bob", "Klingon"))


def test_nobody_stands_there_twice() -> None:
    found = read(HEADER, ROW, ("Pat Lee", *ROW[1:6], "", *ROW[7:]), ("Sam Roe", *ROW[1:5], "", *ROW[6:]))
    assert [str(fault) for fault in found.faults] == [
        "row 3, Phone: It is in row 2, too.",
        "row 4, Chat account: It is in row 2, too.",
    ]


def test_who_is_reached_in_chat_alone_needs_no_consent_to_texts() -> None:
    (listed,) = read(("name", "chat", "role"), ("Pat Lee", "slack:U0PAT12", "")).people
    assert listed.learner.places == (Place("slack", "U0PAT12"),)
    assert (listed.learner.role, listed.learner.language, listed.evidence) == ("staff", "en", "")


def test_who_cannot_be_reached_or_lives_elsewhere_is_refused() -> None:
    assert "Give a phone" in str(read(("name", "role"), ("Pat Lee", "staff")).faults[0])
    wrong = read(("name", "city", "chat"), ("Pat Lee", "Raytown", "slack:U0PAT12")).faults
    assert [str(fault) for fault in wrong] == ["row 2, city: Give one of independence."]
