"""The business calendar agrees with counting minutes on the wall clock, also when clocks change."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from handlers import calendar
from handlers.jurisdiction import Hours, Jurisdiction
from tests.handlers.talk import CITIES

CITY = CITIES["independence"]
MINUTE = timedelta(minutes=1)
# Around daylight saving, Thanksgiving with the city's own Friday, and the turn of a year.
STARTS = st.sampled_from([date(2026, 3, 5), date(2026, 10, 29), date(2026, 11, 24), date(2026, 12, 30)])
CLOCK = st.builds(time, st.integers(4, 23), st.sampled_from([0, 15, 30]))


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    day = datetime.combine(draw(STARTS), time(), UTC)
    return day + timedelta(minutes=draw(st.integers(0, 6 * 24 * 60)))


@st.composite
def cities(draw: st.DrawFn) -> Jurisdiction:
    opens, closes = sorted((draw(CLOCK), draw(CLOCK)))
    assume(opens < closes)
    return replace(CITY, hours=Hours(opens, closes, opens, closes))


def works(city: Jurisdiction, at: datetime) -> bool:
    """The oracle: one minute on the wall clock."""
    local = at.astimezone(city.zone)
    open_ = city.hours.opens <= local.time() < city.hours.closes
    return open_ and local.weekday() < 5 and local.date() not in city.holidays


@settings(max_examples=60, deadline=None)
@given(cities(), moments(), st.integers(0, 4 * 24 * 60))
def test_working_time_is_the_number_of_working_minutes(city: Jurisdiction, start: datetime, minutes: int) -> None:
    end = start + minutes * MINUTE
    counted = sum(works(city, start + minute * MINUTE) for minute in range(minutes))
    assert calendar.working_time_between(city, start, end) == counted * MINUTE
    assert (
        calendar.working_time_between(city, start.astimezone(city.zone), end.astimezone(city.zone)) == counted * MINUTE
    )


@settings(max_examples=60, deadline=None)
@given(cities(), moments(), st.integers(1, 2000))
def test_adding_working_time_is_the_inverse_of_measuring_it(city: Jurisdiction, start: datetime, minutes: int) -> None:
    end = calendar.plus_working(city, start, minutes * MINUTE)
    assert calendar.working_time_between(city, start, end) == minutes * MINUTE
    assert works(city, end - MINUTE)


@settings(max_examples=60, deadline=None)
@given(cities(), moments())
def test_next_open_is_the_first_working_minute(city: Jurisdiction, at: datetime) -> None:
    found = calendar.next_open(city, at)
    minute = at
    while not works(city, minute):
        minute += MINUTE
    assert found == minute


@settings(max_examples=60, deadline=None)
@given(cities(), moments())
def test_next_text_time_is_the_first_minute_when_people_may_be_texted(city: Jurisdiction, at: datetime) -> None:
    minute = at
    while not calendar.may_text(city, minute):
        minute += MINUTE
    assert calendar.next_text_time(city, at) == minute


@pytest.mark.parametrize(
    ("local", "may"),
    [
        ("2026-11-02T08:59", False),
        ("2026-11-02T09:00", True),
        ("2026-11-02T19:59", True),
        ("2026-11-02T20:00", False),
        ("2026-11-07T12:00", True),
        ("2026-11-08T12:00", False),
        ("2026-11-26T12:00", False),
        ("2026-11-27T12:00", False),
    ],
)
def test_people_are_texted_at_decent_hours_only(local: str, may: bool) -> None:
    assert calendar.may_text(CITY, datetime.fromisoformat(local).replace(tzinfo=CITY.zone)) is may


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-11-30T10:00", 3, "2027-02-28T10:00"),
        ("2027-11-30T10:00", 3, "2028-02-29T10:00"),
        ("2026-10-31T10:00", 1, "2026-11-30T10:00"),
        ("2026-09-15T23:30", 3, "2026-12-15T23:30"),
    ],
)
def test_months_end_on_the_same_day_or_the_last(start: str, months: int, end: str) -> None:
    begun = datetime.fromisoformat(start).replace(tzinfo=CITY.zone)
    assert calendar.after_months(CITY, begun, months) == datetime.fromisoformat(end).replace(tzinfo=CITY.zone)


def test_a_week_keeps_the_wall_clock_when_clocks_change() -> None:
    start = datetime(2026, 10, 30, 10, tzinfo=CITY.zone)
    assert calendar.after_days(CITY, start, 7) == datetime(2026, 11, 6, 10, tzinfo=CITY.zone)


def test_working_days_leave_out_weekends_and_holidays() -> None:
    assert calendar.add_working_days(CITY, date(2026, 11, 25), 1) == date(2026, 11, 30)
    assert calendar.add_working_days(CITY, date(2026, 11, 2), 3) == date(2026, 11, 5)
    assert not calendar.is_working_day(CITY, date(2026, 11, 27))
