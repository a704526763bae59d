"""The audit chain shows every change that somebody without the key could make."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from storage import audit
from storage.database import Database, Transaction
from storage.vault import Keys, Vault

CITY = "independence"


async def append(database: Database, vault: Vault, city: str = CITY, action: str = "viewed") -> None:
    async def work(tx: Transaction) -> None:
        await audit.append(tx, vault, jurisdiction=city, at_ms=1_700_000_000_000, actor="staff-1", action=action)

    await database.transact(work)


async def change(database: Database, *statements: str) -> None:
    async def work(tx: Transaction) -> None:
        for statement in statements:
            await tx.execute(statement)

    await database.transact(work)


@pytest.fixture
async def chained(database: Database, vault: Vault) -> AsyncIterator[Database]:
    """Two cities, five entries each."""
    for number in range(5):
        await append(database, vault, action=f"act {number}")
        await append(database, vault, "lees_summit")
    yield database


async def test_an_untouched_chain_has_no_faults(chained: Database, vault: Vault) -> None:
    assert await audit.verify(chained, vault) == []


async def test_appends_at_one_instant_make_one_chain(database: Database, vault: Vault) -> None:
    await asyncio.gather(*[append(database, vault, city) for city in (CITY, "lees_summit") * 40])
    rows = await database.read(lambda tx: tx.fetch("SELECT sequence FROM audit WHERE jurisdiction = :c", c=CITY))
    assert sorted(row["sequence"] for row in rows) == list(range(1, 41))
    assert await audit.verify(database, vault) == []


@pytest.mark.parametrize(
    "statements",
    [
        ("UPDATE audit SET actor = 'x' WHERE sequence = 3",),
        ("UPDATE audit SET action = 'x' WHERE sequence = 3",),
        ("UPDATE audit SET subject = 'x' WHERE sequence = 3",),
        ("UPDATE audit SET detail = 'x' WHERE sequence = 3",),
        ("UPDATE audit SET at = at + 1 WHERE sequence = 3",),
        ("UPDATE audit SET digest = 'x' WHERE sequence = 5",),
        ("UPDATE audit SET previous = 'x' WHERE sequence = 3",),
        ("DELETE FROM audit WHERE sequence = 3",),
        ("DELETE FROM audit WHERE sequence = 1",),
        ("DELETE FROM audit",),
        ("DELETE FROM audit_heads",),
        ("UPDATE audit_heads SET digest = 'x'",),
        ("UPDATE audit_heads SET sequence = 4",),
        ("DELETE FROM audit WHERE sequence = 3", "UPDATE audit SET sequence = sequence - 1 WHERE sequence > 3"),
        (
            "UPDATE audit SET sequence = 99 WHERE sequence = 2",
            "UPDATE audit SET sequence = 2 WHERE sequence = 3",
            "UPDATE audit SET sequence = 3 WHERE sequence = 99",
        ),
        (
            """INSERT INTO audit SELECT jurisdiction, 6, at, actor, action, subject, detail, digest, digest
            FROM audit WHERE sequence = 5""",
            "UPDATE audit_heads SET sequence = 6",
        ),
        (
            "DELETE FROM audit WHERE sequence > 3",
            """UPDATE audit_heads SET sequence = 3, digest = (
            SELECT digest FROM audit a WHERE a.jurisdiction = audit_heads.jurisdiction AND a.sequence = 3)""",
        ),
        (
            """UPDATE audit_heads SET sequence = 3, digest = (
            SELECT previous FROM audit a WHERE a.jurisdiction = audit_heads.jurisdiction AND a.sequence = 4)""",
            "DELETE FROM audit WHERE sequence > 3",
        ),
    ],
)
@pytest.mark.parametrize("scheme", ["sqlite"])
async def test_tampering_shows_in_every_city_it_touched_and_appending_does_not_mend_it(
    chained: Database, vault: Vault, statements: tuple[str, ...]
) -> None:
    await change(chained, *statements)
    faults = await audit.verify(chained, vault)
    assert [fault.split(":")[0] for fault in faults] == [CITY, "lees_summit"]
    await append(chained, vault)
    await append(chained, vault, "lees_summit")
    assert len(await audit.verify(chained, vault)) == 2


async def test_a_fault_names_the_place_in_words(chained: Database, vault: Vault) -> None:
    await change(chained, "DELETE FROM audit WHERE sequence = 3 AND jurisdiction = 'independence'")
    assert await audit.verify(chained, vault) == ["independence: entry 3 is missing"]


async def test_an_entry_moved_to_another_city_shows(chained: Database, vault: Vault) -> None:
    await change(
        chained,
        "DELETE FROM audit WHERE jurisdiction = 'lees_summit'",
        "DELETE FROM audit_heads WHERE jurisdiction = 'lees_summit'",
        "UPDATE audit SET jurisdiction = 'lees_summit'",
        "UPDATE audit_heads SET jurisdiction = 'lees_summit'",
    )
    assert [fault.split(":")[0] for fault in await audit.verify(chained, vault)] == ["lees_summit"]


async def test_a_chain_forged_with_another_key_shows(chained: Database, vault: Vault) -> None:
    await change(chained, "DELETE FROM audit", "DELETE FROM audit_heads")
    for _ in range(5):
        await append(chained, Vault(Keys(1, {1: bytes(32)})))
    assert len(await audit.verify(chained, vault)) == 1


async def test_entries_added_while_the_chain_is_verified_are_no_faults(database: Database, vault: Vault) -> None:
    for _ in range(10):
        await append(database, vault)
    *_, faults = await asyncio.gather(*[append(database, vault) for _ in range(20)], audit.verify(database, vault))
    assert faults == []
