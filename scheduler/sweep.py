"""Fetches tips that reached the provider while we did not answer; known ones have no effect a second time."""

from datetime import datetime, timedelta

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
    now = work.now()
    async for inbound in work.channels[channel].missed(line, await _since(work, line, now)):
        await work.take_turn(inbound)
    await work.ledger.note(f"swept {line}", now)


async def _since(work: Work, line: str, now: datetime) -> datetime:
    swept = await work.ledger.mark(f"swept {line}")
    whole_day = await work.ledger.mark(f"swept whole day {line}")
    if swept is None or whole_day is None or now - whole_day >= LOOK_BACK:
        await work.ledger.note(f"swept whole day {line}", now)
        return min(swept or now, now - LOOK_BACK)
    return swept - OVERLAP
