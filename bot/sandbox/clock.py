"""The sandbox's clock: real time and an offset that only grows, also over a restart, and a way through time."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

STEP = timedelta(seconds=1)


class Clock:
    """Gives the time in UTC. What a database has seen must not lie in the future after a restart, so it is kept."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.offset = timedelta(seconds=json.loads(file.read_text())["seconds"]) if file.exists() else timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def advance(self, to: datetime) -> None:
        """Set it forward; never back."""
        self.offset = max(self.offset, to - datetime.now(UTC))
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps({"seconds": self.offset.total_seconds()}))
        fresh.replace(self._file)


@dataclass
class Journey:
    """One way through time, and how far it has come."""

    start: datetime
    target: datetime
    at: datetime
    events: int = 0


@dataclass
class Travel:
    """Moves the clock from one due thing to the next, and lets each happen in its own time.

    `next_due` gives the time of the next thing or None, `settle` does all that is due and waits for what follows.
    """

    clock: Clock
    next_due: Callable[[], Awaitable[datetime | None]]
    settle: Callable[[], Awaitable[None]]
    changed: Callable[[], None]
    journey: Journey | None = None
    _task: asyncio.Task[None] | None = None

    def start(self, target: datetime) -> bool:
        """Begin to move; False while the clock is already moving."""
        if self.journey:
            return False
        now = self.clock()
        self.journey = Journey(now, max(target, now), now)
        self._task = asyncio.create_task(self._run(self.journey))
        return True

    def stop(self) -> None:
        """Stay at the time that has been reached."""
        if self.journey:
            self.journey.target = self.journey.at

    async def finished(self) -> None:
        """Wait until the clock has arrived."""
        if self._task:
            await self._task

    async def _run(self, journey: Journey) -> None:
        try:
            await self.settle()
            while (due := await self._next(journey)) is not None:
                journey.events += 1
                await self._reach(journey, due)
            await self._reach(journey, journey.target)
        finally:
            self.journey = None
            self.changed()

    async def _next(self, journey: Journey) -> datetime | None:
        due = await self.next_due()
        if due is None:
            return None
        # What stays due although it was its turn must not hold time up.
        at = due if due > journey.at else journey.at + STEP
        return at if at <= journey.target else None

    async def _reach(self, journey: Journey, at: datetime) -> None:
        self.clock.advance(at)
        journey.at = at
        await self.settle()
        self.changed()
