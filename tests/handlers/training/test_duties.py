"""Who must have a course, by when, and who has it."""

from datetime import date, timedelta

import pytest

from handlers.training.duties import duties, groups
from handlers.training.values import Audience, Certificate, Course, Learner

TODAY = date(2026, 12, 1)
SUNSHINE = Course(
    "c1",
    "SUN",
    "Open meetings",
    "governance",
    "independence",
    required_of=Audience(roles=frozenset({"board"})),
    within_days=90,
)
NOBODYS = Course("c2", "SUP", "First steps", "course", "marc")


def member(id: str, begins: date | None = None, board: str = "Parks", role: str = "board") -> Learner:
    return Learner(id, "independence", f"Member {id}", "en", role, board, term_begins=begins)


def certificate(learner: str, earned: date, expires: date | None = None) -> Certificate:
    return Certificate(f"code-{learner}-{earned}", learner, "c1", "s1", earned, expires)


@pytest.mark.parametrize(
    ("days_ago", "standing"), [(0, "open"), (89, "open"), (90, "open"), (91, "late"), (400, "late")]
)
def test_a_duty_is_late_on_the_day_after_the_last(days_ago: int, standing: str) -> None:
    (duty,) = duties([SUNSHINE], [member("a", TODAY - timedelta(days_ago))], [], TODAY)
    assert (duty.standing, duty.due) == (standing, TODAY + timedelta(90 - days_ago))


def test_only_who_is_meant_by_a_course_that_is_a_duty_has_one() -> None:
    staff = member("b", TODAY, board="", role="staff")
    assert [one.learner.id for one in duties([SUNSHINE, NOBODYS], [member("a", TODAY), staff], [], TODAY)] == ["a"]


def test_who_has_it_is_done_until_it_counts_no_more_and_owes_it_from_that_day_on() -> None:
    people, long_ago = [member("a", date(2024, 1, 1))], date(2024, 3, 1)
    (done,) = duties([SUNSHINE], people, [certificate("a", long_ago, TODAY + timedelta(1))], TODAY)
    assert (done.standing, done.until) == ("done", TODAY + timedelta(1))
    (late,) = duties([SUNSHINE], people, [certificate("a", long_ago, TODAY - timedelta(1))], TODAY)
    assert (late.standing, late.due) == ("late", TODAY - timedelta(1))
    again = [certificate("a", TODAY), certificate("a", long_ago, TODAY - timedelta(1))]
    assert duties([SUNSHINE], people, again, TODAY)[0].standing == "done"


def test_without_a_term_no_day_is_set() -> None:
    (duty,) = duties([SUNSHINE], [member("a")], [], TODAY)
    assert (duty.standing, duty.due) == ("open", None)


def test_late_ones_come_first_and_boards_are_counted_apart() -> None:
    people = [member("a", TODAY), member("b", TODAY - timedelta(200)), member("c", TODAY, "Planning")]
    found = duties([SUNSHINE], people, [certificate("c", TODAY)], TODAY)
    assert [one.learner.id for one in found] == ["b", "a", "c"]
    counted = {(one.board, one.must, one.counts["done"], one.counts["late"]) for one in groups(found)}
    assert counted == {("Parks", 2, 0, 1), ("Planning", 1, 1, 0)}
