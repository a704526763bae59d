"""Files into a Slack channel: an address for each, its bytes, and then one message that shows them all."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.plain import clean
from bot.channels.slack_blocks import caption, words
from bot.channels.slack_errors import FAULTS, failure
from handlers.messages import File, Outbound, Receipt, SendFailed

LONGEST_ALT = 1000
TAKES = aiohttp.ClientTimeout(total=60, connect=5)


async def share(
    client: AsyncWebClient, session: aiohttp.ClientSession | None, outbound: Outbound, channel: str, now: datetime
) -> Receipt:
    """Post a card with its files; nobody sees any of it before the last call, and Slack tells no id of the message."""
    if session is None:
        raise SendFailed("later", "closed")
    try:
        known = [{"id": await _upload(client, session, file), "title": file.name} for file in outbound.files]
    except FAULTS as fault:
        failed = failure(fault, now)
        raise SendFailed("later" if failed.retry == "unknown" else failed.retry, failed.code, failed.after) from None
    try:
        await client.files_completeUploadExternal(files=known, channel_id=channel, blocks=_blocks(outbound))  # type: ignore[arg-type]
    except FAULTS as fault:
        raise failure(fault, now) from None
    return Receipt("delivered")


def is_share(post: Mapping[str, Any], outbound: Outbound) -> bool:
    """Whether a message in a channel shows just these files."""
    shown = [file.get("name") for file in post.get("files") or () if isinstance(file, Mapping)]
    return bool(shown) and sorted(map(str, shown)) == sorted(file.name for file in outbound.files)


async def _upload(client: AsyncWebClient, session: aiohttp.ClientSession, file: File) -> str:
    alt = clean(file.alt, LONGEST_ALT) or None
    asked = await client.files_getUploadURLExternal(filename=file.name, length=len(file.content), alt_txt=alt)
    async with session.post(str(asked["upload_url"]), data=file.content, timeout=TAKES) as answer:
        answer.raise_for_status()
    return str(asked["file_id"])


def _blocks(outbound: Outbound) -> str:
    return json.dumps(caption(outbound.card) if outbound.card else words(outbound.text)["blocks"])
