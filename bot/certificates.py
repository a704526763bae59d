"""Two pages on certificates: whether one counts, for who has its code, and the paper itself, once, for its holder."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.guard import report
from bot.reading_room import HEADERS, TOKEN, render
from handlers.training import certificates
from handlers.training.certificates import Paper, Verified

MINUTE = timedelta(minutes=1)
EACH, ALL = 10, 120
"""Codes that are looked up a minute: by one address, and by all together."""

TITLE = "Certificate"
UNKNOWN = (
    "No certificate has this code.",
    "A code is ten letters and digits, such as 7KQ2M-XW94T. It is printed at the foot of the certificate.",
)
PRIVATE = "Names are not shown here: the initials are those of the person who holds the certificate."


class Registry(Protocol):
    """Where certificates are; see storage/certificates.py."""

    async def verify(self, code: str, now: datetime) -> Verified | None:
        """What a code tells."""

    async def open_link(self, token: str, now: datetime) -> Paper | None:
        """Use up a token."""


class Limit:
    """At most so many lookups a minute: by each address, and by all."""

    def __init__(self, each: int = EACH, all: int = ALL) -> None:
        self._each, self._all = each, all
        self._lately: deque[tuple[datetime, str]] = deque()

    def allows(self, who: str, now: datetime) -> bool:
        """Whether one more is allowed; if so it counts."""
        while self._lately and self._lately[0][0] <= now - MINUTE:
            self._lately.popleft()
        if len(self._lately) >= self._all or sum(one == who for _, one in self._lately) >= self._each:
            return False
        self._lately.append((now, who))
        return True


def routes(registry: Registry, now: Callable[[], datetime]) -> list[Route]:
    """`/desk/certificates/{code}` says whether a certificate counts. `/desk/certificate/{token}` shows a button, for
    previews of links come here, too; only the button (POST) uses the token up and brings the paper."""
    limit = Limit()

    async def check(request: Request) -> Response:
        if not limit.allows(request.client.host if request.client else "", now()):
            return render(429, "Please try again", ("Too many codes were tried just now. Try again in a minute.",))
        try:
            found = await registry.verify(certificates.code(request.path_params["code"]), now())
        except Exception as fault:
            report(fault)
            return _trouble()
        return render(200, TITLE, UNKNOWN if found is None else _told(found))

    async def door(request: Request) -> Response:
        return _door() if TOKEN(request.path_params["token"]) else _gone()

    async def paper(request: Request) -> Response:
        token = request.path_params["token"]
        try:
            found = await registry.open_link(token, now()) if TOKEN(token) else None
            return _gone() if found is None else await _file(found)
        except Exception as fault:
            report(fault)
            return _trouble()

    return [
        Route("/desk/certificates/{code}", check, methods=["GET"]),
        Route("/desk/certificate/{token}", door, methods=["GET"]),
        Route("/desk/certificate/{token}", paper, methods=["POST"]),
    ]


def _told(found: Verified) -> tuple[str, ...]:
    words = "This certificate is valid." if found.standing == "valid" else "This certificate has expired."
    until = f"Valid through: {_day(found.until)}" if found.until else "Valid through: no end date"
    holder = f"Holder: {found.initials or 'on no list here any more'}"
    return (words, f"Course: {found.course}", f"Completed on: {_day(found.earned)}", until, holder, PRIVATE)


def _door() -> Response:
    lines = (
        "Your certificate is a PDF file. Keep it: this link works once.",
        "If it is gone, ask for another one by text or in chat.",
    )
    return render(200, "Your certificate", lines, button="Get the certificate")


async def _file(paper: Paper) -> Response:
    # The library for documents is loaded only where one is made.
    from bot.reports import certificate

    content = await asyncio.to_thread(certificate.make, paper)
    name = f'attachment; filename="certificate-{paper.code}.pdf"'
    return Response(content, media_type="application/pdf", headers={**HEADERS, "Content-Disposition": name})


def _gone() -> Response:
    line = "This link has been used or is too old. Ask for your certificate again by text or in chat."
    return render(404, "Nothing to see here", (line,))


def _trouble() -> Response:
    return render(503, "Please try again", ("This cannot be shown just now. Try again in a minute.",))


def _day(at: date) -> str:
    return f"{at:%B} {at.day}, {at.year}"
