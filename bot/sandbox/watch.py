"""Tells the page that something has changed, as server-sent events."""

import asyncio
from collections.abc import AsyncIterator

QUIET_SECONDS = 15


class Watch:
    """Those who look at the page. They are told that, not what: they then ask for the state."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Event] = set()
        self._closed = False

    def changed(self) -> None:
        """Tell everybody."""
        for listener in self._listeners:
            listener.set()

    def close(self) -> None:
        """Send everybody away, so that the server need not wait for them."""
        self._closed = True
        self.changed()

    async def follow(self) -> AsyncIterator[str]:
        """One event at once, then one after each change; a comment now and then keeps the connection."""
        listener = asyncio.Event()
        self._listeners.add(listener)
        try:
            yield "event: changed\ndata: {}\n\n"
            while not self._closed:
                yield await _next(listener)
        finally:
            self._listeners.discard(listener)


async def _next(listener: asyncio.Event) -> str:
    try:
        async with asyncio.timeout(QUIET_SECONDS):
            await listener.wait()
    except TimeoutError:
        return ": quiet\n\n"
    listener.clear()
    return "event: changed\ndata: {}\n\n"
