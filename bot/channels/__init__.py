"""What a channel is: it listens on its routes, sends one attempt, and finds out what became of one."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from starlette.routing import BaseRoute

from handlers.cards import Answer
from handlers.messages import Inbound, Outbound, Receipt

TakeTurn = Callable[[Inbound], Awaitable[Answer]]
Settle = Callable[[str, Receipt], Awaitable[None]]
Now = Callable[[], datetime]


class Channel(Protocol):
    """One way to reach people. `send` returns only when the provider took the attempt; else it raises SendFailed."""

    name: str

    def routes(self) -> Sequence[BaseRoute]:
        """The HTTP routes it listens on."""

    async def start(self) -> None:
        """Open its connections; called inside the running loop."""

    async def close(self) -> None:
        """Finish and close them."""

    async def send(self, outbound: Outbound) -> Receipt:
        """Send one attempt, once."""

    async def find(self, outbound: Outbound) -> Receipt | None:
        """What became of an attempt whose answer was lost; None if the provider never had it."""

    def missed(self, line: str, since: datetime) -> AsyncIterator[Inbound]:
        """What reached the provider for a line since then, oldest first, whether we were told or not."""

    async def fetch(self, url: str) -> tuple[str, bytes]:
        """Content type and bytes of a picture or file that the provider holds; deletes nothing."""

    async def discard(self, reference: str) -> str:
        """Delete a file that staff sent, if the provider lets us; what stays there, in words for who sent it."""

    async def check(self) -> str:
        """One line that says the credentials work; raises with a sentence that says what is wrong."""


class Unknown(Exception):
    """The message is not for any line or person of ours; nothing was stored."""
