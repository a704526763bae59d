"""What a member city is: its lines, desks, hours, holidays and offices, checked when it is read."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from holidays import country_holidays

from handlers import programs
from handlers.messages import Place
from handlers.tables import Faulty as Faulty
from handlers.tables import Table

YEARS = range(2020, 2051)  # as far as the library knows
HOURS = ("opens", "closes", "texts_from", "texts_until")
USUAL_SILENT_DAYS = 30
SILENT_DAYS = range(1, 46)  # a number that was given up may have a new owner after 45 days: 47 CFR 52.15(f)(1)(ii)
LAWFUL = (time(8), time(21))  # the hours in which people may be texted at all: 47 CFR 64.1200(c)(1)
NUMBER = re.compile(r"\+[1-9]\d{7,14}")
MAILBOX = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class Line:
    """Our address on a channel; it decides the program. (No two jurisdictions share one.)"""

    channel: str
    address: str
    program: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a program's staff are reached: places that see its cards, contacts paged in turn when it is urgent.

    `runner` is the jurisdiction whose staff run it for this city; then the places are that one's. Whoever must hear of
    a seat that was given up, where chat does not count, is told at `cancellations`.
    """

    program: str
    places: tuple[Place, ...]
    contacts: tuple[Place, ...] = ()
    runner: str = ""
    cancellations: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Office:
    """An office whose people read reports, by which a reporter can say who is involved; names per language.

    Itself alone is equal to it, so that what was made of it can be kept.
    """

    key: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours of staff and the hours in which we text people first, local time."""

    opens: time = time(8)
    closes: time = time(17)
    texts_from: time = time(9)
    texts_until: time = time(20)


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A member city or agency. `neutral` is the jurisdiction that takes a case when all staff here are excluded.

    A phone that did not text for `silent_days` is told nothing of a case before its code comes.
    """

    key: str
    name: str
    zone: ZoneInfo
    languages: tuple[str, ...]
    lines: tuple[Line, ...]
    desks: tuple[Desk, ...]
    offices: tuple[Office, ...] = ()
    hours: Hours = Hours()
    holidays: frozenset[date] = field(default=frozenset())
    neutral: str = ""
    texts_911: bool = True
    silent_days: int = USUAL_SILENT_DAYS

    def desk(self, program: str) -> Desk:
        """The desk of a program; an empty one where the city has none."""
        return next((desk for desk in self.desks if desk.program == program), Desk(program, ()))

    def runner(self, program: str) -> str:
        """The jurisdiction (key) whose staff run a program here."""
        return self.desk(program).runner or self.key

    def line(self, channel: str, program: str) -> Line | None:
        """The line a program texts from."""
        return next((line for line in self.lines if (line.channel, line.program) == (channel, program)), None)


def read_jurisdiction(key: str, parsed: Mapping[str, Any]) -> Jurisdiction:
    """The city of `<key>.toml`, from its parsed content; raises Faulty with the first key that is wrong."""
    table = Table(parsed, f"{key}.toml: ")
    languages = tuple(table.strings("languages"))
    read = Jurisdiction(
        key=key,
        name=table.text("name"),
        zone=_zone(table),
        languages=languages,
        lines=tuple(map(_line, table.tables("lines"))),
        desks=tuple(map(_desk, table.tables("desks"))),
        offices=tuple(_office(office, languages) for office in table.tables("offices")),
        hours=_hours(table.table("hours")),
        holidays=_holidays(table.table("holidays")),
        neutral=table.text("neutral", ""),
        texts_911=table.get("texts_911", bool, "true or false", True),
        silent_days=_silent_days(table),
    )
    table.no_more()
    _check(read, table)
    return read


def check_together(jurisdictions: Iterable[Jurisdiction]) -> None:
    """What only shows among several cities: a line belongs to one of them, and a neutral one exists; else Faulty."""
    known = {city.key: city for city in jurisdictions}
    owners: dict[tuple[str, str], str] = {}
    for city in known.values():
        for index, line in enumerate(city.lines):
            owner = owners.setdefault((line.channel, line.address), city.key)
            if owner != city.key:
                raise Faulty(f"{city.key}.toml: lines[{index}].address: {owner}.toml has this line already")
        _check_runners(city, known)
        if city.neutral and (city.neutral == city.key or city.neutral not in known):
            raise Faulty(f"{city.key}.toml: neutral: must name another city file, such as one of {_names(known)}")


def _check_runners(city: Jurisdiction, known: Mapping[str, Jurisdiction]) -> None:
    for index, desk in enumerate(city.desks):
        if desk.runner and (desk.runner not in known or not known[desk.runner].desk(desk.program).places):
            raise Faulty(
                f"{city.key}.toml: desks[{index}].runner: must name a city file with a desk for {desk.program}"
            )


def _zone(table: Table) -> ZoneInfo:
    name = table.text("zone")
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise table.fault("zone", "must be a time zone, such as America/Chicago") from None


def _silent_days(table: Table) -> int:
    first, last = SILENT_DAYS[0], SILENT_DAYS[-1]
    wanted = f"a whole number of days from {first} to {last}"
    days = table.get("silent_days", int, wanted, USUAL_SILENT_DAYS)
    if days not in SILENT_DAYS:
        raise table.fault("silent_days", f"must be {wanted}")
    return days


def _line(table: Table) -> Line:
    channel, address, program = table.text("channel"), table.text("address"), table.text("program")
    _check_address(table, channel, address)
    _check_program(table, program)
    table.no_more()
    return Line(channel, address, program)


def _desk(table: Table) -> Desk:
    program = table.text("program")
    _check_program(table, program)
    places, runner = tuple(map(_place, table.tables("places"))), table.text("runner", "")
    if not (places or runner):
        raise table.fault("places", "must name at least one place, or nobody would see a case")
    contacts = tuple(map(_place, table.tables("contacts")))
    cancellations = tuple(map(_place, table.tables("cancellations")))
    table.no_more()
    return Desk(program, places, contacts, runner, cancellations)


def _place(table: Table) -> Place:
    place = Place(table.text("channel"), table.text("address"))
    _check_address(table, place.channel, place.address)
    table.no_more()
    return place


def _check_address(table: Table, channel: str, address: str) -> None:
    if channel == "twilio_sms" and not NUMBER.fullmatch(address):
        raise table.fault("address", "must be a number in E.164 form, such as +18165550100")
    if channel == "email" and not MAILBOX.fullmatch(address):
        raise table.fault("address", "must be an e-mail address, such as training@marc.example.org")


def _check_program(table: Table, program: str) -> None:
    if program not in programs.NAMES:
        raise table.fault("program", f"must be one of {_names(programs.NAMES)}")


def _office(table: Table, languages: tuple[str, ...]) -> Office:
    key, names = table.text("key"), table.table("names")
    office = Office(key, {language: names.text(language) for language in languages})
    names.no_more()
    table.no_more()
    return office


def _hours(table: Table) -> Hours:
    usual = Hours()
    read = Hours(*(table.get(name, time, "a time such as 08:00:00", getattr(usual, name)) for name in HOURS))
    table.no_more()
    for first, last in (("opens", "closes"), ("texts_from", "texts_until")):
        if getattr(read, first) >= getattr(read, last):
            raise table.fault(last, f"must be later than {first}")
    if read.texts_from < LAWFUL[0] or read.texts_until > LAWFUL[1]:
        raise table.fault("texts_from", "to texts_until must lie between 08:00:00 and 21:00:00")
    return read


def _holidays(table: Table) -> frozenset[date]:
    country, subdivision = table.text("country", ""), table.text("subdivision", "")
    extra = table.get("extra", list, "a list of dates", [])
    for index, day in enumerate(extra):
        if not isinstance(day, date) or isinstance(day, datetime):
            raise table.fault(f"extra[{index}]", "must be a date such as 2026-11-27")
    table.no_more()
    return frozenset(extra) | (_public(table, country, subdivision) if country else frozenset())


def _public(table: Table, country: str, subdivision: str) -> frozenset[date]:
    try:
        return _of_state(country, subdivision)
    except NotImplementedError:
        raise table.fault(
            "country", "must be a country and subdivision with known holidays, such as US and MO"
        ) from None


@cache
def _of_state(country: str, subdivision: str) -> frozenset[date]:
    """Worked out once for all cities of a state: thirty years take a while."""
    return frozenset(country_holidays(country, subdiv=subdivision or None, years=YEARS))


def _check(read: Jurisdiction, table: Table) -> None:
    desks = [desk.program for desk in read.desks]
    for index, line in enumerate(read.lines):
        if line.program not in desks:
            raise table.fault(f"lines[{index}].program", "has no desk; add [[desks]] for this program")
        if any((line.channel, line.address) == (other.channel, other.address) for other in read.lines[:index]):
            raise table.fault(f"lines[{index}].address", "is there twice")
    for name, keys in (("desks", desks), ("offices", [office.key for office in read.offices])):
        twice = next((index for index, key in enumerate(keys) if key in keys[:index]), None)
        if twice is not None:
            raise table.fault(f"{name}[{twice}]", "is there twice")


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
