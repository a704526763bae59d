"""The providers' memory over a restart: the phones' messages, the channels of both chats and the mail, in one file."""

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bot.sandbox import mail, slack_workspace, teams_workspace, twilio
from bot.sandbox.mail import Mailbox
from bot.sandbox.slack import Slack
from bot.sandbox.teams import Teams
from bot.sandbox.twilio import Twilio

_MESSAGES = TypeAdapter(list[twilio.Message])
_CHANNELS = TypeAdapter(dict[str, slack_workspace.Channel])
_FILES = TypeAdapter(dict[str, slack_workspace.File])
_TEAMS_CHANNELS = TypeAdapter(dict[str, teams_workspace.Channel])
_MAILS = TypeAdapter(list[mail.Mail])


def write(file: Path, sms: Twilio, workspace: Slack, tenant: Teams, mailbox: Mailbox) -> None:
    """Keep what the providers hold."""
    kept = {
        "messages": _MESSAGES.dump_python(sms.messages),
        "opted_out": sorted(sms.opted_out),
        "files": _FILES.dump_python(workspace.files),
        "channels": _CHANNELS.dump_python(workspace.channels),
        "teams_accounts": {id: user.account for id, user in tenant.users.items()},
        "teams_channels": _TEAMS_CHANNELS.dump_python(tenant.channels),
        "mails": _MAILS.dump_python(mailbox.mails),
    }
    fresh = file.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(kept, default=_plain))
    fresh.replace(file)


def read(file: Path, sms: Twilio, workspace: Slack, tenant: Teams, mailbox: Mailbox) -> None:
    """Give them back what they held; nothing where there is no file yet."""
    if not file.exists():
        return
    kept = json.loads(file.read_text())
    sms.messages = _MESSAGES.validate_python(kept["messages"])
    for message in sms.messages:
        for media in message.media:
            media.content = base64.b64decode(media.content)
    sms.opted_out = {(phone, line) for phone, line in kept["opted_out"]}
    for id, channel in _CHANNELS.validate_python(kept["channels"]).items():
        known = workspace.channels.get(id)
        channel.members = known.members if known else channel.members
        workspace.channels[id] = channel
    workspace.files = _FILES.validate_python(kept.get("files", {}))
    for held in workspace.files.values():
        held.content = base64.b64decode(held.content or b"")
    _read_teams(kept, tenant)
    mailbox.mails = _MAILS.validate_python(kept.get("mails", []))


def _read_teams(kept: dict[str, Any], tenant: Teams) -> None:
    """What a file of an older sandbox does not hold stays as it is."""
    for id, account in kept.get("teams_accounts", {}).items():
        if id in tenant.users:
            tenant.users[id].account = account
    for id, channel in _TEAMS_CHANNELS.validate_python(kept.get("teams_channels", {})).items():
        known = tenant.channels.get(id)
        channel.members = known.members if known else channel.members
        tenant.channels[id] = channel


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    return sorted(value)
