"""A database is brought to the newest schema whole, or not at all; one it does not know is refused in words."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import open_database
from storage.database import Database, Refused
from storage.migrate import migrate, pending, require_current

FIRST = """-- A comment's apostrophe; and a semicolon, and a :name.
CREATE TABLE ones (id TEXT PRIMARY KEY, words TEXT NOT NULL DEFAULT 'a;b -- c');
/* Another; one. */
INSERT INTO ones (id) VALUES ('x;y'); -- at the end
CREATE INDEX ones_words ON ones (words) WHERE words <> ';';
-- the end
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "migrations"
    made.mkdir()
    (made / "0001_first.sql").write_text(FIRST)
    return made


@pytest.fixture
async def empty(bare_url: str) -> AsyncIterator[Database]:
    database = await open_database(bare_url)
    yield database
    await database.close()


async def tables(database: Database) -> frozenset[str]:
    return await database.read(lambda tx: tx.tables())


async def test_each_file_is_applied_once_and_in_order(empty: Database, folder: Path) -> None:
    assert await pending(empty, folder) == ["0001_first"]
    assert await migrate(empty, folder) == ["0001_first"]
    (folder / "0003_third.sql").write_text("ALTER TABLE twos ADD COLUMN more TEXT;")
    (folder / "0002_second.sql").write_text("CREATE TABLE twos (id TEXT PRIMARY KEY);")
    assert await migrate(empty, folder) == ["0002_second", "0003_third"]
    assert await migrate(empty, folder) == []
    assert await pending(empty, folder) == []
    rows = await empty.read(lambda tx: tx.fetch("SELECT id, words FROM ones"))
    assert [dict(row) for row in rows] == [{"id": "x;y", "words": "a;b -- c"}]


async def test_a_file_that_fails_leaves_nothing_of_itself(empty: Database, folder: Path) -> None:
    (folder / "0002_second.sql").write_text("CREATE TABLE twos (id TEXT);\nINSERT INTO nowhere VALUES (1);")
    with pytest.raises(Exception, match=r"nowhere|Undefined"):
        await migrate(empty, folder)
    assert await tables(empty) == {"ones", "schema_migrations"}
    assert await pending(empty, folder) == ["0002_second"]


async def test_an_unmigrated_database_names_the_command(empty: Database, folder: Path) -> None:
    with pytest.raises(Refused, match="python -m bot migrate"):
        await require_current(empty, folder)
    await migrate(empty, folder)
    await require_current(empty, folder)


async def test_a_file_changed_after_it_was_applied_is_refused(empty: Database, folder: Path) -> None:
    await migrate(empty, folder)
    (folder / "0001_first.sql").write_text(FIRST + "-- one more word\n")
    for verb in (migrate, pending, require_current):
        with pytest.raises(Refused, match="0001_first was changed"):
            await verb(empty, folder)


async def test_a_database_of_a_newer_program_is_refused(empty: Database, folder: Path) -> None:
    (folder / "0002_second.sql").write_text("CREATE TABLE twos (id TEXT);")
    await migrate(empty, folder)
    (folder / "0002_second.sql").unlink()
    with pytest.raises(Refused, match="newer than this program"):
        await migrate(empty, folder)


async def test_a_database_with_a_gap_is_refused(empty: Database, folder: Path) -> None:
    (folder / "0002_second.sql").write_text("CREATE TABLE twos (id TEXT);")
    await migrate(empty, folder)
    await empty.transact(lambda tx: tx.execute("DELETE FROM schema_migrations WHERE number = 1"))
    with pytest.raises(Refused, match="half migrated"):
        await migrate(empty, folder)


async def test_a_database_of_something_else_is_refused(empty: Database, folder: Path) -> None:
    await empty.transact(lambda tx: tx.execute("CREATE TABLE strange (id TEXT)"))
    with pytest.raises(Refused, match="no note of migrations"):
        await migrate(empty, folder)
    assert await tables(empty) == {"strange"}


async def test_replicas_that_start_at_once_migrate_once(empty: Database, folder: Path) -> None:
    done = await asyncio.gather(*[migrate(empty, folder) for _ in range(4)])
    assert sorted(map(len, done)) == [0, 0, 0, 1]


async def test_the_real_schema_is_the_same_program_on_both_databases(empty: Database) -> None:
    applied = await migrate(empty)
    assert applied[0] == "0001_initial"
    assert await tables(empty) >= {"inbox", "outbox", "cases", "audit", "schema_migrations"}
    assert await empty.integrity() == []
