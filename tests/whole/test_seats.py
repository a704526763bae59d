"""The quick tier of the race for seats: `make campaign` sends ten thousand people."""

import os
import random

import pytest

from campaigns.seats import SEATS, race

PEOPLE = 400
SEED = int(os.environ.get("SEATS_SEED", random.SystemRandom().randrange(10**6)))


@pytest.mark.parametrize("scheme", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_never_a_seat_too_many_and_nobody_is_passed_by_or_told_of_one_that_is_not_there(scheme: str) -> None:
    print(f"SEATS_SEED={SEED}")
    outcome = await race(SEED, PEOPLE, scheme)
    assert outcome.faults == []
    assert (outcome.seated, outcome.most) == (SEATS, SEATS)
    assert outcome.promised > SEATS
    assert outcome.offers
    assert outcome.dropped
