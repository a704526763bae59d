"""What the channel tests share: a clock, a desk that takes the turns, an address, and what must never be logged."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from bot.channels import Channel
from handlers.cards import Answer
from handlers.messages import Inbound, Receipt

SCHEMAS = Path(__file__).parents[3] / "shared" / "schemas"
TEXT = "The supervisor sells the diesel"
PHONE, LINE, OTHER_LINE = "+18165550199", "+18165550101", "+18165550102"
TOKEN, SECONDARY = "primary-token-5f1c", "secondary-token-77aa"
SIGNING, BOT_TOKEN, APP_TOKEN = "signing-secret-91", "xoxb-bot-token-31", "xapp-app-token-12"
CODE = "KITE-4821-LAMP"
SECRETS = (TEXT, PHONE, PHONE[2:], TOKEN, SECONDARY, SIGNING, BOT_TOKEN, APP_TOKEN, CODE)


class Time:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def go_on(self, **span: float) -> None:
        self.at += timedelta(**span)


class Desk:
    """Takes the turns: keeps what came and answers what it was told to, or fails."""

    def __init__(self) -> None:
        self.came: list[Inbound] = []
        self.receipts: list[tuple[str, Receipt]] = []
        self.answer: Answer = None
        self.fault: Exception | None = None

    async def take_turn(self, inbound: Inbound) -> Answer:
        if self.fault:
            raise self.fault
        self.came.append(inbound)
        return self.answer

    async def settle(self, attempt: str, receipt: Receipt) -> None:
        if self.fault:
            raise self.fault
        self.receipts.append((attempt, receipt))


class Front:
    """An address that is known before the channel behind it is."""

    def __init__(self) -> None:
        self.app = Starlette()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@asynccontextmanager
async def listening(front: Front, channel: Channel) -> AsyncIterator[None]:
    """The channel, started, behind its address."""
    front.app = Starlette(routes=list(channel.routes()))
    await channel.start()
    try:
        yield
    finally:
        await channel.close()
