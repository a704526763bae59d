"""The address book: how a place is reached on a channel that tells us so once, and only in passing."""

import json
from collections.abc import Mapping

from storage.database import Database, Row, Transaction
from storage.vault import Vault


class Book:
    """Sealed references by channel and address. Every method is one transaction of its own."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def remember(self, channel: str, address: str, reference: Mapping[str, str]) -> None:
        """Keep what is needed to reach an address, in place of what was known."""
        row = self._row(channel, address)
        sealed = self._vault.seal(
            json.dumps(dict(reference)).encode(), place="addresses.reference", row=row, jurisdiction=""
        )

        async def work(tx: Transaction) -> None:
            await tx.execute(
                """INSERT INTO addresses (id, reference) VALUES (:id, :reference)
                ON CONFLICT (id) DO UPDATE SET reference = excluded.reference""",
                id=row,
                reference=sealed,
            )

        await self._database.transact(work)

    async def find(self, channel: str, address: str) -> dict[str, str] | None:
        """What was kept for an address; None where nothing was."""
        row = self._row(channel, address)

        async def work(tx: Transaction) -> list[Row]:
            return await tx.fetch("SELECT reference FROM addresses WHERE id = :id", id=row)

        found = await self._database.read(work)
        if not found:
            return None
        opened = self._vault.open(found[0]["reference"], place="addresses.reference", row=row, jurisdiction="")
        reference: dict[str, str] = json.loads(opened)
        return reference

    async def forget(self, channel: str, address: str) -> None:
        """Drop what was kept for an address."""
        row = self._row(channel, address)

        async def work(tx: Transaction) -> None:
            await tx.execute("DELETE FROM addresses WHERE id = :id", id=row)

        await self._database.transact(work)

    def _row(self, channel: str, address: str) -> str:
        return self._vault.fingerprint("address", channel, address)
