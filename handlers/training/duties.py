"""Who must have a course, by when, and who has it: counted per city and board."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from handlers.training.dates import required_by
from handlers.training.people import is_meant
from handlers.training.values import Certificate, Course, Learner

Standing = Literal["done", "open", "late"]


@dataclass(frozen=True, slots=True)
class Duty:
    """That somebody must have a course; `due` is the last day in time (None: no day is set), `until` when what they
    have counts no more."""

    learner: Learner
    course: Course
    standing: Standing
    due: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """How a city's board, or its people of one role, stand with a course."""

    course: str
    city: str
    board: str
    counts: Counter[Standing]

    @property
    def must(self) -> int:
        """How many must have it."""
        return self.counts.total()


def duties(
    courses: Iterable[Course], learners: Iterable[Learner], certificates: Iterable[Certificate], today: date
) -> list[Duty]:
    """Every duty, late ones first, then by the day they are due."""
    owed = [course for course in courses if course.within_days]
    held = {(one.learner, one.course): one for one in sorted(certificates, key=lambda one: one.earned)}
    people = sorted(learners, key=lambda one: one.name)
    found = [
        _duty(learner, course, held.get((learner.id, course.id)), today)
        for course in owed
        for learner in people
        if is_meant(course.required_of, learner)
    ]
    return sorted(found, key=lambda one: (ORDER.index(one.standing), one.due or date.max))


def groups(found: Iterable[Duty]) -> list[Group]:
    """Counted by course, city and board; who sits on none is counted by role."""
    counts: dict[tuple[str, str, str], Counter[Standing]] = {}
    for duty in found:
        key = (duty.course.code, duty.learner.jurisdiction, duty.learner.board or ROLES[duty.learner.role])
        counts.setdefault(key, Counter())[duty.standing] += 1
    return [Group(*key, counts[key]) for key in sorted(counts)]


def _duty(learner: Learner, course: Course, held: Certificate | None, today: date) -> Duty:
    if held and (held.expires is None or held.expires > today):
        return Duty(learner, course, "done", until=held.expires)
    due = required_by(learner.term_begins, course.within_days) if learner.term_begins else None
    if held and held.expires:
        due = max(due, held.expires) if due else held.expires
    return Duty(learner, course, "late" if due and due < today else "open", due)


ORDER: tuple[Standing, ...] = ("late", "open", "done")
ROLES = {"elected": "Elected officials", "board": "Other boards", "staff": "Staff"}
