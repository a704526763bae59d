"""Slack: commands, buttons, forms and App Home in by Bolt, over HTTP or Socket Mode; cards out by the Web API."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.signature import Clock, SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from yarl import URL

from bot.channels import Now, TakeTurn, Unknown
from bot.channels.guard import Refusal, guarded, log, read_body, report, require_type, silent_logger
from bot.channels.media import Fetcher, is_loopback
from bot.channels.slack_answers import NOT_STAFF, Answers
from bot.channels.slack_blocks import Json, message, words
from bot.channels.slack_errors import FAULTS, GONE, code, failure
from bot.channels.slack_files import is_share, share
from bot.channels.slack_payloads import Asked, Payload, read
from bot.channels.slack_people import People
from handlers.cards import Answer, say
from handlers.messages import KEPT, Inbound, Outbound, Receipt, SendFailed

T = TypeVar("T")

LARGEST_BODY = 256 * 1024
CLOCKS_DIFFER = timedelta(seconds=5)
LARGEST_FILE = 4 << 20
PAGE = 200
EVENT_TYPE = "commonline"
# Slack shows an error after 3 s; an answer needs a moment on its way.
ANSWER_SECONDS = 2.6
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
PROMPT_SECONDS = 1.6
FIRST_ANSWER_SECONDS = 1.0
FILE_SECONDS = 60.0
DELETED = "The file is deleted in Slack."
REMAINS = "Slack still holds the file, and does not let us delete it: delete it there, under Files."

_TYPES = ("application/json", "application/x-www-form-urlencoded")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}").fullmatch
_TIMESTAMP = re.compile(r"[0-9]{1,12}").fullmatch
_ANY = re.compile("", re.DOTALL)
_NONE: Sequence[Inbound] = ()
_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)
_UNREACHED = "Slack cannot be reached (SLACK_BASE_URL, network)."
_USER = re.compile(r"[UW][A-Z0-9]+").fullmatch


class SlackChannel:
    """One workspace. With an `app_token` it listens by Socket Mode, and the HTTP route is off."""

    name = "slack"

    def __init__(
        self,
        bot_token: str,
        signing_secret: str,
        base_url: str,
        app_token: str,
        take_turn: TakeTurn,
        now: Now,
    ) -> None:
        self._bot_token = bot_token
        self._verifier = SignatureVerifier(signing_secret, _Clock(now)) if signing_secret else None
        self._base_url = base_url.rstrip("/") + "/"
        self._app_token = app_token
        self._take_turn = take_turn
        self._now = now
        self._session: aiohttp.ClientSession | None = None
        self._socket: AsyncSocketModeHandler | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._late: set[asyncio.Task[Any]] = set()

    def routes(self) -> Sequence[BaseRoute]:
        """Commands, interactivity and events; nothing in Socket Mode."""
        return [] if self._app_token else [Route("/slack/events", guarded(self._receive), methods=["POST"])]

    async def start(self) -> None:
        """Open the session and, in Socket Mode, the socket; Slack being away does not stop the start."""
        self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        self._client = AsyncWebClient(
            self._bot_token, self._base_url, session=self._session, retry_handlers=[], logger=silent_logger()
        )
        self._people = People(self._client, self._now)
        self._answers = Answers(self._client)
        login = {"Authorization": f"Bearer {self._bot_token}"}
        self._files = Fetcher(_files_root(self._base_url), login, hops=1, largest=LARGEST_FILE)
        self._bolt = self._bolt_app()
        if self._app_token:
            self._socket = AsyncSocketModeHandler(self._bolt, self._app_token, silent_logger(), self._client)
            # It tries again by itself until it is connected or closed.
            self._connecting = asyncio.create_task(self._socket.connect_async())  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Close them."""
        if self._socket and self._connecting:
            await self._socket.close_async()  # type: ignore[no-untyped-call]
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        await self.settled()
        if self._session:
            await self._files.close()
            await self._session.close()

    async def settled(self) -> None:
        """Wait until no file is being read."""
        while self._late:
            await asyncio.wait(self._late)

    async def send(self, outbound: Outbound) -> Receipt:
        """Post, replace or take away one message; the reference is `channel:ts`."""
        if outbound.kind == "withdraw":
            return await self._withdraw(outbound)
        if outbound.files:
            return await share(self._client, self._session, outbound, await self._channel(outbound.to), self._now())
        content = message(outbound.card) if outbound.card else words(outbound.text)
        try:
            return await self._put(outbound, content)
        except SendFailed as failed:
            if failed.code not in ("invalid_blocks", "invalid_blocks_format"):
                raise
            log.error("blocks_refused")
            return await self._put(outbound, {"text": content["text"]})

    async def find(self, outbound: Outbound) -> Receipt | None:
        """Look an uncertain attempt up in the place's history; SendFailed when Slack does not show it."""
        channel, _, stamp = outbound.reference.partition(":")
        if outbound.kind == "withdraw":
            gone = not [post async for post in self._history(channel, oldest=stamp, latest=stamp, inclusive=True)]
            return Receipt("delivered", outbound.reference) if gone else None
        if not stamp:
            channel = await self._channel(outbound.to)
        began = (outbound.created_at - CLOCKS_DIFFER).timestamp()
        async for post in self._history(channel, oldest=stamp or f"{began:.6f}", inclusive=True):
            if is_share(post, outbound) if outbound.files else _attempt(post) == outbound.attempt:
                return _receipt(channel, post)
        return None

    async def missed(self, line: str, since: datetime) -> AsyncIterator[Inbound]:
        """Nothing: what staff do in Slack fails before their eyes when we are away, and they do it again."""
        for inbound in _NONE:
            yield inbound

    async def fetch(self, url: str) -> tuple[str, bytes]:
        """Content type and bytes of a file of our workspace; SendFailed "never" for any other address."""
        return await self._files.fetch(url)

    async def discard(self, reference: str) -> str:
        """Delete a file: of what a person uploaded Slack mostly refuses it."""
        try:
            await self._client.files_delete(file=reference)
        except FAULTS as fault:
            log.info("slack_file_stays", code=code(fault) or type(fault).__name__)
            return REMAINS
        return DELETED

    async def check(self) -> str:
        """Ask Slack whose token this is and, in Socket Mode, for a connection."""
        await self._accepts(self._client.auth_test(), "SLACK_BOT_TOKEN")
        if self._app_token:
            await self._accepts(self._client.apps_connections_open(app_token=self._app_token), "SLACK_APP_TOKEN")
        return "slack: Slack accepts the token"

    async def _accepts(self, asked: Awaitable[AsyncSlackResponse], setting: str) -> None:
        try:
            await asked
        except FAULTS as fault:
            reason = code(fault)
            raise ConnectionError(f"Slack refused it: {reason} ({setting})." if reason else _UNREACHED) from None

    # --- inbound

    async def _receive(self, request: Request) -> Response:
        body = await read_body(request, LARGEST_BODY)
        self._verify(request, body)
        require_type(request, _TYPES)
        try:
            asked = to_async_bolt_request(request, body)
            answer = await self._bolt.async_dispatch(asked)
        except Exception:
            # Bolt raises for shapes that Slack does not send; faults of ours are answered in `_listen`.
            raise Refusal(400) from None
        return Response(status_code=400) if answer.status == 500 else to_starlette_response(answer)

    def _verify(self, request: Request, body: bytes) -> None:
        stamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        if not (self._verifier and _TIMESTAMP(stamp) and _SIGNATURE(signature)):
            raise Refusal(401)
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise Refusal(400) from None
        if not self._verifier.is_valid(text, stamp, signature):
            raise Refusal(401)

    def _bolt_app(self) -> AsyncApp:
        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=self._bot_token)

        app = AsyncApp(
            name=EVENT_TYPE,
            logger=silent_logger(),
            # Without it Bolt looks for the answer every 10 ms instead of waiting for it.
            process_before_response=True,
            signing_secret="",
            client=AsyncWebClient(base_url=self._base_url, session=self._session, logger=silent_logger()),
            authorize=authorize,
            request_verification_enabled=False,
            ignoring_self_events_enabled=False,
            attaching_function_token_enabled=False,
        )
        app.command(_ANY)(self._listen)
        app.action(_ANY)(self._listen)
        app.view(_ANY)(self._listen)
        app.event("app_home_opened")(self._listen)
        app.event(_ANY)(_ignore)
        return app

    async def _listen(self, body: Payload) -> BoltResponse:
        if body.get("type") == "view_closed" or (body.get("event") or {}).get("tab", "home") != "home":
            return BoltResponse(status=200)
        try:
            asked = read(body, self._now())
        except _MALFORMED:
            return BoltResponse(status=400)
        # A button that is only a link tells us of the press too.
        if asked.inbound.kind == "press" and not asked.inbound.name:
            return BoltResponse(status=200)
        if asked.inbound.file or asked.inbound.value(KEPT):
            return await self._turn_with_file(asked)
        return await self._turn(asked, self._decide(asked))

    async def _turn_with_file(self, asked: Asked) -> BoltResponse:
        """A file may take longer than Slack waits: then something to look at now, and the answer when it is there."""
        deciding = self._soon(self._decide(asked))
        await asyncio.wait({deciding}, timeout=PROMPT_SECONDS)
        if deciding.done():
            return await self._turn(asked, deciding)
        self._soon(self._answer_later(asked, deciding))
        return self._answers.wait(asked)

    async def _answer_later(self, asked: Asked, deciding: Awaitable[Answer]) -> None:
        try:
            async with asyncio.timeout(FILE_SECONDS):
                answer = await deciding
                # What Slack gets before it has put our first answer in its place would be replaced by that.
                await asyncio.sleep(FIRST_ANSWER_SECONDS)
                await self._answers.give_later(asked, answer)
        except Exception as fault:
            report(fault)
            await self._answers.apologize_later(asked)

    def _soon(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        return task

    async def _turn(self, asked: Asked, deciding: Awaitable[Answer]) -> BoltResponse:
        end = asyncio.get_running_loop().time() + ANSWER_SECONDS
        try:
            answer = await deciding
        except Exception as fault:
            report(fault)
            return BoltResponse(status=503)
        try:
            async with asyncio.timeout_at(end):
                return await self._answers.give(asked, answer)
        except FAULTS as fault:
            log.warning("slack_answer_failed", code=code(fault) or type(fault).__name__)
        except Exception as fault:
            # The turn is done and stored; only showing it failed, and Bolt would hide that.
            report(fault)
        return await self._answers.apologize(asked)

    async def _decide(self, asked: Asked) -> Answer:
        if not await self._people.may_speak(asked.team, asked.user, asked.user_team):
            return say(NOT_STAFF)
        try:
            return await self._take_turn(asked.inbound)
        except Unknown:
            return say(NOT_STAFF)

    # --- outbound

    async def _put(self, outbound: Outbound, content: Json) -> Receipt:
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"attempt": outbound.attempt}}
        if outbound.reference:
            try:
                return await self._replace(outbound.reference, {**content, "metadata": metadata})
            except SendFailed as failed:
                if failed.code not in GONE:
                    raise
        posted = await self._call(
            self._client.chat_postMessage(
                channel=outbound.to,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
                mrkdwn=False,
                **content,
            )
        )
        return _receipt(str(posted["channel"]), {"ts": posted["ts"]})

    async def _replace(self, reference: str, content: Json) -> Receipt:
        channel, _, stamp = reference.partition(":")
        await self._call(self._client.chat_update(channel=channel, ts=stamp, **content))
        return Receipt("delivered", reference)

    async def _withdraw(self, outbound: Outbound) -> Receipt:
        channel, _, stamp = outbound.reference.partition(":")
        try:
            await self._call(self._client.chat_delete(channel=channel, ts=stamp))
        except SendFailed as failed:
            if failed.code not in GONE:
                raise
        return Receipt("delivered", outbound.reference)

    async def _channel(self, address: str) -> str:
        if not _USER(address):
            return address
        opened = await self._call(self._client.conversations_open(users=address))
        return str(opened["channel"]["id"])

    async def _history(self, channel: str, **window: Any) -> AsyncIterator[Mapping[str, Any]]:
        """All posts of the window, the newest first: in a busy channel the one that is looked for lies pages back."""
        cursor = None
        while cursor != "":
            found = await self._call(
                self._client.conversations_history(
                    channel=channel, include_all_metadata=True, limit=PAGE, cursor=cursor, **window
                )
            )
            for post in found["messages"] or ():
                if isinstance(post, Mapping):
                    yield post
            cursor = str((found.get("response_metadata") or {}).get("next_cursor") or "")

    async def _call(self, asked: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
        try:
            return await asked
        except FAULTS as fault:
            raise failure(fault, self._now()) from None


class _Clock(Clock):
    def __init__(self, now: Now) -> None:
        self._now = now

    def now(self) -> float:
        """Seconds since 1970, by the clock that was handed in."""
        return self._now().timestamp()


def _files_root(base_url: str) -> str:
    """Where Slack holds files: https://files.slack.com/ for https://slack.com/api/; a stand-in holds them itself."""
    api = URL(base_url)
    if is_loopback(api):
        return base_url.removesuffix("api/")
    return str(api.with_host(f"files.{api.host}").with_path("/"))


async def _ignore() -> BoltResponse:
    return BoltResponse(status=200)


def _receipt(channel: str, post: Mapping[str, Any]) -> Receipt:
    return Receipt("delivered", f"{channel}:{post['ts']}")


def _attempt(post: Mapping[str, Any]) -> str:
    return str(((post.get("metadata") or {}).get("event_payload") or {}).get("attempt", ""))
