"""What the makers of reports work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.training.known import Known
from storage import training
from storage.database import Database, Transaction
from storage.scene import Region
from storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Bench:
    """`run(told, function, *arguments)` does long work in another process; see worker.py."""

    database: Database
    vault: Vault
    region: Region
    now: Callable[[], datetime]
    run: Callable[..., Awaitable[Any]]

    async def training(self, city: str) -> Known:
        """All that is known of a city's training, or of that which it runs."""

        async def work(tx: Transaction) -> Known:
            scene = await training.by_operator(tx, self.vault, self.region, city, self.now())
            return scene.facts.training

        return await self.database.read(work)
