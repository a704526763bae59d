"""Fetches tips that reached the provider while we did not answer; known ones have no effect a second time."""

from datetime import timedelta

from handlers.messages import Inbound
from scheduler.work import Work, log

EVERY = 300.0
OVERLAP = timedelta(minutes=15)
LOOK_BACK = timedelta(hours=24)


async def run(work: Work) -> None:
    """Read each line's list since the last sweep; once a day, the whole last day."""
    for channel, line in work.lines:
        try:
            await _sweep(work, channel, line)
        except Exception as fault:
            log.error("sweep_broke", channel=channel, error=type(fault).__name__)


async def _sweep(work: Work, channel: str, line: str) -> None:
    """A message that breaks is tried again by the next sweep, and holds up no other."""
    now = work.now()
    swept = await work.ledger.mark(f"swept {line}")
    whole_day = await work.ledger.mark(f"swept whole day {line}")
    whole = swept is None or whole_day is None or now - whole_day >= LOOK_BACK
    since = min((swept or now) - OVERLAP, now - LOOK_BACK if whole else now)
    taken = [await _take(work, channel, inbound) async for inbound in work.channels[channel].missed(line, since)]
    if all(taken):
        await work.ledger.note(f"swept {line}", now)
        if whole:
            await work.ledger.note(f"swept whole day {line}", now)


async def _take(work: Work, channel: str, inbound: Inbound) -> bool:
    try:
        await work.take_turn(inbound)
    except Exception as fault:
        log.error("swept_broke", channel=channel, error=type(fault).__name__)
        return False
    return True
