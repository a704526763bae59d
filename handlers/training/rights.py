"""Who of the staff may see which learners, and who runs which course: a coordinator all of it, a clerk governance."""

from handlers.jurisdiction import Jurisdiction
from handlers.messages import Place
from handlers.state import Facts, Role, Staff
from handlers.training.values import PROGRAM, Course, Kind, Learner

ROLES = frozenset[Role]({"coordinator", "clerk"})


def homes(facts: Facts, kind: Kind = "governance") -> frozenset[str]:
    """The jurisdictions (keys) for which the actor looks after courses of that kind."""
    return frozenset(row.jurisdiction for row in facts.actor if not _needed(kind).isdisjoint(row.roles))


def cities(facts: Facts) -> frozenset[str]:
    """The cities (keys) whose learners the actor may see: their own, and for coordinators those that theirs runs."""
    runners = homes(facts, "course")
    run = {city.key for city in facts.jurisdictions.values() if city.runner(PROGRAM) in runners}
    return homes(facts) | run


def runs(facts: Facts, course: Course) -> bool:
    """Whether the actor may change that course and see everybody in it."""
    return course.runner in homes(facts, course.kind)


def sees(facts: Facts, course: Course) -> bool:
    """Whether that course is any business of the actor's: one they run, or one that is meant for people of theirs."""
    mine = homes(facts, course.kind)
    if course.kind != "governance":
        return bool(mine)
    meant = course.required_of.jurisdictions or facts.jurisdictions.keys()
    return course.runner in mine or (course.within_days > 0 and not mine.isdisjoint(meant))


def is_manager(sender: Place, learner: Learner) -> bool:
    """Whether that is who decides for a learner."""
    return learner.manager == sender


def members(facts: Facts) -> dict[str, Jurisdiction]:
    """The cities that take part in training, by key."""
    return {key: city for key, city in facts.jurisdictions.items() if any(one.program == PROGRAM for one in city.lines)}


def places(facts: Facts, course: Course) -> tuple[Place, ...]:
    """Where those who run a course are told of it: their desk; where they have none, each of them in private."""
    runner = facts.jurisdictions.get(course.runner, facts.jurisdiction)
    private = [Place(row.channel, row.user) for row in facts.staff if _looks_after(row, course)]
    return runner.desk(PROGRAM).places or tuple(dict.fromkeys(private))


def _looks_after(row: Staff, course: Course) -> bool:
    return row.jurisdiction == course.runner and not _needed(course.kind).isdisjoint(row.roles)


def _needed(kind: Kind) -> frozenset[Role]:
    return ROLES if kind == "governance" else ROLES - {"clerk"}
