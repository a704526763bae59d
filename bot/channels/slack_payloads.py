"""Slack's payloads (commands, button presses, submitted forms, opened pages) as what was asked, and of whom."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from bot.channels.slack_blocks import carried, entered, pressed, uploaded
from handlers.messages import Inbound, Value

Payload = Mapping[str, Any]
Surface = Literal["command", "message", "modal", "form", "home"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a person did, and what an answer needs: where they did it, and Slack's handles for replying.

    `surface`: a typed command, a button in a message, a button in a modal, a submitted form, the person's own page.
    `fields` are those of the form that was open.
    """

    inbound: Inbound
    surface: Surface
    team: str
    user: str
    user_team: str
    trigger: str = ""
    view: str = ""
    place: str = ""
    fields: tuple[str, ...] = ()


def read(payload: Payload, now: datetime) -> Asked:
    """What was asked. ValueError, KeyError or TypeError for what Slack would not send, lone surrogates among it."""
    asked = _asked_of(payload, _digest(payload), now)
    said = asked.inbound
    words = (
        asked.team,
        asked.user,
        asked.user_team,
        asked.trigger,
        asked.view,
        said.name,
        said.delivery,
        *asked.fields,
    )
    if not all(isinstance(word, str) for word in (*words, said.place, said.text)) or not (asked.team and asked.user):
        raise TypeError("not words")
    return asked


def _asked_of(payload: Payload, delivery: str, now: datetime) -> Asked:
    if "command" in payload:
        return _command(payload, delivery, now)
    match payload["type"]:
        case "block_actions":
            return _press(payload, delivery, now)
        case "view_submission":
            return _submission(payload, delivery, now)
        case _:
            return _opened(payload, now)


def _command(payload: Payload, delivery: str, now: datetime) -> Asked:
    team, user, place = payload["team_id"], payload["user_id"], payload["channel_id"]
    said = Inbound(
        "slack",
        line=team,
        sender=f"{team}/{user}",
        delivery=delivery,
        received_at=now,
        kind="command",
        text=payload.get("text", "").strip(),
        name=payload["command"],
        place=place,
    )
    return Asked(said, "command", team, user, team, trigger=payload["trigger_id"], place=place)


def _press(payload: Payload, delivery: str, now: datetime) -> Asked:
    view = payload.get("view") or {}
    team = _team(payload)
    name, values = pressed(payload["actions"][0])
    state = view.get("state") or payload.get("state") or {}
    place = carried(view)[1] if view.get("type") == "modal" else _channel(payload)
    surface: Surface = "message" if not view else "home" if view["type"] == "home" else "modal"
    said = _interaction(payload, delivery, now, "press", name, {**entered(state, team), **values}, place)
    return _asked(payload, said, surface, place)


def _submission(payload: Payload, delivery: str, now: datetime) -> Asked:
    view = payload["view"]
    carry, place = carried(view)
    state = view.get("state") or {}
    values = {**carry, **entered(state, _team(payload))}
    said = _interaction(payload, delivery, now, "submit", view["callback_id"], values, place)
    said = replace(said, file=uploaded(state))
    return _asked(payload, said, "form", place)


def _opened(payload: Payload, now: datetime) -> Asked:
    # In a channel shared with others, the event names its workspace and the one that we were let into.
    team, user = (payload.get("authorizations") or [payload])[0]["team_id"], payload["event"]["user"]
    said = Inbound(
        "slack", line=team, sender=f"{team}/{user}", delivery=payload["event_id"], received_at=now, kind="home"
    )
    return Asked(said, "home", team, user, payload["event"].get("user_team") or payload["team_id"])


def _interaction(
    payload: Payload,
    delivery: str,
    now: datetime,
    kind: Literal["press", "submit"],
    name: str,
    values: Mapping[str, Value],
    place: str,
) -> Inbound:
    team = _team(payload)
    sender = f"{team}/{payload['user']['id']}"
    return Inbound("slack", team, sender, delivery, now, kind, name=name, place=place, values=values)


def _asked(payload: Payload, said: Inbound, surface: Surface, place: str) -> Asked:
    user, view = payload["user"], payload.get("view") or {}
    return Asked(
        said,
        surface,
        said.line,
        user["id"],
        user.get("team_id") or said.line,
        trigger=payload.get("trigger_id", ""),
        view=view.get("id", ""),
        place=place,
        fields=tuple(block["block_id"] for block in view.get("blocks") or () if block.get("type") == "input"),
    )


def _team(payload: Payload) -> str:
    team: str = payload["team"]["id"]
    return team


def _channel(payload: Payload) -> str:
    channel: str = (payload.get("channel") or {}).get("id") or (payload.get("container") or {}).get("channel_id", "")
    return channel


def _digest(payload: Payload) -> str:
    # Every interaction has a trigger of its own, so that the same payload twice is the same delivery twice.
    whole = json.dumps(payload, sort_keys=True, ensure_ascii=False, default=str).encode()
    return hashlib.sha256(whole).hexdigest()
