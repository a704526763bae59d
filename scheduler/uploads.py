"""Deletes files that staff sent for a form and never came back to."""

from scheduler.work import Work

EVERY = 60.0


async def run(work: Work) -> None:
    """What is over its hour goes."""
    await work.ledger.forget_uploads(work.now())
