"""Evidence: pieces of media to fetch, what was kept of them, and the one look that a staff member was given."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from handlers.casework import access
from handlers.messages import Piece
from storage import audit
from storage import staff as people
from storage.database import Database, Row, Transaction
from storage.ids import milliseconds
from storage.vault import Unreadable, Vault

LEASE = timedelta(seconds=90)
BATCH = 2  # each may need a decoder's whole memory at once
LONGEST_KIND = 100

CLAIM = """UPDATE media SET due_at = :until, tries = tries + 1 WHERE id IN (SELECT id FROM media
    WHERE state = 'waiting' AND due_at <= :now ORDER BY due_at, id LIMIT :batch FOR UPDATE SKIP LOCKED) RETURNING id"""

WAITING = """SELECT m.id, m.case_id, m.channel, m.tries, m.source, c.jurisdiction
    FROM media m JOIN cases c ON c.id = m.case_id WHERE m.id = :id"""

UNKEPT = """SELECT m.id, m.case_id, m.channel, m.tries, m.source, c.jurisdiction
    FROM media m JOIN cases c ON c.id = m.case_id WHERE m.channel = :channel AND m.state <> 'kept'"""

# A late worker, whose piece was claimed again since, changes nothing.
MINE = "WHERE id = :id AND tries = :tries AND state = 'waiting'"


@dataclass(frozen=True, slots=True)
class Shown:
    """One piece as the reading room shows it: `picture` (PNG or JPEG), or the state that says why there is none.

    `digest` is the SHA-256, in hex, of the original as it reached us; `kind` the type that the provider gave it.
    """

    state: Literal["waiting", "kept", "lost", "damaged"]
    kind: str
    digest: str
    picture: bytes | None


class MediaShelf:
    """Every method is one transaction of its own; originals and copies lie sealed under the key of their case."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database = database
        self.vault = vault

    async def claim(self, now: datetime) -> list[Piece]:
        """Pieces to fetch now, each leased to the caller; one that is not settled comes up again after the lease."""

        async def work(tx: Transaction) -> list[Piece]:
            until = milliseconds(now + LEASE)
            found = await tx.fetch(CLAIM, now=milliseconds(now), until=until, batch=BATCH)
            rows = [row for one in found for row in await tx.fetch(WAITING, id=one["id"])]
            return [piece for row in rows if (piece := self._piece(row))]

        return await self.database.transact(work)

    async def keep(self, piece: Piece, content_type: str, original: bytes, shown: bytes | None, now: datetime) -> None:
        """Seal a piece as it was received, and the copy for staff where one could be made."""

        async def work(tx: Transaction) -> None:
            case = await _case(tx, piece.case)
            kept = await tx.execute(
                f"""UPDATE media SET state = 'kept', kind = :kind, digest = :digest, original = :original,
                shown = :shown {MINE}""",  # noqa: S608 -- made of constants
                kind=content_type[:LONGEST_KIND],
                digest=hashlib.sha256(original).hexdigest(),
                original=self._seal(case, "media.original", piece.id, original),
                shown=None if shown is None else self._seal(case, "media.shown", piece.id, shown),
                **_mine(piece),
            )
            if kept:
                await self._note(tx, case, now, "picture_kept", detail=piece.id)

        await self.database.transact(work)

    async def retry(self, piece: Piece, at: datetime) -> None:
        """Not fetched: try again then."""

        async def work(tx: Transaction) -> None:
            await tx.execute(f"UPDATE media SET due_at = :at {MINE}", at=milliseconds(at), **_mine(piece))  # noqa: S608

        await self.database.transact(work)

    async def lost(self, piece: Piece, now: datetime) -> None:
        """It could not be fetched, and will not be tried again; the reading room says so."""

        async def work(tx: Transaction) -> None:
            if await tx.execute(f"UPDATE media SET state = 'lost' {MINE}", **_mine(piece)):  # noqa: S608
                await self._note(tx, await _case(tx, piece.case), now, "picture_lost", detail=piece.id)

        await self.database.transact(work)

    async def unkept(self, channel: str) -> frozenset[str] | None:
        """Where the pieces lie that only their provider has, still or for good; None if one of them cannot be told."""

        async def work(tx: Transaction) -> list[Piece | None]:
            return [self._piece(row) for row in await tx.fetch(UNKEPT, channel=channel)]

        pieces = await self.database.read(work)
        return None if None in pieces else frozenset(piece.url for piece in pieces if piece)

    async def open_pass(self, token: str, now: datetime) -> list[Shown] | None:
        """Use up a token: the pieces of its case in order, or None where it is unknown, used, too old or revoked."""

        async def work(tx: Transaction) -> list[Shown] | None:
            admitted = await _use_up(tx, self.vault.fingerprint("pass", token), now)
            if admitted is None:
                return None
            return await self._look(tx, await _case(tx, admitted["case_id"]), admitted["staff"], now)

        return await self.database.transact(work)

    async def _look(self, tx: Transaction, case: Row, staff: str, now: datetime) -> list[Shown] | None:
        if not await self._may_see(tx, case, staff):
            await self._note(tx, case, now, "pictures_refused", staff)
            return None
        rows = await tx.fetch("SELECT * FROM media WHERE case_id = :id ORDER BY id", id=case["id"])
        await self._note(tx, case, now, "pictures_viewed", staff, str(len(rows)))
        return [self._shown(case, row) for row in rows]

    async def _may_see(self, tx: Transaction, case: Row, staff: str) -> bool:
        """Asked again, because the pass was given minutes ago: they may have left the list or been named since."""
        everyone = await people.everyone(tx, self.vault)
        rows = [row for me in everyone if me.id == staff for row in access.same_person(me, everyone)]
        return access.may_see(rows, case["handler"], case["excluded"].split())

    def _piece(self, row: Row) -> Piece | None:
        where = {"place": "media.source", "row": row["id"], "jurisdiction": row["jurisdiction"]}
        try:
            url = self.vault.open(row["source"], **where).decode()
        except Unreadable:
            return None  # it holds up no other, and comes up again: the key may only be missing for now
        return Piece(row["id"], row["case_id"], row["channel"], url, row["tries"])

    def _shown(self, case: Row, row: Row) -> Shown:
        if row["shown"] is None:
            return Shown(row["state"], row["kind"], row["digest"], None)
        try:
            picture = self.vault.open(row["shown"], **self._bound(case, "media.shown", row["id"]))
        except Unreadable:
            return Shown("damaged", row["kind"], row["digest"], None)
        return Shown(row["state"], row["kind"], row["digest"], picture)

    def _seal(self, case: Row, place: str, row: str, plain: bytes) -> bytes:
        return self.vault.seal(plain, **self._bound(case, place, row))

    def _bound(self, case: Row, place: str, row: str) -> dict[str, Any]:
        city = case["jurisdiction"]
        key = self.vault.unwrap(case["data_key"], row=case["id"], jurisdiction=city)
        return {"place": place, "row": row, "jurisdiction": city, "key": key}

    async def _note(
        self, tx: Transaction, case: Row, now: datetime, action: str, actor: str = "", detail: str = ""
    ) -> None:
        await audit.append(
            tx,
            self.vault,
            jurisdiction=case["jurisdiction"],
            at_ms=milliseconds(now),
            actor=actor,
            action=action,
            subject=case["id"],
            detail=detail,
        )


async def _use_up(tx: Transaction, token: str, now: datetime) -> Row | None:
    """The pass, which is gone with this; those that nobody used in time go, too."""
    await tx.execute("DELETE FROM passes WHERE until < :now", now=milliseconds(now))
    found = await tx.fetch(
        """DELETE FROM passes WHERE token = :token AND EXISTS (SELECT 1 FROM cases c WHERE c.id = passes.case_id)
        RETURNING case_id, staff""",
        token=token,
    )
    return found[0] if found else None


async def _case(tx: Transaction, case: str) -> Row:
    return (await tx.fetch("SELECT * FROM cases WHERE id = :id", id=case))[0]


def _mine(piece: Piece) -> dict[str, object]:
    return {"id": piece.id, "tries": piece.tries}
