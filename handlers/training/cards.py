"""Training as staff and managers see it: what is coming, what waits for a word, what was decided."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from handlers.cards import Button, Buttons, Card, Divider, Facts, Part, Text
from handlers.jurisdiction import Jurisdiction
from handlers.training.known import Seats
from handlers.training.values import Course, Enrolment, Learner, Session

Cities = Mapping[str, Jurisdiction]

MOST_COMING, MOST_WAITING = 8, 10
AROUND = timedelta(minutes=30)


def when(city: Jurisdiction, at: datetime, until: datetime | None = None) -> str:
    """A time as staff there read it: "Wed, Dec 9, 2026, 9:00 am to 1:00 pm"."""
    local = at.astimezone(city.zone)
    day = f"{local:%a, %b} {local.day}, {local.year}, {clock(local)}"
    return f"{day} to {clock(until.astimezone(city.zone))}" if until else day


def day(city: Jurisdiction, at: datetime) -> str:
    """A day as staff there read it: "Wed, Dec 9"."""
    local = at.astimezone(city.zone)
    return f"{local:%a, %b} {local.day}"


def overview(coming: Sequence[Sequence[Part]], waiting: Sequence[Part], more: Sequence[Button]) -> Card:
    """The bare command: what waits for a decision first, then the sessions to come."""
    parts: list[Part] = []
    if waiting:
        parts += [Text("Waits for a word", "strong"), *waiting, Divider()]
    parts += [part for session in coming[:MOST_COMING] for part in session]
    if not coming:
        parts.append(Text("No session is coming up that you can see.", "quiet"))
    if len(coming) > MOST_COMING:
        parts.append(Text(f"{len(coming) - MOST_COMING} more sessions; /training roster WORD opens one.", "quiet"))
    return Card("Training", (*parts, Divider(), Buttons(tuple(more))), summary="Training")


def coming(
    course: Course, session: Session, runner: Jurisdiction, seats: Seats, cities: Cities, mine: bool
) -> tuple[Part, ...]:
    """One session in short; who runs it can ask people and change it."""
    values = {"word": session.word}
    buttons = [Button("People", "training_roster", values)]
    if mine:
        buttons += [Button("Ask people", "training_prompt", values), Button("Edit", "training_session", values)]
    return (
        Text(f"{session.word} · {course.title}", "strong"),
        Text(f"{when(runner, session.begins, session.ends)} · {session.place}", "quiet"),
        Facts(fullness(session, seats, cities)),
        Buttons(tuple(buttons)),
    )


def in_short(course: Course, session: Session, runner: Jurisdiction, seats: Seats) -> Text:
    """One session on a line, for a person's own page."""
    left = max(0, session.seats - sum(seats.taken.values()))
    waits = sum(seats.waiting.values())
    told = f"{left} of {session.seats} seats left" + (f", {waits} waiting" if waits else "")
    return Text(f"{session.word} · {course.title} · {day(runner, session.begins)} · {told}")


def fullness(session: Session, seats: Seats, cities: Cities) -> tuple[tuple[str, str], ...]:
    """Seats taken and left; per city how many it has, what is kept for it, and who waits."""
    taken, waiting = sum(seats.taken.values()), sum(seats.waiting.values())
    whole = [("Seats", f"{taken} of {session.seats} taken, {max(0, session.seats - taken)} left")]
    if waiting:
        whole.append(("Waitlist", str(waiting)))
    keys = sorted({*seats.taken, *seats.waiting, *session.shares}, key=lambda key: name(cities, key))
    return (*whole, *((name(cities, key), _of_city(session, seats, key)) for key in keys))


def waits(enrolment: Enrolment, learner: Learner, course: Course, session: Session, runner: Jurisdiction) -> Text:
    """Who waits for their manager, and until when."""
    until = f", until {when(runner, enrolment.until)}" if enrolment.until else ""
    return Text(f"{learner.name}, {session.word} ({course.title}): their manager has not answered yet{until}")


def approval(learner: Learner, course: Course, session: Session, runner: Jurisdiction, enrolment: Enrolment) -> Card:
    """What a manager is asked by direct message."""
    values = {"enrolment": enrolment.id}
    price = f"${session.price / 100:,.2f}" if session.price else "free"
    until = f" Without a word by {when(runner, enrolment.until)} it goes to somebody else." if enrolment.until else ""
    return Card(
        f"May {learner.name} take this course?",
        (
            Text(f"{learner.name} asks for a seat. It is held until you decide.{until}"),
            Facts(
                (
                    ("Course", f"{course.title} ({session.word})"),
                    ("When", when(runner, session.begins, session.ends)),
                    ("Where", session.place),
                    ("Price", price),
                )
            ),
            Buttons(
                (
                    Button("Approve", "training_approve", values, "primary"),
                    Button("Decline", "training_decline", values),
                )
            ),
        ),
        summary=f"{learner.name} asks for a seat in {course.title}",
    )


def decided(learner: Learner, course: Course, session: Session, runner: Jurisdiction, outcome: str) -> Card:
    """What stands in its place afterwards."""
    line = f"{course.title}, {when(runner, session.begins)}"
    return Card(f"{learner.name}: {outcome}", (Text(line),), summary=f"{learner.name}: {outcome}")


def room(session: Session, code: str) -> tuple[Part, ...]:
    """The code to write on the board."""
    return (
        Text("Write this on the board:", "quiet"),
        Text(f"{code[:3]} {code[3:]}", "large"),
        Text("Whoever is here texts it to the number that their reminders come from.", "plain"),
        Text("It changes every five minutes, and is taken for five minutes more.", "quiet"),
        Buttons((Button("Show the code of now", "training_room", {"word": session.word}, "primary"),)),
    )


def is_on(session: Session, now: datetime) -> bool:
    """Whether a session goes on, or is about to."""
    return session.begins - AROUND <= now <= session.ends + AROUND


def name(cities: Cities, key: str) -> str:
    """A city's name; its key where it is gone."""
    return cities[key].name if key in cities else key


def _of_city(session: Session, seats: Seats, key: str) -> str:
    taken, kept, waits = seats.taken.get(key, 0), session.shares.get(key, 0), seats.waiting.get(key, 0)
    told = [f"{taken} taken"]
    if kept > taken:
        told.append(f"{kept - taken} kept for it")
    if waits:
        told.append(f"{waits} waiting")
    return ", ".join(told)


def clock(local: datetime) -> str:
    """A clock time as staff read it: "9:00 am"."""
    return f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"
