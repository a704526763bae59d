"""What staff enter as values: courses, sessions, audiences and learners, or the faults by which a form stays open."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time

from handlers import calendar
from handlers.cards import Refuse
from handlers.exits import roster
from handlers.jurisdiction import Jurisdiction
from handlers.messages import Inbound, Place
from handlers.training.fields import Fields
from handlers.training.values import Audience, Course, Kind, Learner, Session

CODE = re.compile(r"[A-Z]{2,8}")
TAKEN = frozenset("STOP END QUIT CANCEL REVOKE START HELP INFO YES NO DROP SUB ENROLL LATER LANG STATUS".split())
"""Words that mean something else in a text: no course is called so."""
KINDS: Mapping[Kind, str] = {"course": "Course", "governance": "Governance training", "exchange": "Leadership exchange"}
ROLES = {"staff": "Staff", "elected": "Elected officials", "board": "Boards and commissions"}
CENTS = 100
MOST_SEATS, MOST_DOLLARS, MOST_DAYS, MOST_MONTHS, MOST_CREDITS = 1000, 10_000, 730, 120, 500


def course(
    inbound: Inbound, id: str, known: Iterable[Course], runners: Iterable[str], now: Course | None
) -> Course | Refuse:
    """A course of one of these runners; `now` is what it is so far, whose code, kind and runner stay."""
    form, codes = Fields(inbound), {one.code for one in known}
    code = now.code if now else form.text("code", "Give it a short code.").upper()
    if not now and (not CODE.fullmatch(code) or code in TAKEN):
        form.wrong("code", "Use 2 to 8 letters, such as SUP, and no word that people text us, such as STOP.", "")
    if not now and code in codes:
        form.wrong("code", "There is a course by this code already.", "")
    made = Course(
        id=now.id if now else id,
        code=code,
        title=form.text("title", "Give it a title."),
        kind=now.kind if now else _kind(form),
        runner=now.runner if now else _one_of(form, "runner", runners, "Choose who runs it."),
        credits=form.decimal("credits", MOST_CREDITS),
        valid_months=form.number("valid_months", MOST_MONTHS),
        requires=form.some("requires") & codes - {code},
        approval="yes" in form.some("approval"),
        required_of=_audience(form, "required_"),
        within_days=form.number("within_days", MOST_DAYS),
    )
    return Refuse(form.faults) if form.faults else made


def session(
    inbound: Inbound, id: str, of: Course, runner: Jurisdiction, others: Iterable[Session], now: Session | None
) -> Session | Refuse:
    """A session to come, in the runner's local time; its word follows those that the course has had."""
    form = Fields(inbound)
    begins, ends = _times(form, runner, inbound.received_at)
    seats = form.number("seats", MOST_SEATS, least=1)
    shares = _shares(form, inbound, seats)
    until = form.day("shared_until", "Choose until when these seats are kept." if shares else "")
    made = Session(
        id=now.id if now else id,
        course=of.id,
        word=now.word if now else f"{of.code}-{_next_number(of, others)}",
        begins=begins,
        ends=ends,
        place=form.text("place", "Say where it is."),
        seats=seats,
        price=int(form.decimal("price", MOST_DOLLARS) * CENTS),
        discount=form.number("discount", 100),
        members=form.some("members"),
        shares=shares,
        shared_until=_end_of(form, runner, until, begins) if shares and until else None,
        host=form.text("host") if of.kind == "exchange" else "",
        state=now.state if now else "open",
    )
    return Refuse(form.faults) if form.faults else made


def audience(inbound: Inbound) -> Audience:
    """Who is to be asked."""
    return _audience(Fields(inbound), "")


def learner(
    inbound: Inbound, id: str, cities: Mapping[str, Jurisdiction], now: Learner | None = None
) -> Learner | Refuse:
    """Somebody of one of these cities, who can be reached by phone or in this chat."""
    form = Fields(inbound)
    city = cities.get(_one_of(form, "city", cities, "Choose a city."))
    role = _one_of(form, "role", ROLES, "Choose a role.")
    begins, ends = form.day("term_begins"), form.day("term_ends")
    if begins and ends and ends < begins:
        form.wrong("term_ends", "The term ends before it begins.", "")
    if role == "board":
        form.text("board", "Say which board or commission.")
    made = Learner(
        id=now.id if now else id,
        jurisdiction=city.key if city else "",
        name=form.text("name", "Give their name."),
        language=_one_of(form, "language", city.languages if city else (), "") or (city.languages[0] if city else ""),
        role=role,
        board=form.text("board"),
        office=form.text("office"),
        term_begins=begins,
        term_ends=ends,
        places=_places(form),
        manager=form.person("manager"),
        email=_email(form),
    )
    return Refuse(form.faults) if form.faults else made


def places(inbound: Inbound) -> tuple[Place, ...]:
    """Where somebody who is to be listed is reached, as far as it can be read."""
    return _places(Fields(inbound))


def _kind(form: Fields) -> Kind:
    kind = form.text("kind")
    return next(
        (one for one in KINDS if one == kind),
        form.wrong("kind", "" if kind in KINDS else "Choose what it is.", "course"),
    )


def _one_of(form: Fields, name: str, known: Iterable[str], fault: str) -> str:
    """The value if it is known; of a single one, that one."""
    options, said = tuple(known), form.text(name)
    if not said and len(options) == 1:
        return options[0]
    return said if said in options else form.wrong(name, fault, "")


def _audience(form: Fields, prefix: str) -> Audience:
    return Audience(
        form.some(f"{prefix}cities"),
        form.some(f"{prefix}roles") & frozenset(ROLES),
        form.some(f"{prefix}boards"),
        form.day(f"{prefix}term_ends_by"),
    )


def _times(form: Fields, runner: Jurisdiction, now: datetime) -> tuple[datetime, datetime]:
    day = form.day("day", "Choose the day.") or date.max
    first, last = form.clock("from"), form.clock("to")
    if form.faults:
        return now, now
    begins, ends = calendar.moment(runner, day, first), calendar.moment(runner, day, last)
    if last <= first:
        form.wrong("to", "It must end later than it begins.", "")
    if begins <= now:
        form.wrong("day", "That is in the past.", "")
    for name, clock in (("from", first), ("to", last)):
        _check_once(form, name, runner, day, clock)
    return begins, ends


def _check_once(form: Fields, name: str, runner: Jurisdiction, day: date, clock: time) -> None:
    """A night when clocks change has times that do not exist, and times that come twice."""
    local = datetime.combine(day, clock, runner.zone)
    first, second = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    if first.astimezone(runner.zone).time() != clock:
        form.wrong(name, "There is no such time that day: clocks go forward over it.", "")
    elif first != second:
        form.wrong(name, "That time comes twice that day: clocks go back over it.", "")


def _shares(form: Fields, inbound: Inbound, seats: int) -> Mapping[str, int]:
    """Seats kept for each city; together no more than there are."""
    names = [name for name in inbound.values if name.startswith("share_")]
    found = {name.removeprefix("share_"): form.number(name, MOST_SEATS) for name in names}
    if sum(found.values()) > seats:
        form.wrong(names[0], f"Together that is more than the {seats} seats there are.", "")
    return {city: number for city, number in found.items() if number}


def _end_of(form: Fields, runner: Jurisdiction, day: date, begins: datetime) -> datetime:
    """The close of business on that day."""
    until = calendar.closing(runner, day)
    return until if until < begins else form.wrong("shared_until", "It must be before the session.", until)


def _next_number(of: Course, others: Iterable[Session]) -> int:
    return 1 + max((int(one.word.rpartition("-")[2]) for one in others if one.course == of.id), default=0)


def _places(form: Fields) -> tuple[Place, ...]:
    said, account = form.text("phone"), form.person("account")
    phone = roster.known_phone(said) if said else ""
    if said and not phone:
        form.wrong("phone", "Give a number that can be texted, such as 816-555-0141.", "")
    if not said and not account:
        form.wrong("phone", "Give a phone, or choose their account: else nobody can ask them.", "")
    return (*((Place("twilio_sms", phone),) if phone else ()), *((account,) if account else ()))


def _email(form: Fields) -> str:
    said = form.text("email")
    fits = not said or re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", said)
    return said if fits else form.wrong("email", "Give an address such as name@city.gov.", "")
