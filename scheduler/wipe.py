"""Wipes what a lock deleted from the database's log and free pages, soon after."""

from scheduler.work import Work

EVERY = 60.0


async def run(work: Work) -> None:
    """Once per lock; a wipe that was hindered is tried again."""
    asked, done = await work.ledger.mark("to wipe"), await work.ledger.mark("wiped")
    if asked is not None and (done is None or done < asked) and await work.ledger.wipe():
        await work.ledger.note("wiped", asked)
