"""Runs the sandbox on this machine, as one process on one port."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import uvicorn

from bot import logs
from bot.sandbox.app import HOST, TOKENS, Sandbox, open_sandbox
from bot.settings import WrongSetting, read_settings

FOLDER = Path("data/sandbox")
GRACE_SECONDS = 2


def main(port: int | None = None, folder: Path = FOLDER) -> None:
    """Run until it is told to stop; `port` is PORT by default. Raises WrongSetting where it cannot listen."""
    settings = read_settings(**TOKENS)
    logs.configure(settings.log_level, "console")
    with _listen(settings.port if port is None else port) as listening:
        # Uvicorn raises the signal that stopped it once more when it is done; the rest must still close then.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        asyncio.run(_run(folder, listening))


async def _run(folder: Path, listening: socket.socket) -> None:
    address = f"http://{HOST}:{listening.getsockname()[1]}"
    async with open_sandbox(folder, address) as sandbox:
        print(f"Commonline's sandbox: {address}/sandbox/\nIts data is in {folder}; Ctrl+C stops it.", flush=True)
        introducing = asyncio.create_task(sandbox.introduce())
        await _Server(sandbox).serve(sockets=[listening])
        introducing.cancel()


class _Server(uvicorn.Server):
    """Sends away those who look at the page before it waits for their connections to end."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(
            uvicorn.Config(
                sandbox.app,
                lifespan="off",
                ws="none",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self.sandbox = sandbox

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does, after that."""
        self.sandbox.watch.close()
        await super().shutdown(sockets)


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise WrongSetting(f"PORT is wrong: cannot listen on {HOST}:{port}: {os.strerror(error.errno or 0)}.") from None
