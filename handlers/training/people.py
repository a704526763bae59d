"""Finds learners: those whom an audience means, and those whom a name may mean."""

from collections.abc import Iterable

from handlers.spelling import plain
from handlers.training.values import Audience, Learner


def is_meant(audience: Audience, learner: Learner) -> bool:
    """Whether an audience means somebody."""
    listed = (
        (audience.jurisdictions, learner.jurisdiction),
        (audience.roles, learner.role),
        (audience.boards, learner.board),
    )
    if any(wanted and given not in wanted for wanted, given in listed):
        return False
    by = audience.term_ends_by
    return by is None or (learner.term_ends is not None and learner.term_ends <= by)


def named(learners: Iterable[Learner], name: str) -> tuple[Learner, ...]:
    """Those with that name, whole or in part: "Pat", "Pat Lee", "lee, pat"; who has the whole name comes alone."""
    wanted = set(plain(name).split())
    if not wanted:
        return ()
    found = [learner for learner in learners if wanted <= set(plain(learner.name).split())]
    whole = [learner for learner in found if wanted == set(plain(learner.name).split())]
    return tuple(whole or found)
