"""The Bot Framework's activities (messages, invokes, installations) as what was asked, of whom, and from where."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from bot.channels.teams_cards import Received, received
from bot.channels.teams_connector import Spot
from handlers.cards import Form
from handlers.messages import Inbound, Upload, Value

Activity = Mapping[str, Any]
Surface = Literal["message", "card", "dialog", "refresh", "installed", "changed", "removed"]

_SURFACES: Mapping[str, Surface] = {
    "task/fetch": "dialog",
    "task/submit": "dialog",
    "composeExtension/fetchTask": "dialog",
    "composeExtension/submitAction": "dialog",
    "adaptiveCard/action": "refresh",
}
# It becomes part of an address.
_ID = re.compile(r"[^\s/?#%\\]{1,512}").fullmatch
_FIRST_MENTION = re.compile(r"^\s*<at[^>]*>.*?</at>", re.DOTALL)
_GUEST_ROLES = ("anonymous", "guest")
_FILE = "application/vnd.microsoft.teams.file.download.info"
ONE_FILE = "Send one file at a time."


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a person did, and what an answer needs.

    `surface`: a typed message, a button or form in a message, one in a dialog, one that replaces its card, the
    coming, change or going of the app, where there is nothing to decide and `inbound` is None. `place` is where cards
    can be sent to: a channel's id or a person's object id. `message` is the message that holds the pressed card.
    `opens` is True for a press that opens a dialog, which an empty answer would leave as a fault.
    """

    inbound: Inbound | None
    surface: Surface
    spot: Spot
    personal: bool
    place: str
    tenant: str
    account: str
    person: str
    foreign: bool
    bot: str
    message: str = ""
    form: Form | None = None
    opens: bool = False


def parse(body: bytes) -> Activity:
    """The activity of a request; ValueError for what is none, lone surrogates among it."""
    try:
        activity = json.loads(body)
        json.dumps(activity, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(activity, dict):
        raise ValueError("not an activity")
    return activity


def read(activity: Activity, tenant: str, commands: Sequence[str], now: datetime) -> Asked | None:
    """What was asked; None for what needs no answer. `commands` are those there are; the first is the usual one.

    ValueError, KeyError, TypeError or AttributeError for what Teams would not send.
    """
    match activity["type"]:
        case "message":
            return _message(activity, tenant, commands, now)
        case "invoke" if activity.get("name") in _SURFACES:
            return _invoke(activity, tenant, commands, now)
        case "installationUpdate":
            return _asked(activity, tenant, None, "removed" if activity.get("action") == "remove" else "installed")
        case "conversationUpdate":
            return _asked(activity, tenant, None, "changed")
        case _:
            return None


def _message(activity: Activity, tenant: str, commands: Sequence[str], now: datetime) -> Asked:
    found = received(activity.get("value"), tenant)
    file = _file(activity)
    if file is not None:
        said = _inbound(activity, tenant, now, "file", "")
        return _asked(activity, tenant, replace(said, file=file), "message")
    if found is None:
        kind, name, text = _words(activity, commands)
        said = _inbound(activity, tenant, now, kind, name, text=text)
        return _asked(activity, tenant, said, "message")
    return _from_card(activity, tenant, found, "card", now)


def _file(activity: Activity) -> Upload | None:
    """The file of a message; Teams hands one over in the chat of one person with us only."""
    held = [part for part in activity.get("attachments") or () if part.get("contentType") == _FILE]
    if not held or not _is_personal(activity):
        return None
    if len(held) > 1:
        return Upload(fault=ONE_FILE)
    return Upload(_text(held[0]["content"], "downloadUrl"))


def _invoke(activity: Activity, tenant: str, commands: Sequence[str], now: datetime) -> Asked | None:
    surface, name, value = _SURFACES[activity["name"]], activity["name"], activity["value"]
    if name == "composeExtension/fetchTask":
        command = f"/{value['commandId']}"
        said = _inbound(activity, tenant, now, "command", command if command in commands else commands[0])
        return _asked(activity, tenant, said, surface, opens=True)
    found = received((value["action"] if name == "adaptiveCard/action" else value).get("data"), tenant)
    return _from_card(activity, tenant, found, surface, now, opens=name == "task/fetch") if found else None


def _from_card(
    activity: Activity, tenant: str, found: Received, surface: Surface, now: datetime, opens: bool = False
) -> Asked:
    place = found.place or _place(activity)
    said = _inbound(activity, tenant, now, found.do, found.name, values=found.values, place=place)
    message = str(activity.get("replyToId") or "")
    return _asked(activity, tenant, said, surface, form=found.form, message=message, opens=opens)


def _inbound(
    activity: Activity,
    tenant: str,
    now: datetime,
    kind: Literal["command", "press", "submit", "file", "home"],
    name: str,
    text: str = "",
    values: Mapping[str, Value] | None = None,
    place: str = "",
) -> Inbound:
    return Inbound(
        "teams",
        line=tenant,
        sender=f"{tenant}/{_person(activity)}",
        delivery=f"{_text(activity['conversation'], 'id')}|{_text(activity, 'id')}",
        received_at=now,
        kind=kind,
        name=name,
        text=text,
        values=values or {},
        place=place or _place(activity),
    )


def _asked(
    activity: Activity,
    tenant: str,
    said: Inbound | None,
    surface: Surface,
    *,
    form: Form | None = None,
    message: str = "",
    opens: bool = False,
) -> Asked:
    conversation = _text(activity["conversation"], "id")
    if not _ID(conversation) or (message and not _ID(message)) or not _ID(_text(activity["from"], "id")):
        raise ValueError("no address")
    return Asked(
        said,
        surface,
        Spot(_text(activity, "serviceUrl"), conversation),
        _is_personal(activity),
        _place(activity),
        _tenant(activity),
        _text(activity["from"], "id"),
        _person(activity),
        _is_foreign(activity, tenant),
        str((activity.get("recipient") or {}).get("id", "")),
        message,
        form,
        opens,
    )


def _words(activity: Activity, commands: Sequence[str]) -> tuple[Literal["command", "home"], str, str]:
    text = _without_mentions(activity).strip()
    first, _, rest = text.partition(" ")
    name = f"/{first.lower().removeprefix('/')}"
    if text.lower().removeprefix("/") == "home":
        return "home", "", ""
    if name in commands:
        return "command", name, rest.strip()
    return "command", commands[0], text.removeprefix("/")


def _without_mentions(activity: Activity) -> str:
    text = str(activity.get("text") or "").replace("\xa0", " ")
    bot = (activity.get("recipient") or {}).get("id")
    for entity in activity.get("entities") or ():
        if entity.get("type") == "mention" and (entity.get("mentioned") or {}).get("id") == bot:
            text = text.replace(str(entity.get("text") or ""), " ", 1)
    return _FIRST_MENTION.sub(" ", text)


def _place(activity: Activity) -> str:
    """A channel's own id, also of a message in one of its threads; a person's object id."""
    if _is_personal(activity):
        return _person(activity)
    channel = ((activity.get("channelData") or {}).get("channel") or {}).get("id")
    return str(channel or _text(activity["conversation"], "id").partition(";")[0])


def _is_personal(activity: Activity) -> bool:
    conversation, data = activity["conversation"], activity.get("channelData") or {}
    kind = conversation.get("conversationType")
    return kind == "personal" if kind else not (conversation.get("isGroup") or data.get("team"))


def _tenant(activity: Activity) -> str:
    tenant = ((activity.get("channelData") or {}).get("tenant") or {}).get("id")
    return str(tenant or activity["conversation"].get("tenantId") or "")


def _person(activity: Activity) -> str:
    person = str(activity["from"].get("aadObjectId") or "")
    if person and not _ID(person):
        raise ValueError("no person")
    return person


def _is_foreign(activity: Activity, tenant: str) -> bool:
    """Whether what sent it is a bot or a person without an account of their own in our tenant."""
    sender = activity["from"]
    tenants = {_tenant(activity), activity["conversation"].get("tenantId"), sender.get("tenantId")} - {None}
    bot = sender.get("role") in ("bot", "skill") or str(sender.get("id", "")).startswith("28:")
    guest = str(sender.get("userRole") or sender.get("role") or "").lower() in _GUEST_ROLES
    return tenants != {tenant} or bot or guest or not _person(activity)


def _text(held: Mapping[str, Any], name: str) -> str:
    value = held[name]
    if not isinstance(value, str) or not value:
        raise ValueError(name)
    return value
