"""Whether the process lives, and whether it is ready: database, ticker and outbox, without a secret in the answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

LONGEST_BEAT = 60.0
LONGEST_UNREDACTED = timedelta(days=1)
PATIENCE = 5.0

Part = dict[str, object]


@dataclass(frozen=True, slots=True)
class Health:
    """What readiness is asked of: `write` raises unless the database takes a change and is migrated, `beat` is the
    scheduler's last tick, `oldest` the time the oldest message owed was due (None: nothing is owed), `stranded` how
    many wait for a channel that does not run, by channel, `unredacted` for how long texts lie at their provider that
    should be blank."""

    now: Callable[[], datetime]
    write: Callable[[], Awaitable[object]]
    beat: Callable[[], datetime | None]
    oldest: Callable[[], Awaitable[datetime | None]]
    stranded: Callable[[], Awaitable[Mapping[str, int]]]
    unredacted: Callable[[], Awaitable[timedelta]]

    def routes(self) -> list[Route]:
        """GET /healthz says 200 as long as the process answers; GET /readyz 200 or 503, with each part's state."""
        return [Route("/healthz", _alive), Route("/readyz", self._ready)]

    async def _ready(self, _request: Request) -> Response:
        parts = {"database": await self._database(), "scheduler": self._scheduler(), "outbox": await self._outbox()}
        ready = all(part["ok"] for part in parts.values())
        parts |= await self._redaction()
        return JSONResponse({"ready": ready, **parts}, status_code=200 if ready else 503)

    async def _database(self) -> Part:
        try:
            async with asyncio.timeout(PATIENCE):
                await self.write()
        except Exception as fault:
            return {"ok": False, "error": type(fault).__name__}
        return {"ok": True}

    def _scheduler(self) -> Part:
        beat = self.beat()
        if beat is None:
            return {"ok": False, "seconds": None}
        seconds = (self.now() - beat).total_seconds()
        return {"ok": seconds < LONGEST_BEAT, "seconds": round(seconds, 1)}

    async def _outbox(self) -> Part:
        """How late the oldest message is. A slow provider is no fault of ours, so it never makes us unready."""
        try:
            async with asyncio.timeout(PATIENCE):
                oldest, stranded = await self.oldest(), await self.stranded()
        except Exception as fault:
            return {"ok": False, "error": type(fault).__name__}
        late = (self.now() - oldest).total_seconds() if oldest else 0.0
        waits: Part = {"no_channel": dict(stranded)} if stranded else {}
        return {"ok": True, "seconds": round(max(late, 0.0), 1), **waits}

    async def _redaction(self) -> dict[str, Part]:
        """Told only if it lasts: a provider that does not let go for a while is no fault of ours."""
        try:
            async with asyncio.timeout(PATIENCE):
                late = await self.unredacted()
        except Exception as fault:
            return {"redaction": {"ok": False, "error": type(fault).__name__}}
        hours = round(late.total_seconds() / 3600)
        return {"redaction": {"ok": False, "late_hours": hours}} if late > LONGEST_UNREDACTED else {}


async def _alive(_request: Request) -> Response:
    return JSONResponse({"alive": True})
