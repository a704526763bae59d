"""What the provider stand-ins share: serving on loopback, posting to the bot, and work in the background."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import uvicorn
from starlette.requests import Request
from starlette.types import ASGIApp
from yarl import URL

GOODBYE = 1.0


@asynccontextmanager
async def serve(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """Serve an ASGI app on a loopback port inside the running loop; gives its base URL."""
    listener = socket.create_server(("127.0.0.1", port))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else asyncio lets each answer wait 40 ms
    config = uvicorn.Config(app, log_config=None, access_log=False, ws="websockets-sansio")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        await _close(server)
        listener.close()


async def _close(server: uvicorn.Server) -> None:
    # uvicorn's own shutdown sleeps, and takes over the signals of whoever runs the loop.
    for listener in server.servers:
        listener.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    if server.server_state.tasks:
        _, late = await asyncio.wait(server.server_state.tasks, timeout=GOODBYE)
        for task in late:
            task.cancel()
    await server.lifespan.shutdown()


@dataclass(frozen=True)
class Answer:
    """What the bot answered; status is None when it did not."""

    status: int | None
    body: str = ""
    content_type: str = ""
    elapsed: float = 0.0
    error: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300 and self.error is None


async def post(url: str, body: bytes, headers: dict[str, str], limit: float) -> Answer:
    """Post the bytes as they are; a failed connection and a late answer are answers too."""
    started = time.monotonic()
    try:
        async with asyncio.timeout(limit), aiohttp.ClientSession() as session:
            target = URL(url, encoded=True)
            async with session.post(target, data=body, headers=headers, allow_redirects=False) as response:
                text = (await response.read()).decode("utf-8", "replace")
                return Answer(
                    response.status,
                    text,
                    response.content_type,
                    time.monotonic() - started,
                    headers={name.lower(): value for name, value in response.headers.items()},
                )
    except TimeoutError:
        return Answer(None, elapsed=time.monotonic() - started, error="timeout")
    except aiohttp.ClientError:
        return Answer(None, elapsed=time.monotonic() - started, error="connection_failed")


def address(request: Request) -> str:
    """Where the stand-in itself is reached, below the prefix it is mounted at."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


async def form(request: Request) -> list[tuple[str, str]]:
    """The fields of a posted form, in order, empty ones too."""
    return parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)


async def until_gone(request: Request, released: asyncio.Event) -> None:
    """Leave a request unanswered until its client goes away or the fault is released."""
    waits = [asyncio.create_task(_disconnected(request)), asyncio.create_task(released.wait())]
    _, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


class Background:
    """Work that goes on by itself, and can be waited for."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        while running := [task for task in self._tasks if not task.done()]:
            await asyncio.gather(*running)


def nothing() -> None:
    """The hook of a stand-in that nobody watches."""


def same(url: str) -> str:
    """The way to a public URL when it is reached as it is written."""
    return url


Reach = Callable[[str], str]
