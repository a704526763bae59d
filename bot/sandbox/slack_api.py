"""The methods of Slack's Web API, over what the stand-in keeps; a call that is refused raises."""

import json
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bot.sandbox.slack_fields import with_ids
from bot.sandbox.slack_workspace import Channel, File, Message, Refused, User

if TYPE_CHECKING:
    from bot.sandbox.slack import Slack

Json = dict[str, Any]

TRIGGER_SECONDS = 3.0
TEXT_LIMIT = 40_000
ALT_LIMIT = 1000
VIEW_BYTES = 250_000
STACK_LIMIT = 3


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
            message.blocks = with_ids(blocks)
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
