"""A copy of a running database is sealed, whole, and put back without a message ever being sent again."""

import asyncio
from pathlib import Path

import pytest

from storage import audit, open_database
from storage.backup import backup, restore
from storage.database import Database, Refused, Transaction
from storage.migrate import require_current
from storage.vault import Keys, Vault
from tests.databases import WITHOUT_TABLES, new_url

STATES = ("queued", "sending", "uncertain", "sent", "delivered", "failed")
CANARY = "canary-that-lies-in-the-clear"


@pytest.fixture
async def filled(database: Database, vault: Vault) -> Database:
    """A message in each state, two lines of audit, and something recognisable."""

    async def work(tx: Transaction) -> None:
        for state in STATES:
            await tx.execute(
                """INSERT INTO outbox (id, lane, kind, state, due_at, tries, created_at, lease_until, jurisdiction,
                channel, alias, case_id, message, reference, code, body)
                VALUES (:state, :state, 'reply', :state, 1, 1, 1, 1, 'independence', '', '', '', '', '', '', :body)""",
                state=state,
                body=bytes(2000),
            )
        await tx.execute("INSERT INTO marks (name, at) VALUES (:name, 1)", name=CANARY)
        for _ in range(2):
            await audit.append(tx, vault, jurisdiction="independence", at_ms=1, actor="a", action="viewed")

    await database.transact(work)
    return database


@pytest.fixture
async def sealed(url: str, filled: Database, vault: Vault, tmp_path: Path) -> Path:
    destination = tmp_path / "copies" / "one.backup"
    await backup(url, vault, destination)
    return destination


def content(path: Path) -> bytes:
    return path.read_bytes()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


async def states(database: Database) -> dict[str, str]:
    rows = await database.read(lambda tx: tx.fetch("SELECT id, state FROM outbox"))
    return {row["id"]: row["state"] for row in rows}


async def test_a_restored_database_is_whole_and_holds_what_was_owed(
    url: str, sealed: Path, vault: Vault, tmp_path: Path
) -> None:
    async with new_url(url.split(":")[0], tmp_path / "elsewhere", WITHOUT_TABLES) as other:
        assert await restore(other, vault, sealed) == 3
        database = await open_database(other)
        await require_current(database)
        doubtful = dict.fromkeys(("queued", "sending", "uncertain"), "uncertain")
        assert await states(database) == {state: state for state in STATES} | doubtful
        assert await database.integrity() == []
        assert await audit.verify(database, vault) == []
        await database.close()
        if other.startswith("sqlite"):
            assert names(tmp_path / "elsewhere") == {"bot.db", "bot.db.lock"}


async def test_a_copy_shows_nothing_without_the_key_and_leaves_nothing_beside_it(sealed: Path) -> None:
    held = content(sealed)
    assert CANARY.encode() not in held and b"outbox" not in held
    assert names(sealed.parent) == {sealed.name}


async def test_a_copy_taken_while_turns_are_taken_is_of_one_instant(
    url: str, filled: Database, vault: Vault, tmp_path: Path
) -> None:
    """Each turn writes a row in two tables; the copy has both or neither."""
    stopping = asyncio.Event()

    async def write(writer: int) -> int:
        number = 0
        while not stopping.is_set():
            number += 1
            await filled.transact(lambda tx, row=f"{writer}-{number}": _pair(tx, row))  # type: ignore[misc]
        return number

    writers = [asyncio.create_task(write(writer)) for writer in range(4)]
    await backup(url, vault, tmp_path / "busy.backup")
    stopping.set()
    assert min(await asyncio.gather(*writers)) > 1
    async with new_url(url.split(":")[0], tmp_path / "elsewhere", WITHOUT_TABLES) as other:
        await restore(other, vault, tmp_path / "busy.backup")
        database = await open_database(other, readonly=True)
        posts = await database.read(lambda tx: tx.fetch("SELECT lane AS id FROM posts"))
        marks = await database.read(lambda tx: tx.fetch("SELECT name AS id FROM marks WHERE name <> :c", c=CANARY))
        assert {row["id"] for row in posts} == {row["id"] for row in marks}
        await database.close()


async def _pair(tx: Transaction, row: str) -> None:
    await tx.execute("INSERT INTO posts (lane, reference) VALUES (:row, '')", row=row)
    await tx.execute("INSERT INTO marks (name, at) VALUES (:row, 2)", row=row)


async def test_progress_is_heard_to_the_end(url: str, filled: Database, vault: Vault, tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    await backup(url, vault, tmp_path / "one.backup", lambda *step: heard.append(step))
    assert list(dict.fromkeys(step for step, _, _ in heard)) == ["copying", "sealing", "checking"]
    assert heard[-1][1] == heard[-1][2]


async def test_an_existing_file_is_not_overwritten(url: str, sealed: Path, vault: Vault) -> None:
    before = content(sealed)
    with pytest.raises(Refused, match="exists already"):
        await backup(url, vault, sealed)
    assert content(sealed) == before


async def test_an_existing_database_is_not_overwritten(url: str, sealed: Path, filled: Database, vault: Vault) -> None:
    with pytest.raises(Refused, match="already"):
        await restore(url, vault, sealed)
    assert await states(filled) == {state: state for state in STATES}


async def test_a_log_of_another_database_is_not_played_into_the_restored_one(
    tmp_path: Path, vault: Vault, sealed: Path
) -> None:
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / "bot.db-wal").write_bytes(b"")
    with pytest.raises(Refused, match="wal exists already"):
        await restore(f"sqlite:///{tmp_path}/gone/bot.db", vault, sealed)


async def test_a_copy_of_another_key_is_refused_and_leaves_nothing(url: str, sealed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    async with new_url(url.split(":")[0], folder, WITHOUT_TABLES) as other:
        with pytest.raises(Refused, match="another key"):
            await restore(other, Vault(Keys(1, {1: bytes(32)})), sealed)
        assert names(folder) == set()
        if not other.startswith("sqlite"):
            database = await open_database(other, readonly=True)
            assert await database.read(lambda tx: tx.tables()) == frozenset()
            await database.close()


async def test_a_copy_of_the_other_kind_of_database_is_refused(
    url: str, sealed: Path, vault: Vault, tmp_path: Path
) -> None:
    other = "postgresql" if url.startswith("sqlite") else "sqlite"
    async with new_url(other, tmp_path / "elsewhere", WITHOUT_TABLES) as elsewhere:
        with pytest.raises(Refused, match="other kind"):
            await restore(elsewhere, vault, sealed)
