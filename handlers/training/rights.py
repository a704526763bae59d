"""Who of the staff may see which learners, and who runs which course."""

from handlers.jurisdiction import Jurisdiction
from handlers.messages import Place
from handlers.state import Facts
from handlers.training.values import PROGRAM, Course, Learner

ROLES = frozenset({"coordinator", "clerk"})


def homes(facts: Facts) -> frozenset[str]:
    """The jurisdictions (keys) for which the actor coordinates training."""
    return frozenset(row.jurisdiction for row in facts.actor if not ROLES.isdisjoint(row.roles))


def cities(facts: Facts) -> frozenset[str]:
    """The cities (keys) whose learners the actor may see: their own, and those whose training theirs runs."""
    mine = homes(facts)
    return frozenset(city.key for city in facts.jurisdictions.values() if _desks(city) & mine)


def runs(facts: Facts, course: Course) -> bool:
    """Whether the actor may change that course and see everybody in it."""
    return course.runner in homes(facts)


def is_manager(sender: Place, learner: Learner) -> bool:
    """Whether that is who decides for a learner."""
    return learner.manager == sender


def _desks(city: Jurisdiction) -> frozenset[str]:
    return frozenset({city.key, city.runner(PROGRAM)})
