"""Reports that were asked for, and the files that were made of them: kept sealed for a month, handed out once each."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from handlers import effects as e
from handlers.messages import File, Place
from handlers.reports import Order, Posting, may_have
from handlers.state import Kept
from storage import audit, plain
from storage import staff as people
from storage.database import Database, Row, Transaction
from storage.ids import milliseconds, new_id
from storage.outbox import owe
from storage.scene import Region, Scene
from storage.vault import Vault

LEASE = timedelta(minutes=10)
KEPT = timedelta(days=30)
PICTURES = "/picture/"

CLAIM = """UPDATE report_orders SET due_at = :until, tries = tries + 1 WHERE id IN (SELECT id FROM report_orders
    WHERE due_at <= :now ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *"""


class Reports:
    """Every method is one transaction of its own."""

    def __init__(self, database: Database, vault: Vault, region: Region) -> None:
        self.database = database
        self.vault = vault
        self.region = region

    async def claim(self, now: datetime) -> Order | None:
        """The next report to make, leased to the caller; one that is not posted comes up again after the lease."""

        async def work(tx: Transaction) -> Order | None:
            found = await tx.fetch(CLAIM, now=milliseconds(now), until=milliseconds(now + LEASE))
            return self._order(found[0]) if found else None

        return await self.database.transact(work)

    async def retry(self, order: Order, at: datetime) -> None:
        """It could not be made: try again then."""

        async def work(tx: Transaction) -> None:
            await tx.execute(
                "UPDATE report_orders SET due_at = :at WHERE id = :id AND tries = :tries",
                at=milliseconds(at),
                id=order.id,
                tries=order.tries,
            )

        await self.database.transact(work)

    async def post(self, order: Order, posting: Posting, now: datetime) -> None:
        """It is made: keep its files, owe it to its place, and take it off the list, all at once."""

        async def work(tx: Transaction) -> None:
            if await tx.execute(
                "DELETE FROM report_orders WHERE id = :id AND tries = :tries", id=order.id, tries=order.tries
            ):
                await self._post(tx, order, posting, milliseconds(now))

        await self.database.transact(work)

    async def open_picture(self, link: str, now: datetime) -> bytes | None:
        """The picture behind an address that only its card tells; None when there is none, or not any more."""

        async def work(tx: Transaction) -> bytes | None:
            rows = await tx.fetch(
                "SELECT * FROM files WHERE link = :link AND until > :now",
                link=self.vault.fingerprint("picture", link),
                now=milliseconds(now),
            )
            return _content(self.vault, rows[0]) if rows else None

        return await self.database.read(work)

    async def open_file(self, token: str, now: datetime) -> File | None:
        """Use up a token: its file, or None where it is unknown, used or too old, or its holder may not any more."""

        async def work(tx: Transaction) -> File | None:
            await tx.execute("DELETE FROM file_passes WHERE until < :now", now=milliseconds(now))
            used = await tx.fetch(
                "DELETE FROM file_passes WHERE token = :token RETURNING file, staff",
                token=self.vault.fingerprint("pass", token),
            )
            return await self._handed_out(tx, used[0], now) if used else None

        return await self.database.transact(work)

    def _order(self, row: Row) -> Order:
        where = {"place": "report_orders.place", "row": row["id"], "jurisdiction": row["jurisdiction"]}
        place = Place(row["channel"], self.vault.open(row["place"], **where).decode())
        return Order(row["id"], row["report"], row["jurisdiction"], row["period"], row["actor"], place, row["tries"])

    async def _post(self, tx: Transaction, order: Order, posting: Posting, now: int) -> None:
        await tx.execute("DELETE FROM file_passes WHERE file IN (SELECT id FROM files WHERE until < :now)", now=now)
        await tx.execute("DELETE FROM files WHERE until < :now", now=now)
        files = [await _keep(tx, self.vault, order, file, now) for file in posting.files]
        body = {"place": order.place.address, "card": plain.dump(posting.card), "files": files}
        lane = f"report/{order.id}"
        await owe(tx, self.vault, now, order.city, "notice", lane, body, channel=order.place.channel)
        await self._note(tx, order.city, now, order.actor, "report_posted", f"{order.report} {order.period}")

    async def _handed_out(self, tx: Transaction, used: Row, now: datetime) -> File | None:
        rows = await tx.fetch(
            "SELECT * FROM files WHERE id = :id AND until > :now", id=used["file"], now=milliseconds(now)
        )
        if not rows:
            return None
        city = self.region.jurisdictions.get(rows[0]["jurisdiction"])
        everyone = await people.everyone(tx, self.vault)
        me = [row for row in everyone if row.id == used["staff"]]
        if city is None or may_have(me, city, rows[0]["report"]) is None:
            return None
        await self._note(tx, city.key, milliseconds(now), used["staff"], "report_taken", rows[0]["name"])
        return File(rows[0]["name"], _content(self.vault, rows[0]))

    async def _note(self, tx: Transaction, city: str, at: int, actor: str, action: str, detail: str) -> None:
        await audit.append(tx, self.vault, jurisdiction=city, at_ms=at, actor=actor, action=action, detail=detail)


async def attached(tx: Transaction, vault: Vault, desk_url: str, ids: Sequence[str]) -> tuple[File, ...]:
    """The files of a message, those that are still kept, in their order."""
    found = []
    for id in ids:
        for row in await tx.fetch("SELECT * FROM files WHERE id = :id", id=id):
            alt = vault.open(row["alt"], place="files.alt", row=id, jurisdiction=row["jurisdiction"]).decode()
            url = f"{desk_url}{PICTURES}{_link(vault, id)}" if alt else ""
            found.append(File(row["name"], _content(vault, row), alt, id, url))
    return tuple(found)


async def wanted(scene: Scene, file: str) -> None:
    """Adds the kept file that was asked for."""
    rows = await scene.tx.fetch(
        "SELECT id, name, report, jurisdiction FROM files WHERE id = :id AND until > :now", id=file, now=scene.now
    )
    kept = [Kept(row["id"], row["name"], row["report"], row["jurisdiction"]) for row in rows]
    scene.facts = replace(scene.facts, file=next(iter(kept), None))


async def _keep(tx: Transaction, vault: Vault, order: Order, file: File, now: int) -> str:
    row = new_id(now)
    await tx.execute(
        """INSERT INTO files (id, jurisdiction, report, name, link, until, alt, body)
        VALUES (:id, :jurisdiction, :report, :name, :link, :until, :alt, :body)""",
        id=row,
        jurisdiction=order.city,
        report=order.report,
        name=file.name,
        link=vault.fingerprint("picture", _link(vault, row)) if file.alt else row,
        until=now + KEPT // timedelta(milliseconds=1),
        alt=vault.seal(file.alt.encode(), place="files.alt", row=row, jurisdiction=order.city),
        body=vault.seal(file.content, place="files.body", row=row, jurisdiction=order.city),
    )
    return row


def _content(vault: Vault, row: Row) -> bytes:
    return vault.open(row["body"], place="files.body", row=row["id"], jurisdiction=row["jurisdiction"])


def _link(vault: Vault, file: str) -> str:
    """The secret part of a picture's address; it is not stored, so a copy of the database opens none."""
    return vault.fingerprint("picture-link", file)


async def _make_report(scene: Scene, effect: e.MakeReport) -> None:
    row = new_id(scene.now)
    sealed = scene.vault.seal(
        effect.place.address.encode(), place="report_orders.place", row=row, jurisdiction=effect.city
    )
    await scene.tx.execute(
        """INSERT INTO report_orders (id, report, jurisdiction, period, actor, channel, place, due_at)
        VALUES (:id, :report, :city, :period, :staff, :channel, :place, :now)""",
        id=row,
        report=effect.report,
        city=effect.city,
        period=effect.period,
        staff=effect.staff,
        channel=effect.place.channel,
        place=sealed,
        now=scene.now,
    )


async def _hand_out(scene: Scene, effect: e.HandOut) -> None:
    await scene.tx.execute(
        "INSERT INTO file_passes (token, file, staff, until) VALUES (:token, :file, :staff, :until)",
        token=scene.vault.fingerprint("pass", effect.token),
        file=effect.file,
        staff=effect.staff,
        until=milliseconds(effect.until),
    )


PERFORM: dict[type, Callable[[Scene, Any], Awaitable[None]]] = {e.MakeReport: _make_report, e.HandOut: _hand_out}
