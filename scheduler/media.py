"""Fetches what reporters send besides words, has a copy made that staff may look at, and puts both on the shelf."""

import asyncio
from datetime import timedelta

from handlers.messages import Piece, SendFailed
from scheduler.work import Work, log

# Slower than the jobs that are woken at once: no reply may wait behind a picture.
EVERY = 5.0
SHORTEST_WAIT = 5.0
LONGEST_WAIT = 3600.0

# With these waits, about a day. A provider's "never" is believed at the third time: it may have been too early.
MOST_TRIES = 30
TRIES_AFTER_NEVER = 3
TRIES_TO_CLEAN = 5


async def run(work: Work) -> None:
    """Fetch all that is due, a few at a time."""
    while pieces := await work.shelf.claim(work.now()):
        await asyncio.gather(*(_take(work, piece) for piece in pieces))


async def _take(work: Work, piece: Piece) -> None:
    try:
        await _keep(work, piece)
    except SendFailed as failure:
        await _failed(work, piece, failure)
    except Exception as fault:
        # Ours, not the provider's: the piece is still there, and never given up for it.
        log.error("media_broke", channel=piece.channel, error=type(fault).__name__)
        await _later(work, piece)


async def _keep(work: Work, piece: Piece) -> None:
    content_type, original = await work.channels[piece.channel].fetch(piece.url)
    try:
        shown = await work.clean(original)
    except OSError:
        if piece.tries < TRIES_TO_CLEAN:
            raise
        shown = None
    await work.shelf.keep(piece, content_type, original, shown, work.now())


async def _failed(work: Work, piece: Piece, failure: SendFailed) -> None:
    most = TRIES_AFTER_NEVER if failure.retry == "never" else MOST_TRIES
    if piece.tries >= most:
        log.warning("media_lost", channel=piece.channel, code=failure.code)
        await work.shelf.lost(piece, work.now())
    else:
        await _later(work, piece, failure.after)


async def _later(work: Work, piece: Piece, asked: float = 0) -> None:
    wait = max(asked, min(SHORTEST_WAIT * 2.0 ** min(piece.tries, 20), LONGEST_WAIT))
    await work.shelf.retry(piece, work.now() + timedelta(seconds=wait))
