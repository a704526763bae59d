"""All that the page shows at one moment, as plain values for JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.sandbox.clock import Clock, Journey
from bot.sandbox.mail import Mailbox
from bot.sandbox.residents import Resident
from bot.sandbox.slack import Slack
from bot.sandbox.slack_workspace import Channel
from bot.sandbox.slack_workspace import Message as Post
from bot.sandbox.teams import Teams
from bot.sandbox.teams_workspace import Channel as TeamsChannel
from bot.sandbox.teams_workspace import Message as TeamsPost
from bot.sandbox.twilio import FINAL, Message, Twilio
from handlers.grammar import SLASH, VERBS
from handlers.jurisdiction import Jurisdiction

Json = dict[str, Any]


def time_state(clock: Clock, next_due: datetime | None, journey: Journey | None, zone: str) -> Json:
    """The clock, what is due next, and the way through time that is under way."""
    return {
        "now": clock().isoformat(),
        "zone": zone,
        "offset": clock.offset.total_seconds(),
        "next_due": next_due.isoformat() if next_due else None,
        "journey": journey and _journey(journey),
    }


def city_state(cities: Mapping[str, Jurisdiction]) -> list[Json]:
    """The cities with the lines that can be texted."""
    return [
        {
            "key": city.key,
            "name": city.name,
            "lines": [line.address for line in city.lines if _by_text(line.channel)],
            "programs": {line.address: line.program.replace("_", " ") for line in city.lines},
        }
        for city in cities.values()
    ]


def phone_state(sms: Twilio, phones: Mapping[str, str]) -> Json:
    """The phones, and every message that any of them sent or was sent."""
    met = {message.from_ if message.direction == "inbound" else message.to for message in sms.messages}
    named = {**phones, **{number: "Another phone" for number in sorted(met - phones.keys())}}
    return {
        "phones": [{"number": number, "name": name, "paged": "on call" in name} for number, name in named.items()],
        "messages": [_message(message) for message in sms.messages if not message.deleted],
    }


def staff_state(people: list[Resident], cities: Mapping[str, Jurisdiction]) -> list[Json]:
    """Who one can be in the chats."""
    return [
        {
            "chat": person.chat,
            "user": person.user,
            "name": person.name,
            "city": cities[person.city].name if person.city else "",
            "role": person.role or "",
            "office": _office(person, cities),
        }
        for person in people
    ]


def slack_state(workspace: Slack, user: str) -> Json:
    """The workspace as one person sees it."""
    stack = workspace.modals.get(user, [])
    return {
        "user": user,
        "people": {id: person.name for id, person in workspace.users.items()},
        "bot": workspace.bot_user,
        "channels": [_channel(each, user) for each in workspace.channels.values() if user in each.members],
        "modal": stack[-1] if stack else None,
        "errors": workspace.view_errors.get(stack[-1]["id"], {}) if stack else {},
        "home": workspace.homes.get(user),
        "commands": _commands(),
    }


def teams_state(tenant: Teams, user: str, cities: Mapping[str, str]) -> Json:
    """Teams as one person sees it; `cities` are the teams' names by channel."""
    dialog = tenant.dialogs.get(user)
    chat = tenant.chat(user)
    found = [each for each in tenant.channels.values() if user in each.members and not each.personal]
    return {
        "user": user,
        "people": {id: person.name for id, person in tenant.users.items()},
        "channels": [_teams_channel(each, user, cities.get(each.id, "")) for each in (*found, chat)],
        "dialog": {"title": dialog.title, "card": dialog.card} if dialog else None,
        "commands": _commands(),
    }


def mail_state(mailbox: Mailbox) -> list[Json]:
    """The mails that arrived, newest first."""
    return [{**asdict(mail), "at": mail.at.isoformat()} for mail in reversed(mailbox.mails)]


def _commands() -> list[Json]:
    return [{"command": name, "words": words, "verbs": _verbs(name)} for name, words in SLASH.items()]


def _journey(journey: Journey) -> Json:
    whole = (journey.target - journey.start).total_seconds()
    done = (journey.at - journey.start).total_seconds()
    return {"share": done / whole if whole else 1.0, "at": journey.at.isoformat(), "events": journey.events}


def _by_text(channel: str) -> bool:
    return channel == "twilio_sms"


def _message(message: Message) -> Json:
    inbound = message.direction == "inbound"
    return {
        "sid": message.sid,
        "phone": message.from_ if inbound else message.to,
        "line": message.to if inbound else message.from_,
        "inbound": inbound,
        "body": message.body,
        "media": [{"type": media.content_type, "number": number} for number, media in enumerate(message.media)],
        "status": _status(message),
        "final": message.status in FINAL,
        "segments": message.segments,
        "created": message.created.isoformat(),
        "error_code": message.error_code,
    }


def _status(message: Message) -> str:
    """For a text to us, whether our webhook took it; for one from us, what Twilio says."""
    if message.direction != "inbound":
        return message.status
    if not message.answers:
        return "sent"
    return "delivered" if message.answers[-1].ok else "kept"


def _office(person: Resident, cities: Mapping[str, Jurisdiction]) -> str:
    offices = cities[person.city].offices if person.city else ()
    return next((office.names["en"] for office in offices if office.key == person.office), "")


def _channel(channel: Channel, user: str) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "direct": channel.is_im,
        "private": channel.private,
        "members": len(channel.members),
        "messages": [_post(post) for post in channel.visible(user)],
    }


def _post(post: Post) -> Json:
    return {
        "ts": post.ts,
        "user": post.user,
        "text": post.text,
        "blocks": post.blocks,
        "files": post.files,
        "edited": bool(post.edited),
        "private": post.ephemeral_for is not None,
        "app": bool(post.bot_id),
    }


def _teams_channel(channel: TeamsChannel, user: str, team: str) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "team": team,
        "personal": channel.personal,
        "members": len(channel.members),
        "messages": [_teams_post(post, user) for post in channel.visible(user)],
    }


def _teams_post(post: TeamsPost, user: str) -> Json:
    return {
        "id": post.id,
        "user": post.sender,
        "app": post.sender.startswith("28:"),
        "text": post.text,
        "card": post.card,
        "edited": bool(post.edited),
        "private": post.only_for == user,
    }


def _verbs(command: str) -> list[Json]:
    return [{"usage": usage, "words": words} for usage, words in VERBS[command].items()]
