"""One message, one transaction: seen before? read, decide, write. The only way into the state."""

from collections.abc import Callable
from functools import partial

from handlers import steps
from handlers.cards import Answer
from handlers.messages import Inbound
from storage import effects, facts
from storage.database import Database, Transaction
from storage.effects import Again
from storage.ids import milliseconds
from storage.scene import Region
from storage.vault import Vault

ATTEMPTS = 5


class Turns:
    """Takes turns. `done` is called after a commit with effects, so that what is owed leaves at once."""

    def __init__(self, database: Database, vault: Vault, region: Region, done: Callable[[], None]) -> None:
        self.database = database
        self.vault = vault
        self.region = region
        self.done = done

    async def take(self, inbound: Inbound) -> Answer:
        """The answer to a message, after all that follows from it is on disk; None for one seen before.

        Raises UnknownLine for an address that is not ours, Busy when too many wait.
        """
        for attempt in range(ATTEMPTS):
            try:
                answer, owed = await self.database.transact(partial(self._take, inbound))
            except Again:
                if attempt == ATTEMPTS - 1:
                    raise
            else:
                break
        if owed:
            self.done()
        return answer

    async def _take(self, inbound: Inbound, tx: Transaction) -> tuple[Answer, bool]:
        """The answer, and whether something may have to leave for it."""
        if not await self._first(tx, inbound):
            return None, False
        scene = await facts.read(tx, self.vault, self.region, inbound, steps.wants(inbound))
        step = steps.step(inbound, scene.facts)
        await effects.write(scene, step)
        return step.answer, bool(step.effects)

    async def _first(self, tx: Transaction, inbound: Inbound) -> bool:
        """Whether this delivery is new: the insert decides, or for a follow-up its removal from the list."""
        if inbound.kind == "timer":
            return await tx.execute("DELETE FROM followups WHERE id = :id", id=inbound.delivery) == 1
        new = await tx.execute(
            "INSERT INTO inbox (delivery, received_at) VALUES (:delivery, :at) ON CONFLICT (delivery) DO NOTHING",
            delivery=self.vault.fingerprint("delivery", inbound.channel, inbound.delivery),
            at=milliseconds(inbound.received_at),
        )
        return new == 1
