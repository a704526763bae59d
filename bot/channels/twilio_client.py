"""Twilio's client made safe: a real timeout, no repeats, no log lines, any host, one error that says what to do."""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import phonenumbers
from twilio.base.domain import Domain  # type: ignore[import-untyped]
from twilio.base.version import Version  # type: ignore[import-untyped]
from twilio.http.async_http_client import AsyncTwilioHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]
from twilio.rest.api.v2010.account.message import MessageList  # type: ignore[import-untyped]
from yarl import URL

from bot.channels.guard import silent_logger, wait_asked
from handlers.messages import SendFailed

API = "https://api.twilio.com"
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)

# Twilio's error dictionary, the part that a text message can meet.
_NEVER = {
    21201: "no number to send to",
    21211: "not a phone number",
    21214: "not reachable",
    21217: "not a phone number",
    21265: "not a short code that can be reached",
    21408: "country not permitted",
    21421: "not a phone number",
    21602: "no text",
    21603: "no sender",
    21604: "no number to send to",
    21606: "sender cannot send texts",
    21610: "person has opted out",
    21612: "no route between these numbers",
    21614: "not a mobile number",
    21617: "text too long",
    21635: "landline",
    21659: "sender is not ours",
    21660: "sender belongs to another account",
    21661: "sender cannot send texts",
}
_LATER = {
    14107: 1.0,  # too many for this sender
    20003: 60.0,  # credentials: a person must mend the settings, and the text must still be there then
    20005: 60.0,  # account suspended
    20006: 60.0,  # access denied
    20429: 1.0,
    21611: 60.0,  # the sender's queue is full
    30001: 60.0,  # the queue is full
    63038: 600.0,  # daily limit
}
_ASKED_TO_WAIT = 429


class TwilioHttp(AsyncTwilioHttpClient):  # type: ignore[misc]
    """Sends each request once to `base_url`, whatever host the library named; raises SendFailed for every error."""

    def __init__(self, base_url: str, now: Callable[[], datetime]) -> None:
        super().__init__(logger=silent_logger())
        self._base = base_url.rstrip("/")
        self._now = now

    async def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature; ours is the session's
        allow_redirects: bool = False,
    ) -> Response:
        """One request, once."""
        login = {"Authorization": aiohttp.encode_basic_auth(*auth)} if auth else {}
        try:
            async with self.session.request(
                method,
                self._rebase(url),
                params=params,
                data=data,
                headers={**(headers or {}), **login},
                timeout=TIMEOUT,
                allow_redirects=False,
            ) as answer:
                words = await answer.text()
        except (aiohttp.ClientError, TimeoutError, OSError, UnicodeDecodeError) as fault:
            raise unanswered(fault) from None
        if answer.status >= 300:
            raise declined(answer.status, _code(words), answer.headers.get("Retry-After"), self._now())
        return Response(answer.status, words, answer.headers)

    def _rebase(self, url: str) -> URL:
        parts = urlsplit(url)
        return URL(f"{self._base}{parts.path}{'?' if parts.query else ''}{parts.query}", encoded=True)


def connect(account_sid: str, auth_token: str, http: TwilioHttp) -> MessageList:
    """The account's messages, by Twilio's client on our HTTP client.

    `Client(…).messages` is the same, but imports all of Twilio's products on its way.
    """
    client = Client(account_sid, auth_token, http_client=http)
    return MessageList(Version(Domain(client, API), "2010-04-01"), account_sid)


def unanswered(fault: BaseException) -> SendFailed:
    """No answer came: "later" if the request surely never left, else "unknown"."""
    unsent = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
    return SendFailed("later" if isinstance(fault, unsent) else "unknown", "connection", after=1)


def declined(status: int, code: int, retry_after: str | None, now: datetime) -> SendFailed:
    """Twilio answered with an error: what that means for the message."""
    name = str(code or status)
    if code in _NEVER:
        return SendFailed("never", name)
    if status == _ASKED_TO_WAIT or code in _LATER:
        return SendFailed("later", name, wait_asked(retry_after, now, _LATER.get(code, 1.0)))
    if status in (401, 403):
        return SendFailed("later", name, 60)
    return SendFailed("never" if 300 <= status < 500 else "unknown", name)


def may_text(number: str, regions: Collection[str]) -> bool:
    """Whether a number can be texted and lies in `regions` (ISO codes); premium numbers do not.

    North America's shared +1 is told apart by area code. An area code that nobody has been given yet is let through
    as ours: it costs nothing, and the carriers open new ones faster than libraries learn of them.
    """
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    if not phonenumbers.is_possible_number(parsed) or _is_premium(parsed):
        return False
    region = phonenumbers.region_code_for_number(parsed)
    return region in regions or (region is None and parsed.country_code == 1 and "US" in regions)


def _is_premium(parsed: phonenumbers.PhoneNumber) -> bool:
    local = phonenumbers.national_significant_number(parsed)
    charged = (phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST)
    north_american = parsed.country_code == 1 and (local[:3] in ("900", "976") or local[3:6] == "976")
    return north_american or phonenumbers.number_type(parsed) in charged


def _code(words: str) -> int:
    try:
        code = json.loads(words).get("code")
    except (ValueError, AttributeError, RecursionError):
        return 0
    return code if isinstance(code, int) else 0
