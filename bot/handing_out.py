"""Files of reports by address: pictures for chats that fetch them, and each other file once, to who asked for it."""

import mimetypes
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.guard import report
from bot.reading_room import HEADERS, TOKEN, render
from handlers.messages import File
from storage.reports import PICTURES

DOOR = (
    "A file of a report is handed out once, to you. Taking it is recorded.",
    "It holds only figures that were released; keep it as you would keep the chat it was posted in.",
)
GONE = "This link has been used or is too old. Press the file's button in chat again."
TROUBLE = "The file cannot be handed out just now. Press its button in chat again in a minute."


class Files(Protocol):
    """Where the files are; see storage/reports.py."""

    async def open_picture(self, link: str, now: datetime) -> bytes | None: ...
    async def open_file(self, token: str, now: datetime) -> File | None: ...


def routes(files: Callable[[], Files], now: Callable[[], datetime]) -> list[Route]:
    """`/desk/picture/{link}`, and `/desk/files/{token}`: looking changes nothing, only its button uses the token up."""

    async def picture(request: Request) -> Response:
        link = request.path_params["link"]
        found = await files().open_picture(link, now()) if TOKEN(link) else None
        return Response(status_code=404, headers=HEADERS) if found is None else _sent(found, "image/png")

    async def door(request: Request) -> Response:
        if not TOKEN(request.path_params["token"]):
            return render(404, "Nothing to see here", (GONE,))
        return render(200, "Report", DOOR, button="Take the file")

    async def take(request: Request) -> Response:
        token = request.path_params["token"]
        try:
            file = await files().open_file(token, now()) if TOKEN(token) else None
        except Exception as fault:
            report(fault)
            return render(503, "Please try again", (TROUBLE,))
        return render(404, "Nothing to see here", (GONE,)) if file is None else _handed(file)

    return [
        Route(f"/desk{PICTURES}{{link}}", picture, methods=["GET"]),
        Route("/desk/files/{token}", door, methods=["GET"]),
        Route("/desk/files/{token}", take, methods=["POST"]),
    ]


def _handed(file: File) -> Response:
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return _sent(file.content, kind, {"Content-Disposition": f'attachment; filename="{file.name}"'})


def _sent(content: bytes, kind: str, more: dict[str, str] | None = None) -> Response:
    return Response(
        content, media_type=kind, headers=HEADERS | {"Cross-Origin-Resource-Policy": "cross-origin"} | (more or {})
    )
