"""The catalogue goes out as iCalendar that others understand, and comes in from calendars of any make."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from icalendar import Calendar

from bot import calendars
from handlers.tables import Faulty
from handlers.training import catalogue_file
from handlers.training.catalogue_file import Catalogue, Known
from handlers.training.values import Course, Session
from tests.handlers.talk import CITIES

MARC = CITIES["marc"]
MEMBERS = {key: CITIES[key] for key in ("independence", "lees_summit", "blue_springs")}
NOW = datetime(2026, 10, 2, 16, tzinfo=UTC)
COURSE = Course("c1", "SUP", "Supervision; all levels, 1\\2", "course", "marc", credits=Decimal("6.50"))
FIRST = Session(
    "s1", "c1", "SUP-1", datetime(2026, 10, 30, 14, tzinfo=UTC), datetime(2026, 10, 30, 18, tzinfo=UTC),
    "City Hall, room 5; 111 E Maple\nIndependence", 20, 2500,
)  # fmt: skip
SECOND = FIRST.but(
    id="s2",
    word="SUP-2",
    begins=FIRST.begins + timedelta(days=7, hours=1),
    ends=FIRST.ends + timedelta(days=7, hours=1),
)
OFF = FIRST.but(
    id="s3",
    word="SUP-3",
    state="cancelled",
    begins=FIRST.begins + timedelta(days=9),
    ends=FIRST.ends + timedelta(days=9),
)


def event(*lines: str) -> bytes:
    usual = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//x//y//EN",
        "BEGIN:VEVENT",
        "UID:1@x",
        "DTSTAMP:20261001T000000Z",
    )
    return "\r\n".join((*usual, *lines, "END:VEVENT", "END:VCALENDAR", "")).encode()


def take_in(content: bytes, *sessions: Session) -> Catalogue:
    rows = calendars.read(content, MARC, [COURSE], sessions)
    known, ids = Known([COURSE], sessions), (f"new{number}" for number in count(1))
    return catalogue_file.read(rows, MARC, MEMBERS, known, ids, NOW)


def test_what_goes_out_is_sound_and_the_same_each_time() -> None:
    made = calendars.write({"c1": COURSE}, [SECOND, FIRST, OFF], CITIES, NOW)
    assert made == calendars.write({"c1": COURSE}, [FIRST, OFF, SECOND], CITIES, NOW)
    assert made.count(b"\n") == made.count(b"\r\n")
    assert max(len(line) for line in made.split(b"\r\n")) <= 75
    assert b"SUMMARY:Supervision\\; all levels\\, 1\\\\2 (SUP-1)" in made
    assert b"METHOD:PUBLISH" in made
    events = Calendar.from_ical(made).walk("VEVENT")
    assert [str(one["UID"]) for one in events] == ["s1@commonline", "s2@commonline", "s3@commonline"]
    assert [str(one["STATUS"]) for one in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [one.decoded("DTSTART") for one in events] == [FIRST.begins, SECOND.begins, OFF.begins]
    assert str(events[0]["LOCATION"]) == FIRST.place


def test_local_times_keep_over_the_night_when_clocks_change() -> None:
    made = calendars.write({"c1": COURSE}, [FIRST, SECOND], CITIES, NOW)
    assert b"DTSTART:20261030T140000Z" in made
    assert b"DTSTART:20261106T150000Z" in made
    assert made.count(b"9:00 am local time") == 2


def test_our_own_calendar_comes_in_as_it_went_out() -> None:
    made = calendars.write({"c1": COURSE}, [FIRST, SECOND, OFF], CITIES, NOW)
    assert take_in(made, FIRST.but(place="City Hall"), SECOND, OFF).faults == ()
    ((before, after),) = take_in(
        made, FIRST.but(seats=30), SECOND.but(place=" ".join(SECOND.place.split())), OFF
    ).sessions
    assert (before and before.seats, after.seats, after.id) == (30, 20, "s1")


@pytest.mark.parametrize(
    "times",
    [
        ("DTSTART:20261202T150000Z", "DTEND:20261202T190000Z"),
        ("DTSTART;TZID=America/Chicago:20261202T090000", "DTEND;TZID=America/Chicago:20261202T130000"),
        ("DTSTART;TZID=America/New_York:20261202T100000", "DURATION:PT4H"),
        ("DTSTART;TZID=Central Standard Time:20261202T090000", "DURATION:PT4H"),
        ("DTSTART:20261202T090000", "DTEND:20261202T130000"),
    ],
)
def test_times_of_any_zone_are_understood(times: tuple[str, str]) -> None:
    found = take_in(event(*times, "SUMMARY:sup: for new managers", "LOCATION:Room 5", "X-COMMONLINE-SEATS:12"))
    assert found.faults == ()
    ((_, session),) = found.sessions
    assert (session.begins, session.ends) == (
        datetime(2026, 12, 2, 15, tzinfo=UTC),
        datetime(2026, 12, 2, 19, tzinfo=UTC),
    )
    assert (session.word, session.seats, session.place) == ("SUP-1", 12, "Room 5")


def test_an_event_without_seats_says_so_by_its_number() -> None:
    found = take_in(event("DTSTART:20261202T150000Z", "DTEND:20261202T190000Z", "SUMMARY:SUP", "LOCATION:x"))
    assert [str(fault) for fault in found.faults] == ["row 1, seats: Say how many seats there are."]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (("DTSTART;VALUE=DATE:20261202", "SUMMARY:SUP"), "event 1: it has no time of day."),
        (("DTSTART:20261202T150000Z", "SUMMARY:SUP"), "event 1: it has no end."),
        (("SUMMARY:SUP",), "event 1: it has no time of day."),
        (("DTSTART:20261202T150000Z", "DTEND:20261202T190000Z", "SUMMARY:Yoga"), "event 1: its summary begins"),
        (("DTSTART:20261202T150000Z", "DTEND:20261204T190000Z", "SUMMARY:SUP"), "event 1: it does not end on the day"),
        (("DTSTART:20261202T150000Z", "DTEND:20261202T190000Z", "RRULE:FREQ=DAILY"), "event 1: it repeats"),
    ],
)
def test_what_is_no_session_is_refused_by_its_number(lines: tuple[str, ...], fault: str) -> None:
    with pytest.raises(Faulty) as refused:
        take_in(event(*lines))
    assert str(refused.value).startswith(fault)


def test_a_session_that_was_called_off_elsewhere_is_not_called_off_in_silence() -> None:
    ours = event("DTSTART:20261202T150000Z", "SUMMARY:SUP", "STATUS:CANCELLED").replace(
        b"UID:1@x", b"UID:s1@commonline"
    )
    with pytest.raises(Faulty, match="call it off here"):
        take_in(ours, FIRST)
    theirs = event("DTSTART:20261202T150000Z", "SUMMARY:SUP", "STATUS:CANCELLED")
    assert calendars.read(theirs, MARC, [COURSE], [FIRST]) == [(0, calendars.HEADER)]


@pytest.mark.parametrize("content", [b"", b"BEGIN:VCALENDAR", b"\x00\xff" * 99, b"x" * 999])
def test_a_broken_file_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(Faulty, match=r"calendar|iCalendar"):
        calendars.read(content, MARC, [COURSE], [])
