"""Makes the reports that were asked for, each by its own file; what takes long is done in a process beside this one."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.reports import exits, training
from bot.reports.bench import Bench
from bot.reports.worker import Told, Worker
from handlers.reports import Order, Posting
from storage.database import Database
from storage.scene import Region
from storage.vault import Vault

LONGEST_SECONDS = 570.0  # an order comes up again after ten minutes


def quiet(step: str, done: int, total: int) -> None:
    """Tells nobody."""


class Maker:
    """One for a service; `make` may be called again and again, `stop` ends what is being made."""

    def __init__(self, database: Database, vault: Vault, region: Region, now: Callable[[], datetime]) -> None:
        self.worker = Worker(LONGEST_SECONDS)
        self.bench = Bench(database, vault, region, now, self.worker.run)

    async def make(self, order: Order, told: Told = quiet) -> Posting:
        """The report, or the sentence why there is none. Raises worker.Ended."""
        return await MAKERS[order.report](self.bench, order, told)

    def stop(self) -> None:
        """End what is being made."""
        self.worker.stop()


MAKERS: dict[str, Callable[[Bench, Order, Told], Awaitable[Posting]]] = {
    "exits": exits.make,
    "training": training.make,
}
