"""The quick tier of the simulator: `make campaign` runs thousands."""

import os
import random

from campaigns.exits import simulate

INTERVIEWS = 60
SEED = int(os.environ.get("EXITS_SEED", random.SystemRandom().randrange(10**6)))


async def test_no_answer_is_lost_and_nothing_is_sent_twice_out_of_hours_or_after_a_stop() -> None:
    print(f"EXITS_SEED={SEED}")
    outcome = await simulate(SEED, INTERVIEWS)
    assert outcome.faults == []
    assert outcome.finished
    assert outcome.stopped
    assert outcome.crashes
