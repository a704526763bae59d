"""A wish for another time is understood in both languages, and moved to a decent hour."""

from datetime import UTC, datetime

import pytest

from handlers.reading.appointments import appointment
from tests.handlers.talk import CITIES

CITY = CITIES["independence"]
MONDAY = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # ten in the morning there


def named(text: str, now: datetime = MONDAY) -> str:
    found = appointment(CITY, text, now)
    return found.astimezone(CITY.zone).strftime("%a %d %H:%M") if found else ""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("6pm", "Mon 30 18:00"),
        ("6:30 p.m.", "Mon 30 18:30"),
        ("18:00", "Mon 30 18:00"),
        ("at 6", "Mon 30 18:00"),
        ("noon", "Mon 30 12:00"),
        ("8am", "Tue 01 08:00"),
        ("in 2 hours", "Mon 30 12:00"),
        ("tomorrow", "Tue 01 10:00"),
        ("tomorrow morning", "Tue 01 10:00"),
        ("tonight", "Mon 30 18:00"),
        ("friday at 3", "Fri 04 15:00"),
        ("next week", "Mon 07 10:00"),
        ("mañana por la mañana", "Tue 01 10:00"),
        ("mañana", "Tue 01 10:00"),
        ("pasado mañana a las 9", "Wed 02 09:00"),
        ("a las 6 de la tarde", "Mon 30 18:00"),
        ("el lunes", "Mon 07 10:00"),
        ("en dos horas", "Mon 30 12:00"),
    ],
)
def test_time_is_read_as_people_say_it(text: str, wanted: str) -> None:
    assert named(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("8:30pm", "Mon 30 20:30"), ("9pm", "Tue 01 09:00"), ("11pm", "Tue 01 09:00"), ("sunday", "Mon 07 09:00")],
)
def test_chosen_time_may_use_the_lawful_hours_and_no_others(text: str, wanted: str) -> None:
    assert named(text) == wanted


@pytest.mark.parametrize("text", ["because of 6 things", "in 30 days", "when I have time", "", "25:00", "2 kids"])
def test_what_names_no_time_is_none(text: str) -> None:
    assert named(text) == ""


@pytest.mark.parametrize("night", [datetime(2026, 10, 31, 20, 0, tzinfo=UTC), datetime(2027, 3, 13, 20, 0, tzinfo=UTC)])
def test_clock_time_holds_across_the_nights_when_clocks_change(night: datetime) -> None:
    assert named("monday 9am", night).endswith("09:00")
