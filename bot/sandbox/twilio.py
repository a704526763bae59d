"""A stand-in for Twilio and the carriers behind it: the Messages API, signed webhooks, opt-out words and delivery."""

import base64
import hashlib
import hmac
import html
import re
import secrets
import time
from asyncio import Event
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox.wire import Answer, Background, Reach, address, form, nothing, post, same, until_gone

VERSION = "2010-04-01"
BODY_LIMIT = 1600
MEDIA_LIMIT = 10
WEBHOOK_SECONDS = 15.0
LONGEST_PAGE = 1000

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})

CARRIER_REPLIES = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}

ERRORS = {
    20001: (400, "Invalid parameter {0}"),
    20003: (401, "Authenticate"),
    20006: (400, "Page number out of range"),
    20009: (409, "Cannot delete or redact message because delivery has not completed"),
    20404: (404, "The requested resource {0} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "Internal Server Error"),
    20503: (503, "Service Unavailable"),
    21211: (400, "Invalid 'To' Phone Number: {0}"),
    21212: (400, "The 'From' number {0} is not a valid phone number, shortcode, or alphanumeric sender ID."),
    21266: (400, "'To' and 'From' number cannot be the same"),
    21408: (400, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {0}"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number provided ({0}) is not a valid message-capable Twilio phone number."),
    21609: (400, "The StatusCallback URL {0} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21620: (400, "Invalid media URL(s)"),
    21623: (400, "Number of media files exceeds allowed limit"),
    21659: (400, "'{0}' is not a Twilio phone number or Short Code country mismatch"),
    30400: (400, "Parameters are not valid"),
}
CODE_OF_STATUS = {400: 20001, 401: 20003, 404: 20404, 429: 20429, 500: 20500, 503: 20503}

GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = set("\f^{}\\[~]|€")

Callbacks = Literal["once", "twice", "reversed", "late", "early", "none"]
FINAL = frozenset({"delivered", "undelivered", "failed", "received", "sent"})

# For so long Twilio waits for the carrier's receipt; without one, a message counts as finished then.
RECEIPT_WAIT = timedelta(hours=1)


def segments(text: str) -> int:
    """How many SMS segments carriers bill for this text."""
    if all(letter in GSM or letter in GSM_EXTENSION for letter in text):
        return _packed([2 if letter in GSM_EXTENSION else 1 for letter in text], 160, 153)
    return _packed([_utf16(letter) for letter in text], 70, 67)


def _packed(sizes: list[int], alone: int, joined: int) -> int:
    if sum(sizes) <= alone:
        return 1
    count, room = 1, joined
    for size in sizes:
        # An escaped letter or a surrogate pair is never cut in two.
        if size > room:
            count, room = count + 1, joined
        room -= size
    return count


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def signature(token: str, url: str, params: Iterable[tuple[str, str]]) -> str:
    """X-Twilio-Signature of a form post."""
    signed = url + "".join(name + value for name, value in sorted(set(params)))
    digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


@dataclass
class Media:
    """A file of a message; outgoing ones are known by their URL only."""

    sid: str
    content_type: str
    content: bytes
    created: datetime
    url: str = ""
    deleted: bool = False


@dataclass
class Message:
    """A message as Twilio keeps it, and what came of its webhooks."""

    sid: str
    from_: str
    to: str
    body: str
    direction: str
    status: str
    created: datetime
    media: list[Media] = field(default_factory=list)
    segments: int = 1
    error_code: int | None = None
    opted: str | None = None
    callback_url: str = ""
    sent: datetime | None = None
    updated: datetime | None = None
    deleted: bool = False
    redacted: bool = False
    answers: list[Answer] = field(default_factory=list)
    callbacks: list[tuple[str, Answer]] = field(default_factory=list)


@dataclass
class Post:
    """One attempt of the bot to send, refused ones included."""

    params: list[tuple[str, str]]
    at: datetime
    status: int = 0
    code: int | None = None
    sid: str | None = None


class Refused(Exception):
    """Twilio's answer in its own error shape."""

    def __init__(self, code: int, detail: str = "", status: int | None = None, retry_after: int | None = None) -> None:
        usual, message = ERRORS.get(code, (400, "Refused"))
        self.status = status or usual
        self.code = code
        self.message = message.format(detail)
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        super().__init__(self.message)

    def response(self) -> Response:
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        body = {"code": self.code, "message": self.message, "more_info": more, "status": self.status}
        return JSONResponse(body, self.status, self.headers)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request."""

    status: int | None = None
    error_code: int | None = None
    retry_after: int | None = None
    hang: bool = False
    accept_then_500: bool = False
    final_status: str = "delivered"
    callbacks: Callbacks | None = None

    def refuse(self) -> None:
        if self.status is not None:
            code = self.error_code or CODE_OF_STATUS.get(self.status, 20500)
            raise Refused(code, status=self.status, retry_after=self.retry_after)


class Faults:
    """The faults to come, in order; each spoils one request."""

    def __init__(self) -> None:
        self.callbacks: Callbacks = "once"
        self.released = Event()
        self._sends: deque[Fault] = deque()
        self._reads: deque[Fault] = deque()
        self._held: list[Callable[[], None]] = []

    def next_send(
        self,
        *,
        status: int | None = None,
        error_code: int | None = None,
        retry_after: int | None = None,
        hang: bool = False,
        accept_then_500: bool = False,
        final_status: str = "delivered",
        callbacks: Callbacks | None = None,
    ) -> None:
        fault = Fault(status, error_code, retry_after, hang, accept_then_500, final_status, callbacks)
        self._sends.append(fault)

    def next_read(
        self,
        *,
        status: int | None = None,
        error_code: int | None = None,
        retry_after: int | None = None,
        hang: bool = False,
    ) -> None:
        """Spoil any request but one to send. One that hangs is done, but never answered."""
        self._reads.append(Fault(status, error_code, retry_after, hang))

    def send(self) -> Fault:
        return self._sends.popleft() if self._sends else Fault()

    def read(self) -> Fault:
        return self._reads.popleft() if self._reads else Fault()

    def hold(self, work: Callable[[], None]) -> None:
        self._held.append(work)

    def release(self) -> None:
        """Let hanging requests be answered and late callbacks go out."""
        self.released.set()
        self.released = Event()
        held, self._held = self._held, []
        for work in held:
            work()


class Twilio:
    """One Twilio account with its lines, and the phones that text them."""

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        lines: Iterable[str],
        webhook: str,
        clock: Callable[[], datetime],
    ) -> None:
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.lines = set(lines)
        self.webhook = webhook
        self.clock = clock
        self.base_url = "https://api.twilio.com"
        self.reach: Reach = same
        self.api_keys: dict[str, str] = {}
        self.regions: tuple[str, ...] = ("+1",)
        self.webhook_down = False
        self.webhook_retries = 1
        self.webhook_seconds = WEBHOOK_SECONDS
        self.advanced_opt_out = False
        self.changed: Callable[[], None] = nothing
        self.faults = Faults()
        self.messages: list[Message] = []
        self.posts: list[Post] = []
        self.opted_out: set[tuple[str, str]] = set()
        self.leaks: list[str] = []
        self._background = Background()
        self._downloads: dict[str, Media] = {}
        self.app = self._routes()

    async def settled(self) -> None:
        """Wait until nothing is under way any more; what a fault holds back is not waited for."""
        await self._background.settled()

    def message(self, sid: str) -> Message:
        return next(message for message in self.messages if message.sid == sid)

    def texts(self, phone: str, line: str | None = None) -> list[Message]:
        """What this phone shows: what it sent and what was delivered to it."""
        return [
            message
            for message in self.messages
            if (message.from_ == phone or (message.to == phone and message.status == "delivered"))
            and line in (None, message.from_, message.to)
        ]

    # --- a phone texts a line

    async def receive(self, from_: str, to: str, body: str = "", media: Sequence[tuple[str, bytes]] = ()) -> str:
        """A phone texts a line; returns the MessageSid once the webhook has been answered or given up."""
        if to not in self.lines:
            raise LookupError(f"{to} is none of our lines")
        message = self._new(from_, to, body, "inbound", "received", bool(media))
        message.media = [Media(_sid("ME"), kind, content, message.created) for kind, content in media]
        message.sent = message.created
        message.opted = self._carrier_word(message)
        self.messages.append(message)
        self.changed()
        if message.opted:
            self._say(to, from_, CARRIER_REPLIES[message.opted])
        await self._call_webhook(message)
        return message.sid

    def _carrier_word(self, message: Message) -> str | None:
        word, pair = message.body.strip().upper(), (message.from_, message.to)
        if word in STOP_WORDS:
            self.opted_out.add(pair)
            return "STOP"
        if word in START_WORDS and pair in self.opted_out:
            self.opted_out.remove(pair)
            return "START"
        return "HELP" if word in HELP_WORDS else None

    async def _call_webhook(self, message: Message) -> None:
        if self.webhook_down:
            message.answers.append(Answer(None, error="webhook_down"))
            return
        message.answers += await self._send(self.webhook, self._inbound(message))
        for text in _replies(message.answers[-1]):
            self._say(message.to, message.from_, text)
        self.changed()

    def _inbound(self, message: Message) -> dict[str, str]:
        params = {
            **self._common(message),
            **_places("From"),
            **_places("To"),
            "SmsMessageSid": message.sid,
            "SmsStatus": "received",
            "Body": message.body,
            "NumMedia": str(len(message.media)),
            "NumSegments": str(message.segments),
        }
        for number, media in enumerate(message.media):
            params[f"MediaUrl{number}"] = f"{self.base_url}{self._uri(message)}/Media/{media.sid}"
            params[f"MediaContentType{number}"] = media.content_type
        if self.advanced_opt_out and message.opted:
            params["OptOutType"] = message.opted
        return params

    def _common(self, message: Message) -> dict[str, str]:
        return {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "AccountSid": self.account_sid,
            "From": message.from_,
            "To": message.to,
            "ApiVersion": VERSION,
        }

    async def _send(self, url: str, params: dict[str, str]) -> list[Answer]:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": signature(self.auth_token, url, params.items()),
            "I-Twilio-Idempotency-Token": secrets.token_hex(16),
        }
        answers: list[Answer] = []
        end = time.monotonic() + self.webhook_seconds
        while len(answers) <= self.webhook_retries:
            left = max(end - time.monotonic(), 0.0)
            answers.append(await post(self.reach(url), urlencode(params).encode(), headers, left))
            if answers[-1].error != "connection_failed":
                break
        return answers

    # --- a line texts a phone

    def _say(self, line: str, phone: str, body: str) -> None:
        """A reply that the bot did not send by the API: the carrier's own, or one from TwiML."""
        message = self._new(line, phone, body, "outbound-reply", "queued", with_media=False)
        self.messages.append(message)
        self._background.start(self._carry(message, Fault()))

    async def _carry(self, message: Message, fault: Fault) -> None:
        path = [fault.final_status] if fault.final_status in ("failed", "sent") else ["sent", fault.final_status]
        for status in path:
            self._become(message, status, fault.error_code if status == path[-1] else None)
        plan = fault.callbacks or self.faults.callbacks
        if not message.callback_url or plan == "none":
            return
        if plan == "late":
            self.faults.hold(lambda: self._background.start(self._report(message, path)))
            return
        await self._report(message, _planned(plan, path))

    def _become(self, message: Message, status: str, error_code: int | None) -> None:
        message.status, message.error_code, message.updated = status, error_code, self.clock()
        if status == "sent":
            message.sent = message.updated
        self.changed()

    async def _report(self, message: Message, statuses: Iterable[str]) -> None:
        for status in statuses:
            params = self._common(message) | {"MessageStatus": status, "SmsStatus": status}
            if status == "delivered":
                params["RawDlrDoneDate"] = self.clock().strftime("%y%m%d%H%M")
            if message.error_code is not None and status == message.status:
                params["ErrorCode"] = str(message.error_code)
            answers = await self._send(message.callback_url, params)
            message.callbacks += [(status, answer) for answer in answers]
            self.changed()

    def _new(self, from_: str, to: str, body: str, direction: str, status: str, with_media: bool) -> Message:
        now = self.clock()
        message = Message(_sid("MM" if with_media else "SM"), from_, to, body, direction, status, now)
        message.segments, message.updated = segments(body), now
        return message

    # --- the API

    def _routes(self) -> Starlette:
        root = f"/{VERSION}/Accounts/{{account}}/Messages"
        return Starlette(
            routes=[
                Route(f"{root}.json", self._create, methods=["POST"]),
                Route(f"{root}.json", self._list, methods=["GET"]),
                Route(f"{root}/{{sid}}.json", self._one, methods=["GET", "POST", "DELETE"]),
                Route(f"{root}/{{sid}}/Media.json", self._media_list, methods=["GET"]),
                Route(f"{root}/{{sid}}/Media/{{media}}.json", self._one_media, methods=["GET", "DELETE"]),
                Route(f"{root}/{{sid}}/Media/{{media}}", self._media_content, methods=["GET", "DELETE"]),
                Route("/cdn/{ticket}", self._download, methods=["GET"]),
                Route("/{path:path}", self._unknown, methods=["GET", "POST", "PUT", "DELETE"]),
            ],
            exception_handlers={Refused: _refusal},
        )

    async def _create(self, request: Request) -> Response:
        attempt = Post(await form(request), self.clock())
        self.posts.append(attempt)
        try:
            self._authenticate(request)
            fault = self.faults.send()
            fault.refuse()
            message = self._accept(attempt.params)
        except Refused as refusal:
            attempt.status, attempt.code = refusal.status, refusal.code
            raise
        attempt.status, attempt.sid = 500 if fault.accept_then_500 else 201, message.sid
        return await self._accepted(request, message, fault)

    async def _accepted(self, request: Request, message: Message, fault: Fault) -> Response:
        response = JSONResponse(self._shown(message), 201)
        if fault.callbacks == "early":
            await self._carry(message, Fault(final_status=fault.final_status, callbacks="once"))
        else:
            self._background.start(self._carry(message, fault))
        if fault.hang:
            await until_gone(request, self.faults.released)
        if fault.accept_then_500:
            raise Refused(20500)
        return response

    def _accept(self, params: list[tuple[str, str]]) -> Message:
        given = dict(params)
        to, line, body = given.get("To", ""), given.get("From", ""), given.get("Body", "")
        urls = [value for name, value in params if name == "MediaUrl"]
        self._check_numbers(to, line)
        _check_content(body, urls)
        callback = given.get("StatusCallback", "")
        if callback and not _reachable(callback):
            raise Refused(21609, callback)
        if (to, line) in self.opted_out:
            raise Refused(21610)
        message = self._new(line, to, body, "outbound-api", "queued", bool(urls))
        message.media = [Media(_sid("ME"), "", b"", message.created, url) for url in urls]
        message.callback_url = callback
        self.messages.append(message)
        self.changed()
        return message

    def _check_numbers(self, to: str, line: str) -> None:
        if not to:
            raise Refused(21604)
        if not line:
            raise Refused(21603)
        if not _valid_number(to):
            raise Refused(21211, _masked(to))
        if not _valid_number(line):
            raise Refused(21212, line)
        if line not in self.lines:
            raise Refused(21659, line)
        if to == line:
            raise Refused(21266)
        if not to.startswith(self.regions):
            raise Refused(21408, _masked(to))

    async def _list(self, request: Request) -> Response:
        await self._admit(request)
        query = request.query_params
        size, page = _page_size(query.get("PageSize", "50")), _page_number(query.get("Page", "0"))
        older = reversed(self.messages[: self._position(page, query.get("PageToken"))])
        found = [message for message in older if not message.deleted and _matches(message, query)]
        shown = found[:size]
        filters = {name: value for name, value in query.items() if name not in ("Page", "PageToken", "PageSize")}
        link = _linker(f"/{VERSION}/Accounts/{self.account_sid}/Messages.json", filters, size)
        return JSONResponse(
            {
                "messages": [self._shown(message) for message in shown],
                "start": page * size,
                "end": page * size + max(len(shown) - 1, 0),
                "page": page,
                "page_size": size,
                "uri": link(page, query.get("PageToken")),
                "first_page_uri": link(0, None),
                "previous_page_uri": link(page - 1, None) if page else None,
                "next_page_uri": link(page + 1, f"PA{shown[-1].sid}") if len(found) > size else None,
            }
        )

    def _position(self, page: int, token: str | None) -> int:
        """Where a page begins; a token holds although messages before it were deleted meanwhile."""
        if token is None and page == 0:
            return len(self.messages)
        for index, message in enumerate(self.messages):
            if f"PA{message.sid}" == token:
                return index
        raise Refused(20006)

    async def _one(self, request: Request) -> Response:
        await self._admit(request)
        message = self._found(request)
        if request.method == "POST":
            return await self._redact(request, message)
        if request.method == "DELETE":
            self._check_finished(message)
            message.deleted = True
            for media in message.media:
                media.deleted = True
            self.changed()
            return Response(status_code=204)
        return JSONResponse(self._shown(message))

    async def _redact(self, request: Request, message: Message) -> Response:
        given = dict(await form(request))
        if given.get("Body") != "" or "Status" in given:
            raise Refused(30400)
        self._check_finished(message)
        message.redacted = True
        self.changed()
        return JSONResponse(self._shown(message))

    def _check_finished(self, message: Message) -> None:
        waits = message.status == "sent" and self.clock() - (message.sent or message.created) < RECEIPT_WAIT
        if message.status not in FINAL or waits:
            raise Refused(20009)

    async def _media_list(self, request: Request) -> Response:
        await self._admit(request)
        message = self._found(request)
        shown = [self._shown_media(message, media) for media in message.media if not media.deleted]
        return JSONResponse({"media_list": shown, "page": 0, "page_size": 50, "next_page_uri": None})

    async def _one_media(self, request: Request) -> Response:
        await self._admit(request)
        message, media = self._found_media(request)
        if request.method == "DELETE":
            return self._delete_media(media)
        return JSONResponse(self._shown_media(message, media))

    async def _media_content(self, request: Request) -> Response:
        await self._admit(request)
        _, media = self._found_media(request)
        if request.method == "DELETE":
            return self._delete_media(media)
        ticket = secrets.token_urlsafe(16)
        self._downloads[ticket] = media
        return RedirectResponse(f"{address(request)}/cdn/{ticket}", 307)

    def _delete_media(self, media: Media) -> Response:
        media.deleted = True
        self.changed()
        return Response(status_code=204)

    async def _download(self, request: Request) -> Response:
        if "authorization" in request.headers:
            self.leaks.append(request.headers["authorization"])
        media = self._downloads.get(request.path_params["ticket"])
        if media is None or media.deleted:
            return Response("Not found", 404)
        return Response(media.content, media_type=media.content_type)

    async def _unknown(self, request: Request) -> Response:
        raise Refused(20404, request.url.path)

    async def _admit(self, request: Request) -> None:
        self._authenticate(request)
        if request.path_params["account"] != self.account_sid:
            raise Refused(20404, request.url.path)
        fault = self.faults.read()
        fault.refuse()
        if fault.hang:
            await until_gone(request, self.faults.released)

    def _authenticate(self, request: Request) -> None:
        users = self.api_keys | {self.account_sid: self.auth_token}
        accepted = [f"Basic {_basic(user, secret)}" for user, secret in users.items()]
        if request.headers.get("authorization") not in accepted:
            raise Refused(20003)

    def _found(self, request: Request) -> Message:
        sid = request.path_params["sid"]
        for message in self.messages:
            if message.sid == sid and not message.deleted:
                return message
        raise Refused(20404, request.url.path)

    def _found_media(self, request: Request) -> tuple[Message, Media]:
        message = self._found(request)
        for media in message.media:
            if media.sid == request.path_params["media"] and not media.deleted:
                return message, media
        raise Refused(20404, request.url.path)

    def _shown(self, message: Message) -> dict[str, Any]:
        uri = self._uri(message)
        return {
            "account_sid": self.account_sid,
            "api_version": VERSION,
            "body": "" if message.redacted else message.body,
            "date_created": _stamp(message.created),
            "date_sent": _stamp(message.sent),
            "date_updated": _stamp(message.updated),
            "direction": message.direction,
            "error_code": message.error_code,
            "error_message": None if message.error_code is None else "Delivery failed",
            "from": message.from_,
            "messaging_service_sid": None,
            "num_media": str(len(message.media)),
            "num_segments": str(message.segments),
            "price": None,
            "price_unit": "USD",
            "sid": message.sid,
            "status": message.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": message.to,
            "uri": f"{uri}.json",
        }

    def _shown_media(self, message: Message, media: Media) -> dict[str, Any]:
        return {
            "account_sid": self.account_sid,
            "content_type": media.content_type,
            "date_created": _stamp(media.created),
            "date_updated": _stamp(media.created),
            "parent_sid": message.sid,
            "sid": media.sid,
            "uri": f"{self._uri(message)}/Media/{media.sid}.json",
        }

    def _uri(self, message: Message) -> str:
        return f"/{VERSION}/Accounts/{self.account_sid}/Messages/{message.sid}"


async def _refusal(request: Request, refused: Exception) -> Response:
    if not isinstance(refused, Refused):
        raise refused
    return refused.response()


def _sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def _basic(user: str, secret: str) -> str:
    return base64.b64encode(f"{user}:{secret}".encode()).decode()


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else format_datetime(moment.astimezone(UTC))


def _places(side: str) -> dict[str, str]:
    return {f"{side}City": "KANSAS CITY", f"{side}State": "MO", f"{side}Zip": "64105", f"{side}Country": "US"}


def _planned(plan: Callbacks, path: list[str]) -> Iterator[str]:
    if plan == "reversed":
        return reversed(path)
    return iter([status for status in path for _ in range(2 if plan == "twice" else 1)])


def _replies(answer: Answer) -> list[str]:
    """The texts that Twilio makes of a webhook's answer: TwiML messages, or any plain text."""
    if not answer.ok:
        return []
    if answer.content_type == "text/plain":
        return [answer.body] if answer.body.strip() else []
    found: list[str] = re.findall(r"<(?:Message|Sms)\b[^>]*>(.*?)</(?:Message|Sms)>", answer.body, re.DOTALL)
    return [html.unescape(re.sub(r"</?Body>", "", text)).strip() for text in found]


def _valid_number(number: str) -> bool:
    if number.startswith("+1"):
        return re.fullmatch(r"\+1[2-9]\d{2}[2-9]\d{6}", number) is not None
    return re.fullmatch(r"\+[2-9]\d{6,14}", number) is not None


def _masked(number: str) -> str:
    return f"{number[:-4]}XXXX"


def _check_content(body: str, urls: list[str]) -> None:
    if not body.strip() and not urls:
        raise Refused(21602)
    if _utf16(body) > BODY_LIMIT:
        raise Refused(21617)
    if len(urls) > MEDIA_LIMIT:
        raise Refused(21623)
    if not all(_reachable(url) for url in urls):
        raise Refused(21620)


def _reachable(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and bool(host) and "_" not in host and len(url) <= 4000


def _matches(message: Message, query: QueryParams) -> bool:
    if query.get("To", message.to) != message.to or query.get("From", message.from_) != message.from_:
        return False
    bounds = [(name, query[name]) for name in ("DateSent", "DateSent<", "DateSent>") if name in query]
    return all(message.sent is not None and _within(name, bound, message.sent) for name, bound in bounds)


def _within(name: str, bound: str, sent: datetime) -> bool:
    """A bound is a day or an instant, and itself within; an equal one always means the whole day."""
    try:
        instant = datetime.fromisoformat(bound)
    except ValueError as wrong:
        raise Refused(20001, name) from wrong
    edge = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    moment = sent.astimezone(UTC).replace(microsecond=0)
    if name == "DateSent" or "T" not in bound:
        edge, moment = _midnight(edge), _midnight(moment)
    return {"DateSent": moment == edge, "DateSent<": moment <= edge, "DateSent>": moment >= edge}[name]


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0)


def _page_size(given: str) -> int:
    if not given.isdecimal() or int(given) < 1:
        raise Refused(20001, "PageSize")
    return min(int(given), LONGEST_PAGE)


def _page_number(given: str) -> int:
    if not given.isdecimal():
        raise Refused(20001, "Page")
    return int(given)


def _linker(uri: str, filters: dict[str, str], size: int) -> Callable[[int, str | None], str]:
    def link(page: int, token: str | None) -> str:
        query = filters | {"PageSize": str(size), "Page": str(page)} | ({"PageToken": token} if token else {})
        return f"{uri}?{urlencode(query)}"

    return link
