"""What an error of the Bot Framework's connector means for a message: try later, never, or find out first."""

import re
from datetime import datetime
from typing import Any

import httpx

from bot.channels.guard import wait_asked
from handlers.messages import SendFailed

FAULTS = (httpx.HTTPError, httpx.InvalidURL, SendFailed)

# Surely not posted, and a person can mend it: the message waits.
_MENDABLE = {
    "bot_disabled_by_admin": 300.0,
    "bot_not_in_conversation_roster": 300.0,
    "forbidden_operation_exception": 300.0,
}
_LATER = {401: 60.0, 412: 1.0, 429: 1.0}
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)
_GONE = ("activity_not_found", "conversation_not_found", "message_not_found", "404")
_WORD = re.compile(r"[A-Za-z]{1,40}").fullmatch
_INSIDE = re.compile(r"(?<=[a-z])(?=[A-Z])")


def failure(fault: Exception, now: datetime) -> SendFailed:
    """The fault of one call as SendFailed; its code is the provider's word for it, as in `bad_syntax`."""
    if isinstance(fault, SendFailed):
        return fault
    if isinstance(fault, httpx.HTTPStatusError):
        return _declined(fault.response, now)
    return SendFailed("later" if isinstance(fault, _UNSENT) else "unknown", "connection", after=1)


def is_gone(failed: SendFailed) -> bool:
    """Whether the message that was to be changed does not exist any more."""
    return failed.code in _GONE


def _declined(response: httpx.Response, now: datetime) -> SendFailed:
    status, code = response.status_code, _code(response)
    if status in _LATER:
        return SendFailed("later", code, wait_asked(response.headers.get("Retry-After"), now, _LATER[status]))
    if status == 403 and code in _MENDABLE:
        return SendFailed("later", code, _MENDABLE[code])
    return SendFailed("unknown" if status >= 500 or status < 400 else "never", code)


def _code(response: httpx.Response) -> str:
    try:
        body: Any = response.json()
        name = str(body["error"]["code"])
    except (ValueError, KeyError, TypeError, RecursionError, UnicodeDecodeError):
        name = ""
    return _INSIDE.sub("_", name).lower() if _WORD(name) else str(response.status_code)
