"""Timed work: APScheduler is the ticker, what is due lies in indexed tables; each job is one file of this folder."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from scheduler.work import Work, log

# The default grace drops a job that is one second late; ours are never too late, and never run twice at once.
NEVER_MISSED = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}


def jobs() -> list[ModuleType]:
    """Every file of this folder that has a `run` and says how often: EVERY, in seconds."""
    found = (import_module(f"scheduler.{module.name}") for module in iter_modules(__path__))
    return sorted((job for job in found if hasattr(job, "EVERY")), key=lambda job: str(job.__name__))


class Scheduler:
    """Runs the jobs: each at its pace, and the quick ones at once when something was committed."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.beat: datetime | None = None
        self._clock = AsyncIOScheduler(job_defaults=NEVER_MISSED, timezone="UTC")
        self._quick = [job for job in jobs() if job.EVERY <= 1]
        self._locks = {job.__name__: asyncio.Lock() for job in jobs()}
        self._tasks: set[asyncio.Task[None]] = set()
        self._woken = False

    def start(self) -> None:
        """Begin to tick; what waits for minutes runs once at the start, too."""
        for job in jobs():
            self._clock.add_job(self._begin, "interval", [job], seconds=job.EVERY, id=job.__name__)
            self._spawn(self._run(job))
        self._clock.start()

    async def close(self) -> None:
        """Stop ticking and let what runs come to its end."""
        if self._clock.running:
            self._clock.shutdown(wait=False)
        await self.settled()

    def wake(self) -> None:
        """Something may be due now: do not wait for the next tick."""
        if not self._woken:
            self._woken = True
            self._spawn(self._rouse())

    async def tick(self) -> None:
        """Run every job once, until nothing more is due."""
        for job in jobs():
            await self._run(job)
        await self.settled()

    async def settled(self) -> None:
        """Wait until no job runs."""
        while running := [task for task in self._tasks if not task.done()]:
            await asyncio.gather(*running, return_exceptions=True)

    async def _rouse(self) -> None:
        self._woken = False
        for job in self._quick:
            await self._run(job)

    async def _begin(self, job: ModuleType) -> None:
        """At its pace, but not while it runs: what is due then is found by the run that is under way, or the next."""
        if not self._locks[job.__name__].locked():
            self._spawn(self._run(job))

    async def _run(self, job: ModuleType) -> None:
        run: Callable[[Work], Awaitable[None]] = job.run
        async with self._locks[job.__name__]:
            try:
                await run(self.work)
            except Exception as fault:
                log.error("job_broke", job=job.__name__, error=type(fault).__name__)
            else:
                self.beat = self.work.now()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
