"""What every driver promises, on a real SQLite file and a real PostgreSQL server."""

import asyncio
import logging
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from storage import open_database
from storage.database import Busy, Database, Refused, Transaction
from storage.sqlite import QUEUE, Sqlite, Suspended
from tests.databases import WITHOUT_TABLES, new_url

REFUSED_WRITES = (sqlite3.OperationalError, asyncpg.ReadOnlySQLTransactionError)
OPEN = "import asyncio, sys; from storage import open_database; asyncio.run(open_database(sys.argv[1]))"


class Spoiled(Exception):
    """Raised inside work, to see that it is undone."""


@asynccontextmanager
async def opened(url: str, *, readonly: bool = False) -> AsyncIterator[Database]:
    database = await open_database(url, readonly=readonly)
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def empty(bare_url: str) -> AsyncIterator[Database]:
    """A database with three small tables."""
    async with opened(bare_url) as database:
        await database.transact(_tables)
        yield database


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Sqlite]:
    database = await Sqlite.open(tmp_path / "folder" / "bot.db")
    await database.transact(_tables)
    yield database
    await database.close()


async def _tables(tx: Transaction) -> None:
    await tx.execute("CREATE TABLE ones (id TEXT PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0, body BYTEA)")
    await tx.execute("CREATE TABLE others (id TEXT PRIMARY KEY)")
    await tx.execute("CREATE TABLE children (id TEXT PRIMARY KEY, parent TEXT REFERENCES ones (id))")


async def add(tx: Transaction, row: str, n: int = 0) -> int:
    return await tx.execute("INSERT INTO ones (id, n) VALUES (:id, :n) ON CONFLICT (id) DO NOTHING", id=row, n=n)


async def ids(database: Database, table: str = "ones") -> set[str]:
    found = await database.read(lambda tx: tx.fetch(f"SELECT id FROM {table}"))  # noqa: S608
    return {row["id"] for row in found}


async def test_work_that_ends_is_kept_and_work_that_fails_is_undone(empty: Database) -> None:
    async def spoiled(tx: Transaction) -> None:
        await add(tx, "lost")
        raise Spoiled

    assert await empty.transact(lambda tx: add(tx, "kept")) == 1
    with pytest.raises(Spoiled):
        await empty.transact(spoiled)
    assert await ids(empty) == {"kept"}


async def test_of_turns_that_wait_together_only_the_failing_ones_are_undone(empty: Database) -> None:
    async def work(tx: Transaction, number: int) -> None:
        await add(tx, str(number))
        if number % 7 == 0:
            raise Spoiled

    turns = [empty.transact(lambda tx, n=number: work(tx, n)) for number in range(100)]  # type: ignore[misc]
    ends = await asyncio.gather(*turns, return_exceptions=True)
    assert [isinstance(end, Spoiled) for end in ends] == [number % 7 == 0 for number in range(100)]
    assert await ids(empty) == {str(number) for number in range(100) if number % 7}


async def test_a_cancelled_caller_neither_undoes_the_work_nor_disturbs_others(bare_url: str) -> None:
    async with opened(bare_url) as database:
        await database.transact(_tables)
        turns = [asyncio.create_task(database.transact(lambda tx, n=n: add(tx, n))) for n in "abc"]  # type: ignore[misc]
        await asyncio.sleep(0)
        turns[1].cancel()
        ends = await asyncio.gather(*turns, return_exceptions=True)
        assert isinstance(ends[1], asyncio.CancelledError)
        assert await database.transact(lambda tx: add(tx, "d")) == 1
    async with opened(bare_url) as database:
        assert await ids(database) == set("abcd")


async def test_values_go_by_name_as_often_as_wanted_and_come_back_as_they_were(empty: Database) -> None:
    async def work(tx: Transaction) -> None:
        body = b"\x00\xff\x80"
        row = "It's :no parameter; -- nor ::this"
        await tx.execute("INSERT INTO ones (id, n, body) VALUES (:id, :n, :body)", id=row, n=2**53, body=body)
        found = await tx.fetch(
            """SELECT id, n, body, ':n' AS literal, CAST(n AS TEXT) AS words -- a comment's :n
            FROM ones WHERE id = :id AND n = :n AND (:id <> '' OR n > :n)""",
            n=2**53,
            id=row,
        )
        assert [dict(one) for one in found] == [
            {"id": row, "n": 2**53, "body": body, "literal": ":n", "words": str(2**53)}
        ]

    await empty.transact(work)


async def test_null_comes_back_as_none(empty: Database) -> None:
    async def work(tx: Transaction) -> object:
        await tx.execute("INSERT INTO ones (id, body) VALUES ('a', :body)", body=None)
        return (await tx.fetch("SELECT body FROM ones"))[0]["body"]

    assert await empty.transact(work) is None


async def test_changes_return_rows_and_counts(empty: Database) -> None:
    async def work(tx: Transaction) -> None:
        assert [await add(tx, row, n) for row, n in (("a", 1), ("b", 2), ("a", 3))] == [1, 1, 0]
        changed = await tx.fetch("UPDATE ones SET n = n + :more WHERE n > :n RETURNING id, n", more=5, n=1)
        assert [(row["id"], row["n"]) for row in changed] == [("b", 7)]
        upsert = "INSERT INTO ones (id, n) VALUES ('a', 9) ON CONFLICT (id) DO UPDATE SET n = excluded.n RETURNING n"
        assert [row["n"] for row in await tx.fetch(upsert)] == [9]
        assert await tx.execute("DELETE FROM ones") == 2
        assert await tx.fetch("SELECT id FROM ones FOR UPDATE SKIP LOCKED") == []

    await empty.transact(work)


async def test_a_row_that_points_nowhere_is_refused(empty: Database) -> None:
    with pytest.raises((sqlite3.IntegrityError, asyncpg.ForeignKeyViolationError)) as caught:
        await empty.transact(lambda tx: tx.execute("INSERT INTO children (id, parent) VALUES ('c', 'secret')"))
    assert "secret" not in str(caught.value)


async def test_an_error_does_not_quote_the_value_that_was_refused(empty: Database) -> None:
    await empty.transact(lambda tx: add(tx, "secret"))
    with pytest.raises((sqlite3.IntegrityError, asyncpg.UniqueViolationError)) as caught:
        await empty.transact(lambda tx: tx.execute("INSERT INTO ones (id) VALUES (:id)", id="secret"))
    assert "secret" not in str(caught.value)


async def test_a_value_of_the_wrong_kind_is_not_quoted_either(tmp_path: Path) -> None:
    async with new_url("postgresql", tmp_path, WITHOUT_TABLES) as url, opened(url) as database:
        with pytest.raises(asyncpg.DataError) as caught:
            await database.transact(lambda tx: tx.fetch("SELECT CAST(:n AS BIGINT)", n="secret"))
        assert "secret" not in str(caught.value)


async def test_a_lock_keeps_two_hundred_turns_from_losing_an_update(empty: Database) -> None:
    await empty.transact(lambda tx: add(tx, "seats"))

    async def work(tx: Transaction) -> None:
        await tx.lock("seats")
        n = (await tx.fetch("SELECT n FROM ones WHERE id = 'seats'"))[0]["n"]
        await tx.execute("UPDATE ones SET n = :n WHERE id = 'seats'", n=n + 1)

    await asyncio.gather(*[empty.transact(work) for _ in range(200)])
    assert (await empty.read(lambda tx: tx.fetch("SELECT n FROM ones")))[0]["n"] == 200


async def test_turns_beyond_the_queue_are_told_to_come_again(empty: Database) -> None:
    turns = [empty.transact(lambda tx, n=n: add(tx, str(n))) for n in range(QUEUE + 100)]  # type: ignore[misc]
    ends = await asyncio.gather(*turns, return_exceptions=True)
    assert [type(end) for end in ends] == [int] * QUEUE + [Busy] * 100
    assert len(await ids(empty)) == QUEUE


async def test_a_reading_work_can_change_nothing(empty: Database) -> None:
    with pytest.raises(REFUSED_WRITES):
        await empty.read(lambda tx: add(tx, "a"))
    assert await ids(empty) == set()


async def test_a_reading_work_sees_one_instant_whatever_others_commit_meanwhile(tmp_path: Path) -> None:
    looked, written = asyncio.Event(), asyncio.Event()

    async def work(tx: Transaction) -> tuple[int, int]:
        before = len(await tx.fetch("SELECT id FROM ones"))
        looked.set()
        await written.wait()
        return before, len(await tx.fetch("SELECT id FROM ones"))

    async with new_url("postgresql", tmp_path, WITHOUT_TABLES) as url, opened(url) as database:
        await database.transact(_tables)
        reading = asyncio.create_task(database.read(work))
        await looked.wait()
        await database.transact(lambda tx: add(tx, "a"))
        written.set()
        assert await reading == (0, 0)


async def test_tables_are_listed_and_a_sound_database_has_no_faults(empty: Database) -> None:
    assert await empty.read(lambda tx: tx.tables()) == {"ones", "others", "children"}
    assert await empty.integrity() == []


async def test_a_database_opened_for_reading_is_read_beside_the_writer_and_takes_no_changes(
    bare_url: str, empty: Database
) -> None:
    async with opened(bare_url, readonly=True) as reader:
        await empty.transact(lambda tx: add(tx, "a"))
        assert await ids(reader) == {"a"}
        with pytest.raises((Refused, asyncpg.ReadOnlySQLTransactionError)):
            await reader.transact(lambda tx: add(tx, "b"))


async def test_nothing_answered_is_lost_when_the_process_is_killed_in_the_middle(
    bare_url: str, empty: Database
) -> None:
    await empty.close()
    answered: set[str] = set()
    for turn in range(3):
        answered |= _write_until_killed(bare_url, turn)
    async with opened(bare_url) as database:
        ones, others = await database.read(_both)
        assert answered <= ones
        assert ones == others
        assert await database.integrity() == []


async def _both(tx: Transaction) -> list[set[str]]:
    """In one snapshot: what was about to be committed when its writer died may still be."""
    return [{row["id"] for row in await tx.fetch(f"SELECT id FROM {table}")} for table in ("ones", "others")]  # noqa: S608


def _write_until_killed(url: str, turn: int) -> set[str]:
    command = [sys.executable, "-m", "tests.storage.writer", url, str(turn)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        answered = [process.stdout.readline() for _ in range(100 + 50 * turn)]
        os.kill(process.pid, signal.SIGKILL)
        answered += process.stdout.read().splitlines(keepends=True)
    assert all(answered), "the writer ended by itself"
    return {line.strip() for line in answered if line.endswith("\n")}


async def test_two_turns_that_wait_for_each_other_are_both_done_in_the_end(tmp_path: Path) -> None:
    async with new_url("postgresql", tmp_path, WITHOUT_TABLES) as url, opened(url) as database:
        both = asyncio.Barrier(2)
        tries: list[str] = []

        async def work(tx: Transaction, first: str, second: str) -> None:
            tries.append(first)
            await tx.lock(first)
            if len(tries) <= 2:
                await both.wait()
            await tx.lock(second)

        await asyncio.gather(
            database.transact(lambda tx: work(tx, "x", "y")), database.transact(lambda tx: work(tx, "y", "x"))
        )
        assert len(tries) == 3


async def test_a_connection_the_server_closed_is_an_error_once_and_then_replaced(tmp_path: Path) -> None:
    async with new_url("postgresql", tmp_path, WITHOUT_TABLES) as url, opened(url) as database:
        await database.transact(_tables)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await database.transact(lambda tx: tx.fetch("SELECT pg_terminate_backend(pg_backend_pid())"))
        assert await database.transact(lambda tx: add(tx, "a")) == 1


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite:///", "", "postgresql://localhost:1/none"])
async def test_a_database_that_cannot_be_reached_is_refused_in_words(url: str) -> None:
    with pytest.raises(Refused, match="DATABASE_URL"):
        await open_database(url)


async def test_work_that_awaits_anything_else_is_undone_with_a_clear_error(sqlite: Sqlite) -> None:
    async def work(tx: Transaction) -> None:
        await add(tx, "lost")
        await asyncio.sleep(0)

    ends = await asyncio.gather(
        sqlite.transact(work), sqlite.transact(lambda tx: add(tx, "kept")), return_exceptions=True
    )
    assert isinstance(ends[0], Suspended)
    assert await ids(sqlite) == {"kept"}


async def test_when_the_commit_fails_nobody_is_answered_and_nothing_stays(sqlite: Sqlite) -> None:
    async def orphan(tx: Transaction) -> None:
        await tx.execute("PRAGMA defer_foreign_keys = ON")
        await tx.execute("INSERT INTO children (id, parent) VALUES ('c', 'nobody')")

    together = [sqlite.transact(lambda tx: add(tx, "a")), sqlite.transact(orphan)]
    ends = await asyncio.gather(*together, return_exceptions=True)
    assert [type(end) for end in ends] == [sqlite3.IntegrityError] * 2
    assert await ids(sqlite) == set()
    assert await sqlite.transact(lambda tx: add(tx, "a")) == 1


async def test_a_full_disk_is_an_error_and_not_the_end(sqlite: Sqlite) -> None:
    async def fill(tx: Transaction) -> None:
        await tx.execute("INSERT INTO ones (id, body) VALUES ('big', :body)", body=bytes(1 << 20))

    await sqlite.transact(lambda tx: tx.execute("PRAGMA max_page_count = 20"))
    together = [sqlite.transact(lambda tx: add(tx, "a")), sqlite.transact(fill), sqlite.transact(fill)]
    ends = await asyncio.gather(*together, return_exceptions=True)
    assert isinstance(ends[1], sqlite3.OperationalError)
    await sqlite.transact(lambda tx: tx.execute("PRAGMA max_page_count = 1000000"))
    await sqlite.transact(fill)
    assert (ends[0] == 1) == ("a" in await ids(sqlite))


async def test_the_driver_logs_nothing_of_what_a_work_holds(sqlite: Sqlite, caplog: pytest.LogCaptureFixture) -> None:
    async def work(secret: str, tx: Transaction) -> None:
        await tx.fetch("SELECT :secret AS found", secret=secret)

    caplog.set_level(logging.DEBUG)
    await sqlite.read(partial(work, "the tip"))
    await sqlite.transact(partial(work, "the tip"))
    assert "executing" in caplog.text
    assert "the tip" not in caplog.text


async def test_file_and_folder_are_for_the_owner_only(sqlite: Sqlite) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in sqlite.path.parent.iterdir()}
    assert set(modes) >= {"bot.db", "bot.db-wal", "bot.db.lock"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(sqlite.path.parent.stat().st_mode) == 0o700


async def test_every_commit_is_synced_and_deleted_content_is_overwritten(sqlite: Sqlite) -> None:
    async def settings(tx: Transaction) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "trusted_schema", "mmap_size")
        return [next(iter(dict((await tx.fetch(f"PRAGMA {name}"))[0]).values())) for name in names]

    assert await sqlite.transact(settings) == ["wal", 2, 1, 1, 0, 0]


async def test_after_a_checkpoint_nothing_is_left_of_what_was_deleted(sqlite: Sqlite) -> None:
    await sqlite.transact(lambda tx: add(tx, "canary" * 20))
    await sqlite.transact(lambda tx: tx.execute("DELETE FROM ones"))
    assert await sqlite.checkpoint()
    assert not any(b"canary" in path.read_bytes() for path in sqlite.path.parent.iterdir())


async def test_a_second_process_on_the_same_file_is_refused(sqlite: Sqlite) -> None:
    command = [sys.executable, "-c", OPEN, f"sqlite:///{sqlite.path}"]
    second = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: ASYNC221, S603
    assert second.returncode == 1
    assert "Refused: Another process uses" in second.stderr


async def test_a_closed_database_takes_no_turns_and_leaves_one_file_that_opens_again(sqlite: Sqlite) -> None:
    await sqlite.transact(lambda tx: add(tx, "a"))
    await sqlite.close()
    with pytest.raises(Refused):
        await sqlite.transact(lambda tx: add(tx, "b"))
    assert {path.name for path in sqlite.path.parent.iterdir()} == {"bot.db", "bot.db.lock"}
    async with opened(f"sqlite:///{sqlite.path}", readonly=True) as again:
        assert await ids(again) == {"a"}


async def test_closing_finishes_the_turns_that_wait(sqlite: Sqlite) -> None:
    turns = [asyncio.create_task(sqlite.transact(lambda tx, n=n: add(tx, str(n)))) for n in range(200)]  # type: ignore[misc]
    await asyncio.sleep(0)
    await sqlite.close()
    assert await asyncio.gather(*turns) == [1] * 200


async def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_bytes(b"something else entirely" * 100)
    with pytest.raises(Refused, match="cannot be opened as a SQLite database"):
        await open_database(f"sqlite:///{tmp_path}/bot.db")
    with pytest.raises(Refused, match="There is no database"):
        await open_database(f"sqlite:///{tmp_path}/none.db", readonly=True)
