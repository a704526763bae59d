"""Sends what is owed, in order; retries what surely failed, and looks before it sends again what may have been sent."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from handlers.messages import NO_CHANNEL, Owed, Receipt, SendFailed
from scheduler.work import Work, log

EVERY = 1.0
SLOW = 1.0
LOOK = timedelta(seconds=15)
GIVE_UP_LOOKING = timedelta(minutes=10)
HORIZON = timedelta(hours=24)
LONGEST_WAIT = 600.0

# What people write is taken in first. While they do, about a hundred a second leave: no sender is allowed more.
MANY = 16
GIVE_WAY = 0.25

# To a person: in doubt sent once more, for silence would be worse than a repeat, and after a day the desk is told
# instead. To staff all else goes, however late: a place shows what stands in it, so in time the doubt always ends.
TO_PERSONS = frozenset({"reply", "relay", "prompt", "farewell", "dismissal", "hint"})
# A survey that asks twice is worse than one that is silent: its reminder comes in days. So does the next hint.
NEVER_REPEATED = frozenset({"prompt", "farewell", "dismissal", "hint"})


async def run(work: Work) -> None:
    """Drain the outbox, then look for what is in doubt. A provider that is slow holds up no other."""
    under_way: set[asyncio.Task[None]] = set()
    taken = work.turns()
    while under_way := under_way | await _begun(work):
        many = len(under_way) >= MANY
        _, under_way = await asyncio.wait(under_way, timeout=SLOW)
        if many and work.turns() > taken:
            await asyncio.sleep(GIVE_WAY)
        taken = work.turns()


async def _begun(work: Work) -> set[asyncio.Task[None]]:
    if owed := await work.ledger.claim(work.now()):
        return {asyncio.create_task(_try(_send, work, message)) for message in owed}
    doubtful = await work.ledger.claim_uncertain(work.now())
    return {asyncio.create_task(_try(_look, work, message)) for message in doubtful}


async def _try(step: Callable[[Work, Owed], Awaitable[None]], work: Work, owed: Owed) -> None:
    try:
        await step(work, owed)
    except Exception as fault:
        # What became of it is not on record: when its lease has run out, it is looked for.
        log.error("outbox_broke", channel=owed.outbound.channel, error=type(fault).__name__)


async def _send(work: Work, owed: Owed) -> None:
    channel = work.channels.get(owed.outbound.channel)
    if channel is None:
        await _failed(work, owed, SendFailed("later", NO_CHANNEL, LONGEST_WAIT))
        return
    try:
        receipt = await channel.send(owed.outbound)
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
    elif failure.retry == "never" or _too_late(work, owed):
        log.warning("send_failed", channel=owed.outbound.channel, code=failure.code)
        await work.ledger.fail(owed, failure.code, now)
    else:
        wait = max(failure.after, min(2.0**owed.tries, LONGEST_WAIT))
        await work.ledger.retry(owed, now + timedelta(seconds=wait), failure.code)


async def _look(work: Work, owed: Owed) -> None:
    now = work.now()
    try:
        receipt = await _found(work, owed)
    except SendFailed:
        if _too_late(work, owed):
            await work.ledger.fail(owed, "uncertain", now)
        return
    if receipt is not None:
        await work.ledger.receive(owed.outbound.attempt, receipt, now)
    elif now - owed.since >= GIVE_UP_LOOKING:
        await _decide(work, owed)


async def _found(work: Work, owed: Owed) -> Receipt | None:
    channel = work.channels.get(owed.outbound.channel)
    if channel is None:
        raise SendFailed("later", NO_CHANNEL)
    return await channel.find(owed.outbound)


async def _decide(work: Work, owed: Owed) -> None:
    if _too_late(work, owed) or owed.kind in NEVER_REPEATED or (owed.kind in TO_PERSONS and owed.repeated):
        await work.ledger.fail(owed, "uncertain", work.now())
    else:
        await work.ledger.retry(owed, work.now(), "repeated")


def _too_late(work: Work, owed: Owed) -> bool:
    return owed.kind in TO_PERSONS and work.now() - owed.outbound.created_at > HORIZON
