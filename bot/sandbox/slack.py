"""A stand-in for Slack: what people do in it, how the bot hears of that (signed or by socket), and what it calls."""

import asyncio
import copy
import hashlib
import hmac
import json
import mimetypes
import secrets
import time
from asyncio import Event, Future
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from bot.sandbox.faults import Faults
from bot.sandbox.slack_api import Arguments, WebApi
from bot.sandbox.slack_fields import STATE_FIELDS, Incomplete, complaints_of, state_with, states_of, with_ids
from bot.sandbox.slack_kit import BlockKit, elements_of
from bot.sandbox.slack_workspace import (
    Call,
    Channel,
    Delivery,
    Fault,
    File,
    Hook,
    Message,
    Refused,
    Trigger,
    Workspace,
)
from bot.sandbox.wire import Answer, Background, Reach, address, form, post, same, until_gone

Json = dict[str, Any]

PATIENCE = 3.0
RETRIES = 3
RESPONSE_USES = 5
RESPONSE_AGE = timedelta(minutes=30)
SLACKBOT = "USLACKBOT"
MESSAGE_EVENTS = {"im": "message.im", "channel": "message.channels", "group": "message.groups"}
RETRY_REASONS = {"timeout": "http_timeout", "connection_failed": "connection_failed"}


class Slack(Workspace):
    """One workspace with our app in it, and the people who use it."""

    def __init__(
        self,
        signing_secret: str,
        bot_token: str,
        team_id: str,
        public_events_url: str,
        clock: Callable[[], datetime],
        app_token: str | None = None,
        schemas: Path | None = None,
    ) -> None:
        super().__init__(team_id, clock)
        self.signing_secret = signing_secret
        self.bot_token = bot_token
        self.app_token = app_token
        self.events_url = public_events_url
        self.reach: Reach = same
        self.base_url = "https://slack.com"
        self.here = self.base_url
        self.patience = PATIENCE
        self.monotonic: Callable[[], float] = time.monotonic
        self.echo = False
        self.subscriptions = {"app_home_opened", "message.im", "message.channels", "message.groups"}
        self.block_kit = BlockKit(schemas)
        self.faults = Faults(Fault)
        self.requests: list[Call] = []
        self.deliveries: list[Delivery] = []
        self.triggers: dict[str, Trigger] = {}
        self.hooks: dict[str, Hook] = {}
        self.downloads: list[str] = []
        self._api = WebApi(self)
        self._background = Background()
        self._tickets: set[str] = set()
        self._sockets: list[WebSocket] = []
        self._linked = Event()
        self._envelopes: dict[str, Future[Json]] = {}
        self.app = Starlette(
            routes=[
                Route("/api/{method}", self._call, methods=["GET", "POST"]),
                Route("/respond/{hook}", self._respond, methods=["POST"]),
                Route("/upload/v1/{file}", self._upload, methods=["POST"]),
                Route("/files-pri/{place}/download/{name}", self._download),
                Route("/login", lambda request: PlainTextResponse("<!DOCTYPE html>Sign in", media_type="text/html")),
                Route("/upload/v1/{file}", self._look, methods=["GET"]),
                WebSocketRoute("/link", self._link),
            ]
        )

    async def settled(self) -> None:
        """Wait until nothing is under way any more."""
        await self._background.settled()

    # --- what people do

    async def command(self, user: str, channel: str, command: str, text: str = "") -> Answer:
        """A person types a slash command; the answer shows in the channel."""
        place = self._entered(user, channel)
        person = self.users[user]
        payload = {
            "token": "legacy-verification-token",
            "team_id": person.team,
            "team_domain": "commonline",
            "channel_id": place.id,
            "channel_name": "directmessage" if place.is_im else "privategroup" if place.private else place.name,
            "user_id": user,
            "user_name": person.shown()["name"],
            "command": command,
            "text": text,
            "api_app_id": self.app_id,
            "is_enterprise_install": "false",
            "response_url": self._response_url(place, user),
            "trigger_id": self._trigger(user),
        }
        answer = await self._deliver("slash_commands", payload)
        return self._show_command_answer(place, user, command, answer)

    def _show_command_answer(self, place: Channel, user: str, command: str, answer: Answer) -> Answer:
        if answer.ok:
            answer = self._show_reply(place, user, answer)
        if not answer.ok:
            reason = "operation_timeout" if answer.error == "timeout" else answer.error or "dispatch_failed"
            text = f'{command} failed with the error "{reason}"'
            self.keep(place, Message(self.stamp(), SLACKBOT, text, ephemeral_for=user))
        return answer

    def _show_reply(self, place: Channel, user: str, answer: Answer) -> Answer:
        reply = _reply(answer)
        if not reply:
            return answer
        faults = self.block_kit.message(reply["blocks"]) if reply.get("blocks") else []
        if faults or not (reply.get("text") or reply.get("blocks")):
            return replace(answer, error="invalid_blocks" if faults else "no_text")
        message = self.by_bot(str(reply.get("text") or ""), reply.get("blocks"))
        message.ephemeral_for = None if reply.get("response_type") == "in_channel" else user
        self.keep(place, message)
        return answer

    async def press(
        self,
        user: str,
        where: str,
        action_id: str,
        value: Any = None,
        *,
        values: dict[str, Json] | None = None,
        block_id: str | None = None,
    ) -> Answer:
        """A person uses a button or a select: `where` is a message's ts, a view's id, or "home"."""
        view = self._shown_view(user, where)
        channel, message = (None, None) if view else self._readable(user, where)
        blocks = view["blocks"] if view else message.blocks if message else []
        block, element = _pressed(blocks, action_id, block_id)
        typed = _with(values or {}, block, element, value)
        action = self._action(block, element, value)
        payload = self._interaction(user, "block_actions") | {"actions": [action]}
        if view:
            view["state"] = {"values": states_of(blocks, typed)}
            payload |= {"view": view, "container": {"type": "view", "view_id": view["id"]}}
        elif channel and message:
            payload |= self._message_part(user, channel, message, typed)
        return await self._deliver("interactive", payload)

    def _message_part(self, user: str, channel: Channel, message: Message, typed: dict[str, Json]) -> Json:
        ephemeral = message.ephemeral_for is not None
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": ephemeral,
        }
        part: Json = {
            "container": container,
            "channel": {"id": channel.id, "name": "directmessage" if channel.is_im else channel.name},
            "state": {"values": states_of(message.blocks, typed)},
            "response_url": self._response_url(channel, user, message),
        }
        # Slack does not keep ephemeral messages, so it cannot show them to the app.
        return part if ephemeral else part | {"message": message.shown()}

    def _action(self, block: Json, element: Json, value: Any) -> Json:
        action = {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "action_ts": self.stamp(),
        }
        if element["type"] in STATE_FIELDS:
            return action | state_with(element, value)
        return action | {name: element[name] for name in ("text", "value", "style", "url") if name in element}

    async def submit(self, user: str, values: dict[str, Json] | None = None, view_id: str | None = None) -> Answer:
        """A person submits the open modal; raises Incomplete where the Slack client would not let them."""
        view = self._open_modal(user, view_id)
        unknown = set(values or {}) - {block["block_id"] for block in view["blocks"]}
        if unknown:
            raise LookupError(f"the modal has no {sorted(unknown)}")
        state = states_of(view["blocks"], _over(view, values or {}))
        complaints = complaints_of(view["blocks"], state)
        if complaints:
            raise Incomplete(complaints)
        view["state"] = {"values": state}
        told = view | {"state": {"values": self._with_files(state)}}
        payload = self._interaction(user, "view_submission") | {"view": told, "response_urls": []}
        answer = await self._deliver("interactive", payload)
        return self._after_submit(user, view, answer)

    def _with_files(self, values: dict[str, Json]) -> dict[str, Json]:
        """The fields with whole files in the place of their ids."""
        told = copy.deepcopy(values)
        for state in (state for elements in told.values() for state in elements.values()):
            if state["type"] == "file_input":
                state["files"] = [self._shown_file(self.files[id]) for id in state["files"]]
        return told

    def _shown_file(self, file: File) -> Json:
        place = f"{self.base_url.rstrip('/')}/files-pri/{self.team_id}-{file.id}"
        return {
            "id": file.id,
            "name": file.name,
            "title": file.title,
            "mimetype": file.content_type,
            "filetype": file.name.rpartition(".")[2],
            "user": file.owner,
            "user_team": self.team_id,
            "size": file.length,
            "mode": "hosted",
            "is_external": False,
            "is_public": False,
            "public_url_shared": False,
            "url_private": f"{place}/{quote(file.name)}",
            "url_private_download": f"{place}/download/{quote(file.name)}",
        }

    def _after_submit(self, user: str, view: Json, answer: Answer) -> Answer:
        self.view_errors.pop(view["id"], None)
        if not answer.ok:
            return answer
        reply = _reply(answer)
        action = reply.get("response_action")
        fault = self._submit_fault(view, reply, action)
        if fault:
            return replace(answer, error=fault)
        if action == "clear":
            self.modals[user] = []
        elif action == "update":
            self.replace_view(view, reply["view"])
        elif action == "push":
            self.push_view(user, reply["view"])
        elif action == "errors":
            self.view_errors[view["id"]] = reply["errors"]
        else:
            self.drop_view(user, view)
        self.changed()
        return answer

    def _submit_fault(self, view: Json, reply: Json, action: str | None) -> str | None:
        """Why Slack would show "We had some trouble connecting" instead."""
        inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
        if action is None or action == "clear":
            return "invalid_response" if reply and action is None else None
        if action == "errors":
            errors = reply.get("errors") or {}
            return None if errors and set(errors) <= inputs else "invalid_errors"
        if action not in ("update", "push"):
            return "invalid_response_action"
        return "invalid_view" if self.block_kit.view(reply.get("view") or {}) else None

    async def close(self, user: str) -> Answer | None:
        """A person closes the open modal; the app hears of it only where it asked to."""
        view = self._open_modal(user, None)
        if view["clear_on_close"]:
            self.modals[user] = []
        else:
            self.drop_view(user, view)
        self.changed()
        if not view["notify_on_close"]:
            return None
        payload = self._interaction(user, "view_closed") | {"view": view, "is_cleared": view["clear_on_close"]}
        return await self._deliver("interactive", payload)

    async def open_home(self, user: str) -> Answer:
        event = {"type": "app_home_opened", "user": user, "channel": self.direct(user).id, "tab": "home"}
        home = self.homes.get(user)
        return await self.event(event | {"event_ts": self.stamp()} | ({"view": home} if home else {}))

    async def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Answer:
        """A person writes into a channel, or to the bot when `channel` is the person's own id."""
        place = self.direct(user) if channel == user else self._entered(user, channel)
        message = Message(self.stamp(), user, text, thread_ts=thread_ts)
        self.keep(place, message)
        return await self.event(self._message_event(place, message))

    async def event(self, event: Json, *, event_id: str | None = None) -> Answer:
        """Deliver an event, again when it is not answered well; the same event_id makes it a repeat."""
        name = MESSAGE_EVENTS[event["channel_type"]] if event["type"] == "message" else event["type"]
        if name not in self.subscriptions:
            return Answer(None, error="not_subscribed")
        wrapped = self._wrapped(event, event_id or f"Ev{secrets.token_hex(5).upper()}")
        answer = await self._deliver("events_api", wrapped)
        for attempt in range(1, RETRIES + 1):
            if answer.ok or answer.headers.get("x-slack-no-retry") == "1":
                break
            reason = RETRY_REASONS.get(answer.error or "", "http_error")
            answer = await self._deliver("events_api", wrapped, (attempt, reason))
        return answer

    async def verify_url(self) -> Answer:
        """The challenge that Slack sends when the address is set."""
        challenge = {"type": "url_verification", "token": "legacy", "challenge": secrets.token_urlsafe(24)}
        return await self._by_http("events_api", challenge, None)

    def echoed(self, channel: Channel, message: Message) -> None:
        """Tell the app of its own message, as Slack does where the app is subscribed."""
        if self.echo:
            self._background.start(self.event(self._message_event(channel, message)))

    def _message_event(self, channel: Channel, message: Message) -> Json:
        placed = {"channel": channel.id, "channel_type": channel.kind, "event_ts": message.ts}
        return message.shown() | placed | {"team": self.users[message.user].team}

    def _wrapped(self, event: Json, event_id: str) -> Json:
        person = self.users.get(str(event.get("user")))
        authorization = {
            "enterprise_id": None,
            "team_id": self.team_id,
            "user_id": self.bot_user,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": "legacy-verification-token",
            "team_id": self.team_id,
            "api_app_id": self.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(self.clock().timestamp()),
            "authorizations": [authorization],
            "is_ext_shared_channel": bool(person and person.external),
            "event_context": secrets.token_hex(8),
        }

    def _interaction(self, user: str, kind: str) -> Json:
        person = self.users[user]
        name = person.shown()["name"]
        return {
            "type": kind,
            "team": {"id": person.team, "domain": "commonline"},
            "user": {"id": user, "username": name, "name": name, "team_id": person.team},
            "api_app_id": self.app_id,
            "token": "legacy-verification-token",
            "trigger_id": self._trigger(user),
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _entered(self, user: str, channel: str) -> Channel:
        place = self.channel(channel)
        if user not in place.members:
            raise LookupError(f"{user} is not in {place.name}")
        return place

    def _readable(self, user: str, ts: str) -> tuple[Channel, Message]:
        channel, message = self.find(ts)
        if message not in channel.visible(user):
            raise LookupError(f"{user} cannot see {ts}")
        return channel, message

    def _shown_view(self, user: str, where: str) -> Json | None:
        shown = [*self.modals.get(user, [])[-1:], *([self.homes[user]] if user in self.homes else [])]
        for view in shown:
            if where == view["id"] or (where == "home" and view["type"] == "home"):
                return view
        if where == "home" or where.startswith("V"):
            raise LookupError(f"{user} does not see the view {where}")
        return None

    def _open_modal(self, user: str, view_id: str | None) -> Json:
        stack = self.modals.get(user, [])
        if not stack or view_id not in (None, stack[-1]["id"]):
            raise LookupError(f"{user} has no such modal open")
        return stack[-1]

    def _trigger(self, user: str) -> str:
        id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        self.triggers[id] = Trigger(user, self.monotonic())
        return id

    def _response_url(self, channel: Channel, user: str, original: Message | None = None) -> str:
        id = secrets.token_urlsafe(18)
        self.hooks[id] = Hook(channel, user, self.clock(), original)
        return f"{self.base_url.rstrip('/')}/respond/{id}"

    # --- how it reaches the bot

    async def _deliver(self, kind: str, payload: Json, retry: tuple[int, str] | None = None) -> Answer:
        way = self._by_socket if self._sockets else self._by_http
        sent = copy.deepcopy(payload)
        answer = await way(kind, sent, retry)
        self.deliveries.append(Delivery(kind, sent, answer))
        self.changed()
        return answer

    async def _by_http(self, kind: str, payload: Json, retry: tuple[int, str] | None) -> Answer:
        body, content_type = _encoded(kind, payload)
        at = str(int(self.clock().timestamp()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": signature(self.signing_secret, at, body),
        }
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]}
        return await post(self.reach(self.events_url), body, headers, self.patience)

    async def _by_socket(self, kind: str, payload: Json, retry: tuple[int, str] | None) -> Answer:
        envelope: Json = {
            "envelope_id": secrets.token_hex(16),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            attempt, reason = retry or (0, "")
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        acknowledged: Future[Json] = asyncio.get_running_loop().create_future()
        self._envelopes[envelope["envelope_id"]] = acknowledged
        started = time.monotonic()
        try:
            await self._sockets[-1].send_json(envelope)
            async with asyncio.timeout(self.patience):
                reply = await acknowledged
        except TimeoutError:
            return Answer(None, elapsed=time.monotonic() - started, error="timeout")
        finally:
            del self._envelopes[envelope["envelope_id"]]
        content = reply.get("payload")
        return Answer(200, json.dumps(content) if content else "", "application/json", time.monotonic() - started)

    async def linked(self) -> None:
        """Wait until a Socket Mode client is there."""
        await self._linked.wait()

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the Socket Mode client to come back on a new connection, and drop the old one."""
        sockets, self._sockets = self._sockets, []
        self._linked.clear()
        for socket in sockets:
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}})
            await socket.close()

    async def _link(self, socket: WebSocket) -> None:
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close()
            return
        self._tickets.discard(ticket)
        await socket.accept()
        about = {"num_connections": len(self._sockets) + 1, "connection_info": {"app_id": self.app_id}}
        await socket.send_json({"type": "hello", "debug_info": {"host": "sandbox"}} | about)
        self._sockets.append(socket)
        self._linked.set()
        async for text in socket.iter_text():
            self._acknowledge(json.loads(text))
        if socket in self._sockets:
            self._sockets.remove(socket)

    def _acknowledge(self, reply: Json) -> None:
        waiting = self._envelopes.get(reply.get("envelope_id", ""))
        if waiting and not waiting.done():
            waiting.set_result(reply)

    # --- what the bot calls

    async def _call(self, request: Request) -> Response:
        method, given = request.path_params["method"], await _given(request)
        if given is None:
            return JSONResponse({"ok": False, "error": "invalid_json"})
        call = Call(method, {name: value for name, value in given.items() if name != "token"}, self.clock())
        self.requests.append(call)
        fault = self.faults.take(method)
        spoiled = fault.response()
        if spoiled and not (fault.performed or fault.hang):
            call.error = "fault"
            return spoiled
        body = self._performed(request, call, given)
        self.changed()
        if fault.hang:
            await until_gone(request, self.faults.released)
        return spoiled or JSONResponse(body, headers={"X-OAuth-Scopes": "chat:write,commands,users:read"})

    def _performed(self, request: Request, call: Call, given: Json) -> Json:
        self.here = address(request)
        try:
            return {"ok": True} | self._result(_token(request, given), call)
        except Refused as refused:
            call.error = refused.error
            return refused.body()

    def _result(self, token: str, call: Call) -> Json:
        if call.method == "apps.connections.open":
            return self._connection(token)
        if call.method not in self._api.methods:
            raise Refused("unknown_method")
        if call.method != "api.test" and token != self.bot_token:
            raise Refused("invalid_auth" if token else "not_authed")
        return self._api.methods[call.method](Arguments(call.args))

    def _connection(self, token: str) -> Json:
        if token == self.bot_token:
            raise Refused("not_allowed_token_type")
        if not token or token != self.app_token:
            raise Refused("invalid_auth" if token else "not_authed")
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return {"url": f"{self.here.replace('http', 'ws', 1)}/link?ticket={ticket}&app_id={self.app_id}"}

    async def _upload(self, request: Request) -> Response:
        file = self.files.get(request.path_params["file"])
        content = await request.body()
        if file is None or file.content is not None or len(content) != file.length:
            return PlainTextResponse("upload failed", 400)
        file.content = content
        return PlainTextResponse(f"OK - {len(content)}")

    def _download(self, request: Request) -> Response:
        """A private file, for who has the token; anybody else is led to the login page, as Slack does."""
        file = self.files.get(request.path_params["place"].removeprefix(f"{self.team_id}-"))
        self.downloads.append(request.headers.get("authorization", ""))
        spoiled = self.faults.take("download").response()
        if request.headers.get("authorization") != f"Bearer {self.bot_token}":
            return RedirectResponse(f"{address(request)}/login", 302)
        if spoiled or file is None or file.content is None:
            return spoiled or PlainTextResponse("", 404)
        return Response(file.content, media_type=file.content_type)

    async def _look(self, request: Request) -> Response:
        """What a person who looks at the message sees; Slack asks for their login."""
        file = self.files.get(request.path_params["file"])
        if file is None or file.content is None or not file.shared:
            return PlainTextResponse("not found", 404)
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return Response(file.content, media_type=kind)

    async def _respond(self, request: Request) -> Response:
        hook = self.hooks.get(request.path_params["hook"])
        if hook is None:
            return JSONResponse({"ok": False, "error": "invalid_url"}, 404)
        hook.uses += 1
        if hook.uses > RESPONSE_USES:
            return JSONResponse({"ok": False, "error": "used_url"}, 404)
        if self.clock() - hook.made > RESPONSE_AGE:
            return JSONResponse({"ok": False, "error": "expired_url"}, 404)
        reply = await _given(request)
        fault = "invalid_payload" if reply is None else self._answered(hook, reply)
        self.changed()
        return JSONResponse({"ok": False, "error": fault}, 400) if fault else PlainTextResponse("ok")

    def _answered(self, hook: Hook, reply: Json) -> str | None:
        original, blocks = hook.original, reply.get("blocks")
        if reply.get("delete_original") and original:
            original.deleted = True
            return None
        if not reply.get("text") and not blocks:
            return "no_text"
        if blocks and self.block_kit.message(blocks):
            return "invalid_blocks"
        if reply.get("replace_original") and original:
            original.text, original.edited = str(reply.get("text") or ""), self.stamp()
            original.blocks = with_ids(blocks or [])
            return None
        message = self.by_bot(str(reply.get("text") or ""), blocks)
        message.ephemeral_for = None if reply.get("response_type") == "in_channel" else hook.user
        message.thread_ts = reply.get("thread_ts")
        self.keep(hook.channel, message)
        return None


def signature(secret: str, at: str, body: bytes) -> str:
    """X-Slack-Signature of a request."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()


def _encoded(kind: str, payload: Json) -> tuple[bytes, str]:
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _reply(answer: Answer) -> Json:
    """What a 200 said: JSON, or plain text for a command; nothing when empty."""
    if not answer.body.strip():
        return {}
    if answer.content_type != "application/json":
        return {"text": answer.body}
    content = json.loads(answer.body)
    return content if isinstance(content, dict) else {"text": str(content)}


def _pressed(blocks: list[Json], action_id: str, block_id: str | None) -> tuple[Json, Json]:
    for block in blocks:
        for element in elements_of(block):
            if element.get("action_id") == action_id and block_id in (None, block["block_id"]):
                if block["type"] == "input" and not block.get("dispatch_action"):
                    raise LookupError(f"{action_id} is told with the submission only")
                return block, element
    raise LookupError(f"there is no {action_id} to press")


def _with(values: dict[str, Json], block: Json, element: Json, value: Any) -> dict[str, Json]:
    if element["type"] not in STATE_FIELDS:
        return values
    name = block["block_id"]
    return values | {name: values.get(name, {}) | {element["action_id"]: value}}


def _over(view: Json, values: dict[str, Json]) -> dict[str, Json]:
    """What stood in the modal already, with what was typed since."""
    typed: dict[str, Json] = {}
    for block_id, elements in view["state"]["values"].items():
        stood = {action: state.get(STATE_FIELDS[state["type"]]) for action, state in elements.items()}
        typed[block_id] = stood | values.get(block_id, {})
    return typed


def _token(request: Request, given: Json) -> str:
    header: str = request.headers.get("authorization", "")
    return header.removeprefix("Bearer ").strip() if header else str(given.get("token") or "")


async def _given(request: Request) -> Json | None:
    """The arguments of a call; None when its JSON is none."""
    given: Json = dict(request.query_params)
    if not request.headers.get("content-type", "").startswith("application/json"):
        return given | dict(await form(request))
    try:
        content = json.loads(await request.body() or b"{}")
    except ValueError:
        return None
    return given | content if isinstance(content, dict) else None
