"""Keeps a file that staff sent, sealed, between its dry run and the button that follows: one per person, an hour."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from handlers.effects import DropUpload
from handlers.messages import Inbound
from handlers.state import Staff
from handlers.uploads import MINUTES
from storage import staff
from storage.database import Database, Row, Transaction
from storage.ids import milliseconds
from storage.scene import Scene
from storage.vault import Vault

KEPT_FOR = timedelta(minutes=MINUTES)
PLACE = "uploads.content"


class Uploads:
    """Files by id and person. Every method is one transaction of its own."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def knows(self, inbound: Inbound) -> bool:
        """Whether its sender is on any city's list."""

        async def work(tx: Transaction) -> tuple[Staff, ...]:
            return await staff.everyone(tx, self._vault)

        people = await self._database.read(work)
        return any((row.channel, f"{row.team}/{row.user}") == (inbound.channel, inbound.sender) for row in people)

    async def keep(self, inbound: Inbound, content: bytes) -> str:
        """Keep a file in place of the person's last one; its id, the same for a repeated delivery."""
        row = self._vault.fingerprint("upload", inbound.channel, inbound.delivery)
        owner = self._owner(inbound)
        sealed = self._vault.seal(content, place=PLACE, row=row, jurisdiction="")

        async def work(tx: Transaction) -> None:
            await tx.execute("DELETE FROM uploads WHERE owner = :owner AND id <> :id", owner=owner, id=row)
            await tx.execute(
                """INSERT INTO uploads (id, owner, until, content) VALUES (:id, :owner, :until, :content)
                ON CONFLICT (id) DO NOTHING""",
                id=row,
                owner=owner,
                until=milliseconds(inbound.received_at + KEPT_FOR),
                content=sealed,
            )

        await self._database.transact(work)
        return row

    async def find(self, inbound: Inbound, upload: str) -> bytes | None:
        """A file that this person sent; None where it is not kept any more, or somebody else's."""

        async def work(tx: Transaction) -> list[Row]:
            return await tx.fetch(
                "SELECT content FROM uploads WHERE id = :id AND owner = :owner AND until > :now",
                id=upload,
                owner=self._owner(inbound),
                now=milliseconds(inbound.received_at),
            )

        found = await self._database.read(work)
        return self._vault.open(found[0]["content"], place=PLACE, row=upload, jurisdiction="") if found else None

    async def drop(self, upload: str) -> None:
        """Delete one."""

        async def work(tx: Transaction) -> None:
            await tx.execute("DELETE FROM uploads WHERE id = :id", id=upload)

        await self._database.transact(work)

    def _owner(self, inbound: Inbound) -> str:
        return self._vault.fingerprint("uploader", inbound.channel, inbound.sender)


async def waits(scene: Scene, upload: str) -> bool:
    """Whether a file is still kept; nobody else can use it while this turn lasts."""
    await scene.tx.lock(f"uploads/{upload}")
    return bool(await scene.tx.fetch("SELECT id FROM uploads WHERE id = :id", id=upload))


async def _drop(scene: Scene, effect: DropUpload) -> None:
    await scene.tx.execute("DELETE FROM uploads WHERE id = :id", id=effect.upload)


PERFORM: dict[type, Callable[[Scene, Any], Awaitable[None]]] = {DropUpload: _drop}
