"""SMS and MMS over Twilio: signed webhooks in, the Messages API out, and its list for what was missed."""

import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Container, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import parse_qsl

import aiohttp
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from twilio.rest.api.v2010.account.message import MessageList  # type: ignore[import-untyped]

from bot.channels import Now, Settle, TakeTurn
from bot.channels.guard import Refusal, guarded, read_body, require_type
from bot.channels.media import Fetcher
from bot.channels.twilio_client import API, TwilioHttp, connect, may_text
from bot.channels.twilio_signature import Pairs, Signature
from handlers.messages import Inbound, Media, Outbound, Receipt, Remains, SendFailed

LARGEST_BODY = 64 * 1024
MOST_FIELDS = 200
MOST_PICTURES = 10
CLOCKS_DIFFER = timedelta(seconds=5)
REMEMBERED = 10_000
LOOKED_THROUGH = 200
LARGEST_PAGE = 1000
NORTH_AMERICA = frozenset({"US", "CA"})

State = Literal["accepted", "sent", "delivered", "failed"]
STATES: Mapping[str, State] = {
    "accepted": "accepted",
    "queued": "accepted",
    "scheduled": "accepted",
    "sending": "accepted",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}

# Of a text to somebody nothing more is heard after "sent" where the carrier gives no receipt: Twilio decides.
FINAL = frozenset({"received", "sent", *(name for name, state in STATES.items() if state in ("delivered", "failed"))})
GONE = ("20404", "404")

_FORM = ("application/x-www-form-urlencoded",)
_TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
_MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-f]{32}").fullmatch
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}").fullmatch
_MACHINE = re.compile(r"[0-9]{3,8}|[A-Za-z0-9 ._&-]{1,15}").fullmatch
_ATTEMPT = re.compile(r"[A-Za-z0-9_-]{1,64}").fullmatch
_MESSAGE_FIELDS = frozenset({"AccountSid", "MessageSid", "From", "To", "Body"})
_STATUS_FIELDS = frozenset({"AccountSid", "MessageSid", "MessageStatus"})


class TwilioSms:
    """The texting channel. `lines` are our numbers; `auth_tokens` the primary and, during rotation, the secondary.

    `public_url` is where Twilio reaches us (never the Host header); `base_url` is the API, or a stand-in for it.
    """

    name = "twilio_sms"

    def __init__(
        self,
        account_sid: str,
        auth_tokens: Sequence[str],
        base_url: str,
        public_url: str,
        lines: Container[str],
        take_turn: TakeTurn,
        settle: Settle,
        now: Now,
        regions: Collection[str] = NORTH_AMERICA,
    ) -> None:
        self._account_sid = account_sid
        self._auth_token = auth_tokens[0]
        self._signature = Signature(auth_tokens, public_url)
        self._base_url = base_url.rstrip("/")
        self._public_url = public_url.rstrip("/")
        self._lines = lines
        self._take_turn = take_turn
        self._settle = settle
        self._now = now
        self._regions = regions
        self._attempts: OrderedDict[str, str] = OrderedDict()
        self._http: TwilioHttp | None = None
        self._listed: MessageList | None = None
        self._media: Fetcher | None = None

    def routes(self) -> Sequence[BaseRoute]:
        """Inbound messages, and what became of sent ones."""
        return [
            Route("/twilio/messages", guarded(self._receive), methods=["POST"]),
            Route("/twilio/status/{attempt}", guarded(self._report), methods=["POST"]),
        ]

    async def start(self) -> None:
        """Open the API client and the media session."""
        self._http = TwilioHttp(self._base_url, self._now)
        self._listed = connect(self._account_sid, self._auth_token, self._http)
        login = {"Authorization": aiohttp.encode_basic_auth(self._account_sid, self._auth_token)}
        self._media = Fetcher(f"{self._base_url}/2010-04-01/Accounts/{self._account_sid}/", login)

    async def close(self) -> None:
        """Close them."""
        if self._http and self._media:
            await self._media.close()
            await self._http.close()

    async def send(self, outbound: Outbound) -> Receipt:
        """Text one person, once. A card goes as its summary; taking a text back is not possible and does nothing."""
        if outbound.kind == "withdraw":
            return Receipt("delivered", outbound.reference)
        if not may_text(outbound.to, self._regions):
            raise SendFailed("never", "region")
        sent = await self._messages.create_async(
            to=outbound.to,
            from_=outbound.line,
            body=words(outbound),
            status_callback=f"{self._public_url}/twilio/status/{outbound.attempt}",
        )
        self._remember(sent.sid, outbound.attempt)
        return _receipt(sent)

    async def find(self, outbound: Outbound) -> Receipt | None:
        """Look an uncertain attempt up in Twilio's list; raises SendFailed when Twilio does not answer."""
        if outbound.kind == "withdraw":
            return Receipt("delivered", outbound.reference)
        # Without a time filter: Twilio's looks at the time of sending, which a queued message does not have yet.
        listed = await self._messages.list_async(to=outbound.to, from_=outbound.line, limit=LOOKED_THROUGH)
        likely = [message for message in listed if self._may_be(message, outbound)]
        if not likely:
            return None
        nearest = min(likely, key=lambda message: abs(message.date_created - outbound.created_at))
        self._remember(nearest.sid, outbound.attempt)
        return _receipt(nearest)

    async def missed(self, line: str, since: datetime) -> AsyncIterator[Inbound]:
        """What Twilio took for a line since then, oldest first; times are when Twilio took it."""
        listed = await self._messages.list_async(to=line, date_sent_after=since.astimezone(UTC), page_size=200)
        came = [message for message in listed if message.direction == "inbound" and _PHONE(message.from_ or "")]
        for message in sorted(reversed(came), key=_sent_at):
            if message.from_ not in self._lines:
                inbound = await self._inbound_from_list(message)
                if inbound.text or inbound.media:  # else it was held here, and blanked there
                    yield inbound

    async def remains(self, since: datetime, before: datetime) -> list[Remains]:
        """What Twilio still holds of what our lines sent and took in that time, the newest first."""
        found = []
        # Without a time filter: a text that failed has no time of sending.
        async with aclosing(await self._messages.stream_async(page_size=LARGEST_PAGE)) as listed:
            async for message in listed:
                if message.date_created < since:
                    break
                if message.date_created < before and self._is_ours(message) and await self._holds(message):
                    found.append(_remains(message))
        return found

    async def redact(self, reference: str, pictures: bool) -> None:
        """Blank a text at Twilio; its record stays, for sweep and search. A record that is gone is as good."""
        try:
            if pictures:
                await self._delete_pictures(reference)
            await self._messages(reference).update_async(body="")
        except SendFailed as failed:
            if failed.code not in GONE:
                raise

    async def fetch(self, url: str) -> tuple[str, bytes]:
        """A picture of one of our account's messages; SendFailed "never" for any other address."""
        if self._media is None:
            raise RuntimeError("twilio_sms is not started")
        return await self._media.fetch(self._base_url + url[len(API) :] if url.startswith(f"{API}/") else url)

    async def discard(self, reference: str) -> str:
        """Nothing: staff send no files by text."""
        return ""

    async def check(self) -> str:
        """Read one message: the permission that sending and sweeping need."""
        try:
            await self._messages.list_async(limit=1)
        except SendFailed as failed:
            raise ConnectionError(_trouble(failed)) from None
        return "twilio_sms: Twilio accepts the account and its token"

    # --- inbound

    async def _receive(self, request: Request) -> Response:
        form = await self._signed_form(request, _MESSAGE_FIELDS)
        if form["To"] not in self._lines:
            raise Refusal(404)
        if not _PHONE(form["From"]) and not _MACHINE(form["From"]):
            raise Refusal(400)
        if _PHONE(form["From"]) and form["From"] not in self._lines:
            await self._take_turn(self._inbound(form))
        return Response(_TWIML, media_type="text/xml")

    async def _report(self, request: Request) -> Response:
        form = await self._signed_form(request, _STATUS_FIELDS)
        attempt = request.path_params["attempt"]
        if not _ATTEMPT(attempt):
            raise Refusal(404)
        state = STATES.get(form["MessageStatus"])
        if state is not None:
            self._remember(form["MessageSid"], attempt)
            code = form.get("ErrorCode", "") if state == "failed" else ""
            await self._settle(attempt, Receipt(state, form["MessageSid"], code))
        return Response(status_code=204)

    async def _signed_form(self, request: Request, required: frozenset[str]) -> dict[str, str]:
        body = await read_body(request, LARGEST_BODY)
        require_type(request, _FORM)
        given = request.headers.get("x-twilio-signature")
        if given is None:
            raise Refusal(403)
        pairs = _parse(body)
        if not self._signature.matches(_target(request), pairs, given):
            raise Refusal(403)
        return self._ours(pairs, required)

    def _ours(self, pairs: Pairs, required: frozenset[str]) -> dict[str, str]:
        # The signature joins names and values without a separator: only the known fields tell what was meant.
        form = dict(pairs)
        repeated = len(form) < len(pairs) and any([name for name, _ in pairs].count(name) > 1 for name in required)
        if repeated or not required <= form.keys() or not _MESSAGE_SID(form["MessageSid"]):
            raise Refusal(400)
        if form["AccountSid"] != self._account_sid:
            raise Refusal(403)
        return form

    def _inbound(self, form: Mapping[str, str]) -> Inbound:
        return Inbound(
            self.name,
            line=form["To"],
            sender=form["From"],
            delivery=form["MessageSid"],
            received_at=self._now(),
            text=form["Body"],
            media=_pictures(form),
        )

    async def _inbound_from_list(self, message: Any) -> Inbound:
        return Inbound(
            self.name,
            line=message.to,
            sender=message.from_,
            delivery=message.sid,
            received_at=_sent_at(message),
            text=message.body or "",
            media=await self._listed_pictures(message),
        )

    async def _listed_pictures(self, message: Any) -> tuple[Media, ...]:
        if int(message.num_media or 0) == 0:
            return ()
        listed = await self._messages(message.sid).media.list_async(limit=MOST_PICTURES)
        return tuple(Media(API + picture.uri.removesuffix(".json"), picture.content_type) for picture in listed)

    # --- what remains

    def _is_ours(self, message: Any) -> bool:
        if message.direction == "inbound":
            return message.to in self._lines and message.from_ not in self._lines and bool(_PHONE(message.from_ or ""))
        return message.from_ in self._lines

    async def _holds(self, message: Any) -> bool:
        if message.body or int(message.num_media or 0) == 0:
            return bool(message.body)
        return bool(await self._messages(message.sid).media.list_async(limit=1))

    async def _delete_pictures(self, reference: str) -> None:
        for picture in await self._messages(reference).media.list_async(limit=MOST_PICTURES):
            await self._messages(reference).media(picture.sid).delete_async()

    # --- outbound

    @property
    def _messages(self) -> Any:
        if self._listed is None:
            raise RuntimeError("twilio_sms is not started")
        return self._listed

    def _may_be(self, message: Any, outbound: Outbound) -> bool:
        return (
            str(message.direction).startswith("outbound")
            and (message.body or "").strip() == words(outbound).strip()
            and message.date_created >= outbound.created_at - CLOCKS_DIFFER
            and self._attempts.get(message.sid, outbound.attempt) == outbound.attempt
        )

    def _remember(self, sid: str, attempt: str) -> None:
        self._attempts[sid] = attempt
        if len(self._attempts) > REMEMBERED:
            self._attempts.popitem(last=False)


def words(outbound: Outbound) -> str:
    """The text that a person gets: of a card, its summary."""
    if outbound.card is None:
        return outbound.text
    return outbound.card.summary or outbound.card.title


def _parse(body: bytes) -> Pairs:
    try:
        return parse_qsl(
            body.decode(), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise Refusal(400) from None


def _target(request: Request) -> str:
    raw_path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    return (raw_path + b"?" + query if query else raw_path).decode("latin-1")


def _pictures(form: Mapping[str, str]) -> tuple[Media, ...]:
    count = form.get("NumMedia", "0")
    if not (count.isascii() and count.isdigit() and int(count[:4]) <= MOST_PICTURES):
        raise Refusal(400)
    try:
        return tuple(Media(form[f"MediaUrl{at}"], form[f"MediaContentType{at}"]) for at in range(int(count)))
    except KeyError:
        raise Refusal(400) from None


def _sent_at(message: Any) -> datetime:
    sent: datetime = message.date_sent or message.date_created
    return sent


def _remains(message: Any) -> Remains:
    final = str(message.status) in FINAL
    pictures = int(message.num_media or 0) > 0
    return Remains(message.sid, message.date_created, message.direction == "inbound", final, pictures)


def _receipt(message: Any) -> Receipt:
    state = STATES.get(str(message.status), "accepted")
    return Receipt(state, message.sid, str(message.error_code or "") if state == "failed" else "")


def _trouble(failed: SendFailed) -> str:
    if failed.code in ("20003", "401", "403"):
        return "Twilio refused the account SID or the auth token (TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN)."
    if failed.code == "connection":
        return "Twilio cannot be reached (TWILIO_BASE_URL, network)."
    return f"Twilio answered with error {failed.code}."
