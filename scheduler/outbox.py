"""Sends what is owed, in order; retries what surely failed, and looks before it sends again what may have been sent."""

import asyncio
from datetime import timedelta

from handlers.messages import Owed, SendFailed
from scheduler.work import Work, log

EVERY = 1.0
LOOK = timedelta(seconds=15)
GIVE_UP_LOOKING = timedelta(minutes=10)
HORIZON = timedelta(hours=24)
LONGEST_WAIT = 600.0

# After ten minutes in doubt, these are sent once more: silence would be worse than a repeat.
REPEATED = frozenset({"reply", "relay", "card", "notice", "withdraw"})


async def run(work: Work) -> None:
    """Drain the outbox, then look for what is in doubt."""
    while owed := await work.ledger.claim(work.now()):
        await asyncio.gather(*(_send(work, message) for message in owed))
    for message in await work.ledger.claim_uncertain(work.now()):
        await _look(work, message)


async def _send(work: Work, owed: Owed) -> None:
    try:
        receipt = await work.channels[owed.outbound.channel].send(owed.outbound)
    except SendFailed as failure:
        await _failed(work, owed, failure)
    except Exception as fault:
        # An error of ours in the middle of a send: it may or may not have left.
        log.error("send_broke", channel=owed.outbound.channel, error=type(fault).__name__)
        await work.ledger.doubt(owed, work.now(), work.now() + LOOK)
    else:
        work.count(owed.outbound.channel, receipt.state)
        await work.ledger.receive(owed.outbound.attempt, receipt, work.now())


async def _failed(work: Work, owed: Owed, failure: SendFailed) -> None:
    now = work.now()
    work.count(owed.outbound.channel, failure.retry)
    if failure.retry == "unknown":
        await work.ledger.doubt(owed, now, now + LOOK)
    elif failure.retry == "never" or now - owed.outbound.created_at > HORIZON:
        log.warning("send_failed", channel=owed.outbound.channel, code=failure.code)
        await work.ledger.fail(owed, failure.code, now)
    else:
        wait = failure.after or min(2.0**owed.tries, LONGEST_WAIT)
        await work.ledger.retry(owed, now + timedelta(seconds=wait), failure.code)


async def _look(work: Work, owed: Owed) -> None:
    now = work.now()
    try:
        receipt = await work.channels[owed.outbound.channel].find(owed.outbound)
    except SendFailed:
        return
    if receipt is not None:
        await work.ledger.receive(owed.outbound.attempt, receipt, now)
    elif now - owed.since >= GIVE_UP_LOOKING:
        await _decide(work, owed)


async def _decide(work: Work, owed: Owed) -> None:
    if owed.kind in REPEATED and owed.tries < 2:
        await work.ledger.retry(owed, work.now(), "repeated")
    else:
        await work.ledger.fail(owed, "uncertain", work.now())
