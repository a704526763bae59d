"""The dates of training: refund line, reminders, offers, holds, certificates and duties, on a city's own calendar."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

from handlers import calendar
from handlers.jurisdiction import Jurisdiction

REFUND_DAYS = 5  # working days: MARC's training policy
REMIND_DAYS = (10, 6, 1)  # working days; six is the last before the refund line
NOTICE_DAYS = (90, 60, 30, 7)
HOLD_DAYS = 3  # working days
DECENT = time(10)
MORNING = time(7, 30)
WORTHWHILE = timedelta(minutes=30)
NEAR = timedelta(days=3)
SHORT_OFFER = timedelta(hours=4)
TOO_NEAR = timedelta(hours=24)

Name = Literal["10", "6", "1", "day"]
NAMES: tuple[Name, ...] = ("10", "6", "1")


class Reminder(NamedTuple):
    """When to remind somebody of a session; the name says how many working days are left."""

    name: Name
    at: datetime


class Notice(NamedTuple):
    """When to say that a certificate expires; `days` is the step of 90, 60, 30 or 7 days."""

    days: int
    at: datetime


def refund_line(runner: Jurisdiction, begins: datetime) -> datetime:
    """Until when (then no more) a dropped seat is refunded in full: the runner's closing, five working days before."""
    return calendar.closing(runner, _working_days_before(runner, begins, REFUND_DAYS))


def reminders(runner: Jurisdiction, city: Jurisdiction, begins: datetime, after: datetime) -> tuple[Reminder, ...]:
    """The reminders of a session that are still to come, in order, all at hours when the city's people may be texted.

    Days are counted by the runner, whose line it is; one that falls on a holiday here comes earlier, never later.
    Of two on one day, the nearer one is told.
    """
    days = (_working_days_before(runner, begins, number) for number in REMIND_DAYS)
    planned = [Reminder(name, _decent(city, day)) for name, day in zip(NAMES, days, strict=True)]
    one_a_day = {calendar.local_day(city, one.at): one for one in (*planned, *_on_the_day(city, begins))}
    return tuple(one for _, one in sorted(one_a_day.items()) if after < one.at < begins)


def offer_end(city: Jurisdiction, begins: datetime, at: datetime) -> datetime | None:
    """Until when a seat that is offered at `at` is held; None if it is too late to offer it without a person's word.

    A day, or four hours when the session is less than three days away. Only hours for texts count, so that nobody
    loses a seat by night, on a Sunday or a holiday: a day is all of one day's hours.
    """
    left = begins - at
    if left < TOO_NEAR:
        return None
    long = () if left < NEAR else (_day_of_texts(city, at),)
    ends = (_plus_texting(city, at, length) for length in (*long, SHORT_OFFER))
    return next((end for end in ends if end < begins), None)


def hold_end(city: Jurisdiction, begins: datetime, at: datetime) -> datetime:
    """Until when a seat waits for a manager: the closing of the third working day, at most the begin of the session."""
    day = calendar.add_working_days(city, calendar.local_day(city, at), HOLD_DAYS)
    return min(calendar.closing(city, day), begins)


def expires(earned: date, months: int) -> date | None:
    """The first day on which a certificate counts no more; None if it is for good.

    Where the month has no such day, the first of the next: no month is cut short.
    """
    if not months:
        return None
    years, month = divmod(earned.month - 1 + months, 12)
    try:
        return earned.replace(year=earned.year + years, month=month + 1)
    except ValueError:
        return date(earned.year + years, month + 2, 1)  # never after December, which has 31 days


def notices(city: Jurisdiction, expires: date, after: datetime) -> tuple[Notice, ...]:
    """The notices of an expiry that are still to come, in order; one that falls on a holiday comes earlier."""
    planned = (Notice(days, _decent(city, expires - days * calendar.DAY)) for days in NOTICE_DAYS)
    return tuple(notice for notice in planned if notice.at > after)


def required_by(term_begins: date, within_days: int) -> date | None:
    """The last day on which a duty to attend is kept in time; None if there is none."""
    return term_begins + within_days * calendar.DAY if within_days else None


def _working_days_before(runner: Jurisdiction, begins: datetime, number: int) -> date:
    day = calendar.local_day(runner, begins)
    while number > 0:
        day -= calendar.DAY
        number -= calendar.is_working_day(runner, day)
    return day


def _decent(city: Jurisdiction, day: date) -> datetime:
    """Mid-morning of that day, or of the last day before it on which people may be texted."""
    hours = city.hours
    clock = DECENT if hours.texts_from <= DECENT < hours.texts_until else hours.texts_from
    while not calendar.may_text(city, at := calendar.moment(city, day, clock)):
        day -= calendar.DAY
    return at


def _on_the_day(city: Jurisdiction, begins: datetime) -> Iterator[Reminder]:
    """In the morning, if there is a decent hour that still helps."""
    day = calendar.local_day(city, begins)
    at = calendar.next_text_time(city, calendar.moment(city, day, MORNING))
    if at <= begins - WORTHWHILE and calendar.local_day(city, at) == day:
        yield Reminder("day", at)


def _day_of_texts(city: Jurisdiction, at: datetime) -> timedelta:
    opens = calendar.next_text_time(city, at)
    day = calendar.local_day(city, opens)
    return calendar.texts_end(city, opens) - calendar.moment(city, day, city.hours.texts_from)


def _plus_texting(city: Jurisdiction, at: datetime, amount: timedelta) -> datetime:
    """When so much of the hours for texts has passed; at their very end, the next begin, when somebody else is told."""
    at = calendar.next_text_time(city, at)
    while (closes := calendar.texts_end(city, at)) - at <= amount:
        amount -= closes - at
        at = calendar.next_text_time(city, closes)
    return at + amount
