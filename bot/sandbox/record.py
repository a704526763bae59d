"""The providers' memory over a restart: the phones' messages and the workspace's channels, in one file."""

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bot.sandbox import slack, twilio
from bot.sandbox.slack import Slack
from bot.sandbox.twilio import Twilio

_MESSAGES = TypeAdapter(list[twilio.Message])
_CHANNELS = TypeAdapter(dict[str, slack.Channel])


def write(file: Path, sms: Twilio, workspace: Slack) -> None:
    """Keep what the providers hold."""
    kept = {
        "messages": _MESSAGES.dump_python(sms.messages),
        "opted_out": sorted(sms.opted_out),
        "channels": _CHANNELS.dump_python(workspace.channels),
    }
    fresh = file.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(kept, default=_plain))
    fresh.replace(file)


def read(file: Path, sms: Twilio, workspace: Slack) -> None:
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


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    return sorted(value)
