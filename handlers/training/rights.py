"""Who of the staff may see which learners, and who runs which course: a coordinator all of it, a clerk governance."""

from handlers.jurisdiction import Jurisdiction
from handlers.messages import Place
from handlers.state import Facts, Role
from handlers.training.values import PROGRAM, Course, Kind, Learner

ROLES = frozenset[Role]({"coordinator", "clerk"})


def homes(facts: Facts, kind: Kind = "governance") -> frozenset[str]:
    """The jurisdictions (keys) for which the actor looks after courses of that kind."""
    needed = ROLES if kind == "governance" else ROLES - {"clerk"}
    return frozenset(row.jurisdiction for row in facts.actor if not needed.isdisjoint(row.roles))


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
    return {key: city for key, city in facts.jurisdictions.items() if any(d.program == PROGRAM for d in city.desks)}
