"""What a quarter of training cost a city and what came of it: seats, discounts, refunds, attendance, duties."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from handlers import calendar
from handlers.jurisdiction import Jurisdiction
from handlers.training import cards, dates, duties, seats
from handlers.training.duties import Duty, Group
from handlers.training.known import Known
from handlers.training.values import PROGRAM, Enrolment, Session

PAID = frozenset({"enrolled", "attended", "missed"})
CITY_HEAD = ("City", "Seats", "There", "Missed", "Dropped in time", "Dropped late", "Cost", "Discount", "Refunded")
SESSION_HEAD = ("Session", "Date", "Course", "Seats", "Taken", "There", "Missed", "Left empty", "Cost")
DUTY_HEAD = ("Course", "City", "Board or role", "Must have it", "Done", "Open", "Overdue")
NAME_HEAD = ("Course", "Board or role", "Name", "Due")

Cities = Mapping[str, Jurisdiction]
Row = tuple[str | int, ...]


@dataclass(slots=True)
class Sum:
    """Seats by what became of them, and money in cents."""

    seats: int = 0
    there: int = 0
    missed: int = 0
    in_time: int = 0
    late: int = 0
    cost: int = 0
    discount: int = 0
    refunded: int = 0

    def row(self) -> Row:
        """As people read it."""
        money = (dollars(self.cost), dollars(self.discount), dollars(self.refunded))
        return (self.seats, self.there, self.missed, self.in_time, self.late, *money)


@dataclass(frozen=True, slots=True)
class Figures:
    """The report of one jurisdiction: tables by title, the header first; how boards stand; what is to be known.

    `names` are people who still owe something: for their own city alone.
    """

    title: str
    headline: str
    tables: tuple[tuple[str, tuple[Row, ...]], ...]
    groups: tuple[Group, ...]
    names: tuple[Row, ...] = ()
    notes: tuple[str, ...] = field(default=())


def figures(known: Known, cities: Cities, key: str, quarter: str, today: date, named: bool = False) -> Figures:
    """The report of a quarter ("2026Q4"): of a city about its own people, of who runs training for others about all of
    them. With `named`, a city's own people who still owe something are named; those of others never are."""
    ours = frozenset(one for one, city in cities.items() if key in (one, city.runner(PROGRAM)))
    sessions = [one for one in known.sessions.values() if _quarter(known, cities, one) == quarter]
    mine = [one for one in known.roster if one.jurisdiction in ours and known.sessions.get(one.session) in sessions]
    if runs_for_others := ours != {key}:
        sessions = [one for one in sessions if known.course(one).runner == key or _has(mine, one)]
    else:
        sessions = [one for one in sessions if _has(mine, one)]
    owed = duties.duties(
        known.courses.values(), (one for one in known.learners.values() if one.jurisdiction in ours),
        known.certificates, today,
    )  # fmt: skip
    sums = {city: _sum(known, cities, [one for one in mine if one.jurisdiction == city]) for city in sorted(ours)}
    groups = tuple(duties.groups(owed))
    tables = (
        ("Cities", (CITY_HEAD, *((cities[city].name, *found.row()) for city, found in sums.items() if found != Sum()))),
        ("Sessions", (SESSION_HEAD, *(_session(known, cities, one, mine) for one in _in_order(sessions)))),
        ("Duties", (DUTY_HEAD, *(_group(cities, one) for one in groups))),
    )
    return Figures(
        f"Training, {cities[key].name}, {quarter}",
        _headline(sums.values(), groups),
        tables,
        groups,
        tuple(_names(owed)) if named and not runs_for_others else (),
        NOTES,
    )


def dollars(cents: int) -> str:
    """An amount as people read it."""
    return f"${cents / 100:,.2f}"


def _quarter(known: Known, cities: Cities, session: Session) -> str:
    runner = cities.get(known.course(session).runner)
    return calendar.quarter(runner, session.begins) if runner and session.state != "cancelled" else ""


def _has(mine: Iterable[Enrolment], session: Session) -> bool:
    return any(one.session == session.id and (one.state in PAID or one.left) for one in mine)


def _sum(known: Known, cities: Cities, mine: Iterable[Enrolment]) -> Sum:
    total = Sum()
    for one in mine:
        session = known.sessions[one.session]
        price = seats.price(session, one.jurisdiction)
        if one.state in PAID:
            total.seats += 1
            total.there += one.state == "attended"
            total.missed += one.state == "missed"
        elif one.left:
            in_time = one.left <= dates.refund_line(cities[known.course(session).runner], session.begins)
            total.in_time, total.late = total.in_time + in_time, total.late + (not in_time)
            total.refunded += price if in_time else 0
            if in_time:
                continue
        else:
            continue
        total.cost += price
        total.discount += session.price - price
    return total


def _in_order(sessions: Iterable[Session]) -> list[Session]:
    return sorted(sessions, key=lambda one: (one.begins, one.word))


def _session(known: Known, cities: Cities, session: Session, mine: Iterable[Enrolment]) -> Row:
    course, counts = known.course(session), known.counts.get(session.id)
    taken = sum(counts.taken.values()) if counts else 0
    own = _sum(known, cities, [one for one in mine if one.session == session.id])
    day = cards.day(cities[course.runner], session.begins)
    empty = session.seats - taken
    return (session.word, day, course.title, session.seats, taken, own.there, own.missed, empty, dollars(own.cost))


def _group(cities: Cities, group: Group) -> Row:
    counts = group.counts
    return (
        group.course,
        cities[group.city].name,
        group.board,
        group.must,
        counts["done"],
        counts["open"],
        counts["late"],
    )


def _names(owed: Iterable[Duty]) -> Iterable[Row]:
    for duty in owed:
        if duty.standing != "done":
            due = ("overdue since " if duty.standing == "late" else "") + (
                duty.due.isoformat() if duty.due else "no day"
            )
            yield duty.course.code, duty.learner.board or duties.ROLES[duty.learner.role], duty.learner.name, due


def _headline(sums: Iterable[Sum], groups: Iterable[Group]) -> str:
    there = taken = cost = late = 0
    for one in sums:
        there, taken, cost = there + one.there, taken + one.seats, cost + one.cost
    for group in groups:
        late += group.counts["late"]
    overdue = f"; duties overdue: {late}" if late else ""
    return f"Seats: {taken}, for {dollars(cost)}; people who were there: {there}{overdue}."


NOTES = (
    "Cost is the price of every seat that was kept, and of those dropped after the refund line, with the discount for "
    "members taken off. A seat passed on to a substitute is paid once.",
    "There and missed count this report's own people; taken and left empty count the whole session.",
    "Duties are as they stand on the day of the report.",
)
