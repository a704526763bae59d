"""Who may have a seat: shares of the cities first, then whoever came first; nobody is passed by who may have one."""

from collections.abc import Mapping
from datetime import datetime

from handlers.training.known import Seats
from handlers.training.values import Enrolment, Session


def free(session: Session, taken: Mapping[str, int], city: str, now: datetime) -> int:
    """Seats that people of that city may take now: those that are free, without what is kept for other cities."""
    kept = sum(left for other, left in _kept(session, taken, now).items() if other != city)
    return max(0, session.seats - sum(taken.values()) - kept)


def may_sit(session: Session, seats: Seats, city: str, now: datetime) -> bool:
    """Whether somebody of that city who comes now gets a seat at once.

    Not while people of their city wait who may have it; nor while others do, unless the seat is kept for their city.
    """
    if not free(session, seats.taken, city, now) or seats.waiting.get(city):
        return False
    if _kept(session, seats.taken, now).get(city):
        return True
    return not any(free(session, seats.taken, head.jurisdiction, now) for head in seats.heads)


def next_in_line(session: Session, seats: Seats, now: datetime) -> tuple[Enrolment, ...]:
    """Those who wait and may have a seat now, in the order of coming, one for each seat."""
    taken, found = dict(seats.taken), list[Enrolment]()
    waiting = sorted(seats.heads, key=lambda one: one.number)
    while one := next((one for one in waiting if free(session, taken, one.jurisdiction, now)), None):
        waiting.remove(one)
        found.append(one)
        taken[one.jurisdiction] = taken.get(one.jurisdiction, 0) + 1
    return tuple(found)


def price(session: Session, city: str) -> int:
    """What a seat costs a city, in cents, its discount taken off; half a cent goes up."""
    less = session.discount if city in session.members else 0
    return (session.price * (100 - less) + 50) // 100


def _kept(session: Session, taken: Mapping[str, int], now: datetime) -> dict[str, int]:
    """Seats that are still kept for each city."""
    if session.shared_until is None or now >= session.shared_until:
        return {}
    left = {city: share - taken.get(city, 0) for city, share in session.shares.items()}
    return {city: number for city, number in left.items() if number > 0}
