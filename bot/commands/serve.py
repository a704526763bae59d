"""`serve`: the service, on one port, until it is told to stop."""

import gc
import signal
import socket

import structlog
import uvicorn
import uvloop
from starlette.applications import Starlette

from bot import logs
from bot.app import build
from bot.commands import Stop
from bot.settings import Settings, read_settings

GRACE_SECONDS = 20

log = structlog.get_logger(__name__)


def serve() -> None:
    """Run the service until SIGTERM or SIGINT; what runs by then is finished first."""
    settings = read_settings()
    logs.configure(settings.log_level, settings.log_format)
    app = build(settings)
    with _listen(settings.host, settings.port) as listening:
        _outlive_signals()
        uvloop.run(_serve(app, settings, listening))


async def _serve(app: Starlette, settings: Settings, listening: socket.socket) -> None:
    """Opens and closes the service around the server, so that a refusal is heard by the command."""
    async with app.router.lifespan_context(app):
        log.info("serving", port=settings.port)
        if not settings.channels:
            log.warning("no_channels")
        gc.freeze()
        gc.enable()
        await uvicorn.Server(_config(app)).serve(sockets=[listening])
        log.info("stopping")


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="off",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Stop(f"HOST and PORT are wrong: cannot listen on {host}:{port}: {error.strerror}.") from None


def _outlive_signals() -> None:
    """Uvicorn raises the signal that stopped it once more when it is done; the service must still close then."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
