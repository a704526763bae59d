"""A quarter's report adds up seats, money and duties; a city sees its own, and only its own people by name."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from handlers.training.known import Known, Seats
from handlers.training.report import figures
from handlers.training.values import Audience, Certificate, Course, Enrolment, Learner, Session, State
from tests.handlers.talk import CITIES

BEGINS = datetime(2026, 12, 2, 15, tzinfo=UTC)
SUP = Course("c1", "SUP", "Supervision", "course", "marc")
OPEN = replace(
    Course("c2", "OPEN", "Open meetings", "governance", "marc", Decimal(2), 24),
    required_of=Audience(roles=frozenset({"board"})),
    within_days=90,
)
FIRST = Session(
    "s1", "c1", "SUP-1", BEGINS, BEGINS + timedelta(hours=3), "x", 10, 10_000, 15, frozenset({"independence"})
)
LATE, IN_TIME = BEGINS - timedelta(days=2), BEGINS - timedelta(days=20)
TODAY = date(2026, 12, 20)


def person(number: int, city: str = "independence", **more: object) -> Learner:
    return replace(Learner(f"l{number}", city, f"Person {number}", "en"), **more)  # type: ignore[arg-type]


def seat(who: Learner, state: State, left: datetime | None = None, substitute: str = "") -> Enrolment:
    enrolled = Enrolment(f"s1.{who.id}", "s1", who.id, who.jurisdiction, state, IN_TIME)
    return enrolled.but(left=left, substitute=substitute)


PEOPLE = [person(number) for number in range(6)] + [person(7, "lees_summit")]
ROSTER = (
    seat(PEOPLE[0], "attended"),
    seat(PEOPLE[1], "missed"),
    seat(PEOPLE[2], "cancelled", IN_TIME),
    seat(PEOPLE[3], "cancelled", LATE),
    seat(PEOPLE[4], "cancelled", substitute="l5"),
    seat(PEOPLE[5], "attended"),
    seat(PEOPLE[6], "attended"),
)
KNOWN = Known(
    courses={"c1": SUP, "c2": OPEN},
    sessions={"s1": FIRST},
    learners={one.id: one for one in PEOPLE},
    roster=ROSTER,
    counts={"s1": Seats({"independence": 3, "lees_summit": 1})},
)


def table(
    name: str, key: str = "independence", quarter: str = "2026Q4", known: Known = KNOWN
) -> list[tuple[str | int, ...]]:
    return list(dict(figures(known, CITIES, key, quarter, TODAY).tables)[name])[1:]


def test_a_city_pays_for_what_it_kept_or_dropped_too_late_less_its_discount() -> None:
    assert table("Cities") == [("Independence", 3, 2, 1, 1, 1, "$340.00", "$60.00", "$85.00")]


def test_who_runs_it_sees_all_its_cities_and_a_city_only_itself() -> None:
    assert [row[0] for row in table("Cities", "marc")] == ["Independence", "Lee's Summit"]
    assert table("Cities", "marc")[1] == ("Lee's Summit", 1, 1, 0, 0, 0, "$100.00", "$0.00", "$0.00")
    assert "Lee" not in str(figures(KNOWN, CITIES, "independence", "2026Q4", TODAY))


def test_a_session_tells_what_was_left_empty() -> None:
    assert table("Sessions") == [("SUP-1", "Wed, Dec 2", "Supervision", 10, 4, 2, 1, 6, "$340.00")]


def test_other_quarters_and_sessions_called_off_do_not_count() -> None:
    assert table("Cities", quarter="2026Q3") == []
    assert table("Sessions", quarter="2027Q1") == []
    off = replace(KNOWN, sessions={"s1": FIRST.but(state="cancelled")})
    assert table("Cities", known=off) == []


def duty_bound() -> Known:
    board = {"role": "board", "board": "Parks Board"}
    people = [
        person(1, **board, term_begins=date(2026, 1, 1)),
        person(2, **board, term_begins=date(2026, 12, 1)),
        person(3, **board, term_begins=date(2026, 1, 1)),
        person(4, "lees_summit", role="board", board="Zoning", term_begins=date(2026, 1, 1)),
    ]
    earned = Certificate("AAAAA-11111", "l3", "c2", "s9", date(2026, 3, 1), date(2028, 3, 1))
    return replace(KNOWN, learners={one.id: one for one in people}, certificates=(earned,))


def test_duties_are_counted_by_board_and_named_for_their_own_city_alone() -> None:
    known = duty_bound()
    assert table("Duties", known=known) == [("OPEN", "Independence", "Parks Board", 3, 1, 1, 1)]
    assert len(table("Duties", "marc", known=known)) == 2
    own = figures(known, CITIES, "independence", "2026Q4", TODAY, named=True)
    assert own.names == (
        ("OPEN", "Parks Board", "Person 1", "overdue since 2026-04-01"),
        ("OPEN", "Parks Board", "Person 2", "2027-03-01"),
    )
    assert own.headline.endswith("; duties overdue: 1.")
    assert figures(known, CITIES, "independence", "2026Q4", TODAY).names == ()
    assert figures(known, CITIES, "marc", "2026Q4", TODAY, named=True).names == ()
