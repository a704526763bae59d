"""What both channels do first with a request, and how a request is refused: 4xx for theirs, 503 for ours."""

import logging
from collections.abc import Awaitable, Callable, Container
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import wraps

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bot.channels import Unknown
from storage.database import Busy

Endpoint = Callable[[Request], Awaitable[Response]]

TRY_AGAIN = {"Retry-After": "2"}
LONGEST_WAIT = 24 * 3600.0

log = structlog.get_logger(__name__)


class Refusal(Exception):
    """The request is not taken; `status` (4xx) is all that the caller learns."""

    def __init__(self, status: int) -> None:
        super().__init__(f"refused with {status}")
        self.status = status


def guarded(endpoint: Endpoint) -> Endpoint:
    """Turn what an endpoint raises into its answer: 4xx what they did wrong, 404 not ours, 503 try again."""

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refusal as refusal:
            return Response(status_code=refusal.status)
        except ClientDisconnect:
            return Response(status_code=400)
        except Unknown:
            return Response(status_code=404)
        except Exception as fault:
            report(fault)
            return Response(status_code=503, headers=TRY_AGAIN)

    return answer


def report(fault: BaseException) -> None:
    """Log that a turn failed, by the kind of fault only: its words may hold what must not be logged."""
    if isinstance(fault, Busy):
        log.warning("turn_waits")
    else:
        log.error("turn_failed", fault=type(fault).__name__)


async def read_body(request: Request, limit: int) -> bytes:
    """The body, read once; 413 as soon as it is longer than `limit` bytes."""
    if _announced(request) > limit:
        raise Refusal(413)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise Refusal(413)
        parts.append(part)
    return b"".join(parts)


def require_type(request: Request, allowed: Container[str]) -> None:
    """415 unless the content type is one of `allowed`, in UTF-8."""
    kind, _, options = request.headers.get("content-type", "").partition(";")
    name, _, charset = options.strip().partition("=")
    if kind.strip().lower() not in allowed:
        raise Refusal(415)
    if name.strip().lower() == "charset" and charset.strip(' "').lower() not in ("utf-8", "utf8"):
        raise Refusal(415)


def wait_asked(header: str | None, now: datetime, otherwise: float) -> float:
    """Seconds that a Retry-After header asks for (number or date), at most a day; `otherwise` where it says nothing."""
    try:
        return min(max(float(int(header or "")), 0), LONGEST_WAIT)
    except ValueError:
        return _wait_until(header or "", now, otherwise)


def silent_logger() -> logging.Logger:
    """A logger that says nothing: client libraries log texts, numbers and tokens when asked for detail."""
    logger = logging.Logger("silent", logging.CRITICAL + 1)
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    logger.disabled = True
    return logger


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit() and len(length) < 20):
        raise Refusal(400)
    return int(length)


def _wait_until(header: str, now: datetime, otherwise: float) -> float:
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return otherwise
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0), LONGEST_WAIT)
