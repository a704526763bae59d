"""The dates of training once more, by counting minutes and days on a wall calendar: slow, plain, and on its own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

from handlers.jurisdiction import Hours, Jurisdiction
from handlers.training import dates
from tests.handlers.talk import CITIES

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# Clocks change at two in the night, at midnight (a day begins at one), and by half an hour.
ZONES = ("America/Chicago", "America/Santiago", "Australia/Lord_Howe")
RUNNER, CITY = CITIES["marc"], CITIES["independence"]
FIRST, LAST = date(2026, 1, 1), date(2032, 12, 31)


def differences(runner: Jurisdiction, city: Jurisdiction, begins: datetime, at: datetime) -> list[str]:
    """Where the dates of a session disagree with counting; `at` is now."""
    pairs = {
        "refund line": (dates.refund_line(runner, begins), refund_line(runner, begins)),
        "reminders": (list(dates.reminders(runner, city, begins, at)), reminders(runner, city, begins, at)),
        "offer": (dates.offer_end(city, begins, at), offer_end(city, begins, at)),
        "hold": (dates.hold_end(city, begins, at), hold_end(city, begins, at)),
    }
    return [f"{name}: {found} but {wanted}" for name, (found, wanted) in pairs.items() if found != wanted]


def refund_line(runner: Jurisdiction, begins: datetime) -> datetime:
    day = working_day_before(runner, begins, 5)
    return next(at for at in minutes(runner.zone, day) if local(runner, at).time() >= runner.hours.closes)


def reminders(
    runner: Jurisdiction, city: Jurisdiction, begins: datetime, after: datetime
) -> list[tuple[str, datetime]]:
    planned = [(str(number), decent(city, working_day_before(runner, begins, number))) for number in (10, 6, 1)]
    morning = [at for at in texting(city, local(city, begins).date()) if local(city, at).time() >= time(7, 30)]
    if morning and begins - morning[0] >= 30 * MINUTE:
        planned.append(("day", morning[0]))
    told = [one for place, one in enumerate(planned) if not _same_day(city, one, planned[place + 1 :])]
    return [(name, at) for name, at in told if after < at < begins]


def _same_day(city: Jurisdiction, one: tuple[str, datetime], later: list[tuple[str, datetime]]) -> bool:
    return any(local(city, at).date() == local(city, one[1]).date() for _, at in later)


def offer_end(city: Jurisdiction, begins: datetime, at: datetime) -> datetime | None:
    if at + DAY > begins:
        return None
    first = next(decent_minutes(city, at))
    whole = len(texting(city, local(city, first).date()))
    for length in (whole, 240) if at + 3 * DAY <= begins else (240,):
        end = next(minute for passed, minute in enumerate(decent_minutes(city, at)) if passed >= length)
        if end < begins:
            return end
    return None


def hold_end(city: Jurisdiction, begins: datetime, at: datetime) -> datetime:
    day, left = local(city, at).date(), 3
    while left:
        day += DAY
        left -= works(city, day)
    closing = next(at for at in minutes(city.zone, day) if local(city, at).time() >= city.hours.closes)
    return closing if closing < begins else begins


def expires(earned: date, months: int) -> date | None:
    if months == 0:
        return None
    day, passed = earned, 0
    while not (passed > months or (passed == months and day.day >= earned.day)):
        day += DAY
        passed += day.day == 1
    return day


def notices(city: Jurisdiction, expires: date, after: datetime) -> list[tuple[int, datetime]]:
    found, day = [], expires
    for left in range(1, 91):
        day -= DAY
        if left in (7, 30, 60, 90) and (at := decent(city, day)) > after:
            found.append((left, at))
    return found[::-1]


def decent(city: Jurisdiction, day: date) -> datetime:
    """The first minute from ten on at which people may be texted, on the last day, until that one, that has any."""
    while not (found := texting(city, day)):
        day -= DAY
    wished = [at for at in found if local(city, at).time() >= time(10)]
    return wished[0] if wished and local(city, wished[0]).time() == time(10) else found[0]


def decent_minutes(city: Jurisdiction, at: datetime) -> Iterator[datetime]:
    day = local(city, at).date()
    while True:
        yield from (minute for minute in texting(city, day) if minute >= at)
        day += DAY


def working_day_before(runner: Jurisdiction, begins: datetime, number: int) -> date:
    last = local(runner, begins).date()
    working = [day for back in range(60, 0, -1) if works(runner, day := last - back * DAY)]
    return working[-number]


def works(city: Jurisdiction, day: date) -> bool:
    return f"{day:%a}" not in ("Sat", "Sun") and day not in city.holidays


def texting(city: Jurisdiction, day: date) -> list[datetime]:
    """The minutes of a day for texts: in the lawful hours and the city's, none on a Sunday or holiday."""
    return [] if f"{day:%a}" == "Sun" or day in city.holidays else _within(city.zone, city.hours, day)


def local(city: Jurisdiction, at: datetime) -> datetime:
    return at.astimezone(city.zone)


@cache
def minutes(zone: ZoneInfo, day: date) -> list[datetime]:
    """Every minute that a wall clock there shows on that day."""
    start = datetime.combine(day, time(), UTC) - 15 * 60 * MINUTE
    return [at for number in range(54 * 60) if (at := start + number * MINUTE).astimezone(zone).date() == day]


@cache
def _within(zone: ZoneInfo, hours: Hours, day: date) -> list[datetime]:
    opens, closes = max(hours.texts_from, time(8)), min(hours.texts_until, time(21))
    return [at for at in minutes(zone, day) if opens <= at.astimezone(zone).time() < closes]


def somewhere(random: Random) -> Jurisdiction:
    """A city with its own zone, hours and holidays."""
    texts = sorted(random.sample(range(8 * 4, 21 * 4 + 1), 2))
    work = sorted(random.sample(range(6 * 4, 22 * 4), 2))
    return replace(
        CITY,
        zone=ZoneInfo(random.choice(ZONES)),
        hours=Hours(*map(_quarter, (*work, *texts))),
        holidays=CITY.holidays | {FIRST + random.randrange(2500) * DAY for _ in range(random.choice((0, 100, 600)))},
    )


def _quarter(number: int) -> time:
    return time(number // 4, number % 4 * 15)
