"""A city's working time: hours and holidays on its local clock, safe across daylight saving."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from handlers.jurisdiction import LAWFUL, Jurisdiction

DAY = timedelta(days=1)
SUNDAY = 6
NONE = timedelta(0)


def is_working_day(jurisdiction: Jurisdiction, day: date) -> bool:
    """Monday to Friday, and no holiday."""
    return day.weekday() < 5 and day not in jurisdiction.holidays


def add_working_days(jurisdiction: Jurisdiction, day: date, number: int) -> date:
    """The working day that is `number` working days after `day`; `day` itself does not count."""
    while number > 0:
        day += DAY
        number -= is_working_day(jurisdiction, day)
    return day


def local_day(jurisdiction: Jurisdiction, at: datetime) -> date:
    """The city's date at a time."""
    return at.astimezone(jurisdiction.zone).date()


def closing(jurisdiction: Jurisdiction, day: date) -> datetime:
    """When the offices close on a day, in UTC."""
    return moment(jurisdiction, day, jurisdiction.hours.closes)


def working_time_between(jurisdiction: Jurisdiction, start: datetime, end: datetime) -> timedelta:
    """Working time from `start` until `end`; none if `end` is not later."""
    start, end, total = start.astimezone(UTC), end.astimezone(UTC), NONE
    for opens, closes in _shifts(jurisdiction, start):
        if opens >= end:
            break
        total += max(NONE, min(closes, end) - max(opens, start))
    return total


def plus_working(jurisdiction: Jurisdiction, start: datetime, amount: timedelta) -> datetime:
    """The first moment, in UTC, at which `amount` of working time has passed since `start`."""
    start, left = start.astimezone(UTC), amount
    if amount <= NONE:
        return start
    for opens, closes in _shifts(jurisdiction, start):
        begin = max(opens, start)
        if closes - begin >= left:
            return begin + left
        left -= max(NONE, closes - begin)
    raise AssertionError("a calendar has no end")


def next_open(jurisdiction: Jurisdiction, at: datetime) -> datetime:
    """The same moment if the offices are open then, else when they open next; in UTC."""
    opens = next(opens for opens, closes in _shifts(jurisdiction, at) if closes > at)
    return max(opens, at.astimezone(UTC))


def may_text(jurisdiction: Jurisdiction, at: datetime, chosen: bool = False) -> bool:
    """Whether people may be texted first: in the hours for it, not on Sundays or holidays.

    At a time that they chose themselves, the lawful hours count instead of the city's.
    """
    local = at.astimezone(jurisdiction.zone)
    opens, closes = _texting_hours(jurisdiction, chosen)
    return _texting_day(jurisdiction, local.date()) and opens <= local.time() < closes


def next_text_time(jurisdiction: Jurisdiction, at: datetime) -> datetime:
    """The same moment if people may be texted first then, else the next one when they may; in UTC."""
    if may_text(jurisdiction, at):
        return at.astimezone(UTC)
    opens, _ = _texting_hours(jurisdiction, chosen=False)
    days = (day for day in _days(local_day(jurisdiction, at)) if _texting_day(jurisdiction, day))
    begins = (moment(jurisdiction, day, opens) for day in days)
    return next(begin for begin in begins if begin > at)


def texts_end(jurisdiction: Jurisdiction, at: datetime) -> datetime:
    """When the hours for texts end on the city's day of that time, in UTC."""
    return moment(jurisdiction, local_day(jurisdiction, at), _texting_hours(jurisdiction, chosen=False)[1])


def after_days(jurisdiction: Jurisdiction, at: datetime, days: int) -> datetime:
    """The same local clock time, that many calendar days later; in UTC."""
    local = at.astimezone(jurisdiction.zone)
    return moment(jurisdiction, local.date() + days * DAY, local.time())


def quarter(jurisdiction: Jurisdiction, at: datetime) -> str:
    """The quarter of the city's date at a time, such as "2026Q4"."""
    day = local_day(jurisdiction, at)
    return f"{day.year}Q{(day.month + 2) // 3}"


def quarter_end(jurisdiction: Jurisdiction, at: datetime) -> datetime:
    """When the quarter of that time ends in the city, in UTC."""
    day = local_day(jurisdiction, at)
    years, month = divmod((day.month + 2) // 3 * 3, 12)
    return moment(jurisdiction, date(day.year + years, month + 1, 1), time(0))


def after_months(jurisdiction: Jurisdiction, at: datetime, months: int) -> datetime:
    """The same day of the month and local clock time, that many months later (or that month's last day); in UTC."""
    local = at.astimezone(jurisdiction.zone)
    years, month = divmod(local.month - 1 + months, 12)
    first = date(local.year + years, month + 1, 1)
    last = (first + 31 * DAY).replace(day=1) - DAY
    return moment(jurisdiction, first.replace(day=min(local.day, last.day)), local.time())


def _shifts(jurisdiction: Jurisdiction, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Opening and closing times from the day of `start` on, in UTC: differences there are real time."""
    for day in _days(local_day(jurisdiction, start)):
        if is_working_day(jurisdiction, day):
            yield moment(jurisdiction, day, jurisdiction.hours.opens), closing(jurisdiction, day)


def _days(day: date) -> Iterator[date]:
    while True:
        yield day
        day += DAY


def _texting_hours(jurisdiction: Jurisdiction, chosen: bool) -> tuple[time, time]:
    return LAWFUL if chosen else (jurisdiction.hours.texts_from, jurisdiction.hours.texts_until)


def _texting_day(jurisdiction: Jurisdiction, day: date) -> bool:
    return day.weekday() != SUNDAY and day not in jurisdiction.holidays


def moment(jurisdiction: Jurisdiction, day: date, clock: time) -> datetime:
    """A local clock time on a day, in UTC."""
    return datetime.combine(day, clock.replace(tzinfo=None), jurisdiction.zone).astimezone(UTC)
