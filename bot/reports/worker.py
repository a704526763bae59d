"""Long work in a process of its own, so that no turn waits for it and it can be ended."""

import asyncio
import os
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

T = TypeVar("T")
Told = Callable[[str, int, int], None]
"""Called with the name of a step, how much of it is done, and of how much (0: nobody knows)."""

POLITE = 10


class Ended(Exception):
    """The work was not done: it took too long, broke (the message names the error's type), or was stopped."""


class Worker:
    """Runs one piece of work at a time for whoever holds it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._running: BaseProcess | None = None
        self._free = asyncio.Lock()

    async def run(self, told: Told, function: Callable[..., T], *arguments: object) -> T:
        """What `function(told, *arguments)` returns; all of these must be picklable. Raises Ended."""
        async with self._free:
            ours, theirs = (context := get_context("spawn")).Pipe()
            self._running = context.Process(target=_work, args=(theirs, function, arguments), daemon=True)
            try:
                await asyncio.to_thread(self._running.start)
                theirs.close()
                return await asyncio.to_thread(_hear, ours, told, time.monotonic() + self.seconds)
            finally:
                self.stop()
                await asyncio.to_thread(self._running.join)
                ours.close()

    def stop(self) -> None:
        """End what runs; whoever waits for it gets Ended."""
        if self._running is not None and self._running.is_alive():
            self._running.kill()


def _hear(pipe: Connection, told: Told, until: float) -> Any:
    while True:
        if not pipe.poll(max(0.0, until - time.monotonic())):
            raise Ended("took too long")
        try:
            kind, value = pipe.recv()
        except (EOFError, OSError):
            raise Ended("stopped") from None
        if kind == "done":
            return value
        if kind == "broke":
            raise Ended(value)
        told(*value)


def _work(pipe: Connection, function: Callable[..., Any], arguments: tuple[object, ...]) -> None:
    os.nice(POLITE)
    # The solver's library writes to the process's own output now and then, whatever it is told.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        result = function(lambda *told: pipe.send(("told", told)), *arguments)
    except Exception as fault:
        pipe.send(("broke", type(fault).__name__))
    else:
        pipe.send(("done", result))
