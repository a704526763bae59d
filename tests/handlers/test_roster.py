"""Who is to be invited is read from many kinds of rows, and no fault goes unnamed."""

from datetime import UTC, datetime

import pytest

from handlers.exits.roster import FARTHEST, all_of
from tests.handlers.talk import CITIES

CITY = CITIES["independence"]
NOW = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
HEADER = "phone,language,last_day,voluntary,department,consent\n"


def test_rows_are_read_with_any_separator_column_order_and_way_to_write_a_day() -> None:
    text = "\ufeffConsent;Last day;Phone;Voluntary;Language\nform;12/04/2026;(816) 555-0144;Yes;español\n"
    (one,), faults = all_of(CITY, text, NOW)
    assert faults == []
    assert (one.phone, one.language, one.evidence, one.row) == ("+18165550144", "es", "form", 2)
    assert one.first == NOW  # from five days before the last day on


def test_who_was_let_go_is_asked_from_the_third_day_after_on() -> None:
    (one,), _ = all_of(CITY, f"{HEADER}816-555-0144,en,2026-11-30,no,,form\n", NOW)
    assert one.first == datetime(2026, 12, 3, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "row 1: there are no rows"),
        ("name,last\nA,B\n", "row 1: the first line lacks phone"),
        (HEADER, "row 2: there is nobody"),
        (f"{HEADER}911,en,2026-12-01,yes,,form\n", "row 2: phone"),
        (f"{HEADER}816-555-0144,de,2026-12-01,yes,,form\n", "row 2: language"),
        (f"{HEADER}816-555-0144,en,2027-12-01,yes,,form\n", f"row 2: last_day must be at most {FARTHEST}"),
        (f"{HEADER}816-555-0144,en,31.12.2026,yes,,form\n", "row 2: last_day must be a date"),
        (f"{HEADER}816-555-0144,en,2026-12-01,perhaps,,form\n", "row 2: voluntary"),
        (f"{HEADER}816-555-0144,en,2026-12-01,yes,,\n", "row 2: consent is missing"),
        (HEADER + 2 * "816-555-0144,en,2026-12-01,yes,,form\n", "row 3: phone is there twice"),
    ],
)
def test_each_fault_is_named_by_its_row(text: str, fault: str) -> None:
    _, faults = all_of(CITY, text, NOW)
    assert any(fault in one for one in faults), faults
    assert not any("0144" in one for one in faults)  # never what stands in the row
