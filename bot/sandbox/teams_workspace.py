"""What the stand-in for Teams keeps: people, places, messages, dialogs, files, and the faults that are to come."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.responses import JSONResponse, Response

from bot.sandbox.faults import Faults
from bot.sandbox.wire import Answer, nothing

Json = dict[str, Any]

PERSONAL = "personal"


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


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call (post, whisper, update, delete, member, open, token, keys).

    Hanging or `performed`, it takes effect although the answer says otherwise.
    """

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


class Tenant:
    """One organisation with our app in it."""

    def __init__(self, tenant_id: str, clock: Callable[[], datetime]) -> None:
        self.tenant_id = tenant_id
        self.clock = clock
        self.changed: Callable[[], None] = nothing
        self.faults = Faults(Fault)
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.dialogs: dict[str, Dialog] = {}
        self.notes: dict[str, list[str]] = {}
        self.files: dict[str, File] = {}
        self.requests: list[Call] = []
        self.deliveries: list[Delivery] = []
        self._last = 0

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

    def readable(self, user: str, id: str) -> tuple[Channel, Message]:
        """A message (its id) that this person sees, and where."""
        for channel in self.channels.values():
            for message in channel.visible(user):
                if message.id == id:
                    return channel, message
        raise LookupError(f"{user} sees no message {id}")

    def keep(self, channel: Channel, message: Message) -> Message:
        """Put a message into a place."""
        channel.messages.append(message)
        self.changed()
        return message

    def stamp(self) -> str:
        """A message's id: the time in milliseconds, and never twice the same."""
        self._last = max(int(self.clock().timestamp() * 1000), self._last + 1)
        return str(self._last)
