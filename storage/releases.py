"""Releases of exit interviews: the stored answers by batch, what is out already, and the noting of one more."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from handlers import calendar
from handlers.exits.interviews import PROGRAM
from handlers.jurisdiction import Jurisdiction
from handlers.release.published import Release, from_json
from handlers.release.quarterly import Person
from handlers.release.response import Dispositions
from storage import audit, exit_lock, responses
from storage.database import Row, Transaction
from storage.ids import milliseconds, new_id
from storage.scene import Region
from storage.vault import Vault

EVER = ("0000Q1", "9999Q4")


@dataclass(frozen=True, slots=True)
class Stored:
    """A release that is out; `body` is its report's content as plain JSON values, "release" among them."""

    city: str
    quarter: str
    digest: str
    body: Mapping[str, Any]

    @property
    def release(self) -> Release:
        """The figures that went out."""
        return from_json(self.body["release"])


@dataclass(frozen=True, slots=True)
class Material:
    """All that a release is made of: everybody's answers, what is out (earliest first), who has quarters to come."""

    people: tuple[Person, ...]
    released: tuple[Stored, ...]
    unlocked: Mapping[str, frozenset[str]]

    def all_locked(self, city: str, quarters: Iterable[str]) -> bool:
        """Whether nothing more comes to those quarters of a city, but what is late."""
        return self.unlocked[city].isdisjoint(quarters)


async def gather(tx: Transaction, vault: Vault, region: Region, now: datetime, quarters: Iterable[str]) -> Material:
    """Give what was locked since the last time its batch, and read everything; `quarters` are asked for being locked.

    Tables of counts, where a row stands for many people, are left out: whether two rows count the same person, nobody
    knows.
    """
    await tx.lock("releases")
    wanted, people, unlocked = tuple(quarters), [], {}
    for city in employers(region):
        await _give_batches(tx, city, now)
        unlocked[city.key] = frozenset([one for one in wanted if not await _is_locked(tx, city, one, now)])
        stored = await responses.read(tx, vault, city.key, *EVER)
        tables = {one.source for one in stored if one.weight > 1}
        people += [_person(city.key, one) for one in stored if one.batch and one.source not in tables]
    return Material(tuple(people), await read(tx, vault), unlocked)


def employers(region: Region) -> list[Jurisdiction]:
    """The cities that have exit interviews."""
    return [city for city in region.jurisdictions.values() if any(line.program == PROGRAM for line in city.lines)]


async def read(tx: Transaction, vault: Vault, city: str = "") -> tuple[Stored, ...]:
    """What is out, of one city or of all, earliest first."""
    rows = await tx.fetch(
        "SELECT * FROM releases WHERE :city IN ('', jurisdiction) ORDER BY quarter, at, id", city=city
    )
    return tuple(_stored(vault, row) for row in rows)


async def store(
    tx: Transaction,
    vault: Vault,
    city: str,
    quarter: str,
    body: Mapping[str, Any],
    *,
    digest: str,
    known: int,
    actor: str,
    now: datetime,
) -> bool:
    """Note that a release goes out; False if others went out since the `known` ones that it was held against."""
    await tx.lock("releases")
    if (await tx.fetch("SELECT count(*) AS n FROM releases"))[0]["n"] != known:
        return False
    at = milliseconds(now)
    row = new_id(at)
    plain = json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
    await tx.execute(
        """INSERT INTO releases (id, jurisdiction, quarter, at, actor, digest, body)
        VALUES (:id, :city, :quarter, :at, :actor, :digest, :body)""",
        id=row,
        city=city,
        quarter=quarter,
        at=at,
        actor=actor,
        digest=digest,
        body=vault.seal(plain, place="releases.body", row=row, jurisdiction=city),
    )
    for employer, batch in _batches(from_json(body["release"])):
        await tx.execute(
            """INSERT INTO released_batches (jurisdiction, batch) VALUES (:city, :batch) ON CONFLICT DO NOTHING""",
            city=employer,
            batch=batch,
        )
    detail = f"{quarter} {digest}"
    await audit.append(
        tx, vault, jurisdiction=city, at_ms=at, actor=actor, action="released", subject=row, detail=detail
    )
    return True


async def dispositions(tx: Transaction, city: str, quarters: Iterable[str]) -> Dispositions | None:
    """What became of the invitations of some quarters together; None where none was locked."""
    found = [await exit_lock.dispositions(tx, city, quarter) for quarter in quarters]
    counted = [astuple(one) for one in found if one is not None]
    return Dispositions(*map(sum, zip(*counted, strict=True))) if counted else None


async def _give_batches(tx: Transaction, city: Jurisdiction, now: datetime) -> None:
    """What comes to a quarter after its first batch is late, and gets a batch of its own."""
    fresh = await tx.fetch(
        "SELECT DISTINCT quarter FROM responses WHERE jurisdiction = :city AND batch = '' ORDER BY quarter",
        city=city.key,
    )
    for quarter in [row["quarter"] for row in fresh]:
        if not await _is_locked(tx, city, quarter, now):
            continue
        before = await tx.fetch(
            """SELECT DISTINCT batch FROM responses
            WHERE jurisdiction = :city AND quarter = :quarter AND batch <> ''""",
            city=city.key,
            quarter=quarter,
        )
        await tx.execute(
            """UPDATE responses SET batch = :batch
            WHERE jurisdiction = :city AND quarter = :quarter AND batch = ''""",
            batch=f"{quarter}+{len(before)}" if before else quarter,
            city=city.key,
            quarter=quarter,
        )


async def _is_locked(tx: Transaction, city: Jurisdiction, quarter: str, now: datetime) -> bool:
    if quarter >= calendar.quarter(city, now):
        return False
    found = await tx.fetch(
        "SELECT id FROM waves WHERE jurisdiction = :city AND quarter = :quarter AND state <> 'locked' LIMIT 1",
        city=city.key,
        quarter=quarter,
    )
    return not found


def _person(city: str, one: responses.Response) -> Person:
    return Person(city, one.batch, one.answers, one.comparable)


def _stored(vault: Vault, row: Row) -> Stored:
    sealed = vault.open(row["body"], place="releases.body", row=row["id"], jurisdiction=row["jurisdiction"])
    return Stored(row["jurisdiction"], row["quarter"], row["digest"], json.loads(sealed))


def _batches(released: Release) -> set[tuple[str, str]]:
    """Which batches of which employer a release tells of."""
    whose = [(table.crossing.employers, table.crossing.batches) for table in released.tables]
    whose += [(band.region["employer"], band.region["batch"]) for band in released.bands]
    return {(city, batch) for cities, batches in whose for city in cities for batch in batches}
