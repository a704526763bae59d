"""A stand-in for Microsoft Teams: the Bot Framework's connector, login and keys, strictly, and the bot's people."""

import copy
import importlib
import json
import re
import secrets
import time
from asyncio import Event
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.wire import Answer, Background, Reach, nothing, post, same, until_gone

Json = dict[str, Any]

ISSUER = "https://api.botframework.com"
CARD = "application/vnd.microsoft.card.adaptive"
PATIENCE = 15.0
TOKEN_SECONDS = 3600
LARGEST_MESSAGE = 28 * 1024
LARGEST_NOTE = 1024
FILE = "application/vnd.microsoft.teams.file.download.info"
FILE_AGE = timedelta(minutes=5)
MOST_ACTIONS = 6
BOT_NAME = "Commonline"
PERSONAL = "personal"
VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5")
CHILDREN = ("body", "items", "columns", "actions", "card", "cells", "rows", "inlines")


# --- What Teams keeps


@dataclass
class User:
    """A person: `id` is the object id, `account` how the bot's messages call them."""

    id: str
    name: str
    account: str
    tenant: str
    guest: bool = False
    installed: bool = True


@dataclass
class Message:
    """A message; `only_for` is the object id of the one person who sees it."""

    id: str
    sender: str
    text: str = ""
    card: Json | None = None
    summary: str = ""
    only_for: str = ""
    edited: int = 0
    deleted: bool = False


@dataclass
class Channel:
    """A channel of a team, or somebody's chat with the bot; `installed` says whether the bot is in it."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    personal: bool = False
    installed: bool = True
    messages: list[Message] = field(default_factory=list)

    def visible(self, user: str) -> list[Message]:
        """What this person sees here."""
        if user not in self.members:
            return []
        return [each for each in self.messages if not each.deleted and each.only_for in ("", user)]


@dataclass
class Dialog:
    """What a person has open over a place; `command` where a compose command opened it."""

    title: str
    card: Json
    place: Channel
    command: str = ""


@dataclass(frozen=True)
class File:
    """A file in somebody's OneDrive, and the short-lived address that the bot is told."""

    name: str
    content: bytes
    content_type: str
    made: datetime


@dataclass
class Call:
    """One call of the connector or the login, refused ones included."""

    name: str
    body: Json
    at: datetime
    error: str = ""


@dataclass(frozen=True)
class Delivery:
    """One activity that we sent to the bot, and its answer."""

    kind: str
    activity: Json
    answer: Answer


class Refused(Exception):
    """An error answer of the connector."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> Response:
        return JSONResponse({"error": {"code": self.code, "message": self.message or self.code}}, self.status)


class Incomplete(ValueError):
    """The Teams client itself refuses to submit: input id to complaint."""

    def __init__(self, complaints: dict[str, str]) -> None:
        super().__init__(str(complaints))
        self.complaints = complaints


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call."""

    status: int = 0
    code: str = "ServiceError"
    retry_after: int | None = None
    hang: bool = False
    performed: bool = False

    def response(self) -> Response | None:
        if not self.status:
            return None
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else {}
        return JSONResponse({"error": {"code": self.code, "message": self.code}}, self.status, headers)


class Faults:
    """The faults to come, per call (post, whisper, update, delete, member, open, token, keys) and in order."""

    def __init__(self) -> None:
        self.released = Event()
        self._next: dict[str, deque[Fault]] = {}

    def next(
        self,
        name: str,
        *,
        status: int = 0,
        code: str = "ServiceError",
        retry_after: int | None = None,
        hang: bool = False,
        performed: bool = False,
    ) -> None:
        """Spoil the next call; a hanging or `performed` one takes effect although the answer says otherwise."""
        fault = Fault(status, code, retry_after, hang, performed or hang)
        self._next.setdefault(name, deque()).append(fault)

    def take(self, name: str) -> Fault:
        waiting = self._next.get(name)
        return waiting.popleft() if waiting else Fault()

    def release(self) -> None:
        """Let hanging calls be answered."""
        self.released.set()
        self.released = Event()


# --- Adaptive Cards


class Cards:
    """Says what is wrong with an Adaptive Card, by the published schema where it is at hand."""

    def __init__(self, schemas: Path | None) -> None:
        self._validator: Any = None
        path = schemas / "adaptive-card-1.5.json" if schemas else None
        if path is not None and path.is_file():
            self._validator = importlib.import_module("jsonschema").Draft6Validator(json.loads(path.read_text("utf-8")))

    def faults(self, card: Any) -> list[str]:
        """What is wrong, in words; nothing for a card that Teams shows."""
        if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
            return ["not an Adaptive Card"]
        found = [] if card.get("version") in VERSIONS else ["version is not supported"]
        ids = [part["id"] for part in parts(card) if _is_input(part)]
        found += [f"input id {twice} is there twice" for twice in {each for each in ids if ids.count(each) > 1}]
        found += ["too many actions" for part in parts(card) if len(part.get("actions", ())) > MOST_ACTIONS]
        return found + self._misshapen(card)

    def _misshapen(self, card: Json) -> list[str]:
        if self._validator is None:
            return []
        return [error.message[:200] for error in self._validator.iter_errors(_published(card))]


def parts(card: Any) -> Iterator[Json]:
    """Every element and action of a card, the cards behind its buttons included."""
    if isinstance(card, list):
        for each in card:
            yield from parts(each)
    elif isinstance(card, dict):
        yield card
        for name in CHILDREN:
            yield from parts(card.get(name, []))


def words(card: Any) -> str:
    """All that a person can read on a card."""
    keys = ("text", "title", "label", "errorMessage", "value", "altText")
    shown = [str(part[key]) for part in parts(card) for key in keys if isinstance(part.get(key), str)]
    return "\n".join(shown + [choice["title"] for part in parts(card) for choice in part.get("choices", ())])


def _published(card: Json) -> Json:
    """The card without what Teams adds to the format: its people picker."""
    plain = copy.deepcopy(card)
    for part in parts(plain):
        part.pop("choices.data", None)
    return plain


def _is_input(part: Json) -> bool:
    return str(part.get("type", "")).startswith("Input.")


def _filled(card: Json, values: Mapping[str, str], action: Json) -> dict[str, str]:
    """What stands in every input, typed or from the start; a name is an input's id, or its end after the dot."""
    if action.get("associatedInputs") == "none":
        return {}
    inputs = {part["id"]: part for part in parts(card) if _is_input(part)}
    typed = {_id_of(name, inputs): value for name, value in values.items()}
    complaints = {}
    for id, part in inputs.items():
        value = str(typed.get(id, part.get("value", "")))
        if part.get("isRequired") and not value:
            complaints[id] = part.get("errorMessage", "required")
        if len(value) > part.get("maxLength", len(value)):
            complaints[id] = "too long"
        _offered(part, value)
    if complaints:
        raise Incomplete(complaints)
    return {id: str(typed.get(id, part.get("value", ""))) for id, part in inputs.items()}


def _id_of(name: str, inputs: Mapping[str, Json]) -> str:
    for id in inputs:
        if name in (id, id.rpartition(".")[2]):
            return id
    raise LookupError(f"there is no field {name}")


def _offered(part: Json, value: str) -> None:
    if part["type"] != "Input.ChoiceSet" or "choices.data" in part:
        return
    chosen = value.split(",") if part.get("isMultiSelect") else [value]
    strangers = set(chosen) - {choice["value"] for choice in part["choices"]} - {""}
    if strangers:
        raise LookupError(f"{part['id']} offers no {sorted(strangers)}")


def _action(card: Json, button: str | Json) -> Json:
    for part in parts(card):
        if str(part.get("type", "")).startswith("Action.") and part["type"] != "Action.ShowCard":
            if button in (part.get("title"), part.get("data")):
                return part
    raise LookupError(f"there is no {button} to press")


# --- The service


class Teams:
    """One tenant with our app in it, and the people who use it. Whoever serves `app` sets `address` to its base URL."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        tenant_id: str,
        messages_url: str,
        clock: Callable[[], datetime],
        schemas: Path | None = None,
    ) -> None:
        self.client_id = client_id
        self.client_secret = client_secret
        self.tenant_id = tenant_id
        self.messages_url = messages_url
        self.clock = clock
        self.reach: Reach = same
        self.address = "https://smba.trafficmanager.net"
        self.bot = f"28:{client_id}"
        self.patience = PATIENCE
        self.targeted = True
        self.changed: Callable[[], None] = nothing
        self.cards = Cards(schemas)
        self.faults = Faults()
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.dialogs: dict[str, Dialog] = {}
        self.notes: dict[str, list[str]] = {}
        self.files: dict[str, File] = {}
        self.requests: list[Call] = []
        self.deliveries: list[Delivery] = []
        self._keys = {"first": _key("first")}
        self._published = ["first"]
        self._background = Background()
        self._last = 0
        self.app = Starlette(routes=self._routes())

    def _routes(self) -> list[Route]:
        base = "/teams/v3/conversations"
        return [
            Route("/v1/.well-known/openidconfiguration", self._metadata),
            Route("/v1/.well-known/keys", self._jwks),
            Route("/{tenant}/oauth2/v2.0/token", self._grant, methods=["POST"]),
            Route("/personal/{owner}/download.aspx", self._download),
            Route(base, self._create, methods=["POST"]),
            Route(base + "/{conversation}/activities", self._post, methods=["POST"]),
            Route(base + "/{conversation}/activities/{activity}", self._change, methods=["PUT", "DELETE"]),
            Route(base + "/{conversation}/members/{member}", self._member),
        ]

    @property
    def service_url(self) -> str:
        """Where the bot reaches the connector."""
        return f"{self.address}/teams/"

    @property
    def cloud(self) -> dict[str, str]:
        """Where login and keys are: overrides for the library's PUBLIC cloud."""
        metadata = f"{self.address}/v1/.well-known/openidconfiguration"
        return {"login_endpoint": self.address, "openid_metadata_url": metadata}

    async def settled(self) -> None:
        """Wait until nothing is under way any more."""
        await self._background.settled()

    # --- who and where

    def add_user(self, id: str, name: str, *, guest: bool = False, tenant: str = "", installed: bool = True) -> User:
        """A person; of another tenant if one is named. `installed`: whether the bot is theirs to talk to."""
        account = f"29:{secrets.token_urlsafe(24)}"
        self.users[id] = User(id, name, account, tenant or self.tenant_id, guest, installed)
        return self.users[id]

    def add_channel(self, id: str, name: str, members: list[str], installed: bool = True) -> Channel:
        """A channel (id `19:…@thread.tacv2`) of a team that has the bot, or has not."""
        self.channels[id] = Channel(id, name, set(members), installed=installed)
        return self.channels[id]

    def chat(self, user: str) -> Channel:
        """Somebody's chat with the bot, begun if need be."""
        id = f"a:{self.users[user].account[3:]}"
        if id not in self.channels:
            self.channels[id] = Channel(id, self.users[user].name, {user}, True, self.users[user].installed)
        return self.channels[id]

    def place(self, user: str, place: str) -> Channel:
        """A channel by its id or name, or "personal" for this person's chat."""
        if place == PERSONAL:
            return self.chat(user)
        for channel in self.channels.values():
            if place in (channel.id, channel.name) and user in channel.members:
                return channel
        raise LookupError(f"{user} is in no {place}")

    def shown(self, user: str, place: str) -> list[Message]:
        """What this person sees at a place."""
        return self.place(user, place).visible(user)

    # --- what people do

    async def install(self, user: str, place: str = PERSONAL) -> Answer:
        """Somebody adds the app to a team, or for themselves; Teams tells so twice."""
        channel = self.place(user, place)
        channel.installed = True
        added = {"membersAdded": [{"id": self.bot}]}
        await self._deliver(self._activity(user, channel, "conversationUpdate") | added)
        return await self._deliver(self._activity(user, channel, "installationUpdate") | {"action": "add"})

    async def uninstall(self, user: str, place: str = PERSONAL) -> Answer:
        """Somebody takes the app away."""
        channel = self.place(user, place)
        channel.installed = False
        return await self._deliver(self._activity(user, channel, "installationUpdate") | {"action": "remove"})

    async def say(self, user: str, place: str, text: str, slash: bool = False) -> Answer:
        """A person writes to the bot: in a channel by a mention, or by a slash command that nobody else sees."""
        channel = self.place(user, place)
        activity = self._activity(user, channel, "message") | {"text": text, "textFormat": "plain"}
        if slash:
            activity["recipient"]["isTargeted"] = True
        elif not channel.personal:
            mention = f"<at>{BOT_NAME}</at>"
            named = {"id": self.bot, "name": BOT_NAME}
            activity["text"] = f"{mention} {text}\n"
            activity["entities"].append({"type": "mention", "text": mention, "mentioned": named})
        self._keep(channel, Message(activity["id"], user, text, only_for=user if slash else ""))
        return await self._deliver(activity)

    async def send_file(
        self, user: str, *files: tuple[str, bytes], place: str = PERSONAL, content_type: str = "text/csv"
    ) -> Answer:
        """A person sends files (name, content) to the bot; of those in a channel it is told nothing but words."""
        channel = self.place(user, place)
        activity = self._activity(user, channel, "message") | {"text": "", "attachments": []}
        for name, content in files if channel.personal else ():
            activity["attachments"].append(self._attached(user, File(name, content, content_type, self.clock())))
        # Teams adds what was written as HTML, too.
        activity["attachments"].append({"contentType": "text/html", "content": "<p></p>"})
        self._keep(channel, Message(activity["id"], user, ", ".join(name for name, _ in files)))
        return await self._deliver(activity)

    def _attached(self, user: str, file: File) -> Json:
        token = secrets.token_urlsafe(24)
        self.files[token] = file
        place = f"{self.address}/personal/{user}"
        return {
            "contentType": FILE,
            "contentUrl": f"{place}/Documents/{quote(file.name)}",
            "name": file.name,
            "content": {
                "downloadUrl": f"{place}/download.aspx?UniqueId={secrets.token_hex(16)}&tempauth={token}",
                "uniqueId": secrets.token_hex(16).upper(),
                "fileType": file.name.rpartition(".")[2],
            },
        }

    async def _download(self, request: Request) -> Response:
        file = self.files.get(request.query_params.get("tempauth", ""))
        spoiled = self.faults.take("download").response()
        if spoiled or file is None or self.clock() - file.made > FILE_AGE:
            return spoiled or JSONResponse({"error": "invalid_request"}, 401)
        if "authorization" in request.headers:
            return JSONResponse({"error": "two ways to sign in"}, 400)
        return Response(file.content, media_type=file.content_type)

    def write(self, user: str, place: str, text: str) -> None:
        """A person writes to the others in a channel; without a mention the bot is not told."""
        self._keep(self.place(user, place), Message(self._stamp(), user, text))

    async def compose(self, user: str, place: str, command: str) -> Answer:
        """A person picks a command of the bot beside the message box; a dialog opens."""
        channel = self.place(user, place)
        value = {"commandId": command, "commandContext": "compose", "context": {"theme": "default"}}
        answer = await self._invoke(user, channel, "composeExtension/fetchTask", value)
        return self._show(user, channel, answer, command)

    async def press(self, user: str, where: str, button: str | Json, values: Mapping[str, str] | None = None) -> Answer:
        """A person presses a button (its title, or its data) of a message (its id) or of the open "dialog"."""
        if where == "dialog":
            return await self._press_in_dialog(user, button, values or {})
        channel, message = self._readable(user, where)
        card = message.card or {}
        action = _action(card, button)
        if action["type"] == "Action.OpenUrl":
            return Answer(None, action["url"], error="opened_outside")
        data = _data(action) | _filled(card, values or {}, action)
        if action["type"] == "Action.Execute":
            return await self._execute(user, channel, message, action, data)
        if (data.get("msteams") or {}).get("type") == "task/fetch":
            value = {"data": data, "context": {"theme": "default"}}
            return self._show(user, channel, await self._invoke(user, channel, "task/fetch", value, message.id))
        sent = self._activity(user, channel, "message") | {"value": data, "replyToId": message.id}
        return await self._deliver(sent)

    async def submit(
        self, user: str, values: Mapping[str, str] | None = None, where: str = "dialog", button: str = ""
    ) -> Answer:
        """A person fills in a form and submits it; raises Incomplete where the Teams client would not let them."""
        card = self.dialogs[user].card if where == "dialog" else self._readable(user, where)[1].card or {}
        return await self.press(user, where, button or card["actions"][0]["title"], values)

    def close(self, user: str) -> None:
        """A person closes the dialog; the bot is not told."""
        del self.dialogs[user]
        self.changed()

    async def again(self, delivery: Delivery) -> Answer:
        """Send an activity once more, as Teams does when it did not hear us."""
        return await self._deliver(copy.deepcopy(delivery.activity))

    async def _press_in_dialog(self, user: str, button: str | Json, values: Mapping[str, str]) -> Answer:
        dialog = self.dialogs[user]
        action = _action(dialog.card, button)
        if action["type"] == "Action.OpenUrl":
            return Answer(None, action["url"], error="opened_outside")
        value: Json = {"data": _data(action) | _filled(dialog.card, values, action), "context": {"theme": "default"}}
        if dialog.command:
            value |= {"commandId": dialog.command, "commandContext": "compose"}
        name = "composeExtension/submitAction" if dialog.command else "task/submit"
        return self._show(user, dialog.place, await self._invoke(user, dialog.place, name, value), dialog.command)

    async def _execute(self, user: str, channel: Channel, message: Message, action: Json, data: Json) -> Answer:
        done = {"type": "Action.Execute", "verb": action.get("verb", ""), "data": data}
        value = {"action": done, "trigger": "manual"}
        answer = await self._invoke(user, channel, "adaptiveCard/action", value, message.id)
        body = _json(answer)
        if not answer.ok or body.get("statusCode") != 200 or not str(body.get("type", "")).startswith("application/"):
            return replace(answer, error=answer.error or "invalid_response")
        if body["type"] == CARD:
            message.card = body["value"]
        return answer

    async def _invoke(self, user: str, channel: Channel, name: str, value: Json, message: str = "") -> Answer:
        replied = {"replyToId": message} if message else {}
        return await self._deliver(self._activity(user, channel, "invoke") | {"name": name, "value": value} | replied)

    def _show(self, user: str, channel: Channel, answer: Answer, command: str = "") -> Answer:
        """What the client makes of a dialog's answer."""
        self.dialogs.pop(user, None)
        task = _json(answer).get("task")
        if not answer.ok or (task is None and answer.body.strip() not in ("", "{}")):
            return replace(answer, error=answer.error or "invalid_response")
        if task is None:
            return answer
        fault = self._shown_task(user, channel, task, command)
        self.changed()
        return replace(answer, error=fault) if fault else answer

    def _shown_task(self, user: str, channel: Channel, task: Json, command: str) -> str | None:
        value = task.get("value")
        if task.get("type") == "message" and isinstance(value, str) and 0 < len(value) <= LARGEST_NOTE:
            self.notes.setdefault(user, []).append(value)
            return None
        if task.get("type") != "continue" or not isinstance(value, dict):
            return "invalid_task"
        held = value.get("card") or {}
        faults = self.cards.faults(held.get("content"))
        if faults or held.get("contentType") != CARD or not value.get("title"):
            return f"invalid_card: {faults[:3]}"
        self.dialogs[user] = Dialog(value["title"], held["content"], channel, command)
        return None

    def _readable(self, user: str, id: str) -> tuple[Channel, Message]:
        for channel in self.channels.values():
            for message in channel.visible(user):
                if message.id == id:
                    return channel, message
        raise LookupError(f"{user} sees no message {id}")

    def _keep(self, channel: Channel, message: Message) -> Message:
        channel.messages.append(message)
        self.changed()
        return message

    def _stamp(self) -> str:
        """A message's id: the time in milliseconds, and never twice the same."""
        self._last = max(int(self.clock().timestamp() * 1000), self._last + 1)
        return str(self._last)

    # --- how it reaches the bot

    def _activity(self, user: str, channel: Channel, kind: str) -> Json:
        person = self.users[user]
        id = self._stamp() if kind == "message" else f"f:{secrets.token_hex(16)}"
        data: Json = {"tenant": {"id": person.tenant}}
        if not channel.personal:
            data |= {"team": {"id": channel.id}, "channel": {"id": channel.id}, "teamsChannelId": channel.id}
        threaded = "" if channel.personal else f";messageid={id}"
        return {
            "type": kind,
            "id": id,
            "timestamp": self.clock().isoformat(),
            "serviceUrl": self.service_url,
            "channelId": "msteams",
            "from": {"id": person.account, "name": person.name, "aadObjectId": person.id},
            "conversation": {
                "conversationType": "personal" if channel.personal else "channel",
                "id": channel.id + threaded,
                "tenantId": person.tenant,
                **({} if channel.personal else {"isGroup": True}),
            },
            "recipient": {"id": self.bot, "name": BOT_NAME},
            "entities": [{"type": "clientInfo", "locale": "en-US", "country": "US", "platform": "Web"}],
            "channelData": data,
            "locale": "en-US",
        }

    def token(self, key: str = "first", algorithm: str = "RS256", **claims: Any) -> str:
        """A token as the connector sends it; `claims` in place of the right ones (None: without it)."""
        now = int(time.time())
        right = {"iss": ISSUER, "aud": self.client_id, "serviceurl": self.service_url, "nbf": now, "exp": now + 600}
        kept = {name: value for name, value in {**right, **claims}.items() if value is not None}
        secret: Any = self._keys[key] if algorithm == "RS256" else None
        return jwt.encode(kept, secret, algorithm, headers={"kid": key})

    def add_key(self, key: str, published: bool = True) -> None:
        """Make another key that `token` can sign with; one that is not published is nobody's."""
        self._keys[key] = _key(key)
        if published:
            self._published.append(key)

    async def send(self, body: bytes, token: str | None, content_type: str = "application/json") -> Answer:
        """Send the bot any bytes, with any token or none."""
        headers = {"Content-Type": content_type} | ({"Authorization": f"Bearer {token}"} if token is not None else {})
        return await post(self.reach(self.messages_url), body, headers, self.patience)

    async def _deliver(self, activity: Json) -> Answer:
        body = json.dumps(activity).encode()
        answer = await self.send(body, self.token(), "application/json; charset=utf-8")
        kind = str(activity.get("name") or activity["type"])
        self.deliveries.append(Delivery(kind, activity, answer))
        self.changed()
        return answer

    # --- login and keys

    async def _metadata(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": ISSUER,
                "authorization_endpoint": "https://invalid.botframework.com",
                "jwks_uri": f"{self.address}/v1/.well-known/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            }
        )

    async def _jwks(self, request: Request) -> Response:
        return await self._spoiled(request, "keys", {}, self._listed_keys)

    def _listed_keys(self) -> Response:
        keys = [
            {
                **json.loads(RSAAlgorithm.to_jwk(self._keys[name].public_key())),
                "use": "sig",
                "kid": name,
                "endorsements": ["msteams"],
            }
            for name in self._published
        ]
        return JSONResponse({"keys": keys})

    async def _grant(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        shown = {name: value for name, value in form.items() if name != "client_secret"}
        return await self._spoiled(request, "token", shown, lambda: self._granted(request, form))

    def _granted(self, request: Request, form: Json) -> Response:
        wrong = {"error": "invalid_request", "error_description": "AADSTS900144"}
        if form.get("grant_type") != "client_credentials" or form.get("scope") != f"{ISSUER}/.default":
            return JSONResponse(wrong, 400)
        if request.path_params["tenant"] != self.tenant_id or form.get("client_id") != self.client_id:
            return JSONResponse(wrong | {"error": "unauthorized_client"}, 400)
        if form.get("client_secret") != self.client_secret:
            return JSONResponse(wrong | {"error": "invalid_client"}, 401)
        now = int(time.time())
        claims = {"iss": f"https://sts.windows.net/{self.tenant_id}/", "aud": ISSUER, "appid": self.client_id}
        token = jwt.encode(
            claims | {"exp": now + TOKEN_SECONDS}, self._keys["first"], "RS256", headers={"kid": "first"}
        )
        return JSONResponse({"token_type": "Bearer", "expires_in": TOKEN_SECONDS - 1, "access_token": token})

    # --- the connector

    async def _create(self, request: Request) -> Response:
        body = await _body(request)
        return await self._spoiled(request, "open", body, lambda: self._created(request, body))

    async def _post(self, request: Request) -> Response:
        body = await _body(request)
        name = "whisper" if _is_targeted(request) else "post"
        return await self._spoiled(request, name, body, lambda: self._posted(request, body))

    async def _change(self, request: Request) -> Response:
        body = await _body(request) if request.method == "PUT" else {}
        name = "update" if request.method == "PUT" else "delete"
        return await self._spoiled(request, name, body, lambda: self._changed(request, body))

    async def _member(self, request: Request) -> Response:
        return await self._spoiled(request, "member", {}, lambda: self._found(request))

    async def _spoiled(self, request: Request, name: str, body: Json, work: Callable[[], Response]) -> Response:
        """The answer to a call, unless a fault is due."""
        call = Call(name, body, self.clock())
        self.requests.append(call)
        fault = self.faults.take(name)
        spoiled = fault.response()
        if spoiled and not fault.performed:
            call.error = fault.code
            return spoiled
        try:
            answer = work()
        except Refused as refused:
            call.error = refused.code
            answer = refused.response()
        self.changed()
        if fault.hang:
            await until_gone(request, self.faults.released)
        return spoiled or answer

    def _authorized(self, request: Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            key: Any = self._keys["first"].public_key()
            jwt.decode(token, key, algorithms=["RS256"], audience=ISSUER)
        except jwt.PyJWTError:
            raise Refused(401, "Unauthorized", "Authorization has been denied for this request.") from None

    def _created(self, request: Request, body: Json) -> Response:
        self._authorized(request)
        members = body.get("members")
        if body.get("isGroup") or not isinstance(members, list) or len(members) != 1 or "bot" not in body:
            raise Refused(400, "BadSyntax", "Incorrect conversation creation parameters")
        if body.get("tenantId") != self.tenant_id or body.get("channelData") != {"tenant": {"id": self.tenant_id}}:
            raise Refused(400, "BadSyntax", "Tenant id is required")
        person = self._person(str(members[0].get("id")))
        if not person.installed:
            raise Refused(403, "BotNotInConversationRoster")
        chat = self.chat(person.id)
        return JSONResponse({"id": chat.id}, 201)

    def _posted(self, request: Request, body: Json) -> Response:
        self._authorized(request)
        channel = self._conversation(request)
        message = Message(self._stamp(), self.bot)
        if _is_targeted(request):
            message.only_for = self._target(channel, body)
        self._write(message, body)
        self._keep(channel, message)
        return JSONResponse({"id": message.id}, 201)

    def _changed(self, request: Request, body: Json) -> Response:
        self._authorized(request)
        channel, id = self._conversation(request), request.path_params["activity"]
        found = next((each for each in channel.messages if each.id == id and not each.deleted), None)
        if found is None or bool(found.only_for) != _is_targeted(request):
            raise Refused(404, "ActivityNotFound")
        if found.sender != self.bot:
            raise Refused(403, "MessageWritesBlocked", "The bot did not send this message")
        if request.method == "DELETE":
            found.deleted = True
            return JSONResponse({}, 200)
        self._write(found, body)
        found.edited += 1
        return JSONResponse({"id": id})

    def _found(self, request: Request) -> Response:
        self._authorized(request)
        channel, person = self._conversation(request), self._person(request.path_params["member"])
        if person.id not in channel.members:
            raise Refused(404, "MemberNotFoundInConversation")
        return JSONResponse(
            {
                "id": person.account,
                "objectId": person.id,
                "name": person.name,
                "tenantId": person.tenant,
                "userRole": "guest" if person.guest else "user",
            }
        )

    def _conversation(self, request: Request) -> Channel:
        channel = self.channels.get(request.path_params["conversation"].partition(";")[0])
        if channel is None:
            raise Refused(404, "ConversationNotFound")
        if not channel.installed:
            raise Refused(403, "BotNotInConversationRoster")
        return channel

    def _person(self, id: str) -> User:
        for user in self.users.values():
            if id in (user.id, user.account):
                return user
        raise Refused(400, "BadArgument", "Unknown user")

    def _target(self, channel: Channel, body: Json) -> str:
        if not self.targeted:
            raise Refused(400, "BadRequest", "Targeted messages are not supported in this tenant")
        if channel.personal:
            raise Refused(400, "BadRequest", "Targeted messages are for conversations of several people")
        recipient = body.get("recipient") or {}
        person = self._person(str(recipient.get("id")))
        if person.id not in channel.members:
            raise Refused(403, "MemberNotFoundInConversation")
        return person.id

    def _write(self, message: Message, body: Json) -> None:
        """Put what the bot said into a message; raises what the connector would."""
        if body.get("type") != "message":
            raise Refused(400, "BadSyntax", "Activity type is required")
        if len(json.dumps(body, ensure_ascii=False).encode()) > LARGEST_MESSAGE:
            raise Refused(413, "MessageSizeTooBig")
        attachments = body.get("attachments") or []
        if not body.get("text") and not attachments:
            raise Refused(400, "BadSyntax", "Activity must include non empty 'text' field or at least one attachment")
        if len(attachments) > 1 or any(each.get("contentType") != CARD for each in attachments):
            raise Refused(400, "BadSyntax", "Unknown attachment type")
        card = attachments[0].get("content") if attachments else None
        if faults := self.cards.faults(card) if attachments else []:
            raise Refused(400, "BadSyntax", str(faults[:3]))
        message.text, message.card, message.summary = str(body.get("text") or ""), card, str(body.get("summary") or "")


@cache
def _key(name: str) -> RSAPrivateKey:
    # Made once a process: it takes a good part of a second.
    return generate_private_key(public_exponent=65537, key_size=2048)


def _data(action: Json) -> Json:
    return copy.deepcopy(action.get("data") or {})


def _json(answer: Answer) -> Json:
    try:
        body = json.loads(answer.body or "{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _is_targeted(request: Request) -> bool:
    return request.query_params.get("isTargetedActivity") == "true"


async def _body(request: Request) -> Json:
    if not re.match(r"application/json\b", request.headers.get("content-type", "")):
        return {}
    try:
        body = json.loads(await request.body())
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
