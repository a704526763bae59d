"""Sessions as an iCalendar file that any calendar can subscribe to, and such a file as rows of a catalogue."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from handlers.jurisdiction import Jurisdiction
from handlers.surveys.cells import Cell
from handlers.tables import Faulty
from handlers.training.cards import clock
from handlers.training.values import Course, Session

PRODUCT = "-//Commonline//Training//EN"
OURS = "@commonline"
SEATS, PRICE = "X-COMMONLINE-SEATS", "X-COMMONLINE-PRICE"
HEADER: tuple[Cell, ...] = ("code", "session", "date", "from", "to", "place", "seats", "price")
LARGEST = 4 << 20
MOST_EVENTS = 2_000

Row = tuple[int, tuple[Cell, ...]]


def write(
    courses: Mapping[str, Course], sessions: Iterable[Session], cities: Mapping[str, Jurisdiction], now: datetime
) -> bytes:
    """All sessions with their courses by id, in UTC; what is called off is marked, so that a calendar takes it away."""
    from icalendar import Calendar

    book = Calendar()
    for name, value in (("prodid", PRODUCT), ("version", "2.0"), ("calscale", "GREGORIAN"), ("method", "PUBLISH")):
        book.add(name, value)
    book.add("x-wr-calname", "Training")
    for session in sorted(sessions, key=lambda one: (one.begins, one.id)):
        course = courses[session.course]
        book.add_component(_event(course, session, cities[course.runner], now))
    return bytes(book.to_ical())


def read(content: bytes, runner: Jurisdiction, courses: Iterable[Course], sessions: Iterable[Session]) -> list[Row]:
    """The events as rows of a catalogue, numbered in their order, in the runner's local time; raises Faulty.

    An event of ours is known by its UID. One of others belongs to the course whose code or title its summary begins
    with. What was called off there and is not known here is left out.
    """
    from icalendar import Calendar

    try:
        if len(content) > LARGEST:
            raise Faulty(f"The calendar is too large: more than {LARGEST >> 20} MB.")
        events = Calendar.from_ical(content).walk("VEVENT")
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, Faulty):
            raise
        raise Faulty("The file is no sound iCalendar file.") from None
    if not 0 < len(events) <= MOST_EVENTS:
        raise Faulty(f"The calendar holds {len(events)} events; from 1 to {MOST_EVENTS} can be taken in.")
    known = {f"{one.id}{OURS}": one for one in sessions}
    rows = [_row(number, event, runner, known, list(courses)) for number, event in enumerate(events, 1)]
    return [(0, HEADER), *(row for row in rows if row)]


def _event(course: Course, session: Session, runner: Jurisdiction, now: datetime) -> Any:
    from icalendar import Event

    event = Event()
    event.add("uid", f"{session.id}{OURS}")
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", session.begins.astimezone(UTC))
    event.add("dtend", session.ends.astimezone(UTC))
    event.add("summary", f"{course.title} ({session.word})")
    event.add("location", session.place)
    event.add("description", "\n".join(_description(course, session, runner)))
    event.add("categories", [course.code])
    event.add("status", "CANCELLED" if session.state == "cancelled" else "CONFIRMED")
    event.add(SEATS, str(session.seats))
    event.add(PRICE, f"{session.price / 100:.2f}")
    return event


def _description(course: Course, session: Session, runner: Jurisdiction) -> Iterator[str]:
    local = session.begins.astimezone(runner.zone)
    yield f"{clock(local)} local time, run by {runner.name}."
    if course.credits:
        yield f"Credit hours: {course.credits.normalize():f}."
    yield f"Price a seat: ${session.price / 100:.2f}." if session.price else "Free of charge."
    if session.state == "open":
        yield f"To enroll, text ENROLL {session.word} to your city's line for training."


def _row(
    number: int, event: Any, runner: Jurisdiction, known: Mapping[str, Session], courses: list[Course]
) -> Row | None:
    ours, cancelled = known.get(str(event.get("UID", ""))), str(event.get("STATUS", "")).upper() == "CANCELLED"
    if cancelled and (ours is None or ours.state == "cancelled"):
        return None
    if cancelled:
        raise Faulty(f"event {number}: it is called off there; call it off here with /training cancel.")
    if "RRULE" in event or "RDATE" in event:
        raise Faulty(f"event {number}: it repeats; give each date as an event of its own.")
    begins, ends = _local(number, event, "DTSTART", runner), _end(number, event, runner)
    if begins.date() != ends.date():
        raise Faulty(f"event {number}: it does not end on the day it begins.")
    code = next((one.code for one in courses if ours and one.id == ours.course), "") or _code(event, courses)
    if not code:
        raise Faulty(f'event {number}: its summary begins with no known course, such as "SUP: Supervision".')
    day, *times = f"{begins:%Y-%m-%d}", clock(begins), clock(ends)
    word, place = ours.word if ours else None, str(event.get("LOCATION", ""))
    return number, (code, word, day, *times, place, _own(event, SEATS), _own(event, PRICE))


def _local(number: int, event: Any, name: str, runner: Jurisdiction) -> datetime:
    """A time on the runner's clock; one without a zone is meant so."""
    value = event[name].dt if name in event else None
    if not isinstance(value, datetime):
        raise Faulty(f"event {number}: it has no time of day.")
    return value.replace(tzinfo=runner.zone) if value.tzinfo is None else value.astimezone(runner.zone)


def _end(number: int, event: Any, runner: Jurisdiction) -> datetime:
    if "DTEND" in event:
        return _local(number, event, "DTEND", runner)
    length = event["DURATION"].dt if "DURATION" in event else None
    if not isinstance(length, timedelta):
        raise Faulty(f"event {number}: it has no end.")
    begins = _local(number, event, "DTSTART", runner)
    return (begins.astimezone(UTC) + length).astimezone(runner.zone)


def _code(event: Any, courses: list[Course]) -> str:
    """The course that an event of others is about: the longest code or title that its summary begins with."""
    summary = str(event.get("SUMMARY", "")).casefold().strip()
    begins: Callable[[str], bool] = lambda name: summary == name or summary.startswith((f"{name}:", f"{name} "))  # noqa: E731
    found = [(len(name), one.code) for one in courses for name in _names(one) if begins(name)]
    return max(found, default=(0, ""))[1]


def _names(course: Course) -> tuple[str, str]:
    return course.code.casefold(), course.title.casefold()


def _own(event: Any, name: str) -> str | None:
    return str(event[name]) if name in event else None
