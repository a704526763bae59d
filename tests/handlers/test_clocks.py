"""Promises have dates in the city's working time, warn in time, and escalate when broken."""

from datetime import datetime, timedelta

import pytest

from handlers.cards import Buttons
from handlers.casework.clocks import begun
from handlers.effects import Post, StopClock
from handlers.messages import Place
from tests.handlers.talk import CITIES, Town

CITY = CITIES["independence"]
CONTACT = Place("slack", "U0INDFIRST")
NEUTRAL = Place("slack", "U0MARCDUTY")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY.zone)


@pytest.mark.parametrize(
    ("opened", "answer", "latest", "feedback"),
    [
        ("2026-11-02T10:00", "2026-11-05T17:00", "2026-11-09T10:00", "2027-02-02T10:00"),
        ("2026-11-07T23:00", "2026-11-12T17:00", "2026-11-14T23:00", "2027-02-07T23:00"),
        ("2026-11-25T16:59", "2026-12-02T17:00", "2026-12-02T16:59", "2027-02-25T16:59"),
        ("2026-11-30T08:00", "2026-12-03T17:00", "2026-12-07T08:00", "2027-02-28T08:00"),
    ],
)
def test_dates_of_the_promises(opened: str, answer: str, latest: str, feedback: str) -> None:
    due = {clock.kind: clock.due for clock in begun(CITY, local(opened))}
    assert due == {"acknowledge": local(answer), "latest": local(latest), "feedback": local(feedback)}


def quiet_town() -> Town:
    town = Town()
    town.text("The mechanic sells city tires at the yard every week")
    town.posts.clear()
    return town


def headlines(town: Town) -> list[str]:
    return [post.card.summary for post in town.posts]


def test_warnings_come_at_half_time_at_eighty_and_when_time_is_up() -> None:
    town = quiet_town()
    town.pass_time(timedelta(days=3, hours=8))
    shares = [share for line in headlines(town) for share in ("50 %", "80 %", "overdue") if share in line]
    assert list(dict.fromkeys(shares)) == ["50 %", "80 %", "overdue"]


def test_broken_promise_goes_up_to_contacts_and_to_the_neutral_desk() -> None:
    town = quiet_town()
    town.pass_time(timedelta(days=3, hours=8))
    late = {post.place for post in town.posts if post.subject.startswith("late:")}
    assert {CONTACT, NEUTRAL} <= late


def test_assignee_is_told_in_person_from_eighty_percent_on() -> None:
    town = quiet_town()
    case = next(iter(town.cases))
    town._change(case, assignee="s-dana")
    town.pass_time(timedelta(days=3, hours=4))
    told = [post.card.summary for post in town.posts if post.place == Place("slack", "U3")]
    assert len(told) == 1
    assert "80 %" in told[0]


def test_whose_promise_nears_its_end_hears_of_it_anew_not_by_a_card_that_changes_in_silence() -> None:
    town = quiet_town()
    town.pass_time(timedelta(days=3, hours=4))
    aloud = [post for post in town.posts if post.subject.startswith("news:")]
    assert {post.place for post in aloud} == set(town.city.desk("hotline").places)
    assert ["80 %" in post.card.summary for post in aloud] == [True]


def test_whoever_must_see_to_a_broken_promise_can_open_the_case() -> None:
    town = quiet_town()
    town.pass_time(timedelta(days=3, hours=8))
    late = {post.place: post.card.parts for post in town.posts if post.subject.startswith("late:")}
    assert any(isinstance(part, Buttons) for part in late[CONTACT])
    assert not any(isinstance(part, Buttons) for part in late[NEUTRAL])


def test_kept_promise_and_closed_case_say_nothing() -> None:
    town = quiet_town()
    case = next(iter(town.cases))
    for kind in ("acknowledge", "latest"):
        town._do(StopClock(case, kind), "")
    town.pass_time(timedelta(days=10))
    assert headlines(town) == []
    town._change(case, stage="concluded")
    town.pass_time(timedelta(days=100))
    assert headlines(town) == []


def test_locked_out_staff_hear_nothing_of_a_broken_promise() -> None:
    town = Town()
    town.text("Robert Smith sells city tires at the yard every week")
    town.pass_time(timedelta(days=30))
    assert not [post for post in town.posts if post.place == CONTACT]


def test_warnings_of_long_promises_come_in_working_hours() -> None:
    town = quiet_town()
    for reminder in town.reminders:
        at = reminder.at.astimezone(CITY.zone)
        assert at.weekday() < 5
        assert CITY.hours.opens <= at.time() <= CITY.hours.closes


def test_no_card_holds_a_word_of_the_report() -> None:
    town = Town()
    town.text("He said he will shoot the zookeeper tomorrow")
    town.pass_time(timedelta(days=120))
    assert town.posts
    assert all(
        isinstance(post, Post) and "zookeeper" not in repr(post) and "shoot" not in repr(post) for post in town.posts
    )
