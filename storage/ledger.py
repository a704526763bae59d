"""What is owed and what is due: claims messages and follow-ups by lease, and settles what became of them."""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from handlers.calendar import may_text, next_text_time
from handlers.casework import silence
from handlers.messages import NO_CHANNEL, File, Inbound, Outbound, Owed, Receipt
from storage import plain
from storage.database import Database, Row, Transaction
from storage.ids import milliseconds, moment, new_id
from storage.outbox import owe
from storage.reports import attached
from storage.scene import Region
from storage.vault import Unreadable, Vault

LEASE = timedelta(seconds=60)
LATER = timedelta(minutes=5)
GIVE_UP = timedelta(hours=24)
BATCH = 32
REPEATED = "repeated"
ATTEMPT = re.compile(r"([0-9a-z]{1,64})-([0-9]{1,6})").fullmatch

# A row that cannot be opened: sealed with a key that is missing, or of a city or person that is gone.
BROKEN = (Unreadable, LookupError, TypeError, ValueError)

# Of each lane only one message is under way, and the first goes first; but what is owed for a missed text has an
# earlier id than what was begun meanwhile. One that waits for its hour, untried, stands in nobody's way.
FREE = """NOT EXISTS (SELECT 1 FROM outbox p WHERE p.lane = o.lane AND p.id <> o.id
    AND p.state IN ('queued', 'sending', 'uncertain')
    AND ((p.tries > 0 AND (o.tries = 0 OR p.id < o.id)) OR (o.tries = 0 AND p.id < o.id AND p.due_at <= :now)))"""

CLAIM = f"""SELECT o.id FROM outbox o WHERE o.state = 'queued' AND o.due_at <= :now AND {FREE}
    ORDER BY o.due_at, o.id LIMIT :batch FOR UPDATE SKIP LOCKED"""  # noqa: S608 -- made of constants

LEASED = """UPDATE outbox SET state = 'sending', tries = tries + 1, lease_until = :until WHERE id = :id"""

WITHHELD = """UPDATE outbox SET state = 'withheld', tries = tries - 1, settled_at = :now WHERE id = :id"""

HINTED = """SELECT 1 FROM outbox WHERE alias = :alias AND kind = 'hint' AND created_at > :since
    AND state NOT IN ('failed', 'cancelled', 'superseded')"""

UNLEASED = "UPDATE outbox SET state = 'queued', due_at = :until, tries = tries - 1 WHERE id = :id"

# What is said to people first, or to confirm a stop: only in time.
TIMELY = frozenset({"prompt", "farewell", "dismissal", "hint"})

# Nothing is left of them when they are done: they hold an address that may have been deleted meanwhile.
TRACELESS = frozenset({"dismissal", "withdraw"})

MESSAGE = """SELECT o.*, v.channel AS person_channel, v.line, v.address, v.stopped, v.updated_at AS heard_at,
    p.reference AS posted, c.program, c.language, c.silent_since
    FROM outbox o LEFT JOIN conversations v ON v.alias = o.alias LEFT JOIN posts p ON p.lane = o.lane
    LEFT JOIN cases c ON c.id = o.case_id WHERE o.id = :id"""

NEXT = f"""SELECT min(due) AS due FROM (
    SELECT min(due_at) AS due FROM followups
    UNION ALL SELECT min(due_at) FROM outbox WHERE state = 'uncertain'
    UNION ALL SELECT min(o.due_at) FROM outbox o WHERE o.state = 'queued' AND {FREE.replace(":now", "o.due_at")}
    UNION ALL SELECT min(lease_until) FROM outbox WHERE state = 'sending'
    UNION ALL SELECT min(due_at) FROM report_orders
    UNION ALL SELECT min(due_at) FROM media WHERE state = 'waiting') AS times"""  # noqa: S608 -- made of constants


class Ledger:
    """Every method is one transaction of its own; times are aware, in UTC."""

    def __init__(self, database: Database, vault: Vault, region: Region) -> None:
        self.database = database
        self.vault = vault
        self.region = region

    async def claim(self, now: datetime) -> list[Owed]:
        """Messages to send now, each leased to the caller; those whose lease ran out become uncertain."""

        async def work(tx: Transaction) -> list[Owed]:
            await _expire(tx, milliseconds(now))
            found = await tx.fetch(CLAIM, now=milliseconds(now), batch=BATCH)
            claimed = [await self._lease(tx, row["id"], now) for row in found]
            return [owed for owed in claimed if owed]

        return await self.database.transact(work)

    async def claim_uncertain(self, now: datetime) -> list[Owed]:
        """Messages that may have been sent and are to be looked for now; looked for again after a lease."""

        async def work(tx: Transaction) -> list[Owed]:
            found = await tx.fetch(
                """UPDATE outbox SET due_at = :next WHERE id IN (SELECT id FROM outbox
                WHERE state = 'uncertain' AND due_at <= :now ORDER BY due_at LIMIT :batch FOR UPDATE SKIP LOCKED)
                RETURNING id""",
                now=milliseconds(now),
                next=milliseconds(now + LEASE),
                batch=BATCH,
            )
            rows = [row for one in found for row in await tx.fetch(MESSAGE, id=one["id"])]
            return [owed for row in rows if (owed := await self._open(tx, row, now))]

        return await self.database.transact(work)

    async def receive(self, attempt: str, receipt: Receipt, now: datetime) -> None:
        """What the provider says of an attempt. States only move forward; a late word never undoes a later one."""
        named = ATTEMPT(attempt)

        async def work(tx: Transaction) -> None:
            if named is None:
                return
            if receipt.state == "failed":
                await self._failed(tx, named[1], receipt.code, now, tries=int(named[2]))
            else:
                await _arrived(tx, named[1], receipt, milliseconds(now))

        await self.database.transact(work)

    async def retry(self, owed: Owed, at: datetime, code: str) -> None:
        """Surely not sent: try again then. A card that a newer one has overtaken is dropped."""

        async def work(tx: Transaction) -> None:
            await tx.execute(
                """UPDATE outbox SET due_at = :at, code = CASE WHEN code = :repeated THEN code ELSE :code END,
                state = CASE WHEN kind = 'card' AND EXISTS (
                SELECT 1 FROM outbox n WHERE n.lane = outbox.lane AND n.kind = 'card' AND n.state = 'queued')
                THEN 'superseded' ELSE 'queued' END
                WHERE id = :id AND tries = :tries AND state IN ('sending', 'uncertain')""",
                at=milliseconds(at),
                code=code,
                repeated=REPEATED,
                **_row(owed),
            )

        await self.database.transact(work)

    async def doubt(self, owed: Owed, now: datetime, look_at: datetime) -> None:
        """It may have been sent: never again before somebody has looked."""

        async def work(tx: Transaction) -> None:
            await tx.execute(
                """UPDATE outbox SET state = 'uncertain', lease_until = :now, due_at = :look_at
                WHERE id = :id AND tries = :tries AND state = 'sending'""",
                now=milliseconds(now),
                look_at=milliseconds(look_at),
                **_row(owed),
            )

        await self.database.transact(work)

    async def fail(self, owed: Owed, code: str, now: datetime) -> None:
        """It will not be sent; the desk is told by a follow-up in the same transaction."""
        await self.receive(owed.outbound.attempt, Receipt("failed", code=code), now)

    async def due(self, now: datetime) -> list[Inbound]:
        """Follow-ups whose time has come, oldest first. Each is taken off the list by the turn that answers it."""

        async def work(tx: Transaction) -> list[Inbound]:
            rows = await tx.fetch(
                "SELECT * FROM followups WHERE due_at <= :now ORDER BY due_at, id LIMIT :batch",
                now=milliseconds(now),
                batch=BATCH,
            )
            return [_as_inbound(row, now) for row in rows]

        return await self.database.read(work)

    async def postpone(self, followup: str, until: datetime) -> None:
        """A follow-up that could not be answered is tried again later, so that it holds up no other."""

        async def work(tx: Transaction) -> None:
            await tx.execute("UPDATE followups SET due_at = :at WHERE id = :id", at=milliseconds(until), id=followup)

        await self.database.transact(work)

    async def next_due(self) -> datetime | None:
        """When something is due next."""

        async def work(tx: Transaction) -> datetime | None:
            due = (await tx.fetch(NEXT))[0]["due"]
            return None if due is None else moment(due)

        return await self.database.read(work)

    async def mark(self, name: str) -> datetime | None:
        """The time noted under a name, such as the last sweep of a line."""

        async def work(tx: Transaction) -> list[Row]:
            return await tx.fetch("SELECT at FROM marks WHERE name = :name", name=name)

        found = await self.database.read(work)
        return moment(found[0]["at"]) if found else None

    async def holds(self, channel: str, delivery: str) -> bool:
        """Whether a delivery was taken in, with all that follows from it."""
        seen = self.vault.fingerprint("delivery", channel, delivery)

        async def work(tx: Transaction) -> bool:
            return bool(await tx.fetch("SELECT 1 FROM inbox WHERE delivery = :seen", seen=seen))

        return await self.database.read(work)

    async def note(self, name: str, at: datetime) -> None:
        """Note a time under a name."""

        async def work(tx: Transaction) -> None:
            await tx.execute(
                "INSERT INTO marks (name, at) VALUES (:name, :at) ON CONFLICT (name) DO UPDATE SET at = excluded.at",
                name=name,
                at=milliseconds(at),
            )

        await self.database.transact(work)

    async def forget_uploads(self, now: datetime) -> None:
        """Delete the files that staff sent and did not come back to."""

        async def work(tx: Transaction) -> None:
            await tx.execute("DELETE FROM uploads WHERE until <= :now", now=milliseconds(now))

        await self.database.transact(work)

    async def wipe(self) -> bool:
        """Make what was deleted unreadable in the database's own files; False if it has to be tried again."""
        return await self.database.wipe()

    async def depth(self) -> tuple[int, datetime | None]:
        """How many messages wait, and when the oldest was due."""

        async def work(tx: Transaction) -> tuple[int, datetime | None]:
            found = await tx.fetch(
                "SELECT count(*) AS n, min(due_at) AS oldest FROM outbox WHERE state IN ('queued', 'uncertain')"
            )
            oldest = found[0]["oldest"]
            return found[0]["n"], None if oldest is None else moment(oldest)

        return await self.database.read(work)

    async def stranded(self) -> dict[str, int]:
        """How many messages to staff wait for a channel that does not run, by channel."""

        async def work(tx: Transaction) -> dict[str, int]:
            found = await tx.fetch(
                """SELECT channel, count(*) AS n FROM outbox
                WHERE state = 'queued' AND code = :code AND alias = '' GROUP BY channel ORDER BY channel""",
                code=NO_CHANNEL,
            )
            return {row["channel"]: row["n"] for row in found}

        return await self.database.read(work)

    async def _lease(self, tx: Transaction, row: str, now: datetime) -> Owed | None:
        await tx.execute(LEASED, id=row, until=milliseconds(now + LEASE))
        message = (await tx.fetch(MESSAGE, id=row))[0]
        if self._must_wait_for_code(message, now):
            await self._withhold(tx, message, now)
            return None
        if message["kind"] == "relay" and message["stopped"]:
            await self._failed(tx, row, "21610", now, tries=message["tries"])
            return None
        if message["kind"] == "withdraw" and not message["posted"]:
            await tx.execute("DELETE FROM outbox WHERE id = :id", id=row)
            return None
        if message["kind"] in TIMELY and not await self._in_time(tx, message, now):
            return None
        return await self._open(tx, message, now)

    def _must_wait_for_code(self, message: Row, now: datetime) -> bool:
        """Whether this tells of a case, and its phone was silent for so long that it may be somebody else's."""
        if message["kind"] not in silence.KINDS or message["program"] not in silence.PROGRAMS:
            return False
        city = self.region.jurisdictions[message["jurisdiction"]]
        return message["silent_since"] > 0 or silence.is_long(city, moment(message["heard_at"]), now)

    async def _withhold(self, tx: Transaction, message: Row, now: datetime) -> None:
        """It waits for the code, its desk is told, and the phone is hinted at it once in a while."""
        await tx.execute(WITHHELD, id=message["id"], now=milliseconds(now))
        await tx.execute(
            "UPDATE cases SET silent_since = :since WHERE id = :id AND silent_since = 0",
            since=message["heard_at"],
            id=message["case_id"],
        )
        await _follow_up(tx, "withheld", message, {}, now)
        since = milliseconds(now - silence.HINT_AGAIN)
        if not await tx.fetch(HINTED, alias=message["alias"], since=since):
            await self._hint(tx, message, now)

    async def _hint(self, tx: Transaction, message: Row, now: datetime) -> None:
        city = self.region.jurisdictions[message["jurisdiction"]]
        body = {"text": silence.hint(self.region.texts, city, message["language"])}
        place = {"alias": message["alias"], "case": message["case_id"], "subject": message["case_id"]}
        await owe(tx, self.vault, milliseconds(now), city.key, "hint", message["alias"], body, **place)

    async def _in_time(self, tx: Transaction, message: Row, now: datetime) -> bool:
        """Whether it may leave now. What comes after a stop is dropped, what is out of hours waits."""
        late = message["any_hour_until"] < milliseconds(now)
        if late and message["kind"] == "dismissal":
            await tx.execute("DELETE FROM outbox WHERE id = :id", id=message["id"])
            return False
        if (message["stopped"] and message["kind"] in ("prompt", "hint")) or (late and message["kind"] == "farewell"):
            await tx.execute("UPDATE outbox SET state = 'cancelled' WHERE id = :id", id=message["id"])
            return False
        city = self.region.jurisdictions[message["jurisdiction"]]
        if late and not may_text(city, now):
            await tx.execute(UNLEASED, id=message["id"], until=milliseconds(next_text_time(city, now)))
            return False
        return True

    async def _open(self, tx: Transaction, row: Row, now: datetime) -> Owed | None:
        """The message; one that cannot be opened waits for its key, then is given up, and holds up no other lane."""
        try:
            body = self._body(row)
            files = await attached(tx, self.vault, self.region.desk_url, body.get("files", ()))
            return self._owed(row, body, files)
        except BROKEN:
            if moment(row["created_at"]) + GIVE_UP < now:
                await self._failed(tx, row["id"], "unreadable", now, tries=row["tries"])
            else:
                await _put_off(tx, row["id"], milliseconds(now + LATER))
        return None

    def _owed(self, row: Row, body: Mapping[str, Any], files: tuple[File, ...]) -> Owed:
        to_person = bool(row["alias"])
        outbound = Outbound(
            attempt=f"{row['id']}-{row['tries']}",
            channel=row["person_channel"] if to_person else row["channel"],
            line=row["line"] if to_person else body.get("line") or self._line(row),
            to=self._address(row) if to_person else body["place"],
            kind="withdraw" if row["kind"] == "withdraw" else "card" if "card" in body else "text",
            created_at=moment(row["created_at"]),
            text=body.get("text", ""),
            card=plain.load(body["card"]) if "card" in body else None,
            reference=row["posted"] or "",
            files=files,
        )
        return Owed(outbound, row["kind"], row["tries"], moment(row["lease_until"]), row["code"] == REPEATED)

    def _body(self, row: Row) -> Mapping[str, Any]:
        sealed = self.vault.open(row["body"], place="outbox.body", row=row["id"], jurisdiction=row["jurisdiction"])
        body: Mapping[str, Any] = json.loads(sealed)
        return body

    def _address(self, row: Row) -> str:
        where = {"place": "conversations.address", "row": row["alias"], "jurisdiction": row["jurisdiction"]}
        return self.vault.open(row["address"], **where).decode()

    def _line(self, row: Row) -> str:
        """The address we write from to staff: a phone among them is texted from the city's own line."""
        lines = self.region.jurisdictions[row["jurisdiction"]].lines
        return next((line.address for line in lines if line.channel == row["channel"]), "")

    async def _failed(self, tx: Transaction, row: str, code: str, now: datetime, tries: int) -> None:
        failed = await tx.fetch(
            """UPDATE outbox SET state = 'failed', code = :code WHERE id = :id AND tries = :tries
            AND state IN ('sending', 'uncertain', 'sent') RETURNING id, kind, alias, case_id, jurisdiction""",
            id=row,
            code=code,
            tries=tries,
        )
        for message in failed:
            if code == "21610":
                await tx.execute("UPDATE conversations SET stopped = 1 WHERE alias = :alias", alias=message["alias"])
            if message["alias"] and message["case_id"]:
                await _follow_up(tx, "undelivered", message, {"code": code}, now)
            if message["kind"] in TRACELESS:
                await tx.execute("DELETE FROM outbox WHERE id = :id", id=message["id"])
            if message["kind"] == "prompt" and code == "21610":
                await _tell_program(tx, message, now)


async def _expire(tx: Transaction, now: int) -> None:
    await tx.execute(
        """UPDATE outbox SET state = 'uncertain', due_at = :now, lease_until = :now
        WHERE state = 'sending' AND lease_until <= :now""",
        now=now,
    )


async def _put_off(tx: Transaction, row: str, until: int) -> None:
    await tx.execute(
        "UPDATE outbox SET state = 'queued', due_at = :until WHERE id = :id AND state = 'sending'", until=until, id=row
    )


async def _arrived(tx: Transaction, row: str, receipt: Receipt, now: int) -> None:
    after = "delivered" if receipt.state == "delivered" else "sent"
    before = "'queued', 'sending', 'uncertain'" + (", 'sent'" if after == "delivered" else "")
    moved = await tx.fetch(
        f"""UPDATE outbox SET state = :after, settled_at = :now,
        reference = CASE WHEN :reference = '' THEN reference ELSE :reference END
        WHERE id = :id AND tries > 0 AND state IN ({before}) RETURNING id, lane, kind""",  # noqa: S608 -- constants
        id=row,
        now=now,
        after=after,
        reference=receipt.reference,
    )
    for message in moved:
        if message["kind"] == "card":
            await tx.execute(
                """INSERT INTO posts (lane, reference) VALUES (:lane, :reference)
                ON CONFLICT (lane) DO UPDATE SET reference = excluded.reference""",
                lane=message["lane"],
                reference=receipt.reference,
            )
        if message["kind"] == "withdraw":
            await tx.execute("DELETE FROM posts WHERE lane = :lane", lane=message["lane"])
        if message["kind"] in TRACELESS:
            await tx.execute("DELETE FROM outbox WHERE id = :id", id=message["id"])


async def _follow_up(tx: Transaction, name: str, message: Row, values: Mapping[str, str], now: datetime) -> None:
    """What became of a message about a case, for its desk."""
    await tx.execute(
        """INSERT INTO followups (id, due_at, name, subject, jurisdiction, program, body)
        VALUES (:id, :now, :name, :subject, :jurisdiction, '', :body)""",
        id=new_id(milliseconds(now)),
        name=name,
        now=milliseconds(now),
        subject=message["case_id"],
        jurisdiction=message["jurisdiction"],
        body=json.dumps(dict(values)),
    )


async def _tell_program(tx: Transaction, message: Row, now: datetime) -> None:
    """The carrier says that a person has stopped texts."""
    await tx.execute(
        """INSERT INTO followups (id, due_at, name, subject, jurisdiction, program, body)
        SELECT :id, :now, CASE program WHEN 'enrolment' THEN 'training_blocked' ELSE 'exit_blocked' END,
        alias, jurisdiction, program, '{}' FROM conversations WHERE alias = :alias""",
        id=new_id(milliseconds(now)),
        now=milliseconds(now),
        alias=message["alias"],
    )


def _row(owed: Owed) -> dict[str, object]:
    return {"id": owed.outbound.attempt.partition("-")[0], "tries": owed.tries}


def _as_inbound(row: Row, now: datetime) -> Inbound:
    values = {**json.loads(row["body"]), "program": row["program"]}
    return Inbound(
        channel="timer",
        line=row["jurisdiction"],
        sender="",
        delivery=row["id"],
        received_at=now,
        kind="timer",
        name=row["name"],
        subject=row["subject"],
        values=values,
    )
