"""Serves an application as `python -m bot serve` serves the bot: the same server, the same loop, the same options."""

import os

import uvicorn
import uvloop
from starlette.types import ASGIApp


def serve(app: ASGIApp) -> None:
    """Until it is told to stop, on PORT of this machine."""
    config = uvicorn.Config(
        app,
        port=int(os.environ["PORT"]),
        lifespan="off",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        backlog=2048,
    )
    uvloop.run(uvicorn.Server(config).serve())
