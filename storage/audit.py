"""A city's chained record: append-only, each line bound to the one before by a keyed hash, checked by `verify`."""

import json

from storage.database import Database, Row, Transaction
from storage.vault import Vault

PAGE = 1000
FIELDS = ("jurisdiction", "sequence", "at", "actor", "action", "subject", "detail")
BROKEN = "broken"

END = """SELECT (SELECT sequence FROM audit_heads WHERE jurisdiction = :jurisdiction) AS head_sequence,
    (SELECT digest FROM audit_heads WHERE jurisdiction = :jurisdiction) AS head,
    (SELECT max(sequence) FROM audit WHERE jurisdiction = :jurisdiction) AS sequence,
    (SELECT digest FROM audit WHERE jurisdiction = :jurisdiction ORDER BY sequence DESC LIMIT 1) AS digest"""


async def append(
    tx: Transaction,
    vault: Vault,
    *,
    jurisdiction: str,
    at_ms: int,
    actor: str,
    action: str,
    subject: str = "",
    detail: str = "",
) -> None:
    """Add one line; appends to one city's chain wait for each other.

    A chain that was tampered with is still appended to, for a tip must not be refused, but never mended: the new line
    says that what stood before it did not hold.
    """
    await tx.lock(f"audit/{jurisdiction}")
    end = (await tx.fetch(END, jurisdiction=jurisdiction))[0]
    sequence = max(end["head_sequence"] or 0, end["sequence"] or 0) + 1
    line = {
        "jurisdiction": jurisdiction,
        "sequence": sequence,
        "at": at_ms,
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": detail,
        "previous": (end["digest"] or "") if _holds(vault, jurisdiction, end) else BROKEN,
    }
    digest = _digest(vault, line)
    await tx.execute(
        """INSERT INTO audit (jurisdiction, sequence, at, actor, action, subject, detail, previous, digest)
        VALUES (:jurisdiction, :sequence, :at, :actor, :action, :subject, :detail, :previous, :digest)""",
        digest=digest,
        **line,
    )
    await tx.execute(
        """INSERT INTO audit_heads (jurisdiction, sequence, digest) VALUES (:jurisdiction, :sequence, :digest)
        ON CONFLICT (jurisdiction) DO UPDATE SET sequence = excluded.sequence, digest = excluded.digest""",
        jurisdiction=jurisdiction,
        sequence=sequence,
        digest=_head(vault, jurisdiction, sequence, digest),
    )


async def verify(database: Database, vault: Vault) -> list[str]:
    """The first fault of each city's chain, in words; empty when all hold.

    Whoever can write to the database but lacks the key cannot change, remove, insert or reorder a line, nor cut the
    end off, unseen. An older copy of the whole put back goes unseen: only a head noted elsewhere would show that.
    """
    cities = await database.read(
        lambda tx: tx.fetch("SELECT jurisdiction FROM audit_heads UNION SELECT jurisdiction FROM audit ORDER BY 1")
    )
    faults = [await _verify_chain(database, vault, city["jurisdiction"]) for city in cities]
    return [fault for fault in faults if fault]


async def _verify_chain(database: Database, vault: Vault, city: str) -> str:
    sequence, digest = 0, ""
    while True:
        page, end = await _page(database, city, sequence)
        if not page:
            return "" if _holds(vault, city, end) else f"{city}: the end of the chain was cut off or changed"
        for row in page:
            if row["sequence"] != sequence + 1:
                return f"{city}: entry {sequence + 1} is missing"
            if row["previous"] != digest or row["digest"] != _digest(vault, row):
                return f"{city}: entry {row['sequence']} was changed, or does not follow the one before"
            sequence, digest = row["sequence"], row["digest"]


async def _page(database: Database, city: str, after: int) -> tuple[list[Row], Row]:
    """The next lines, and the chain's end at the same instant, since it may grow meanwhile."""

    async def work(tx: Transaction) -> tuple[list[Row], Row]:
        lines = await tx.fetch(
            "SELECT * FROM audit WHERE jurisdiction = :city AND sequence > :after ORDER BY sequence LIMIT :page",
            city=city,
            after=after,
            page=PAGE,
        )
        return lines, (await tx.fetch(END, jurisdiction=city))[0]

    return await database.read(work)


def _holds(vault: Vault, city: str, end: Row) -> bool:
    """Whether the head is the one that was written with the last line."""
    if end["sequence"] is None:
        return end["head_sequence"] is None
    expected = (end["sequence"], _head(vault, city, end["sequence"], end["digest"]))
    return (end["head_sequence"], end["head"]) == expected


def _head(vault: Vault, city: str, sequence: int, digest: str) -> str:
    """Keyed apart from the lines, so that no line tells what a shorter chain's head would be."""
    return vault.fingerprint("audit-head", city, str(sequence), digest)


def _digest(vault: Vault, line: Row) -> str:
    return vault.fingerprint("audit", str(line["previous"]), json.dumps([line[name] for name in FIELDS]))
