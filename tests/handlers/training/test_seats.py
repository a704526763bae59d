"""Who may have a seat, against plain counting."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from campaigns.seats_oracle import Book
from handlers.training import seats
from handlers.training.known import Seats
from handlers.training.values import Enrolment, Session

NOW = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)
SHARES = {"a": 3, "b": 2, "c": 1}
SESSION = Session("s", "c", "SUP-1", NOW, NOW, "Hall", 8, shares=SHARES, shared_until=NOW + timedelta(days=1))
CITIES = ("a", "b", "c", "d")


def waits(number: int, city: str) -> Enrolment:
    return Enrolment(f"s.{number}", "s", str(number), city, "waitlisted", NOW, number=number)


def as_seats(book: Book) -> Seats:
    heads = tuple(waits(number, city) for number, city in sorted(book.waiting.items()))
    waiting = {city: list(book.waiting.values()).count(city) for city in set(book.waiting.values())}
    return Seats(dict(book.taken), waiting, heads)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("shared", [True, False])
def test_whoever_comes_sits_or_waits_as_plain_counting_says(seed: int, shared: bool) -> None:
    chance = Random(seed)  # noqa: S311 -- the same again
    session = SESSION if shared else SESSION.but(shared_until=NOW)
    book = Book(session.seats, dict(SHARES) if shared else {})
    told = set()
    for number in range(1, 60):
        city = chance.choice(CITIES)
        sits = seats.may_sit(session, as_seats(book), city, NOW)
        assert sits == book._would_sit(city)
        told.add(sits)
        book._change("", "enrolled" if sits else "waitlisted", city, number)
        if chance.random() < 0.4 and +book.taken:  # somebody drops; now and then another comes before it is offered
            book._change("enrolled", "cancelled", chance.choice(sorted(+book.taken)), 0)
        if chance.random() < 0.5:
            for one in seats.next_in_line(session, as_seats(book), NOW):
                assert one.number == book._first()
                book._change("waitlisted", "offered", one.jurisdiction, one.number)
        assert book.faults == []
        assert sum(book.taken.values()) <= session.seats
    assert told == {True, False}


def test_a_seat_kept_for_a_city_is_nobody_elses_until_its_time_is_over() -> None:
    taken = {"a": 5}
    assert seats.free(SESSION, taken, "a", NOW) == 0
    assert seats.free(SESSION, taken, "b", NOW) == 2
    assert seats.free(SESSION, taken, "c", NOW) == 1
    assert seats.free(SESSION, taken, "a", NOW + timedelta(days=1)) == 3


@pytest.mark.parametrize(("city", "cents"), [("a", 10_625), ("b", 12_500)])
def test_members_pay_less(city: str, cents: int) -> None:
    session = SESSION.but(price=12_500, discount=15, members=frozenset({"a"}))
    assert seats.price(session, city) == cents
