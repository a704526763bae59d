"""The dates of training agree with counting on a wall calendar, through clock changes, holidays and leap days."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers import calendar
from handlers.jurisdiction import Hours, Jurisdiction
from handlers.training import dates
from tests.handlers.training import plain_dates as plain

MARC, CITY = plain.RUNNER, plain.CITY
ZONES = {name: replace(CITY, zone=ZoneInfo(name)) for name in plain.ZONES}
# Clocks back and forth in both hemispheres, Thanksgiving with the city's own Friday, turns of the year, leap days.
HOT = ("2026-04-05", "2026-09-06", "2026-10-04", "2026-11-03", "2026-12-01", "2027-01-05", "2027-03-16", "2028-03-02")
DAYS = st.sampled_from([date.fromisoformat(day) + timedelta(more) for day in HOT for more in range(-10, 4)])


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    return datetime.combine(draw(DAYS), time(), UTC) + timedelta(minutes=draw(st.integers(0, 24 * 60 - 1)))


@st.composite
def cities(draw: st.DrawFn) -> Jurisdiction:
    return plain.somewhere(Random(draw(st.integers(0, 9))))  # noqa: S311


def here(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY.zone)


@settings(max_examples=50, deadline=None)
@given(cities(), cities(), moments(), st.integers(-60, 25 * 24 * 60))
def test_any_session_has_the_dates_that_counting_gives(
    runner: Jurisdiction, city: Jurisdiction, begins: datetime, minutes_before: int
) -> None:
    assert plain.differences(runner, city, begins, begins - minutes_before * plain.MINUTE) == []


@pytest.mark.parametrize("zone", ZONES)
def test_a_session_on_any_day_has_the_dates_that_counting_gives(zone: str) -> None:
    """Every day around clock changes, holidays and turns of the year, and a moment by chance before it."""
    random = Random(4)  # noqa: S311
    for hot in HOT:
        for more in range(-10, 4):
            day = date.fromisoformat(hot) + timedelta(more)
            begins = datetime.combine(day, time(random.randrange(6, 23)), ZONES[zone].zone).astimezone(UTC)
            at = begins - random.randrange(20 * 24 * 60) * plain.MINUTE
            assert plain.differences(MARC, ZONES[zone], begins, at) == []


@settings(max_examples=50, deadline=None)
@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.integers(0, 61))
def test_a_certificate_counts_for_whole_months(earned: date, months: int) -> None:
    assert dates.expires(earned, months) == plain.expires(earned, months)


@settings(max_examples=40, deadline=None)
@given(cities(), DAYS, moments())
def test_an_expiry_is_told_at_decent_hours(city: Jurisdiction, expires: date, after: datetime) -> None:
    assert list(dates.notices(city, expires, after)) == plain.notices(city, expires, after)


@settings(max_examples=50, deadline=None)
@given(cities(), moments(), st.integers(0, 25 * 24 * 60))
def test_whatever_is_texted_leaves_at_an_hour_for_texts(city: Jurisdiction, begins: datetime, minutes: int) -> None:
    at = begins - minutes * plain.MINUTE
    told = [reminder.at for reminder in dates.reminders(MARC, city, begins, at)]
    offered = dates.offer_end(city, begins, at)
    told += [] if offered is None else [offered]
    assert all(calendar.may_text(city, moment) for moment in told)


@settings(max_examples=40, deadline=None)
@given(cities(), cities(), moments())
def test_the_price_is_told_before_the_refund_line(runner: Jurisdiction, city: Jurisdiction, begins: datetime) -> None:
    long_ago = begins - timedelta(200)
    told = {reminder.name: reminder.at for reminder in dates.reminders(runner, city, begins, long_ago)}
    if runner.zone == city.zone:
        assert told["6"] < dates.refund_line(runner, begins)


def test_a_reminder_whose_minute_has_come_is_not_planned_again() -> None:
    found = dates.reminders(MARC, CITY, here("2026-11-18T13:00"), here("2026-11-17T10:00"))
    assert [reminder.name for reminder in found] == ["day"]
    assert dates.notices(CITY, date(2027, 2, 1), here("2027-01-25T10:00")) == ()


def test_where_texts_end_by_mid_morning_they_are_sent_as_soon_as_they_may() -> None:
    early = replace(CITY, hours=Hours(texts_from=time(8), texts_until=time(10)))
    found = dates.reminders(MARC, early, here("2026-11-18T13:00"), here("2026-11-16T00:00"))
    assert found == (("1", here("2026-11-17T08:00")), ("day", here("2026-11-18T08:00")))


def test_at_most_one_reminder_is_sent_a_day_where_the_city_is_a_day_behind_its_runner() -> None:
    ahead, begins = replace(MARC, zone=ZoneInfo("Australia/Lord_Howe")), here("2026-11-17T21:30")
    found = dates.reminders(ahead, CITY, begins, here("2026-11-16T00:00"))
    assert found == (("day", here("2026-11-17T09:00")),)


def test_the_refund_line_leaves_out_weekends_and_holidays() -> None:
    assert dates.refund_line(MARC, here("2026-12-02T09:00")) == here("2026-11-24T17:00")
    assert dates.refund_line(CITY, here("2026-12-02T09:00")) == here("2026-11-23T17:00")


def test_reminders_come_ten_six_and_one_working_days_before_and_in_the_morning() -> None:
    found = dates.reminders(MARC, CITY, here("2026-11-18T13:00"), here("2026-10-01T00:00"))
    assert found == (
        ("10", here("2026-11-03T10:00")),
        ("6", here("2026-11-09T10:00")),
        ("1", here("2026-11-17T10:00")),
        ("day", here("2026-11-18T09:00")),
    )


def test_a_city_that_texts_from_eight_reminds_at_eight_on_the_day() -> None:
    early = replace(CITY, hours=Hours(texts_from=time(8)))
    assert dates.reminders(MARC, early, here("2026-11-18T08:30"), here("2026-11-18T00:00")) == (
        ("day", here("2026-11-18T08:00")),
    )


def test_on_the_day_nothing_is_told_that_comes_too_late() -> None:
    assert dates.reminders(MARC, CITY, here("2026-11-18T09:15"), here("2026-11-17T12:00")) == ()


def test_who_enrols_late_gets_only_the_reminders_that_are_still_to_come() -> None:
    found = dates.reminders(MARC, CITY, here("2026-11-18T13:00"), here("2026-11-17T12:00"))
    assert [reminder.name for reminder in found] == ["day"]


@pytest.mark.parametrize(
    ("at", "begins", "until"),
    [
        ("2026-11-04T11:00", "2026-12-01T09:00", "2026-11-05T11:00"),
        ("2026-11-04T22:00", "2026-12-01T09:00", "2026-11-06T09:00"),
        ("2026-11-07T15:00", "2026-12-01T09:00", "2026-11-09T15:00"),  # Saturday: Sunday does not count
        ("2026-11-25T15:00", "2026-12-10T09:00", "2026-11-28T15:00"),  # Thanksgiving and the city's Friday
        ("2026-11-04T10:00", "2026-11-06T09:00", "2026-11-04T14:00"),
        ("2026-11-04T18:00", "2026-11-06T09:00", "2026-11-05T11:00"),  # over the night
        ("2026-11-04T16:00", "2026-11-06T09:00", "2026-11-05T09:00"),
        ("2026-11-05T09:00", "2026-11-06T09:00", "2026-11-05T13:00"),
        ("2026-11-05T09:01", "2026-11-06T09:00", None),
        ("2026-11-03T10:00", "2026-11-06T10:00", "2026-11-04T10:00"),  # three days to the minute
        ("2026-11-03T10:01", "2026-11-06T10:00", "2026-11-03T14:01"),
        ("2026-11-06T19:00", "2026-11-09T12:00", "2026-11-07T12:00"),
        ("2026-11-07T18:00", "2026-11-09T11:00", None),  # would end as it begins
        ("2026-11-07T18:00", "2026-11-09T11:01", "2026-11-09T11:00"),
        ("2026-11-07T18:00", "2026-11-09T08:00", None),  # would end after it has begun
    ],
)
def test_an_offer_lasts_a_day_or_four_hours_and_never_ends_by_night(at: str, begins: str, until: str | None) -> None:
    assert dates.offer_end(CITY, here(begins), here(at)) == (here(until) if until else None)


def test_a_manager_has_three_working_days_at_most_until_the_session() -> None:
    assert dates.hold_end(CITY, here("2026-12-10T09:00"), here("2026-11-24T15:00")) == here("2026-12-01T17:00")
    assert dates.hold_end(CITY, here("2026-11-25T09:00"), here("2026-11-24T15:00")) == here("2026-11-25T09:00")


@pytest.mark.parametrize(
    ("earned", "months", "expires"),
    [
        ("2026-11-18", 12, "2027-11-18"),
        ("2028-02-29", 12, "2029-03-01"),
        ("2027-02-28", 12, "2028-02-28"),
        ("2026-01-31", 1, "2026-03-01"),
        ("2026-12-31", 2, "2027-03-01"),
    ],
)
def test_certificates_expire_on_the_same_day_of_the_month_or_the_first_after(
    earned: str, months: int, expires: str
) -> None:
    assert dates.expires(date.fromisoformat(earned), months) == date.fromisoformat(expires)


def test_a_certificate_without_months_is_for_good() -> None:
    assert dates.expires(date(2026, 11, 18), 0) is None


def test_a_duty_is_kept_in_time_until_so_many_days_into_the_term() -> None:
    assert dates.required_by(date(2026, 12, 20), 90) == date(2027, 3, 20)
    assert dates.required_by(date(2026, 12, 20), 0) is None
