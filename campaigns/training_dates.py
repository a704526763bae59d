"""Holds the dates of training against counting on a wall calendar, for every day of seven years and more by chance.

python -m campaigns.training_dates [--seed N] [--cases N]
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from handlers.jurisdiction import Jurisdiction
from handlers.training import dates
from tests.handlers.training import plain_dates as plain

CASES = 20_000
SHOWN = 20
CITIES = 40
EARLIEST = 25 * 24 * 60

Case = tuple[Jurisdiction, Jurisdiction, datetime, datetime]


def main() -> None:
    """Print what was compared and every difference; exit code 1 if there is one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=Random().randrange(10**6))  # noqa: S311
    parser.add_argument("--cases", type=int, default=CASES)
    given = parser.parse_args()
    print("seed", given.seed)
    random = Random(given.seed)  # noqa: S311
    print(f"{len(plain.ZONES)} zones, sessions from {plain.FIRST} to {plain.LAST}")
    wrong = _compare("every day", every_day(random))
    wrong += _compare("by chance", by_chance(random, given.cases))
    wrong += _certificates(random, given.cases)
    raise SystemExit(1 if wrong else 0)


def every_day(random: Random) -> Iterator[Case]:
    """A session on every day in every zone, and a moment by chance before it."""
    for zone in plain.ZONES:
        city = replace(plain.CITY, zone=ZoneInfo(zone))
        for number in range((plain.LAST - plain.FIRST).days + 1):
            clock = time(random.randrange(24), random.choice((0, 30)))
            begins = datetime.combine(plain.FIRST + timedelta(number), clock, city.zone).astimezone(UTC)
            yield plain.RUNNER, city, begins, begins - timedelta(minutes=random.randrange(-60, EARLIEST))


def by_chance(random: Random, count: int) -> Iterator[Case]:
    """Runners and cities with hours, zones and holidays of their own."""
    cities = [plain.somewhere(random) for _ in range(CITIES)]
    days = (plain.LAST - plain.FIRST).days
    for _ in range(count):
        midnight = datetime.combine(plain.FIRST + timedelta(random.randrange(days)), time(), UTC)
        begins = midnight + timedelta(minutes=random.randrange(24 * 60))
        at = begins - timedelta(minutes=random.randrange(-60, EARLIEST))
        yield random.choice(cities), random.choice(cities), begins, at


def _compare(name: str, cases: Iterator[Case]) -> int:
    found = [(case, plain.differences(*case)) for case in cases]
    return _told(name, len(found), [f"{case[2]} seen from {case[3]}: {one}" for case, ones in found for one in ones])


def _certificates(random: Random, count: int) -> int:
    found, after = [], datetime.combine(plain.FIRST, time(), UTC)
    for _ in range(count // 4):
        day = plain.FIRST + timedelta(random.randrange((plain.LAST - plain.FIRST).days))
        months, city = random.randrange(62), plain.CITY
        if dates.expires(day, months) != plain.expires(day, months):
            found.append(f"{day} for {months} months")
        if list(dates.notices(city, day, after)) != plain.notices(city, day, after):
            found.append(f"notices of {day}")
    return _told("certificates", count // 4, found)


def _told(name: str, count: int, found: list[str]) -> int:
    print(f"differences, {name}: {len(found)} of {count}", *found[:SHOWN], sep="\n  ")
    return len(found)


if __name__ == "__main__":
    main()
