"""Courses and sessions from the rows of a file, and as rows of one; nothing is taken while there is one fault."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from handlers.cards import Refuse
from handlers.effects import Audit, Effect, KeepCourse
from handlers.jurisdiction import Jurisdiction
from handlers.messages import Inbound, Value
from handlers.state import Facts
from handlers.surveys.cells import Cell
from handlers.training import cards, columns, entries, moves
from handlers.training.columns import Column, Fault, Line
from handlers.training.values import Audience, Course, Session

OF_COURSE = ("code", "title", "kind", "credits", "valid_months", "requires", "approval", "within_days")
OF_SESSION = ("session", "day", "from", "to", "place", "seats", "price", "discount", "members", "shared_until", "host")
LISTS = ("requires", "members", "required_cities", "required_roles", "required_boards")
SHARE = "share_"

Cities = Mapping[str, Jurisdiction]


@dataclass(frozen=True, slots=True)
class Known:
    """What there is already: courses, sessions, and how many seats are taken, by session (id)."""

    courses: Sequence[Course] = ()
    sessions: Sequence[Session] = ()
    taken: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a file changes: courses as they will be, sessions as they were (None: new) and will be; or its faults."""

    courses: tuple[Course, ...] = ()
    sessions: tuple[tuple[Session | None, Session], ...] = ()
    faults: tuple[Fault, ...] = ()


def read(
    rows: Iterable[tuple[int, Sequence[Cell]]],
    runner: Jurisdiction,
    cities: Cities,
    known: Known,
    ids: Iterator[str],
    now: datetime,
) -> Catalogue:
    """The catalogue of who runs it, from the rows of a file with their numbers; `ids` are fresh."""
    lines, faults = columns.lines(rows, fields(cities), ("code",))
    if not (lines or faults):
        faults = [Fault(0, "", "there are no rows under the names of the columns.")]
    reading = _Reading(runner, known, ids, now)
    for line in lines:
        reading.take(line)
        faults += line.faults
    return Catalogue(faults=tuple(faults)) if faults else reading.changes()


def effects(facts: Facts, found: Catalogue, actor: str) -> Iterator[Effect]:
    """What keeps a catalogue: people in a session that moved are told."""
    for course in found.courses:
        yield KeepCourse(course)
        yield Audit("course_taken_in", actor=actor, detail=course.code)
    for before, after in found.sessions:
        yield from moves.change_session(facts, before, after) if before else moves.open_session(after)
        yield Audit("session_taken_in", actor=actor, detail=after.word)


def written(courses: Iterable[Course], sessions: Iterable[Session], cities: Cities) -> Iterator[tuple[str, ...]]:
    """The same as rows, the header first: what is read of them again is what was written."""
    header = fields(cities)
    yield tuple(column.names[0] for column in header)
    dates = sorted(sessions, key=lambda one: (one.begins, one.word))
    for course in sorted(courses, key=lambda one: one.code):
        own: list[Session | None] = [one for one in dates if one.course == course.id]
        for session in own or [None]:
            values = _of_course(course) | (_of_session(session, cities[course.runner]) if session else {})
            yield tuple(str(values.get(column.field, "")) for column in header)


def fields(cities: Cities) -> list[Column]:
    """The columns of a catalogue, with the names that they may have."""
    places = {name.casefold(): key for key, city in cities.items() for name in (key, city.name)}
    kinds = {name.casefold(): kind for kind, label in entries.KINDS.items() for name in (kind, label)}
    roles = {name.casefold(): role for role, label in entries.ROLES.items() for name in (role, label)}
    read = columns
    return [
        Column("code", ("code", "course", "course code"), read.words),
        Column("title", ("title", "course title", "course name"), read.words),
        Column("kind", ("kind", "type"), read.one_of(kinds)),
        Column("credits", ("credits", "credit hours"), read.decimal),
        Column("valid_months", ("valid months", "certificate months"), read.count),
        Column("requires", ("requires", "prerequisites"), read.several),
        Column("approval", ("approval", "manager approval"), read.yes),
        Column("within_days", ("within days", "must be taken within days"), read.count),
        Column("required_cities", ("required cities",), read.some_of(places)),
        Column("required_roles", ("required roles",), read.some_of(roles)),
        Column("required_boards", ("required boards",), read.several),
        Column("session", ("session", "session word"), read.words),
        Column("day", ("date", "day"), read.day),
        Column("from", ("from", "begins", "start", "start time", "begin"), read.clock),
        Column("to", ("to", "ends", "end", "end time"), read.clock),
        Column("place", ("place", "location", "room"), read.words),
        Column("seats", ("seats", "capacity"), read.count),
        Column("price", ("price", "fee", "cost"), read.amount),
        Column("discount", ("discount", "member discount"), read.percent),
        Column("members", ("members", "member cities"), read.some_of(places)),
        Column("shared_until", ("seats kept until", "kept until"), read.day),
        Column("host", ("host", "host city"), read.one_of(places)),
        *(
            Column(f"{SHARE}{key}", (f"seats for {city.name}", f"seats for {key.replace('_', ' ')}"), read.count)
            for key, city in cities.items()
        ),
    ]


class _Reading:
    """Row by row: courses first, so that a session finds its own."""

    def __init__(self, runner: Jurisdiction, known: Known, ids: Iterator[str], now: datetime) -> None:
        self.runner, self.known, self.ids, self.now = runner, known, ids, now
        self.courses = {one.code: one for one in known.courses}
        self.sessions = {one.word: one for one in known.sessions}
        self.first: dict[str, Line] = {}

    def take(self, line: Line) -> None:
        """A course, a session of it, or both."""
        code = line.values.get("code", "").upper()
        if not code:
            line.wrong("code", "Give the course's code.")
            return
        course = self._course(line, code)
        if course and any(name in line.values for name in OF_SESSION):
            self._session(line, course)

    def changes(self) -> Catalogue:
        """What differs from what there is."""
        courses = {one.id: one for one in self.known.courses}
        before = {one.id: one for one in self.known.sessions}
        changed = [one for one in self.sessions.values() if before.get(one.id) != one]
        return Catalogue(
            tuple(one for one in self.courses.values() if courses.get(one.id) != one),
            tuple((before.get(one.id), one) for one in changed),
        )

    def _course(self, line: Line, code: str) -> Course | None:
        now = self.courses.get(code)
        if now and now.runner != self.runner.key:
            line.wrong("code", "Another jurisdiction runs this course.")
            return None
        told = {name: line.values[name] for name in line.values if name in OF_COURSE or name.startswith("required_")}
        if code in self.first:
            self._same(line, told, code)
            return now
        values = {"kind": "course", **(_of_course(now) if now else {}), **told, "code": code}
        known = self.courses.values()
        made = entries.course(self._form(values), now.id if now else next(self.ids), known, (self.runner.key,), now)
        if isinstance(made, Refuse):
            _refuse(line, made)
            return None
        if unknown := {*values.get("requires", "").split(",")} - {"", *self.courses}:
            line.wrong("requires", f"There is no course {sorted(unknown)[0][:8]}; it must stand further up.")
        self.first[code] = line
        self.courses[code] = made
        return made

    def _same(self, line: Line, told: Mapping[str, str], code: str) -> None:
        """Of a course that has more than one row, each says the same or nothing."""
        first = self.first[code]
        for name, value in told.items():
            if name != "code" and first.values.get(name, value) != value:
                line.wrong(name, f"It differs from row {first.number}.")

    def _session(self, line: Line, course: Course) -> None:
        now = self._meant(line, course)
        if line.faults:
            return
        held = _of_session(now, self.runner) if now else {}
        if now and now.begins <= self.now:
            self._unchanged(line, held)
            return
        if not now and not line.values.get("seats"):
            line.wrong("seats", "Say how many seats there are.")
        form, others = self._form({**held, **line.values}), self.sessions.values()
        made = entries.session(form, now.id if now else next(self.ids), course, self.runner, others, now)
        if isinstance(made, Refuse):
            _refuse(line, made)
        elif now and made.seats < self.known.taken.get(now.id, 0):
            line.wrong("seats", f"{self.known.taken[now.id]} seats are taken already.")
        else:
            self.sessions[made.word] = made

    def _meant(self, line: Line, course: Course) -> Session | None:
        """The session that a row changes: by its word, else by course and time."""
        word = line.values.get("session", "").upper()
        own = [one for one in self.sessions.values() if one.course == course.id]
        if word:
            now = next((one for one in own if one.word == word), None)
            if now is None:
                line.wrong("session", "There is no such session of this course; leave it empty for a new one.")
            elif now.state != "open":
                line.wrong("session", "It is called off or over.")
            return now
        wanted = line.values.get("day"), line.values.get("from")
        held = ((one, _of_session(one, self.runner)) for one in own if one.state == "open")
        return next((one for one, values in held if (values["day"], values["from"]) == wanted), None)

    def _unchanged(self, line: Line, held: Mapping[str, str]) -> None:
        """What has begun may stand in a file, as it was."""
        for name in line.values:
            if (name in OF_SESSION or name.startswith(SHARE)) and line.values[name] != held.get(name, ""):
                line.wrong(name, "It has begun, and cannot be changed.")

    def _form(self, values: Mapping[str, str]) -> Inbound:
        lists: dict[str, Value] = {name: tuple(filter(None, values.get(name, "").split(","))) for name in LISTS}
        return Inbound("file", self.runner.key, "", "", self.now, kind="submit", values={**values, **lists})


def _refuse(line: Line, refused: Refuse) -> None:
    for name, what in refused.faults.items():
        line.wrong(name, what)


def _of_course(course: Course) -> dict[str, str]:
    """A course as the words of its form."""
    must: Audience = course.required_of
    return {
        "code": course.code,
        "title": course.title,
        "kind": course.kind,
        "credits": f"{course.credits.normalize():f}",
        "valid_months": str(course.valid_months),
        "requires": ",".join(sorted(course.requires)),
        "approval": "yes" if course.approval else "no",
        "within_days": str(course.within_days),
        "required_cities": ",".join(sorted(must.jurisdictions)),
        "required_roles": ",".join(sorted(must.roles)),
        "required_boards": ",".join(sorted(must.boards)),
        "required_term_ends_by": must.term_ends_by.isoformat() if must.term_ends_by else "",
    }


def _of_session(session: Session, runner: Jurisdiction) -> dict[str, str]:
    """A session as the words of its form, in the runner's local time."""
    begins, ends = session.begins.astimezone(runner.zone), session.ends.astimezone(runner.zone)
    until = session.shared_until.astimezone(runner.zone) if session.shared_until else None
    return {
        "session": session.word,
        "day": begins.date().isoformat(),
        "from": cards.clock(begins),
        "to": cards.clock(ends),
        "place": session.place,
        "seats": str(session.seats),
        "price": f"{session.price / 100:.2f}",
        "discount": str(session.discount),
        "members": ",".join(sorted(session.members)),
        "shared_until": until.date().isoformat() if until else "",
        "host": session.host,
        **{f"{SHARE}{city}": str(seats) for city, seats in session.shares.items()},
    }
