"""Keeps answers without persons: each sealed, dated by the quarter only, and taken in or undone by the file."""

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from handlers.surveys.answers import Answered, Comparable
from storage import audit
from storage.database import Refused, Row, Transaction
from storage.ids import LETTERS
from storage.vault import Vault

INTERVIEW = "interview"
IMPORT = "import:"
BATCH = 250

Count = Callable[[int, int], None]

COLUMNS = ("id", "jurisdiction", "questionnaire", "quarter", "source", "late", "weight", "body")
INSERT = f"INSERT INTO responses ({', '.join(COLUMNS)}) VALUES "  # noqa: S608 -- made of constants


@dataclass(frozen=True, slots=True)
class Response:
    """What was kept, as in Answered. `source` is "interview", or "import:" and the import; `batch` see releases.py."""

    questionnaire: str
    quarter: str
    source: str
    late: bool
    weight: int
    answers: Mapping[str, str]
    comparable: Mapping[str, Comparable]
    batch: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """A file that was taken in: when (milliseconds), by whom, and how many responses it gave; undone_at if it was."""

    id: str
    jurisdiction: str
    at: int
    actor: str
    rows: int
    undone_at: int | None


async def add(
    tx: Transaction,
    vault: Vault,
    jurisdiction: str,
    questionnaire: str,
    quarter: str,
    answers: Mapping[str, str],
    *,
    source: str = INTERVIEW,
    late: bool = False,
    weight: int = 1,
) -> None:
    """Keep one response. Who adds many at once should shuffle them: databases tell the order of writing."""
    given = Answered(quarter, answers, weight)
    await _insert(tx, [_row(vault, jurisdiction, questionnaire, given, source, late)])


async def add_import(
    tx: Transaction,
    vault: Vault,
    jurisdiction: str,
    questionnaire: str,
    responses: Iterable[Answered],
    *,
    digest: str,
    actor: str,
    at_ms: int,
    count: Count = lambda done, total: None,
    id: str = "",
) -> str:
    """Keep all responses of a file in an order of chance; the import's id, by which it can be undone.

    `digest` is a hash of the file; Refused if that file is in already. `id` is made by chance, if none is given.
    `count` hears how many are kept, of how many.
    """
    given = list(responses)
    secrets.SystemRandom().shuffle(given)
    await tx.lock(f"imports/{jurisdiction}")
    row = await _open_import(tx, vault, jurisdiction, digest, actor, at_ms, len(given), id)
    for start in range(0, len(given), BATCH):
        batch = given[start : start + BATCH]
        await _insert(tx, [_row(vault, jurisdiction, questionnaire, one, IMPORT + row, False) for one in batch])
        count(start + len(batch), len(given))
    await _record(tx, vault, jurisdiction, at_ms, actor, "responses_imported", row, len(given))
    return row


async def known(tx: Transaction, vault: Vault, jurisdiction: str, digest: str) -> str:
    """The import by which a file is in already; empty if it is not."""
    found = await tx.fetch(
        "SELECT id FROM imports WHERE jurisdiction = :jurisdiction AND digest = :digest AND undone_at IS NULL",
        jurisdiction=jurisdiction,
        digest=vault.fingerprint("import", jurisdiction, digest),
    )
    return str(found[0]["id"]) if found else ""


async def undo_import(
    tx: Transaction, vault: Vault, jurisdiction: str, import_id: str, *, actor: str, at_ms: int
) -> int:
    """Take all responses of an import away again; how many.

    Refused if the city has no such import, or not any more, or if a release tells of it.
    """
    await tx.lock("releases")
    if import_id in await released_imports(tx):
        raise Refused("A report that is out tells of these answers; they cannot be taken away any more.")
    changed = await tx.execute(
        """UPDATE imports SET undone_at = :at
        WHERE id = :id AND jurisdiction = :jurisdiction AND undone_at IS NULL""",
        at=at_ms,
        id=import_id,
        jurisdiction=jurisdiction,
    )
    if not changed:
        raise Refused(f"{jurisdiction} has no import {import_id} that could be undone.")
    gone = await tx.execute("DELETE FROM responses WHERE source = :source", source=IMPORT + import_id)
    await _record(tx, vault, jurisdiction, at_ms, actor, "import_undone", import_id, gone)
    return gone


async def released_imports(tx: Transaction) -> frozenset[str]:
    """The imports that a release tells of."""
    rows = await tx.fetch(
        """SELECT DISTINCT r.source FROM responses r JOIN released_batches b
        ON b.jurisdiction = r.jurisdiction AND b.batch = r.batch WHERE r.source <> :interview""",
        interview=INTERVIEW,
    )
    return frozenset(row["source"].removeprefix(IMPORT) for row in rows)


async def listing(tx: Transaction, jurisdiction: str = "") -> tuple[Import, ...]:
    """Imports of one city, or of all, oldest first; those that were undone, too."""
    rows = await tx.fetch(
        "SELECT * FROM imports WHERE :jurisdiction IN ('', jurisdiction) ORDER BY at, id", jurisdiction=jurisdiction
    )
    return tuple(
        Import(row["id"], row["jurisdiction"], row["at"], row["actor"], row["rows"], row["undone_at"]) for row in rows
    )


async def read(
    tx: Transaction, vault: Vault, jurisdiction: str, since_quarter: str, until_quarter: str
) -> list[Response]:
    """A city's responses of those quarters, first and last included, in an order of chance that stays the same."""
    rows = await tx.fetch(
        """SELECT * FROM responses WHERE jurisdiction = :jurisdiction AND quarter BETWEEN :since AND :until
        ORDER BY id""",
        jurisdiction=jurisdiction,
        since=since_quarter,
        until=until_quarter,
    )
    return [_as_response(row, vault) for row in rows]


def _row(
    vault: Vault, jurisdiction: str, questionnaire: str, given: Answered, source: str, late: bool
) -> dict[str, object]:
    row = secrets.token_hex(16)
    body = {"answers": dict(given.answers), **({"comparable": dict(given.comparable)} if given.comparable else {})}
    plain = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return {
        "id": row,
        "jurisdiction": jurisdiction,
        "questionnaire": questionnaire,
        "quarter": given.quarter,
        "source": source,
        "late": int(late),
        "weight": given.weight,
        "body": vault.seal(plain, place="responses.body", row=row, jurisdiction=jurisdiction),
    }


async def _insert(tx: Transaction, rows: Sequence[Mapping[str, object]]) -> None:
    """Many rows in one statement: a server is asked once for all of them."""
    places = (f"({', '.join(f':{name}_{at}' for name in COLUMNS)})" for at in range(len(rows)))
    values = {f"{name}_{at}": row[name] for at, row in enumerate(rows) for name in COLUMNS}
    await tx.execute(INSERT + ", ".join(places), **values)


async def _open_import(
    tx: Transaction, vault: Vault, jurisdiction: str, digest: str, actor: str, at_ms: int, rows: int, id: str
) -> str:
    if found := await known(tx, vault, jurisdiction, digest):
        raise Refused(f"This file is in already, as import {found}; undo that one first.")
    row = id or "".join(secrets.choice(LETTERS) for _ in range(8)).lower()
    await tx.execute(
        """INSERT INTO imports (id, jurisdiction, at, actor, digest, rows)
        VALUES (:id, :jurisdiction, :at, :actor, :digest, :rows)""",
        id=row,
        jurisdiction=jurisdiction,
        at=at_ms,
        actor=actor,
        digest=vault.fingerprint("import", jurisdiction, digest),
        rows=rows,
    )
    return row


async def _record(
    tx: Transaction, vault: Vault, jurisdiction: str, at_ms: int, actor: str, action: str, subject: str, rows: int
) -> None:
    await audit.append(
        tx,
        vault,
        jurisdiction=jurisdiction,
        at_ms=at_ms,
        actor=actor,
        action=action,
        subject=subject,
        detail=f"{rows} responses",
    )


def _as_response(row: Row, vault: Vault) -> Response:
    sealed = vault.open(row["body"], place="responses.body", row=row["id"], jurisdiction=row["jurisdiction"])
    body = json.loads(sealed)
    return Response(
        questionnaire=row["questionnaire"],
        quarter=row["quarter"],
        source=row["source"],
        late=bool(row["late"]),
        weight=row["weight"],
        answers=body["answers"],
        comparable=body.get("comparable", {}),
        batch=row["batch"],
    )
