"""Who may speak to us in Teams: members of the tenant itself, as the roster says at most a minute ago."""

import asyncio
from datetime import datetime, timedelta

from bot.channels import Now
from bot.channels.teams_activities import Asked
from bot.channels.teams_connector import Connector, Spot
from handlers.messages import SendFailed

FRESH = timedelta(seconds=60)
LOOK_UP_SECONDS = 2.0
REMEMBERED = 10_000
_SHUT_OUT = ("anonymous", "bot", "guest")


class People:
    """Answers from the roster of the conversation, kept for a minute. A look-up that fails is a no, and is not kept."""

    def __init__(self, connector: Connector, tenant: str, now: Now) -> None:
        self._connector = connector
        self._tenant = tenant
        self._now = now
        self._known: dict[str, tuple[bool, datetime]] = {}

    async def may_speak(self, asked: Asked) -> bool:
        """Whether this is a full member of the tenant: no guest, bot, stranger or person of another tenant."""
        if asked.foreign:
            return False
        allowed, until = self._known.get(asked.person, (False, self._now()))
        return allowed if until > self._now() else await self._ask(asked)

    async def _ask(self, asked: Asked) -> bool:
        spot = Spot(asked.spot.service_url, asked.spot.conversation.partition(";")[0])
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                member = await self._connector.member(spot, asked.account)
        except (SendFailed, TimeoutError):
            return False
        allowed = member.tenant in ("", self._tenant) and member.role not in _SHUT_OUT
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[asked.person] = (allowed, self._now() + FRESH)
        return allowed
