"""Who may speak to us in Slack: members of the workspace itself, as Slack says at most a minute ago."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels import Now

FRESH = timedelta(seconds=60)
LOOK_UP_SECONDS = 1.5
REMEMBERED = 10_000
_SHUT_OUT = ("deleted", "is_bot", "is_workflow_bot", "is_restricted", "is_ultra_restricted", "is_stranger")


class People:
    """Answers from users.info, kept for a minute. A look-up that fails is a no, and is not kept."""

    def __init__(self, client: AsyncWebClient, now: Now) -> None:
        self._client = client
        self._now = now
        self._known: dict[tuple[str, str], tuple[bool, datetime]] = {}

    async def may_speak(self, team: str, user: str, user_team: str) -> bool:
        """Whether `user` is a full member of `team`: no guest, bot, stranger or person of another workspace."""
        if user_team != team:
            return False
        allowed, until = self._known.get((team, user), (False, self._now()))
        return allowed if until > self._now() else await self._ask(team, user)

    async def _ask(self, team: str, user: str) -> bool:
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                answer = await self._client.users_info(user=user)
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError):
            return False
        allowed = _is_member(answer.get("user"), team)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[team, user] = (allowed, self._now() + FRESH)
        return allowed


def _is_member(person: Any, team: str) -> bool:
    """Who is on our own list is shut out for what Slack says of them, not for what it leaves out."""
    if not isinstance(person, Mapping):
        return True
    return person.get("team_id", team) == team and not any(person.get(flag) for flag in _SHUT_OUT)
