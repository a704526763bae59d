"""Makes the reports that were asked for, each by its own file; what takes long is done in a process beside this one."""

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from typing import cast

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
        maker = import_module(MAKERS[order.report])
        return cast(Posting, await maker.make(self.bench, order, told))

    def stop(self) -> None:
        """End what is being made."""
        self.worker.stop()


# Each is imported when the first of its reports is made: with all that it stands on, too much for every start.
MAKERS = {"exits": "bot.reports.exits", "training": "bot.reports.training", "board": "bot.reports.board"}
