"""The Bot Framework's connector, by the Teams library: posts, replaces and deletes messages, and knows members."""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
from httpx import HTTPStatusError

from bot.channels import Now
from bot.channels.teams_cards import Json
from bot.channels.teams_errors import FAULTS, failure
from bot.channels.teams_library import (
    Account,
    Client,
    ClientOptions,
    ConversationClient,
    CreateConversationParams,
    MessageActivityInput,
)
from bot.channels.teams_tokens import AppToken
from handlers.messages import SendFailed

T = TypeVar("T")

TIMEOUT_SECONDS = 10.0
MOST_CLIENTS = 50
CARD = "application/vnd.microsoft.card.adaptive"


@dataclass(frozen=True, slots=True)
class Spot:
    """A conversation, and the service URL that it is reached by."""

    service_url: str
    conversation: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person as the roster of a conversation has them."""

    tenant: str
    role: str


class Connector:
    """One call each, once; every error is a SendFailed."""

    def __init__(self, client_id: str, token: AppToken, session: aiohttp.ClientSession, now: Now) -> None:
        async def ours() -> str:
            return await token.get(session)

        self._bot = Account(id=f"28:{client_id}")
        self._token = token
        self._session = session
        self._now = now
        self._http = Client(ClientOptions(timeout=TIMEOUT_SECONDS, token=ours))
        # Its lines hold the addresses of conversations; the library has just turned them on.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._clients: dict[str, ConversationClient] = {}

    async def close(self) -> None:
        """Close its connections."""
        await self._http.http.aclose()

    async def post(self, spot: Spot, card: Json, summary: str) -> str:
        """Post a card for all in a conversation; gives the message's id."""
        sent = await self._call(self._at(spot).create_activity(spot.conversation, self._message(spot, card, summary)))
        return sent.id

    async def whisper(self, spot: Spot, card: Json, summary: str, account: str) -> None:
        """Post a card that only one member of a conversation sees."""
        said = self._message(spot, card, summary).with_recipient(Account(id=account), is_targeted=True)
        await self._call(self._at(spot).create_targeted_activity(spot.conversation, said))

    async def replace(self, spot: Spot, message: str, card: Json, summary: str, whispered: bool = False) -> None:
        """Put a card in the place of one that was posted, or whispered."""
        said = self._message(spot, card, summary)
        said.id = message
        client = self._at(spot)
        if whispered:
            await self._call(client.update_targeted_activity(spot.conversation, message, said))
        else:
            await self._call(client.update_activity(spot.conversation, message, said))

    async def delete(self, spot: Spot, message: str) -> None:
        """Take a message away."""
        await self._call(self._at(spot).delete_activity(spot.conversation, message))

    async def member(self, spot: Spot, account: str) -> Member:
        """Look a member of a conversation up."""
        found = await self._call(self._at(spot).get_member_by_id(spot.conversation, account))
        return Member(found.tenant_id or "", (found.user_role or "").lower())

    async def open(self, service_url: str, person: str, tenant: str) -> Spot:
        """The conversation with one person (object id), begun if there is none yet."""
        asked = CreateConversationParams.model_validate(
            {
                "bot": self._bot,
                "isGroup": False,
                "members": [{"id": person}],
                "tenantId": tenant,
                "channelData": {"tenant": {"id": tenant}},
            }
        )
        made = await self._call(self._at(Spot(service_url, "")).create(asked))
        return Spot(service_url, made.id)

    async def ready(self) -> None:
        """SendFailed unless our credentials get us a token."""
        self._token.forget()
        await self._token.get(self._session)

    def _message(self, spot: Spot, card: Json, summary: str) -> MessageActivityInput:
        return MessageActivityInput.model_validate(
            {
                "from": self._bot,
                "conversation": {"id": spot.conversation},
                "summary": summary,
                "attachments": [{"contentType": CARD, "content": card}],
            }
        )

    def _at(self, spot: Spot) -> ConversationClient:
        if spot.service_url not in self._clients:
            if len(self._clients) >= MOST_CLIENTS:
                self._clients.clear()
            self._clients[spot.service_url] = ConversationClient(spot.service_url, self._http)
        return self._clients[spot.service_url]

    async def _call(self, asked: Awaitable[T]) -> T:
        try:
            return await asked
        except FAULTS as fault:
            failed = failure(fault, self._now())
            if isinstance(fault, HTTPStatusError) and fault.response.status_code == 401:
                self._token.forget()
            raise failed from None
        except (ValueError, KeyError, TypeError):
            # The provider said yes, in words that are none of its protocol.
            raise SendFailed("unknown", "answer") from None
