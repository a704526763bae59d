"""What staff enter becomes values, or a form that says by field what is wrong and changes nothing."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from handlers.cards import Refuse
from handlers.jurisdiction import Jurisdiction
from handlers.messages import Inbound, Place, Value
from handlers.training import entries
from handlers.training.values import Audience, Course, Learner, Session

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Chicago")
MARC = Jurisdiction("marc", "MARC", ZONE, ("en", "es"), (), ())
CITY = Jurisdiction("independence", "Independence", ZONE, ("en", "es"), (), ())
CITIES = {"marc": MARC, "independence": CITY}
SUP = Course("c1", "SUP", "First steps as a supervisor", "course", "marc")

COURSE: dict[str, Value] = {"code": "lead", "kind": "course", "runner": "marc", "title": "Leading a crew"}
SESSION: dict[str, Value] = {
    "day": "2026-12-09",
    "from": "9:00 am",
    "to": "1 pm",
    "place": "Room 2, City Hall",
    "seats": "40",
}
LEARNER: dict[str, Value] = {"city": "independence", "name": "Pat Lee", "role": "staff", "phone": "816-555-0141"}


def form(values: dict[str, Value], **changes: Value) -> Inbound:
    return Inbound("slack", "T0", "T0/U0", "d", NOW, "submit", values={**values, **changes})


def course(**changes: Value) -> Course | Refuse:
    return entries.course(form(COURSE, **changes), "c9", [SUP], CITIES, None)


def session(**changes: Value) -> Session | Refuse:
    return entries.session(form(SESSION, **changes), "s9", SUP, MARC, [], None)


def learner(**changes: Value) -> Learner | Refuse:
    return entries.learner(form(LEARNER, **changes), "l9", {"independence": CITY})


def test_a_course_is_read_with_what_it_needs_and_who_must_take_it() -> None:
    made = course(
        credits="3.5",
        valid_months="24",
        requires=("SUP", "GONE"),
        approval=("yes",),
        within_days="90",
        required_cities=("independence",),
        required_roles=("board", "mayor"),
        required_boards="Parks Board,  Planning",
    )
    audience = Audience(frozenset({"independence"}), frozenset({"board"}), frozenset({"Parks Board", "Planning"}))
    assert made == Course(
        "c9", "LEAD", "Leading a crew", "course", "marc", Decimal("3.5"), 24, frozenset({"SUP"}), True, audience, 90
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "SUP"}, "code"),
        ({"code": "stop"}, "code"),
        ({"code": "L2"}, "code"),
        ({"code": ""}, "code"),
        ({"title": " \u200b "}, "title"),
        ({"kind": "lecture"}, "kind"),
        ({"runner": "elsewhere"}, "runner"),
        ({"credits": "-1"}, "credits"),
        ({"credits": "many"}, "credits"),
        ({"credits": "NaN"}, "credits"),
        ({"valid_months": "1.5"}, "valid_months"),
        ({"within_days": "9999999999"}, "within_days"),
    ],
)
def test_a_fault_in_a_course_is_named_by_its_field_alone(changes: dict[str, Value], field: str) -> None:
    refused = course(**changes)
    assert isinstance(refused, Refuse)
    assert refused.faults.keys() == {field}


def test_a_course_keeps_its_code_kind_and_runner_when_it_is_changed() -> None:
    changed = entries.course(form(COURSE, code="NEW", kind="exchange"), "x", [SUP], CITIES, SUP)
    assert changed == Course("c1", "SUP", "Leading a crew", "course", "marc")


def test_a_session_is_read_in_local_time_and_named_after_those_before_it() -> None:
    before = [Session("s1", "c1", f"SUP-{number}", NOW, NOW, "Here", 1) for number in (2, 10)]
    made = entries.session(
        form(SESSION, price="$120", discount="15", members=("independence",)), "s9", SUP, MARC, before, None
    )
    assert isinstance(made, Session)
    assert (made.word, made.price, made.discount, set(made.members)) == ("SUP-11", 12_000, 15, {"independence"})
    assert (made.begins, made.ends) == (
        datetime(2026, 12, 9, 15, 0, tzinfo=UTC),
        datetime(2026, 12, 9, 19, 0, tzinfo=UTC),
    )


def test_seats_are_kept_for_cities_until_the_offices_close() -> None:
    made = session(share_independence="10", share_marc="", shared_until="2026-12-01")
    assert isinstance(made, Session)
    assert (made.shares, made.shared_until) == ({"independence": 10}, datetime(2026, 12, 1, 23, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"day": "2026-10-09"}, "day"),
        ({"day": "soon"}, "day"),
        ({"from": "25:00"}, "from"),
        ({"from": "13 pm"}, "from"),
        ({"to": "8:00 am"}, "to"),
        ({"to": "9:00 am"}, "to"),
        ({"place": ""}, "place"),
        ({"seats": "0"}, "seats"),
        ({"seats": "forty"}, "seats"),
        ({"price": "1.234"}, "price"),
        ({"discount": "101"}, "discount"),
        ({"share_independence": "41", "shared_until": "2026-12-01"}, "share_independence"),
        ({"share_independence": "10"}, "shared_until"),
        ({"share_independence": "10", "shared_until": "2026-12-20"}, "shared_until"),
    ],
)
def test_a_fault_in_a_session_is_named_by_its_field_alone(changes: dict[str, Value], field: str) -> None:
    refused = session(**changes)
    assert isinstance(refused, Refuse)
    assert refused.faults.keys() == {field}


@pytest.mark.parametrize(
    ("said", "hour"), [("9", 9), ("9am", 9), ("9 a.m.", 9), ("12 am", 0), ("12 pm", 12), ("1:00 PM", 13), ("13:00", 13)]
)
def test_a_time_is_read_as_people_write_it(said: str, hour: int) -> None:
    made = session(**{"from": said, "to": "23:59"})
    assert isinstance(made, Session)
    assert made.begins.astimezone(ZONE).hour == hour


def test_a_learner_is_reached_by_phone_in_this_chat_or_both() -> None:
    both = learner(account="T0/U0PAT", manager="T0/U0BOSS", term_begins="2026-01-05", term_ends="2028-01-05")
    assert isinstance(both, Learner)
    assert both.places == (Place("twilio_sms", "+18165550141"), Place("slack", "U0PAT"))
    assert (both.manager, both.jurisdiction, both.language) == (Place("slack", "U0BOSS"), "independence", "en")
    assert both.term_ends == date(2028, 1, 5)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"city": "marc"}, "city"),
        ({"role": "mayor"}, "role"),
        ({"role": "board"}, "board"),
        ({"phone": "12"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"email": "not an address"}, "email"),
        ({"term_begins": "2026-05-01", "term_ends": "2026-04-01"}, "term_ends"),
    ],
)
def test_a_fault_in_a_learner_is_named_by_its_field_alone(changes: dict[str, Value], field: str) -> None:
    refused = learner(**changes)
    assert isinstance(refused, Refuse)
    assert refused.faults.keys() == {field}
