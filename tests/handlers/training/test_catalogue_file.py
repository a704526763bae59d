"""A catalogue is taken in whole or not at all; every fault is named by its row and column."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

import pytest

from handlers.surveys.cells import Cell, Odd
from handlers.training import catalogue_file, columns
from handlers.training.catalogue_file import Catalogue, Known
from handlers.training.values import Audience, Course, Session
from tests.handlers.talk import CITIES

MARC = CITIES["marc"]
MEMBERS = {key: CITIES[key] for key in ("independence", "lees_summit", "blue_springs")}
NOW = datetime(2026, 11, 2, 16, tzinfo=UTC)
HEADER = ("Course", "Title", "Date", "Start", "End", "Location", "Capacity", "Fee")
ROW = ("SUP", "Supervision", "2026-12-02", "9:00 am", "1 pm", "Room 5", "20", "$25.00")


NOTHING = Known()


def read(*rows: Sequence[Cell], known: Known = NOTHING, now: datetime = NOW) -> Catalogue:
    ids = (f"id{number}" for number in count(1))
    return catalogue_file.read(enumerate(rows, 1), MARC, MEMBERS, known, ids, now)


def faults(*rows: Sequence[Cell], known: Known = NOTHING) -> list[str]:
    found = read(*rows, known=known)
    assert not found.faults or (found.courses, found.sessions) == ((), ())
    return [str(fault) for fault in found.faults]


def kept(found: Catalogue) -> Known:
    return Known(found.courses, tuple(after for _, after in found.sessions))


def test_a_row_becomes_a_course_and_a_session_in_the_runners_local_time() -> None:
    found = read(HEADER, ROW)
    assert found.faults == ()
    (course,) = found.courses
    assert (course.code, course.title, course.runner, course.kind) == ("SUP", "Supervision", "marc", "course")
    ((before, session),) = found.sessions
    assert before is None
    assert (session.word, session.course, session.place) == ("SUP-1", course.id, "Room 5")
    assert (session.begins, session.ends) == (
        datetime(2026, 12, 2, 15, tzinfo=UTC),
        datetime(2026, 12, 2, 19, tzinfo=UTC),
    )
    assert (session.seats, session.price) == (20, 2500)


@pytest.mark.parametrize(
    ("day", "start", "end", "fee"),
    [
        (date(2026, 12, 2), "09:00", "13:00", 25),
        ("12/2/2026", "9:00 a.m.", "1:00 PM", 25.0),
        ("Wed, Dec 2, 2026", "9am", "1pm", "25"),
        ("December 2, 2026", 0.375, 13 / 24, "$ 25.00"),
        (46358, "9:00:00", "13:00:00", "25.00"),
        ("2026-12-02 00:00", "9:00\u202fam", "1:00\u00a0pm", "$25"),
        ("Wednesday December 2 2026", "9:00 AM", "13:00", "25.0"),
    ],
)
def test_days_times_and_prices_are_read_whatever_their_make(day: Cell, start: Cell, end: Cell, fee: Cell) -> None:
    found = read(HEADER, ("SUP", "Supervision", day, start, end, "Room 5", 20.0, fee))
    assert found == read(HEADER, ROW)


@pytest.mark.parametrize(
    ("column", "cell", "fault"),
    [
        ("Date", "soon", "row 2, Date: Give a day"),
        ("Date", "2026-02-30", "row 2, Date: Give a day"),
        ("Date", "2025-12-02", "row 2, Date: That is in the past."),
        ("Date", "", "row 2, Date: Choose the day."),
        ("Start", "1:00", "row 2, Start: Say am or pm."),
        ("Start", "9", "row 2, Start: Give a time"),
        ("Start", "25:00", "row 2, Start: Give a time"),
        ("Start", "13:00 pm", "row 2, Start: Give a time"),
        ("End", "8:00 am", "row 2, End: It must end later"),
        ("End", Odd("a formula", "its value"), "row 2, End: It holds a formula; give its value."),
        ("Location", "", "row 2, Location: Say where it is."),
        ("Capacity", "", "row 2, Capacity: Say how many seats there are."),
        ("Capacity", "0", "row 2, Capacity: Give a whole number from 1"),
        ("Capacity", "2.5", "row 2, Capacity: Give a whole number."),
        ("Capacity", "1,000,000", "row 2, Capacity: Give a whole number from 1"),
        ("Fee", "cheap", "row 2, Fee: Give an amount"),
        ("Fee", "-5", "row 2, Fee: Give a number"),
        ("Fee", "2.555", "row 2, Fee: Give a number"),
        ("Course", "STOP", "row 2, Course: Use 2 to 8 letters"),
        ("Course", "", "row 2, Course: Give the course's code."),
        ("Title", "", "row 2, Title: Give it a title."),
    ],
)
def test_every_fault_is_named_by_row_and_column_and_nothing_is_taken(column: str, cell: Cell, fault: str) -> None:
    row = tuple(cell if name == column else usual for name, usual in zip(HEADER, ROW, strict=True))
    found = faults(HEADER, row, ("CUS", "Customer service", *ROW[2:]))
    assert len(found) == 1
    assert found[0].startswith(fault)


@pytest.mark.parametrize(
    ("day", "start", "fault"),
    [
        ("2027-03-14", "2:30 am", "There is no such time that day: clocks go forward over it."),
        ("2026-11-01", "1:30 am", "That time comes twice that day: clocks go back over it."),
        ("2027-11-07", "1:30 am", "That time comes twice that day: clocks go back over it."),
    ],
)
def test_times_that_do_not_exist_or_come_twice_are_refused(day: str, start: str, fault: str) -> None:
    found = faults(HEADER, ("SUP", "Supervision", day, start, "9:00 am", *ROW[5:]))
    assert f"row 2, Start: {fault}" in found


def test_columns_that_are_missing_doubled_or_unknown_are_told() -> None:
    assert faults(("Title", "Date"), ("x", "y"))[0] == "row 1, code: This column is missing."
    assert "row 1, Day: There are two columns of this." in faults((*HEADER, "Day"), (*ROW, ""))
    assert faults(("a", "b"), ("c", "d"))[0].startswith("the file: no row names two of its columns")
    assert faults()[0].startswith("the file:")
    assert faults(HEADER) == ["the file: there are no rows under the names of the columns."]
    assert read((*HEADER, "Notes"), (*ROW, "bring a pen")) == read(HEADER, ROW)


def test_a_title_line_above_the_header_and_empty_rows_are_passed_over() -> None:
    found = read(("Training of winter",), (), HEADER, ("",) * 8, ROW)
    assert len(found.sessions) == 1


def test_more_sessions_of_a_course_may_leave_its_own_columns_empty_but_not_differ() -> None:
    second = ("sup", "", "2026-12-09", *ROW[3:])
    found = read(HEADER, ROW, second)
    assert [after.word for _, after in found.sessions] == ["SUP-1", "SUP-2"]
    assert faults(HEADER, ROW, ("SUP", "Superstition", *second[2:])) == ["row 3, Title: It differs from row 2."]


def test_a_course_may_stand_alone_with_all_that_it_asks_for() -> None:
    header = ("code", "title", "kind", "credits", "valid months", "requires", "approval", "within days")
    more = ("required roles", "required boards")
    found = read(
        (*header, *more),
        ("SUP", "Supervision", "", "6.50", "", "", "no", "", "", ""),
        (
            "OPEN",
            "Open meetings",
            "Governance training",
            "2",
            24,
            "SUP",
            "Yes",
            "90",
            "Elected officials; board",
            "Parks",
        ),
    )
    assert found.faults == ()
    assert found.courses[1] == Course(
        "id2",
        "OPEN",
        "Open meetings",
        "governance",
        "marc",
        Decimal(2),
        24,
        frozenset({"SUP"}),
        True,
        Audience(frozenset(), frozenset({"elected", "board"}), frozenset({"Parks"})),
        90,
    )
    assert found.sessions == ()


def test_members_shares_and_discounts_are_read_by_the_names_of_cities() -> None:
    header = (*HEADER, "Members", "Discount", "Seats for Lee's Summit", "Seats for Independence", "Seats kept until")
    (_, session) = read(header, (*ROW, "Independence; lee's summit", 0.15, 5, "", "2026-11-20")).sessions[0]
    assert session.members == {"independence", "lees_summit"}
    assert (session.discount, dict(session.shares)) == (15, {"lees_summit": 5})
    assert session.shared_until == datetime(2026, 11, 20, 23, tzinfo=UTC)
    wrong = faults(header, (*ROW, "Raytown", "15 %", 15, 15, "2026-11-20"))
    assert wrong == ["row 2, Members: Give one of blue_springs, independence, lees_summit."]
    assert "more than the 20 seats" in faults(header, (*ROW, "", "15 %", 15, 15, "2026-11-20"))[0]


def test_the_same_file_again_changes_nothing() -> None:
    first = read(HEADER, ROW)
    again = read(HEADER, ROW, known=kept(first))
    assert again == Catalogue()
    later = read(HEADER, ROW, known=kept(first), now=datetime(2027, 1, 5, tzinfo=UTC))
    assert later == Catalogue()


def test_a_session_is_changed_by_its_word_but_not_below_the_seats_that_are_taken() -> None:
    first = kept(read(HEADER, ROW))
    known = Known(first.courses, first.sessions, {first.sessions[0].id: 12})
    change = ("SUP", "", "2026-12-03", *ROW[3:6], "15", "30", "sup-1")
    ((before, after),) = read((*HEADER, "Session"), change, known=known).sessions
    assert before == first.sessions[0]
    assert (after.id, after.word, after.seats, after.price) == (before.id, "SUP-1", 15, 3000)
    few = (*change[:6], "11", *change[7:])
    assert faults((*HEADER, "Session"), few, known=known) == ["row 2, Capacity: 12 seats are taken already."]
    other = (*change[:8], "SUP-9")
    assert "no such session" in faults((*HEADER, "Session"), other, known=known)[0]


def test_what_others_run_and_what_has_begun_cannot_be_changed() -> None:
    first = kept(read(HEADER, ROW))
    theirs = Known([Course("c", "SUP", "Supervision", "course", "independence")])
    assert faults(HEADER, ROW, known=theirs) == ["row 2, Course: Another jurisdiction runs this course."]
    late = catalogue_file.read(
        enumerate([(*HEADER, "Session"), (*ROW[:6], 30, "25", "SUP-1")], 1),
        MARC,
        MEMBERS,
        first,
        iter(()),
        datetime(2027, 1, 5, tzinfo=UTC),
    )
    assert [str(fault) for fault in late.faults] == ["row 2, Capacity: It has begun, and cannot be changed."]


def test_what_is_written_is_read_again_as_it_was() -> None:
    course = Course(
        "c1", "OPEN", "Open, =meetings", "governance", "marc", Decimal("1.5"), 24, approval=True, within_days=90,
        required_of=Audience(frozenset({"independence"}), frozenset({"elected"}), frozenset({"Parks Board"})),
    )  # fmt: skip
    session = Session(
        "s1", "c1", "OPEN-4", datetime(2026, 12, 2, 15, tzinfo=UTC), datetime(2026, 12, 2, 16, 30, tzinfo=UTC),
        "Hall; 2nd floor", 30, 1250, 15, frozenset({"independence"}), {"blue_springs": 4},
        datetime(2026, 11, 20, 23, tzinfo=UTC),
    )  # fmt: skip
    rows = list(catalogue_file.written([course], [session], MEMBERS | {"marc": MARC}))
    assert read(*rows, known=Known([course], [session])) == Catalogue()
    fresh = read(*([cell for at, cell in enumerate(row) if rows[0][at] != "session"] for row in rows))
    ((_, again),) = fresh.sessions
    assert again.but(id="s1", course="c1", word="OPEN-4") == session


def test_noise_never_breaks_the_reading() -> None:
    cells: tuple[Cell, ...] = (
        None,
        "",
        "x" * 9,
        -1,
        1e300,
        float("nan"),
        date(1, 1, 1),
        Odd("an error", "a value"),
        "🙂",
    )
    for cell in cells:
        for at in range(len(HEADER)):
            found = read(HEADER, (*ROW[:at], cell, *ROW[at + 1 :]))
            assert found.faults or found.sessions or found.courses
    assert columns.several("a; b,c\nd,,") == "a,b,c,d"
