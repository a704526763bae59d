"""A stand-in for Slack: the Web API, strict Block Kit checks, signed interactivity and events, and Socket Mode."""

import asyncio
import copy
import hashlib
import hmac
import importlib
import json
import mimetypes
import secrets
import time
from asyncio import Event, Future
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from bot.sandbox.wire import Answer, Background, Reach, address, form, nothing, post, same, until_gone

Json = dict[str, Any]

PATIENCE = 3.0
TRIGGER_SECONDS = 3.0
RETRIES = 3
TEXT_LIMIT = 40_000
ALT_LIMIT = 1000
VIEW_BYTES = 250_000
STACK_LIMIT = 3
LARGEST_FILE = 10 * 1024 * 1024
MOST_FILES = 10
RESPONSE_USES = 5
RESPONSE_AGE = timedelta(minutes=30)
SLACKBOT = "USLACKBOT"
OTHER_TEAM = "T0ELSEWHERE"
MESSAGE_EVENTS = {"im": "message.im", "channel": "message.channels", "group": "message.groups"}
RETRY_REASONS = {"timeout": "http_timeout", "connection_failed": "connection_failed"}

# --- Block Kit: lengths and counts, by kind and path

OPTIONS = {"placeholder.text": 150, "options": 100, "option_groups": 100, "action_id": 255}
PICKER = {"placeholder.text": 150, "action_id": 255}
LIMITS: dict[str, dict[str, int]] = {
    "actions": {"elements": 25, "block_id": 255},
    "button": {"text.text": 75, "value": 2000, "url": 3000, "action_id": 255, "accessibility_label": 75},
    "channels_select": PICKER,
    "checkboxes": {"options": 10, "action_id": 255},
    "confirm": {"title.text": 100, "text.text": 300, "confirm.text": 30, "deny.text": 30},
    "context": {"elements": 10, "block_id": 255},
    "conversations_select": PICKER,
    "datepicker": PICKER,
    "divider": {"block_id": 255},
    "file_input": {"action_id": 255},
    "header": {"text.text": 150, "block_id": 255},
    "home": {"blocks": 100, "private_metadata": 3000, "callback_id": 255, "external_id": 255},
    "image": {"alt_text": 2000, "title.text": 2000, "image_url": 3000, "block_id": 255},
    "input": {"label.text": 2000, "hint.text": 2000, "block_id": 255},
    "markdown": {"text": 12000},
    "message": {"blocks": 50},
    "modal": {
        "title.text": 24,
        "submit.text": 24,
        "close.text": 24,
        "private_metadata": 3000,
        "callback_id": 255,
        "external_id": 255,
        "blocks": 100,
    },
    "multi_static_select": OPTIONS,
    "multi_users_select": PICKER,
    "option": {"text.text": 75, "value": 150, "description.text": 75, "url": 3000},
    "option_group": {"label.text": 75, "options": 100},
    "overflow": {"options": 5, "action_id": 255},
    "plain_text_input": PICKER | {"initial_value": 3000},
    "radio_buttons": {"options": 10, "action_id": 255},
    "section": {"text.text": 3000, "fields": 10, "fields[].text": 2000, "block_id": 255},
    "static_select": OPTIONS,
    "table": {"rows": 100},
    "timepicker": PICKER,
    "users_select": PICKER,
    "video": {"title.text": 200, "author_name": 50, "description.text": 200},
}
REQUIRED: dict[str, tuple[str, ...]] = {
    "actions": ("elements",),
    "button": ("text",),
    "context": ("elements",),
    "header": ("text",),
    "image": ("alt_text",),
    "input": ("label", "element"),
    "modal": ("title", "blocks"),
    "option": ("text", "value"),
    "overflow": ("options",),
    "radio_buttons": ("options",),
    "checkboxes": ("options",),
    "rich_text": ("elements",),
}
PLAIN_TEXT_KEYS = frozenset({"placeholder", "title", "label", "hint", "submit", "close", "confirm", "deny"})
MESSAGE_ONLY = frozenset({"markdown", "table", "file", "data_table", "task_card", "plan", "context_actions"})
BLOCKS = MESSAGE_ONLY | {
    *("actions", "alert", "card", "carousel", "container", "context", "divider"),
    *("header", "image", "input", "rich_text", "section", "video"),
}
KIND_OF_KEY = {
    "options": "option",
    "initial_option": "option",
    "initial_options": "option",
    "option_groups": "option_group",
    "confirm": "confirm",
}

# What an element's state is called; its first value stands under "initial_" and the same ending.
STATE_FIELDS = {
    "channels_select": "selected_channel",
    "checkboxes": "selected_options",
    "conversations_select": "selected_conversation",
    "datepicker": "selected_date",
    "datetimepicker": "selected_date_time",
    "email_text_input": "value",
    "file_input": "files",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
    "multi_static_select": "selected_options",
    "multi_users_select": "selected_users",
    "number_input": "value",
    "overflow": "selected_option",
    "plain_text_input": "value",
    "radio_buttons": "selected_option",
    "static_select": "selected_option",
    "timepicker": "selected_time",
    "url_text_input": "value",
    "users_select": "selected_user",
}


class BlockKit:
    """Says what is wrong with blocks and views, in Slack's words."""

    def __init__(self, schemas: Path | None) -> None:
        self._validators: dict[str, Any] = {}
        path = schemas / "slack-block-kit.json" if schemas else None
        if path is not None and path.is_file():
            self._validators = _validators(path)

    def message(self, blocks: Any) -> list[str]:
        return self._faults({"type": "message", "blocks": blocks}, "message")

    def view(self, view: Json) -> list[str]:
        kind = str(view.get("type", ""))
        faults = self._faults(view, kind)
        blocks = view.get("blocks")
        kinds = (
            {block.get("type") for block in blocks if isinstance(block, dict)} if isinstance(blocks, list) else set()
        )
        if kind == "modal" and "input" in kinds and not view.get("submit"):
            faults.append("[ERROR] missing required field: submit [json-pointer:/view]")
        faults += [f"[ERROR] unsupported type: {name} [json-pointer:/view/blocks]" for name in kinds & MESSAGE_ONLY]
        if kind != "modal" and any(part == "file_input" for _, part, _ in _parts(blocks, "/view/blocks")):
            faults.append("[ERROR] unsupported type: file_input [json-pointer:/view/blocks]")
        return faults

    def _faults(self, surface: Json, kind: str) -> list[str]:
        root = "" if kind == "message" else "/view"
        blocks = surface.get("blocks")
        if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
            return [f"[ERROR] must be an array of blocks [json-pointer:{root}/blocks]"]
        return [
            *self._shape(blocks, f"{root}/blocks"),
            *self._frame(surface, kind),
            *_doubled(blocks, f"{root}/blocks"),
            *(f"[ERROR] {fault} [json-pointer:{where}]" for where, fault in _lengths(surface, root)),
        ]

    def _frame(self, surface: Json, kind: str) -> Iterator[str]:
        """The view around the blocks, held against the schema."""
        if kind in self._validators:
            for error in self._validators[kind].iter_errors(surface | {"blocks": []}):
                yield f"[ERROR] {error.message} [json-pointer:/view]"

    def _shape(self, blocks: list[Json], root: str) -> Iterator[str]:
        for index, block in enumerate(blocks):
            kind, where = str(block.get("type")), f"{root}/{index}"
            if kind not in BLOCKS:
                yield f"[ERROR] unsupported type: {kind} [json-pointer:{where}/type]"
            elif kind in self._validators:
                for error in self._validators[kind].iter_errors(block):
                    yield f"[ERROR] {error.message[:300]} [json-pointer:{where}{_pointer(error.absolute_path)}]"


@cache
def _validators(path: Path) -> dict[str, Any]:
    draft = importlib.import_module("jsonschema").Draft7Validator
    definitions = json.loads(path.read_text("utf-8"))["definitions"]
    names = [each["$ref"].rsplit("/", 1)[1] for each in definitions["KnownBlock"]["anyOf"]]
    return {
        _const(definitions[name]): draft({"$ref": f"#/definitions/{name}", "definitions": definitions})
        for name in [*names, "ModalView", "HomeView"]
    }


def _const(definition: Json) -> str:
    """The one type that a definition describes, be it alone or in variants."""
    variant = definition if "properties" in definition else definition["anyOf"][0]
    return str(variant["properties"]["type"]["const"])


def _pointer(path: Any) -> str:
    return "".join(f"/{step}" for step in path)


def _parts(node: Any, where: str, key: str = "") -> Iterator[tuple[str, str, Json]]:
    """Every object below this one, with its place and its kind."""
    if isinstance(node, dict):
        yield where, KIND_OF_KEY.get(key) or str(node.get("type", "")), node
        for name, child in node.items():
            yield from _parts(child, f"{where}/{name}", name)
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from _parts(child, f"{where}/{index}", key)


def _lengths(surface: Json, root: str) -> Iterator[tuple[str, str]]:
    for where, kind, part in _parts(surface, root):
        for path, limit in LIMITS.get(kind, {}).items():
            for spot, value in _at(part, path, where):
                if isinstance(value, str) and len(value) > limit:
                    yield spot, f"must be less than {limit + 1} characters"
                elif isinstance(value, list) and len(value) > limit:
                    yield spot, f"no more than {limit} items allowed"
        yield from _missing(part, kind, where)


def _missing(part: Json, kind: str, where: str) -> Iterator[tuple[str, str]]:
    for name in REQUIRED.get(kind, ()):
        if part.get(name) is None or (part[name] == [] and name != "blocks"):
            yield where, f"missing required field: {name}"
    if kind == "section" and not part.get("text") and not part.get("fields"):
        yield where, "missing required field: text"
    if kind in ("plain_text", "mrkdwn") and part.get("text") == "":
        yield f"{where}/text", "must be more than 0 characters"
    for name, child in part.items():
        plain = name in PLAIN_TEXT_KEYS or (name == "text" and kind in ("header", "button"))
        if plain and isinstance(child, dict) and child.get("type") == "mrkdwn":
            yield f"{where}/{name}", "must be of type plain_text"
    if kind == "file_input" and not 1 <= part.get("max_files", 1) <= MOST_FILES:
        yield f"{where}/max_files", f"must be from 1 to {MOST_FILES}"
    yield from _strangers(part, where)


def _strangers(part: Json, where: str) -> Iterator[tuple[str, str]]:
    first = part.get("initial_option")
    if first is not None and first not in _options(part):
        yield f"{where}/initial_option", "must match one of the options"


def _at(node: Any, path: str, where: str) -> Iterator[tuple[str, Any]]:
    head, _, rest = path.partition(".")
    name = head.removesuffix("[]")
    if not isinstance(node, dict) or name not in node:
        return
    children = [(f"{where}/{name}", node[name])]
    if head.endswith("[]") and isinstance(node[name], list):
        children = [(f"{where}/{name}/{index}", child) for index, child in enumerate(node[name])]
    for spot, child in children:
        yield from _at(child, rest, spot) if rest else iter([(spot, child)])


def _doubled(blocks: list[Json], root: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        name = block.get("block_id")
        if name is not None and name in seen:
            yield f'[ERROR] block_id "{name}" already exists [json-pointer:{root}/{index}/block_id]'
        seen.add(str(name))
        ids = [element["action_id"] for element in _elements(block) if "action_id" in element]
        for twice in sorted({each for each in ids if ids.count(each) > 1}):
            yield f'[ERROR] action_id "{twice}" already exists [json-pointer:{root}/{index}]'


def _elements(block: Json) -> list[Json]:
    found = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
    return [element for element in found if isinstance(element, dict)]


def _options(element: Json) -> list[Json]:
    groups = element.get("option_groups") or []
    return [*(element.get("options") or []), *(option for group in groups for option in group.get("options", []))]


def _named(blocks: list[Json]) -> list[Json]:
    """The blocks as Slack keeps them: every block and every element has an id."""
    kept = copy.deepcopy(blocks)
    for block in kept:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for element in _elements(block):
            if element.get("type") == "button" or element.get("type") in STATE_FIELDS:
                element.setdefault("action_id", secrets.token_urlsafe(4))
    return kept


def _valued(element: Json, value: Any) -> Json:
    """The state of an element once a person has put this value there."""
    name = STATE_FIELDS[element["type"]]
    if name == "files":
        value = value or []
    if name == "selected_option":
        value = None if value is None else _option(element, value)
    elif name == "selected_options":
        value = [_option(element, each) for each in value or []]
    return {"type": element["type"], name: value}


def _option(element: Json, value: Any) -> Json:
    for option in _options(element):
        if value in (option, option.get("value")):
            return option
    raise LookupError(f"{element.get('action_id')} offers no {value!r}")


def _initial(element: Json) -> Any:
    return element.get("initial_" + STATE_FIELDS[element["type"]].removeprefix("selected_"))


def _state(blocks: list[Json], typed: dict[str, Json]) -> dict[str, Json]:
    """state.values: what stands in every input, typed or from the start."""
    values: dict[str, Json] = {}
    for block in blocks:
        for element in _elements(block):
            if element.get("type") in STATE_FIELDS:
                given = typed.get(block["block_id"], {})
                value = given.get(element["action_id"], _initial(element))
                values.setdefault(block["block_id"], {})[element["action_id"]] = _valued(element, value)
    return values


def _carried(former: Json, blocks: list[Json]) -> dict[str, Json]:
    """What was typed before an update stays where block, element and options are still the same."""
    typed: dict[str, Json] = {}
    for block in blocks:
        stood = former["state"]["values"].get(block["block_id"], {})
        for element in _elements(block):
            state = stood.get(element.get("action_id"), {})
            if state.get("type") == element.get("type") and _still(element, state):
                typed.setdefault(block["block_id"], {})[element["action_id"]] = state[STATE_FIELDS[element["type"]]]
    return typed


def _still(element: Json, state: Json) -> bool:
    name = STATE_FIELDS[element["type"]]
    chosen = {"selected_option": [state[name]], "selected_options": state[name]}.get(name, [])
    # Slack says nowhere that a file stays in a form that was replaced.
    return name != "files" and bool(state[name]) and all(option in _options(element) for option in chosen)


class Incomplete(ValueError):
    """The Slack client itself refuses to submit: block id to complaint."""

    def __init__(self, complaints: dict[str, str]) -> None:
        super().__init__(str(complaints))
        self.complaints = complaints


def _complaints(blocks: list[Json], values: dict[str, Json]) -> dict[str, str]:
    found = {}
    for block in blocks:
        if block["type"] == "input":
            element = block["element"]
            state = values[block["block_id"]][element["action_id"]]
            complaint = _complaint(element, state[STATE_FIELDS[element["type"]]], block.get("optional", False))
            if complaint:
                found[block["block_id"]] = complaint
    return found


def _complaint(element: Json, value: Any, optional: bool) -> str:
    if not value:
        return "" if optional else "Please complete this required field."
    if isinstance(value, list) and len(value) > element.get("max_files", MOST_FILES):
        return "Please choose fewer files."
    if isinstance(value, str) and len(value) > element.get("max_length", 3000):
        return f"Please enter at most {element.get('max_length', 3000)} characters."
    if isinstance(value, str) and len(value) < element.get("min_length", 0):
        return f"Please enter at least {element['min_length']} characters."
    return ""


# --- What Slack keeps


@dataclass
class User:
    id: str
    name: str
    team: str
    guest: bool = False
    bot: bool = False
    external: bool = False
    deleted: bool = False

    def shown(self) -> Json:
        return {
            "id": self.id,
            "team_id": self.team,
            "name": self.name.lower().replace(" ", "."),
            "real_name": self.name,
            "deleted": self.deleted,
            "is_bot": self.bot,
            "is_restricted": self.guest,
            "is_ultra_restricted": False,
            "is_stranger": self.external,
            "is_app_user": False,
            "is_admin": False,
            "is_owner": False,
            "tz": "America/Chicago",
            "updated": 0,
            "profile": {"real_name": self.name, "display_name": self.name, "team": self.team},
        }


@dataclass
class Message:
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str | None = None
    ephemeral_for: str | None = None
    edited: str | None = None
    deleted: bool = False
    bot_id: str | None = None
    files: list[Json] = field(default_factory=list)

    def shown(self, with_metadata: bool = True) -> Json:
        body: Json = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts}
        if self.bot_id:
            body["bot_id"] = self.bot_id
        if self.edited:
            body["edited"] = {"user": self.user, "ts": self.edited}
        optional: Json = {"blocks": self.blocks, "thread_ts": self.thread_ts, "files": self.files}
        if with_metadata:
            optional["metadata"] = self.metadata
        return body | {name: value for name, value in optional.items() if value}


@dataclass
class Channel:
    id: str
    name: str
    private: bool = True
    members: set[str] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)
    is_im: bool = False

    @property
    def kind(self) -> str:
        return "im" if self.is_im else "group" if self.private else "channel"

    def visible(self, user: str) -> list[Message]:
        """What this person sees here."""
        if user not in self.members:
            return []
        return [each for each in self.messages if not each.deleted and each.ephemeral_for in (None, user)]

    def shown(self) -> Json:
        return {
            "id": self.id,
            "name": self.name,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_im": self.is_im,
            "is_private": self.private,
            "is_archived": False,
            "is_member": True,
            "num_members": len(self.members),
        }


@dataclass
class File:
    """`owner` is who uploaded it: a person in a form, or the bot."""

    id: str
    name: str
    length: int
    content: bytes | None = None
    title: str = ""
    shared: bool = False
    owner: str = ""
    content_type: str = "application/octet-stream"
    alt: str = ""


@dataclass
class Call:
    """One call of the Web API, refused ones included."""

    method: str
    args: Json
    at: datetime
    error: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One request of ours to the bot, and its answer."""

    kind: str
    payload: Json
    answer: Answer


@dataclass
class Trigger:
    user: str
    made: float
    used: bool = False


@dataclass
class Hook:
    """A response_url."""

    channel: Channel
    user: str
    made: datetime
    original: Message | None = None
    uses: int = 0


class Refused(Exception):
    """An ok=false of the Web API."""

    def __init__(self, error: str, messages: Sequence[str] = ()) -> None:
        super().__init__(error)
        self.error = error
        self.messages = list(messages)

    def body(self) -> Json:
        body: Json = {"ok": False, "error": self.error}
        if self.messages:
            body |= {"errors": self.messages, "response_metadata": {"messages": self.messages}}
        return body


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one API call."""

    status: int | None = None
    error: str | None = None
    retry_after: int | None = None
    hang: bool = False
    performed: bool = False

    def response(self) -> Response | None:
        if self.retry_after is not None:
            headers = {"Retry-After": str(self.retry_after)}
            return JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers)
        if self.status is not None:
            return PlainTextResponse("", self.status)
        return JSONResponse({"ok": False, "error": self.error}) if self.error else None


class Faults:
    """The faults to come, per method and in order; each spoils one call."""

    def __init__(self) -> None:
        self.released = Event()
        self._next: dict[str, deque[Fault]] = {}

    def next(
        self,
        method: str,
        *,
        status: int | None = None,
        error: str | None = None,
        retry_after: int | None = None,
        hang: bool = False,
        performed: bool = False,
    ) -> None:
        """Spoil the next call; a hanging or `performed` one takes effect although the answer says otherwise."""
        fault = Fault(status, error, retry_after, hang, performed or hang)
        self._next.setdefault(method, deque()).append(fault)

    def take(self, method: str) -> Fault:
        waiting = self._next.get(method)
        return waiting.popleft() if waiting else Fault()

    def release(self) -> None:
        """Let hanging calls be answered."""
        self.released.set()
        self.released = Event()


class Workspace:
    """People, channels, messages, modals and home tabs."""

    def __init__(self, team_id: str, clock: Callable[[], datetime]) -> None:
        self.team_id = team_id
        self.clock = clock
        self.changed: Callable[[], None] = nothing
        self.app_id, self.bot_id, self.bot_user = "A0COMMONLINE", "B0COMMONLINE", "U0COMMONLINE"
        self.users: dict[str, User] = {self.bot_user: User(self.bot_user, "commonline", team_id, bot=True)}
        self.channels: dict[str, Channel] = {}
        self.modals: dict[str, list[Json]] = {}
        self.homes: dict[str, Json] = {}
        self.view_errors: dict[str, dict[str, str]] = {}
        self.lets_delete = False
        self.files: dict[str, File] = {}
        self._last_stamp = 0

    def add_user(
        self,
        id: str,
        name: str,
        *,
        guest: bool = False,
        bot: bool = False,
        external: bool = False,
        deleted: bool = False,
    ) -> User:
        team = OTHER_TEAM if external else self.team_id
        self.users[id] = User(id, name, team, guest, bot, external, deleted)
        return self.users[id]

    def add_channel(self, id: str, name: str, private: bool = True, members: Sequence[str] = ()) -> Channel:
        """A channel with the bot in it; take `bot_user` out of its members to have it elsewhere."""
        self.channels[id] = Channel(id, name, private, {*members, self.bot_user})
        return self.channels[id]

    def upload(self, user: str, name: str, content: bytes, content_type: str = "text/csv") -> str:
        """A person chooses a file in a form: their client uploads it at once; its id, the value of the field."""
        if len(content) > LARGEST_FILE:
            raise Incomplete({"file": "That file is too large."})
        id = f"F{secrets.token_hex(5).upper()}"
        self.files[id] = File(id, name, len(content), content, name, owner=user, content_type=content_type)
        return id

    def channel(self, name_or_id: str) -> Channel:
        wanted = name_or_id.removeprefix("#")
        for channel in self.channels.values():
            if wanted in (channel.id, channel.name):
                return channel
        raise LookupError(f"no channel {name_or_id}")

    def direct(self, user: str) -> Channel:
        """The bot's direct messages with this person, opened if need be."""
        id = "D" + user[1:]
        if id not in self.channels:
            self.channels[id] = Channel(id, self.users[user].name, True, {user, self.bot_user}, is_im=True)
        return self.channels[id]

    def stamp(self) -> str:
        """A message's ts: the time, and never twice the same."""
        self._last_stamp = max(int(self.clock().timestamp() * 1_000_000), self._last_stamp + 1)
        return f"{self._last_stamp // 1_000_000}.{self._last_stamp % 1_000_000:06d}"

    def keep(self, channel: Channel, message: Message) -> Message:
        message.blocks = _named(message.blocks)
        channel.messages.append(message)
        self.changed()
        return message

    def by_bot(self, text: str, blocks: list[Json] | None = None) -> Message:
        return Message(self.stamp(), self.bot_user, text, blocks or [], bot_id=self.bot_id)

    def find(self, ts: str) -> tuple[Channel, Message]:
        for channel in self.channels.values():
            for message in channel.messages:
                if message.ts == ts and not message.deleted:
                    return channel, message
        raise LookupError(f"no message {ts}")

    def made_view(self, view: Json, former: Json | None = None) -> Json:
        """A view as Slack keeps it; a former one hands its identity on."""
        id = former["id"] if former else f"V{secrets.token_hex(5).upper()}"
        blocks = _named(view["blocks"])
        state = {"values": _state(blocks, _carried(former, blocks) if former else {})}
        kept = {
            **{"private_metadata": "", "callback_id": "", "external_id": ""},
            **{"title": None, "submit": None, "close": None, "clear_on_close": False, "notify_on_close": False},
            **view,
            **{"id": id, "team_id": self.team_id, "blocks": blocks, "state": state},
            **{"app_id": self.app_id, "bot_id": self.bot_id, "app_installed_team_id": self.team_id},
            **{"root_view_id": id, "previous_view_id": None},
            "hash": f"{int(self.clock().timestamp())}.{secrets.token_hex(4)}",
        }
        if former:
            kept |= {name: former[name] for name in ("root_view_id", "previous_view_id")}
        return kept

    def open_view(self, user: str, view: Json) -> Json:
        made = self.made_view(view)
        self.modals[user] = [made]
        self.changed()
        return made

    def push_view(self, user: str, view: Json) -> Json:
        stack = self.modals.setdefault(user, [])
        made = self.made_view(view)
        if stack:
            made |= {"root_view_id": stack[0]["id"], "previous_view_id": stack[-1]["id"]}
        stack.append(made)
        self.changed()
        return made

    def replace_view(self, former: Json, view: Json) -> Json:
        made = self.made_view(view, former)
        for stack in self.modals.values():
            stack[:] = [made if each["id"] == former["id"] else each for each in stack]
        for user, home in self.homes.items():
            if home["id"] == former["id"]:
                self.homes[user] = made
        self.changed()
        return made

    def drop_view(self, user: str, view: Json) -> None:
        self.modals[user] = [each for each in self.modals.get(user, []) if each["id"] != view["id"]]
        self.changed()

    def views(self) -> list[Json]:
        return [*(view for stack in self.modals.values() for view in stack), *self.homes.values()]


class Arguments:
    """The arguments of one call, from a form or from JSON."""

    def __init__(self, given: Json) -> None:
        self.given = given

    def need(self, name: str) -> str:
        value = self.given.get(name)
        if value in (None, ""):
            raise Refused("invalid_arguments", [f"[ERROR] missing required field: {name}"])
        return str(value)

    def text(self, name: str) -> str:
        return str(self.given.get(name) or "")

    def flag(self, name: str) -> bool:
        return str(self.given.get(name, "")).lower() in ("1", "true")

    def number(self, name: str, usual: int, most: int) -> int:
        value = str(self.given.get(name) or usual)
        if not value.isdecimal() or not 0 < int(value) <= most:
            raise Refused("invalid_limit" if name == "limit" else "invalid_arguments")
        return int(value)

    def json(self, name: str, error: str) -> Any:
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError as wrong:
            raise Refused(error) from wrong


class WebApi:
    """The methods; a call that is refused raises."""

    def __init__(self, slack: "Slack") -> None:
        self.slack = slack
        self.methods: dict[str, Callable[[Arguments], Json]] = {
            "api.test": lambda args: {"args": args.given},
            "auth.test": self._auth_test,
            "chat.postMessage": self._post_message,
            "chat.postEphemeral": self._post_ephemeral,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "conversations.open": self._open,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "conversations.info": lambda args: {"channel": self._channel(args).shown()},
            "conversations.members": self._members,
            "users.info": lambda args: {"user": self._user(args.need("user")).shown()},
            "users.list": self._users,
            "views.open": self._views_open,
            "views.push": self._views_push,
            "views.update": self._views_update,
            "views.publish": self._views_publish,
            "files.getUploadURLExternal": self._upload_url,
            "files.completeUploadExternal": self._complete_upload,
            "files.delete": self._delete_file,
        }

    def _auth_test(self, args: Arguments) -> Json:
        slack = self.slack
        return {
            "url": "https://commonline.slack.com/",
            "team": "Commonline",
            "user": "commonline",
            "team_id": slack.team_id,
            "user_id": slack.bot_user,
            "bot_id": slack.bot_id,
            "is_enterprise_install": False,
        }

    # chat

    def _post_message(self, args: Arguments) -> Json:
        channel = self._writable(args.need("channel"))
        message = self.slack.by_bot(args.text("text"), self._content(args))
        message.thread_ts = args.text("thread_ts") or None
        message.metadata = self._metadata(args)
        self.slack.keep(channel, message)
        self.slack.echoed(channel, message)
        return {"channel": channel.id, "ts": message.ts, "message": message.shown()}

    def _post_ephemeral(self, args: Arguments) -> Json:
        channel, user = self._writable(args.need("channel")), self._user(args.need("user"))
        if user.id not in channel.members:
            raise Refused("user_not_in_channel")
        message = self.slack.by_bot(args.text("text"), self._content(args))
        message.thread_ts, message.ephemeral_for = args.text("thread_ts") or None, user.id
        self.slack.keep(channel, message)
        return {"message_ts": message.ts}

    def _update(self, args: Arguments) -> Json:
        channel, message = self._own(args, "cant_update_message")
        blocks = self._content(args)
        if "text" in args.given:
            message.text = args.text("text")
        if args.given.get("blocks") is not None:
            message.blocks = _named(blocks)
        if args.given.get("metadata") is not None:
            message.metadata = self._metadata(args)
        message.edited = self.slack.stamp()
        self.slack.changed()
        return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": message.shown()}

    def _delete(self, args: Arguments) -> Json:
        channel, message = self._own(args, "cant_delete_message")
        message.deleted = True
        self.slack.changed()
        return {"channel": channel.id, "ts": message.ts}

    def _own(self, args: Arguments, error: str) -> tuple[Channel, Message]:
        channel, ts = self._channel(args), args.need("ts")
        for message in channel.messages:
            if message.ts == ts and not message.deleted and message.ephemeral_for is None:
                if message.user != self.slack.bot_user:
                    raise Refused(error)
                return channel, message
        raise Refused("message_not_found")

    def _content(self, args: Arguments) -> list[Json]:
        blocks = args.json("blocks", "invalid_blocks_format")
        if not args.text("text").strip() and not blocks and not args.given.get("attachments"):
            raise Refused("no_text")
        if len(args.text("text")) > TEXT_LIMIT:
            raise Refused("msg_too_long")
        faults = self.slack.block_kit.message(blocks) if blocks is not None else []
        if faults:
            raise Refused("invalid_blocks", faults)
        return list(blocks or [])

    def _metadata(self, args: Arguments) -> Json | None:
        metadata = args.json("metadata", "metadata_must_be_sent_as_json")
        if metadata is None:
            return None
        whole = isinstance(metadata, dict) and metadata.keys() == {"event_type", "event_payload"}
        if not whole or not isinstance(metadata["event_payload"], dict):
            raise Refused("invalid_metadata_format")
        return dict(metadata)

    # conversations and people

    def _writable(self, target: str) -> Channel:
        if target in self.slack.users:
            return self._direct(target)
        return self._seen(target)

    def _direct(self, id: str) -> Channel:
        user = self._user(id)
        if user.bot:
            raise Refused("cannot_dm_bot")
        if user.deleted:
            raise Refused("user_disabled")
        return self.slack.direct(id)

    def _channel(self, args: Arguments) -> Channel:
        return self._seen(args.need("channel"))

    def _seen(self, target: str) -> Channel:
        try:
            channel = self.slack.channel(target)
        except LookupError as missing:
            raise Refused("channel_not_found") from missing
        if self.slack.bot_user not in channel.members:
            raise Refused("channel_not_found" if channel.private else "not_in_channel")
        return channel

    def _user(self, id: str) -> User:
        if id not in self.slack.users:
            raise Refused("user_not_found")
        return self.slack.users[id]

    def _open(self, args: Arguments) -> Json:
        if args.text("channel"):
            return {"channel": {"id": self._channel(args).id}}
        users = args.given.get("users") or ""
        wanted = users if isinstance(users, list) else [each for each in str(users).split(",") if each]
        if len(wanted) != 1:
            raise Refused("users_list_not_supplied" if not wanted else "too_many_users")
        known = "D" + wanted[0][1:] in self.slack.channels
        channel = self._direct(wanted[0])
        return {"channel": {"id": channel.id}} | ({"no_op": True, "already_open": True} if known else {})

    def _history(self, args: Arguments) -> Json:
        channel = self._channel(args)
        roots = [each for each in channel.messages if each.thread_ts in (None, each.ts)]
        return self._messages(args, [each for each in reversed(roots) if _between(args, each.ts)])

    def _replies(self, args: Arguments) -> Json:
        channel, ts = self._channel(args), args.need("ts")
        thread = [each for each in channel.messages if ts in (each.ts, each.thread_ts)]
        if not thread:
            raise Refused("thread_not_found")
        return self._messages(args, [each for each in thread if each.ts == ts or _between(args, each.ts)])

    def _messages(self, args: Arguments, found: list[Message]) -> Json:
        shared = [each for each in found if not each.deleted and each.ephemeral_for is None]
        page, cursor = _page(args, shared, 100, 999)
        shown = [each.shown(args.flag("include_all_metadata")) for each in page]
        return {"messages": shown, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}

    def _members(self, args: Arguments) -> Json:
        page, cursor = _page(args, sorted(self._channel(args).members), 100, 1000)
        return {"members": page, "response_metadata": {"next_cursor": cursor}}

    def _users(self, args: Arguments) -> Json:
        page, cursor = _page(args, list(self.slack.users.values()), 1000, 1000)
        return {"members": [user.shown() for user in page], "response_metadata": {"next_cursor": cursor}}

    # views

    def _views_open(self, args: Arguments) -> Json:
        view = self._view(args, "modal")
        return {"view": self.slack.open_view(self._exchange(args), view)}

    def _views_push(self, args: Arguments) -> Json:
        view = self._view(args, "modal")
        user = self._exchange(args)
        if len(self.slack.modals.get(user, [])) >= STACK_LIMIT:
            raise Refused("push_limit_reached")
        return {"view": self.slack.push_view(user, view)}

    def _views_update(self, args: Arguments) -> Json:
        wanted = args.text("view_id") or args.text("external_id")
        for former in self.slack.views():
            if wanted and wanted in (former["id"], former["external_id"]):
                view = self._view(args, former["type"])
                _same_hash(args, former)
                return {"view": self.slack.replace_view(former, view)}
        raise Refused("not_found")

    def _views_publish(self, args: Arguments) -> Json:
        user, view = self._user(args.need("user_id")), self._view(args, "home")
        former = self.slack.homes.get(user.id)
        if former:
            _same_hash(args, former)
        self.slack.homes[user.id] = self.slack.made_view(view, former)
        self.slack.changed()
        return {"view": self.slack.homes[user.id]}

    def _view(self, args: Arguments, kind: str) -> Json:
        view = args.json("view", "invalid_arguments")
        if not isinstance(view, dict):
            raise Refused("invalid_arguments", ["[ERROR] missing required field: view"])
        if len(json.dumps(view)) > VIEW_BYTES:
            raise Refused("view_too_large")
        wrong = [] if view.get("type") == kind else [f"[ERROR] must be of type {kind} [json-pointer:/view/type]"]
        faults = wrong or self.slack.block_kit.view(view)
        if faults:
            raise Refused("invalid_arguments", faults)
        return view

    def _exchange(self, args: Arguments) -> str:
        trigger = self.slack.triggers.get(args.need("trigger_id"))
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if self.slack.monotonic() - trigger.made > TRIGGER_SECONDS:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger.user

    # files

    def _upload_url(self, args: Arguments) -> Json:
        args.need("length")
        length = args.number("length", 0, 1_000_000_000)
        alt = args.text("alt_txt")
        if len(alt) > ALT_LIMIT:
            raise Refused("alt_txt_too_large")
        file = File(
            f"F{secrets.token_hex(5).upper()}", args.need("filename"), length, owner=self.slack.bot_user, alt=alt
        )
        self.slack.files[file.id] = file
        return {"upload_url": f"{self.slack.here}/upload/v1/{file.id}", "file_id": file.id}

    def _complete_upload(self, args: Arguments) -> Json:
        asked = args.json("files", "invalid_arguments")
        if not isinstance(asked, list) or not asked or not all(isinstance(each, dict) for each in asked):
            raise Refused("invalid_arguments")
        files = [self._uploaded(each) for each in asked]
        target = args.text("channel_id")
        if target:
            # Only ids of channels: a person's conversation has to be opened first.
            channel, message = self._seen(target), self.slack.by_bot(args.text("initial_comment"), self._beside(args))
            message.files, message.thread_ts = (
                [self._shown_file(file) for file in files],
                args.text("thread_ts") or None,
            )
            self.slack.keep(channel, message)
        for file in files:
            file.shared = bool(target)
        return {"files": [{"id": file.id, "title": file.title} for file in files]}

    def _beside(self, args: Arguments) -> list[Json]:
        """Blocks beside files: initial_comment wins, and Slack breaks on some kinds (python-slack-sdk#1756)."""
        if args.text("initial_comment"):
            return []
        blocks = args.json("blocks", "invalid_blocks_format") or []
        faults = self.slack.block_kit.message(blocks)
        if faults:
            raise Refused("invalid_blocks", faults)
        if any(block.get("type") not in ("section", "rich_text") for block in blocks):
            raise Refused("internal_error")
        return list(blocks)

    def _shown_file(self, file: File) -> Json:
        shown = {"id": file.id, "name": file.name, "title": file.title, "size": file.length}
        shown["url_private"] = f"{self.slack.here}/upload/v1/{file.id}"
        return shown | ({"alt_txt": file.alt} if file.alt else {})

    def _delete_file(self, args: Arguments) -> Json:
        file = self.slack.files.get(args.need("file"))
        if file is None:
            raise Refused("file_not_found")
        if file.owner != self.slack.bot_user and not self.slack.lets_delete:
            raise Refused("cant_delete_file")
        del self.slack.files[file.id]
        return {}

    def _uploaded(self, asked: Json) -> File:
        file = self.slack.files.get(str(asked.get("id")))
        if file is None or file.content is None or file.shared:
            raise Refused("file_not_found")
        file.title = asked.get("title") or file.name
        return file


def _between(args: Arguments, ts: str) -> bool:
    oldest, latest = args.text("oldest"), args.text("latest")
    if args.flag("inclusive") and ts in (oldest, latest):
        return True
    return (not oldest or float(ts) > float(oldest)) and (not latest or float(ts) < float(latest))


def _page(args: Arguments, found: list[Any], usual: int, most: int) -> tuple[list[Any], str]:
    limit, cursor = args.number("limit", usual, most), args.text("cursor")
    if cursor and not cursor.removeprefix("next:").isdecimal():
        raise Refused("invalid_cursor")
    start = int(cursor.removeprefix("next:")) if cursor else 0
    return found[start : start + limit], f"next:{start + limit}" if len(found) > start + limit else ""


def _same_hash(args: Arguments, former: Json) -> None:
    if args.text("hash") and args.text("hash") != former["hash"]:
        raise Refused("hash_conflict")


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
        self.faults = Faults()
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
            view["state"] = {"values": _state(blocks, typed)}
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
            "state": {"values": _state(message.blocks, typed)},
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
            return action | _valued(element, value)
        return action | {name: element[name] for name in ("text", "value", "style", "url") if name in element}

    async def submit(self, user: str, values: dict[str, Json] | None = None, view_id: str | None = None) -> Answer:
        """A person submits the open modal; raises Incomplete where the Slack client would not let them."""
        view = self._open_modal(user, view_id)
        unknown = set(values or {}) - {block["block_id"] for block in view["blocks"]}
        if unknown:
            raise LookupError(f"the modal has no {sorted(unknown)}")
        state = _state(view["blocks"], _over(view, values or {}))
        complaints = _complaints(view["blocks"], state)
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
        if spoiled and not fault.performed:
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
            original.blocks = _named(blocks or [])
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
        for element in _elements(block):
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
