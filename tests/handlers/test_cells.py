"""Cells of other people's spreadsheets, as they were really found."""

from datetime import date

import pytest

from handlers.surveys.cells import (
    Cell,
    Odd,
    excel_day,
    has_odd_spaces,
    is_collapsed,
    key,
    number,
    quarter,
    ranges,
    shape,
)


@pytest.mark.parametrize(
    ("cell", "looked_up"),
    [
        ("  Strongly\u00a0Agree ", "strongly agree"),
        ("1\u20132 years", "1-2 years"),
        ("\ufeffReason", "reason"),
        ("4.0", "4"),
        (4.0, "4"),
        (4.5, "4.5"),
        (None, ""),
        ("\u200b", ""),
    ],
)
def test_a_cell_is_looked_up_without_case_odd_spaces_and_needless_decimals(cell: Cell, looked_up: str) -> None:
    assert key(cell) == looked_up


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("01-Feb", (1, 2)),
        ("03-Apr", (3, 4)),
        ("2-Jan", (1, 2)),
        ("05-Jun", (5, 6)),
        ("Nov-20", (11, 20)),
        (date(2026, 2, 1), (1, 2)),
        (date(2026, 1, 2), (1, 2)),
        (date(2020, 11, 1), (11, 20)),
    ],
)
def test_a_range_that_became_a_date_is_found_again(cell: Cell, meant: tuple[int, int]) -> None:
    assert meant in ranges(cell)


@pytest.mark.parametrize("cell", ["1-2", "February", "10/31/2026", "Feb 2026", "", None, 3, "Agree"])
def test_what_is_no_mangled_range_is_left_alone(cell: Cell) -> None:
    assert ranges(cell) == frozenset()


@pytest.mark.parametrize("cell", ["6.35E+17", "6.35e17", 6.35e17, 635_000_000_000_000_000])
def test_an_id_that_lost_its_end_is_noticed(cell: Cell) -> None:
    assert is_collapsed(cell)


@pytest.mark.parametrize("cell", ["635", "635000000000000001", 635, 12.5, "E17", ""])
def test_an_id_that_is_whole_is_fine(cell: Cell) -> None:
    assert not is_collapsed(cell)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("2026Q4", "2026Q4"),
        ("2026-Q4", "2026Q4"),
        ("Q1 2026", "2026Q1"),
        ("2026-10-31", "2026Q4"),
        ("2026-10-31 14:02:11", "2026Q4"),
        ("2026-10-31T14:02:11Z", "2026Q4"),
        ("01/2014", "2014Q1"),
        ("3/4/2026", "2026Q1"),
        ("3/31/26 2:15 PM", "2026Q1"),
        ("Oct 2026", "2026Q4"),
        ("5 October 2026", "2026Q4"),
        ("October 5, 2026", "2026Q4"),
        (date(2026, 6, 30), "2026Q2"),
    ],
)
def test_dates_of_many_makes_give_their_quarter(cell: Cell, found: str) -> None:
    assert quarter(cell, "mdy") == found


def test_a_date_is_read_in_the_order_that_the_crosswalk_says_and_never_guessed() -> None:
    assert quarter("3/4/2026", "mdy") == "2026Q1"
    assert quarter("3/4/2026", "dmy") == "2026Q2"
    assert isinstance(quarter("3/4/2026"), Odd)
    assert isinstance(quarter("31/4/2026", "mdy"), Odd)


def test_a_quarter_of_their_year_is_moved_to_the_calendar() -> None:
    assert quarter("Q1 2026", begins=7) == "2025Q3"
    assert quarter("Q3 2026", begins=7) == "2026Q1"
    assert quarter("Q4 2026", begins=10) == "2026Q3"


def test_a_bare_year_is_no_quarter_unless_the_crosswalk_says_which() -> None:
    assert isinstance(quarter("2012"), Odd)
    assert quarter("2012", year_only=4) == "2012Q4"


@pytest.mark.parametrize("cell", ["Not Stated", "N/A", "", "soon", "02/30/2026", "13/13/2026", "1926-01-01", "Agree"])
def test_what_is_no_date_is_odd(cell: Cell) -> None:
    assert isinstance(quarter(cell, "mdy"), Odd)


def test_the_number_that_a_spreadsheet_keeps_for_a_day_is_that_day() -> None:
    assert excel_day("45231") == excel_day(45231.5) == date(2023, 11, 1)
    assert excel_day("12345") is None and excel_day("2012") is None


@pytest.mark.parametrize(("cell", "value"), [("1,200", "1200"), ("$1,200.50", "1200.50"), (3, "3"), ("-2", "-2")])
def test_numbers_are_read_with_thousands_and_currency(cell: Cell, value: str) -> None:
    assert str(number(cell)) == value


@pytest.mark.parametrize("cell", ["12%", "1,20", "about 3", "", "<5", "1e5", "\u0663"])
def test_what_is_no_plain_number_is_none(cell: Cell) -> None:
    assert number(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "Maria Delgado",
        "816-555-0100",
        "8165550100",
        "123-45-6789",
        "maria@example.org",
        "She was awful to me",
        "Dana",
        "Marian-12",
    ],
)
def test_names_numbers_and_free_words_are_never_repeated(cell: str) -> None:
    said = shape(cell).casefold()
    assert cell.casefold() not in said
    assert not any(part in said for part in cell.casefold().split() if len(part) > 2)


@pytest.mark.parametrize("cell", ["01-Feb", "N/A", "Not Stated", "7", "6.35E+17", "Strongly Agree", "-"])
def test_what_tools_and_spreadsheets_write_is_shown_as_it_is(cell: str) -> None:
    assert cell.casefold() in shape(cell).casefold()


def test_hard_spaces_and_dashes_are_noticed() -> None:
    assert has_odd_spaces("Very\u00a0good") and has_odd_spaces("1\u20132")
    assert not has_odd_spaces("Very good ") and not has_odd_spaces("Jos\u00e9") and not has_odd_spaces(3)
