"""A hostile provider for the simulator: it loses, doubles, delays and reorders, and sometimes does not say which."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from handlers.messages import Inbound, Outbound, Receipt, SendFailed
from storage.database import Database, Transaction, Work

T = TypeVar("T")
Do = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Sent:
    """A text that was taken from us."""

    at: datetime
    phone: str
    attempt: str
    text: str


class Crash(Exception):
    """The process died here."""


class Network:
    """What is sent, and what becomes of it. `later` runs something after a while; `reaches` tells a phone."""

    def __init__(
        self,
        chance: Random,
        now: Callable[[], datetime],
        later: Callable[[timedelta, Do], None],
        reaches: Callable[[str, str], Awaitable[None]],
        settle: Callable[[str, Receipt], Awaitable[None]],
    ) -> None:
        self.chance, self.now, self.later, self.reaches, self.settle = chance, now, later, reaches, settle
        self.sent: list[Sent] = []
        self.unlisted: set[str] = set()

    async def send(self, outbound: Outbound) -> Receipt:
        """Accept, refuse for now, or say nothing clear."""
        fate = self.chance.random()
        if fate < 0.03:
            raise SendFailed("later", "20429", after=self.chance.uniform(1, 60))
        if fate < 0.05:
            raise SendFailed("unknown", "timeout")  # and it was not sent
        quiet = fate < 0.08 and self.chance.random() < 0.4
        if quiet:
            self.unlisted.add(outbound.attempt)
        self.sent.append(Sent(self.now(), outbound.to, outbound.attempt, outbound.text))
        self._carry(outbound, quiet)
        if fate < 0.08:
            raise SendFailed("unknown", "timeout")  # but it was
        return Receipt("accepted", f"SM{len(self.sent)}")

    async def find(self, outbound: Outbound) -> Receipt | None:
        """The provider's list, as long as it answers; some messages never show up in it."""
        if self.chance.random() < 0.1:
            raise SendFailed("later", "503")
        known = any(one.attempt == outbound.attempt for one in self.sent) and outbound.attempt not in self.unlisted
        return Receipt("sent", outbound.attempt) if known else None

    async def missed(self, line: str, since: datetime) -> AsyncIterator[Inbound]:
        """Swept by the simulator itself."""
        none: tuple[Inbound, ...] = ()
        for inbound in none:
            yield inbound

    async def fetch(self, url: str) -> tuple[str, bytes]:
        """There are no pictures here."""
        raise SendFailed("never", "media")

    def _carry(self, outbound: Outbound, quiet: bool) -> None:
        """Lost, or delivered after a while; receipts late, doubled, out of order, or (always if quiet) not at all."""
        if self.chance.random() < 0.03:
            return
        delay = timedelta(seconds=self.chance.choice((0.5, 1, 2, 4, 30)))
        self.later(delay, lambda: self.reaches(outbound.to, outbound.text))
        receipts = [Receipt("sent", outbound.attempt), Receipt("delivered", outbound.attempt)]
        if self.chance.random() < 0.1:
            receipts.reverse()
        for receipt in receipts * self.chance.choice((1, 1, 1, 2)):
            if not quiet and self.chance.random() > 0.03:
                self._receipt(outbound.attempt, receipt, delay + timedelta(seconds=self.chance.choice((0, 0, 1, 3))))

    def _receipt(self, attempt: str, receipt: Receipt, delay: timedelta) -> None:
        self.later(delay, lambda: self.settle(attempt, receipt))


class Crashing:
    """A database whose process dies now and then, just before or just after a commit."""

    def __init__(self, database: Database, chance: Random, rate: float) -> None:
        self.database, self.chance, self.rate = database, chance, rate
        self.crashes = 0

    async def transact(self, work: Work[T]) -> T:
        """Run it, unless the process dies before its end; then, or right after, nobody hears of it."""
        fate = self.chance.random()
        if fate < self.rate:
            self.crashes += 1
            await self._abandoned(work)
        result = await self.database.transact(work)
        if fate > 1 - self.rate:
            self.crashes += 1
            raise Crash
        return result

    async def read(self, work: Work[T]) -> T:
        """As it is."""
        return await self.database.read(work)

    async def integrity(self) -> list[str]:
        """As it is."""
        return await self.database.integrity()

    async def wipe(self) -> bool:
        """As it is."""
        return await self.database.wipe()

    async def close(self) -> None:
        """As it is."""
        await self.database.close()

    async def _abandoned(self, work: Work[T]) -> None:
        async def dies(tx: Transaction) -> None:
            await work(tx)
            raise Crash

        await self.database.transact(dies)
