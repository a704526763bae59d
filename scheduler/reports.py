"""Has reports made that were asked for, one at a time, and posts what comes of it."""

from datetime import timedelta

from handlers.cards import Card, Text
from handlers.reports import Order, Posting
from scheduler.work import Work, log

# Slower than the jobs that are woken at once: no reply may wait behind a report.
EVERY = 2.0
MOST_TRIES = 3
WAIT = timedelta(minutes=1)
FAILED = "The report could not be made. Whoever runs this service finds the reason in its log."


async def run(work: Work) -> None:
    """Make all that are due."""
    while order := await work.reports.claim(work.now()):
        posting = await _made(work, order)
        if posting is None:
            await work.reports.retry(order, work.now() + WAIT)
        else:
            await work.reports.post(order, posting, work.now())


async def _made(work: Work, order: Order) -> Posting | None:
    """What to post; None where another try may help."""
    try:
        return await work.make_report(order)
    except Exception as fault:
        log.error("report_broke", error=type(fault).__name__)
    if order.tries < MOST_TRIES:
        return None
    return Posting(Card("No report", (Text(FAILED, "warning"),), FAILED))
