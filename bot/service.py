"""The running service: database, turns, channels and scheduler, opened and closed together."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from bot import evidence
from bot.channels import Channel
from bot.health import Health
from bot.metrics import Metrics
from bot.reports.maker import Maker
from bot.turn import Turns
from bot.uploads import FileDesk
from handlers.cards import Answer
from handlers.messages import Inbound, Receipt
from handlers.training.certificates import Paper, Verified
from scheduler import Scheduler
from scheduler.work import Redaction, Work
from storage import open_database
from storage.certificates import Registry
from storage.database import Database
from storage.ledger import Ledger
from storage.media import MediaShelf, Shown
from storage.migrate import require_current
from storage.reports import Reports
from storage.scene import Region
from storage.uploads import Uploads
from storage.vault import Vault

Now = Callable[[], datetime]


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Service:
    """Opened by `start` inside the running loop; channels are given their way in (`take_turn`, `settle`) before."""

    database: Database
    turns: Turns
    ledger: Ledger
    shelf: MediaShelf
    registry: Registry
    reports: Reports
    maker: Maker
    scheduler: Scheduler
    files: FileDesk

    def __init__(self, database_url: str, vault: Vault, region: Region, now: Now = utc_now) -> None:
        self.now = now
        self.region = region
        self.vault = vault
        self.channels: Mapping[str, Channel] = {}
        self.redactions: tuple[Redaction, ...] = ()
        self.metrics = Metrics(self.depth)
        self.taken = 0
        self._database_url = database_url

    async def start(self) -> None:
        """Open everything; a database that is not ready is refused before anything listens."""
        self.database = await open_database(self._database_url)
        try:
            await require_current(self.database)
            self.ledger = Ledger(self.database, self.vault, self.region)
            self.shelf = MediaShelf(self.database, self.vault)
            self.files = FileDesk(Uploads(self.database, self.vault), self.channels)
            self.registry = Registry(self.database, self.vault, self.region)
            self.reports = Reports(self.database, self.vault, self.region)
            self.maker = Maker(self.database, self.vault, self.region, self.now)
            self.scheduler = Scheduler(self._work())
            self.turns = Turns(self.database, self.vault, self.region, self.scheduler.wake)
            for channel in self.channels.values():
                await channel.start()
        except BaseException:
            await self.database.close()
            raise
        self.scheduler.start()

    async def close(self) -> None:
        """Stop taking work, finish what runs (but for reports, which are made again), close the rest."""
        self.maker.stop()
        await self.scheduler.close()
        for channel in self.channels.values():
            await channel.close()
        await self.database.close()

    async def take_turn(self, inbound: Inbound) -> Answer:
        """One message in; its answer, after all is on disk."""
        inbound = await self.files.ready(inbound)
        with self.metrics.turn_seconds.time():
            answer = await self.turns.take(inbound)
        self.metrics.turns.labels(inbound.channel, inbound.kind).inc()
        self.taken += 1
        return answer

    async def settle(self, attempt: str, receipt: Receipt) -> None:
        """A provider's word on one attempt."""
        await self.ledger.receive(attempt, receipt, self.now())

    async def open_pass(self, token: str, now: datetime) -> list[Shown] | None:
        """The pictures that a token of the reading room opens, once."""
        return await self.shelf.open_pass(token, now)

    async def verify(self, code: str, now: datetime) -> Verified | None:
        """What the code of a certificate tells."""
        return await self.registry.verify(code, now)

    async def open_link(self, token: str, now: datetime) -> Paper | None:
        """The certificate that a token opens, once."""
        return await self.registry.open_link(token, now)

    async def tick(self) -> None:
        """Do everything that is due now."""
        await self.scheduler.tick()

    async def depth(self) -> tuple[int, datetime | None]:
        """How many messages are owed, and when the oldest was due."""
        return await self.ledger.depth()

    def health(self) -> Health:
        """Whether this service is ready, part by part."""

        async def write() -> None:
            await self.ledger.note("ready", self.now())

        async def oldest() -> datetime | None:
            return (await self.depth())[1]

        async def stranded() -> dict[str, int]:
            return await self.ledger.stranded()

        return Health(self.now, write, lambda: self.scheduler.beat, oldest, stranded, self.unredacted)

    async def unredacted(self) -> timedelta:
        """For how long texts lie at their provider that should be blank; nothing before the first run."""
        late = [self.now() - plan.after - mark for plan in self.redactions if (mark := await self._redacted(plan))]
        return max(late, default=timedelta(0))

    async def next_due(self) -> datetime | None:
        """When something is due next."""
        return await self.ledger.next_due()

    async def settled(self) -> None:
        """Wait until nothing runs."""
        await self.scheduler.settled()

    async def _redacted(self, plan: Redaction) -> datetime | None:
        return await self.ledger.mark(f"redacted {plan.channel}")

    def _work(self) -> Work:
        lines = tuple(where for where in self.region.lines if where[0] in self.channels)
        return Work(
            ledger=self.ledger,
            channels=self.channels,
            lines=lines,
            take_turn=self.take_turn,
            now=self.now,
            shelf=self.shelf,
            clean=evidence.clean,
            reports=self.reports,
            make_report=self.maker.make,
            count=self.metrics.sent,
            turns=lambda: self.taken,
            redactions=self.redactions,
            redacted=self.metrics.redacted,
        )
