"""What the stand-in for Slack keeps: people, channels, messages, files, views, and the faults to come."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.sandbox.slack_fields import Incomplete, kept_over, states_of, with_ids
from bot.sandbox.wire import Answer, nothing

Json = dict[str, Any]

LARGEST_FILE = 10 * 1024 * 1024
OTHER_TEAM = "T0ELSEWHERE"


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
    """What goes wrong with one API call; hanging or `performed`, it takes effect although the answer says otherwise."""

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
        message.blocks = with_ids(message.blocks)
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
        blocks = with_ids(view["blocks"])
        state = {"values": states_of(blocks, kept_over(former, blocks) if former else {})}
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
