"""The store opened with its keys: what lies in it, for tests that count."""

from collections import defaultdict
from collections.abc import Mapping

from bot.service import Service
from storage.database import Row, Transaction

CASES = "SELECT id, jurisdiction, word, data_key FROM cases ORDER BY id"
ENTRIES = "SELECT id, body FROM entries WHERE case_id = :case AND kind IN ('report', 'answer') ORDER BY id"


async def stories(service: Service) -> Mapping[str, list[str]]:
    """What reporters said, by case word, oldest first."""

    async def work(tx: Transaction) -> dict[str, list[str]]:
        return {case["word"]: await _story(service, tx, case) for case in await tx.fetch(CASES)}

    return await service.database.read(work)


async def _story(service: Service, tx: Transaction, case: Row) -> list[str]:
    city, vault = case["jurisdiction"], service.vault
    key = vault.unwrap(case["data_key"], row=case["id"], jurisdiction=city)
    return [
        vault.open(row["body"], place="entries.body", row=row["id"], jurisdiction=city, key=key).decode()
        for row in await tx.fetch(ENTRIES, case=case["id"])
    ]


async def counts(service: Service) -> Mapping[str, int]:
    """How many rows each table has."""

    async def work(tx: Transaction) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for table in sorted(await tx.tables()):
            found[table] = (await tx.fetch(f"SELECT count(*) AS n FROM {table}"))[0]["n"]  # noqa: S608 -- our own names
        return found

    return await service.database.read(work)


async def everything(service: Service) -> bytes:
    """Every value of every table, as bytes: what a dump would hold."""

    async def work(tx: Transaction) -> bytes:
        tables = sorted(await tx.tables())
        rows = [row for table in tables for row in await tx.fetch(f"SELECT * FROM {table}")]  # noqa: S608
        return b"\n".join(_as_bytes(row[name]) for row in rows for name in row.keys())

    return await service.database.read(work)


def _as_bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
