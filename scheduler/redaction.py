"""Has texts and pictures blanked at their provider, once they are held here and nothing there is needed any more."""

from collections.abc import Collection
from datetime import timedelta

from handlers.messages import Remains, SendFailed
from scheduler.work import Redaction, Work, log

EVERY = 3600.0
PACE = timedelta(minutes=30)
BACKLOG = timedelta(days=400)  # longer than a provider keeps anything
OVERDUE = timedelta(hours=1)

# It may take a provider that long until it lets go of a message. Then the next ones are not held up by it any more.
GIVE_UP = timedelta(days=14)


async def run(work: Work) -> None:
    """Blank what is old enough; not while follow-ups are late, for they may still file texts that wait."""
    if await work.ledger.due(work.now() - OVERDUE):
        return
    for redaction in work.redactions:
        try:
            await _blank_all(work, redaction)
        except SendFailed as failure:
            # The provider does not answer, or not yet: what was not reached is found again by the next run.
            work.redacted(redaction.channel, failure.retry)
            log.warning("redaction_waits", channel=redaction.channel, code=failure.code)


async def _blank_all(work: Work, redaction: Redaction) -> None:
    """The provider's list is the list of work: what is blank in it is done, so nothing is lost and nothing is doubled.

    The mark says until when all is done.
    """
    name = f"redacted {redaction.channel}"
    before, mark = work.now() - redaction.after, await work.ledger.mark(name)
    if mark is not None and before - mark < PACE:
        return
    unkept = await work.shelf.unkept(redaction.channel)
    found = await redaction.provider.remains(mark or before - BACKLOG, before)
    left = [remains.at for remains in found if not await _blanked(work, redaction, remains, unkept)]
    still = [at for at in left if at >= before - GIVE_UP]
    if len(still) < len(left):
        log.warning("redaction_given_up", channel=redaction.channel, count=len(left) - len(still))
        work.redacted(redaction.channel, "given_up")
    await work.ledger.note(name, min(still, default=before))


async def _blanked(work: Work, redaction: Redaction, remains: Remains, unkept: Collection[str] | None) -> bool:
    """Whether nothing of it is left there; raises SendFailed where the provider wants to be left alone for now."""
    if not remains.final or (remains.inbound and not await work.ledger.holds(redaction.channel, remains.reference)):
        return False
    pictures = unkept is not None and not any(remains.reference in url for url in unkept)
    try:
        await redaction.provider.redact(remains.reference, pictures and remains.pictures)
    except SendFailed as failure:
        if failure.retry != "never":
            raise
        work.redacted(redaction.channel, "never")
        return False
    work.redacted(redaction.channel, "done")
    return pictures or not remains.pictures
