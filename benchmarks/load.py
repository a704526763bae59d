"""Sends prepared requests over keep-alive connections from a process of its own, each when the last is answered."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from statistics import median
from typing import cast

import uvloop

from benchmarks.processes import Running


@dataclass
class Answered:
    """What came of a load: statuses, seconds each request took in the order of answers, and seconds in all.

    `cpu` is what the process that answered used meanwhile, in seconds.
    """

    seconds: float = 0.0
    cpu: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.waits) / self.seconds

    @property
    def p50(self) -> float:
        """Median wait in milliseconds."""
        return median(self.waits) * 1000

    @property
    def p99(self) -> float:
        """Wait in milliseconds that 99 of 100 requests do not exceed."""
        return sorted(self.waits)[int(len(self.waits) * 0.99)] * 1000


class Load:
    """A process that sends."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def send(self, to: Running, requests: Sequence[bytes], connections: int) -> Answered:
        """Send them all; raises unless every one was answered with 200."""
        before = to.cpu()
        answered = self._pool.submit(_run, to.port, requests, connections).result()
        answered.cpu = to.cpu() - before
        if set(answered.statuses) != {200} or len(answered.waits) != len(requests):
            raise RuntimeError(f"answers other than 200: {dict(answered.statuses)}")
        return answered


@contextmanager
def load() -> Iterator[Load]:
    """The process, started once."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        yield Load(pool)


def post(path: str, body: bytes, kind: str, **headers: str) -> bytes:
    """A request as it goes over the wire."""
    named = {"Host": "localhost", "Content-Type": kind, "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def _run(port: int, requests: Sequence[bytes], connections: int) -> Answered:
    return uvloop.run(_send(port, requests, connections))


async def _send(port: int, requests: Sequence[bytes], connections: int) -> Answered:
    answered, queue, loop = Answered(), iter(requests), asyncio.get_running_loop()
    began = time.perf_counter()
    opened = [
        await loop.create_connection(lambda: Sender(queue, answered), "127.0.0.1", port) for _ in range(connections)
    ]
    await asyncio.gather(*(sender.done for _, sender in opened))
    answered.seconds = time.perf_counter() - began
    return answered


class Sender(asyncio.Protocol):
    """One connection: takes the next request when the last is answered."""

    def __init__(self, queue: Iterator[bytes], answered: Answered) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue = queue
        self._answered = answered
        self._got = b""
        self._since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, ended, body = self._got.partition(b"\r\n\r\n")
        if ended and len(body) >= _length(head):
            self._answered.waits.append(time.perf_counter() - self._since)
            self._answered.statuses[int(head[9:12])] += 1
            self._got = b""
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("closed in the middle"))

    def _next(self) -> None:
        request = next(self._queue, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._since = time.perf_counter()
        self._transport.write(request)


def _length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
