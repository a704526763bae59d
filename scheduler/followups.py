"""Answers follow-ups that came due: each is a message like any other, and enters the same way."""

from datetime import timedelta

from scheduler.work import Work, log

EVERY = 1.0
LATER = timedelta(minutes=5)


async def run(work: Work) -> None:
    """Take a turn for each follow-up that is due; one that breaks waits, and holds up no other."""
    while due := await work.ledger.due(work.now()):
        for inbound in due:
            try:
                await work.take_turn(inbound)
            except Exception as fault:
                log.error("followup_broke", followup=inbound.name, error=type(fault).__name__)
                await work.ledger.postpone(inbound.delivery, work.now() + LATER)
