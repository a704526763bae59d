"""The reading room: a page that shows one staff member the pictures of one case, once, and leaves nothing behind."""

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.channels.guard import report
from storage.media import Shown

if TYPE_CHECKING:
    from jinja2 import Template

TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}").fullmatch

WHY_NOT = {
    "waiting": "is still on its way from the phone company. Look again in a few minutes.",
    "kept": "is kept sealed and is not shown: it is nothing that can safely be made into a picture.",
    "lost": "could not be fetched from the phone company.",
    "damaged": "cannot be read: what was stored has changed. Tell your administrator.",
}

STYLE = """
body { margin: 0 auto; max-width: 60rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif;
  color: #1b1b1b; background: #fff }
figure { margin: 0 0 2rem; padding: 0 }
img { display: block; max-width: 100%; height: auto; border: 1px solid #767676 }
figcaption, .quiet { color: #4a4a4a; overflow-wrap: anywhere }
button { font: inherit; padding: .75rem 1.5rem; color: #fff; background: #14507a; border: 2px solid #14507a;
  border-radius: .25rem; cursor: pointer }
button:focus-visible { outline: 3px solid #b35900; outline-offset: 2px }
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>{{ style | safe }}</style>
</head>
<body>
<main>
<h1>{{ title }}</h1>
{% for line in lines %}<p>{{ line }}</p>
{% endfor %}
{%- if button %}<form method="post"><button type="submit">{{ button }}</button></form>
{% endif %}
{%- for piece in pieces %}<figure>
{% if piece.picture %}<img src="{{ piece.picture }}" alt="{{ piece.name }}, sent by the reporter">
{% endif %}<figcaption>{{ piece.name }}{{ piece.why_not }}
{%- if piece.digest %}<br>
The original is kept sealed as it reached us. SHA-256: {{ piece.digest }}{% endif %}</figcaption>
</figure>
{% endfor %}</main>
</body>
</html>
"""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; img-src data:; form-action 'self'; base-uri 'none'; "
    f"frame-ancestors 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive, nosnippet",
}


class Shelf(Protocol):
    """Where the pictures are; see storage/media.py."""

    async def open_pass(self, token: str, now: datetime) -> Sequence[Shown] | None:
        """Use up a token."""


def routes(shelf: Shelf, now: Callable[[], datetime]) -> list[Route]:
    """The address `/desk/{token}`: looking at it changes nothing, only its button (POST) uses the token up."""

    async def door(request: Request) -> Response:
        return _door() if TOKEN(request.path_params["token"]) else _gone()

    async def room(request: Request) -> Response:
        token = request.path_params["token"]
        try:
            pieces = await shelf.open_pass(token, now()) if TOKEN(token) else None
        except Exception as fault:
            report(fault)
            return _trouble()
        return _gone() if pieces is None else _room(pieces)

    return [Route("/desk/{token}", door, methods=["GET"]), Route("/desk/{token}", room, methods=["POST"])]


def _door() -> Response:
    """The same for every token, because previews of links and mail scanners come here, too."""
    lines = (
        "The pictures of one case are shown once, to you, on this page. Viewing them is recorded.",
        "Open them where nobody else can see your screen. Closing the page takes them away.",
    )
    return render(200, "Reading room", lines, button="Show the pictures")


def _room(pieces: Sequence[Shown]) -> Response:
    lines = ("These copies are made anew from the pixels, without place, time or device.",)
    if not pieces:
        lines = ("The reporter of this case has sent no pictures.",)
    return render(200, "Pictures", lines, pieces=[_piece(at, len(pieces), one) for at, one in enumerate(pieces, 1)])


def _gone() -> Response:
    line = "This link has been used or is too old. Open the case in chat and press Pictures again."
    return render(404, "Nothing to see here", (line,))


def _trouble() -> Response:
    line = "The pictures cannot be shown just now. Open the case in chat and press Pictures again in a minute."
    return render(503, "Please try again", (line,))


def _piece(at: int, count: int, shown: Shown) -> dict[str, str]:
    picture = shown.picture
    return {
        "name": f"Picture {at} of {count}",
        "picture": _inline(picture) if picture else "",
        "why_not": "" if picture else f" ({shown.kind}) {WHY_NOT[shown.state]}",
        "digest": shown.digest,
    }


def _inline(picture: bytes) -> str:
    kind = "png" if picture.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{b64encode(picture).decode()}"


def render(
    status: int, title: str, lines: Sequence[str], button: str = "", pieces: Sequence[dict[str, str]] = ()
) -> Response:
    """A page of plain paragraphs that loads nothing from anywhere and is kept nowhere."""
    page = _page().render(title=title, lines=lines, button=button, pieces=pieces, style=STYLE)
    return HTMLResponse(page, status, HEADERS)


@cache
def _page() -> "Template":
    from jinja2 import Environment  # few people ever open this page, and every start would pay for it

    return Environment(autoescape=True).from_string(PAGE)
