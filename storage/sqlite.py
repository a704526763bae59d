"""The SQLite driver: turns that wait together share one synced commit, each in its own savepoint."""

import asyncio
import fcntl
import os
import re
import sqlite3
from collections.abc import Callable, Generator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Generic, Self, TypeVar, cast

import aiosqlite

from storage.database import Busy, Refused, Row, Transaction, Work

T = TypeVar("T")

QUEUE = 1024
BATCH = 64
READERS = 2
STATEMENTS = 512

PRAGMAS = (
    "PRAGMA busy_timeout = 5000",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA mmap_size = 0",
)
WRITING = (
    "PRAGMA secure_delete = ON",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 1000",
    "PRAGMA journal_size_limit = 67108864",
)
READING = ("PRAGMA query_only = ON",)

ROW_LOCKS = re.compile(r"\bFOR UPDATE(?: OF \w+)?(?: SKIP LOCKED)?\b")


class Suspended(RuntimeError):
    """Work awaited something else than its transaction; it was undone."""


class Sqlite:
    """One process, one connection that writes and alone checkpoints, a few that only read."""

    @classmethod
    async def open(cls, path: Path, *, readonly: bool = False) -> Self:
        """Open the file, made with its folder if it is missing. Refused if another process writes to it."""
        database = cls(path, readonly)
        try:
            await database._open()
        except sqlite3.Error as error:
            await database.close()
            raise Refused(f"{path} cannot be opened as a SQLite database ({error}).") from None
        except BaseException:
            await database.close()
            raise
        return database

    def __init__(self, path: Path, readonly: bool) -> None:
        self.path = path
        self._readonly = readonly
        self._held = -1
        self._readers: list[Worker] = []
        self._free: asyncio.Queue[Worker] = asyncio.Queue()
        self._writer: Worker | None = None
        self._queue: asyncio.Queue[Turn[Any] | None] = asyncio.Queue(QUEUE)
        self._writing: asyncio.Task[None] | None = None

    async def transact(self, work: Work[T]) -> T:
        """Run `work`; its changes are synced before this returns. A cancelled caller does not undo it.

        Raises Busy when the queue is full, Suspended when `work` awaits anything but its transaction.
        """
        if self._writing is None:
            raise Refused("The database is closed, or was opened for reading only.")
        turn: Turn[T] = Turn(work, asyncio.get_running_loop().create_future())
        try:
            self._queue.put_nowait(turn)
        except asyncio.QueueFull:
            raise Busy(f"{QUEUE} turns already wait for the database.") from None
        return await turn.answer

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a read-only connection, in one snapshot."""
        reader = await self._free.get()
        try:
            # Not a partial: aiosqlite logs the repr of what it runs, and that would show what the work holds.
            return await reader.run(lambda connection: _read(work, connection))
        finally:
            self._free.put_nowait(reader)

    async def wipe(self) -> bool:
        """Pages are overwritten as rows go (secure_delete); what the log still holds of them goes with it."""
        return await self.checkpoint()

    async def checkpoint(self) -> bool:
        """Empty the log into the file, so that what was deleted is gone; False if a reader was in the way."""
        if self._writer is None:
            raise Refused("The database is closed, or was opened for reading only.")
        return await self._writer.run(_checkpoint)

    async def integrity(self) -> list[str]:
        """Faults in words; none for a sound file."""
        return await self.read(_faults)

    async def close(self) -> None:
        """Finish what waits, empty the log into the file, close."""
        try:
            if self._writing is not None:
                writing, self._writing = self._writing, None
                await self._queue.put(None)
                await writing
            for reader in self._readers:
                await reader.close()
            if self._writer is not None:
                writer, self._writer = self._writer, None
                await _close_writer(writer)
        finally:
            if self._held >= 0:
                os.close(self._held)
                self._held = -1

    async def _open(self) -> None:
        if self._readonly:
            _require_file(self.path)
        else:
            self._held = _hold(self.path)
            self._writer = await _worker(self.path, writing=True)
            self._writing = asyncio.create_task(self._write(self._writer), name="sqlite-writer")
        for _ in range(READERS):
            reader = await _worker(self.path, writing=False)
            self._readers.append(reader)
            self._free.put_nowait(reader)

    async def _write(self, writer: "Worker") -> None:
        """Commit whatever waits, together, until the end of the queue. While one commit syncs, the next fills."""
        closing = False
        while not closing:
            waiting = [await self._queue.get()]
            while len(waiting) < BATCH and not self._queue.empty():
                waiting.append(self._queue.get_nowait())
            turns = [turn for turn in waiting if turn is not None]
            closing = len(turns) < len(waiting)
            if turns:
                await _commit(writer, turns)


class SqliteTransaction:
    """Runs in the connection's own thread and never suspends."""

    __slots__ = ("_connection",)

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, **values: object) -> list[Row]:
        return self._connection.execute(_without_row_locks(sql), values).fetchall()

    async def execute(self, sql: str, **values: object) -> int:
        return max(0, self._connection.execute(_without_row_locks(sql), values).rowcount)

    async def lock(self, key: str) -> None:
        """There is one writer, so whoever runs holds every lock."""

    async def tables(self) -> frozenset[str]:
        """Names of the tables there are."""
        rows = await self.fetch("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return frozenset(row["name"] for row in rows)


class Worker(aiosqlite.Connection):
    """An aiosqlite connection whose thread runs whole functions: one hop, however many statements."""

    async def run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        return cast(T, await self._execute(function, self._conn))  # type: ignore[no-untyped-call]

    def join(self) -> None:
        """Wait for the thread of a connection that did not open, lest it outlive the loop it reports to."""
        self._thread.join()


class Turn(Generic[T]):
    """Work that waits for its commit, and what came of it."""

    __slots__ = ("_value", "_work", "answer", "error")

    def __init__(self, work: Work[T], answer: "asyncio.Future[T]") -> None:
        self._work = work
        self._value: T
        self.answer = answer
        self.error: BaseException | None = None

    def step(self, connection: sqlite3.Connection) -> None:
        """Take the work to its end in the connection's thread; an error is kept, not raised."""
        try:
            self._value = _to_end(self._work(SqliteTransaction(connection)).__await__())
        except BaseException as error:
            self.error = error

    def settle(self) -> None:
        """Answer the caller, unless they no longer wait."""
        if self.answer.done():
            return
        if self.error is not None:
            self.answer.set_exception(self.error)
        else:
            self.answer.set_result(self._value)


async def _worker(path: Path, *, writing: bool) -> Worker:
    worker = Worker(partial(_connect, path, writing), iter_chunk_size=BATCH)
    try:
        await worker
    except BaseException:
        await asyncio.to_thread(worker.join)
        raise
    return worker


async def _close_writer(writer: Worker) -> None:
    try:
        await writer.run(_checkpoint)
    finally:
        await writer.close()


async def _commit(writer: Worker, turns: list[Turn[Any]]) -> None:
    """One hop for all of them; only then is each answered."""
    try:
        await writer.run(partial(_transaction, turns))
    except Exception as error:
        for turn in turns:
            turn.error = turn.error or error
    for turn in turns:
        turn.settle()


def _transaction(turns: list[Turn[Any]], connection: sqlite3.Connection) -> None:
    try:
        connection.execute("BEGIN IMMEDIATE")
        if len(turns) == 1:
            turns[0].step(connection)
        else:
            for turn in turns:
                _in_savepoint(turn, connection)
        alone_failed = len(turns) == 1 and turns[0].error is not None
        connection.execute("ROLLBACK" if alone_failed else "COMMIT")
    except BaseException:
        _undo(connection)
        raise


def _in_savepoint(turn: Turn[Any], connection: sqlite3.Connection) -> None:
    connection.execute("SAVEPOINT turn")
    turn.step(connection)
    if turn.error is not None:
        connection.execute("ROLLBACK TO turn")
    connection.execute("RELEASE turn")


def _read(work: Work[T], connection: sqlite3.Connection) -> T:
    try:
        connection.execute("BEGIN")
        return _to_end(work(SqliteTransaction(connection)).__await__())
    finally:
        _undo(connection)


def _undo(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _to_end(steps: Generator[Any, Any, T]) -> T:
    try:
        next(steps)
    except StopIteration as end:
        return cast(T, end.value)
    steps.close()
    raise Suspended("Work may await its transaction only.")


@lru_cache(maxsize=1024)
def _without_row_locks(sql: str) -> str:
    """PostgreSQL's row locks have no meaning where one connection writes."""
    return ROW_LOCKS.sub("", sql)


def _checkpoint(connection: sqlite3.Connection) -> bool:
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


async def _faults(tx: Transaction) -> list[str]:
    pages = await tx.fetch("PRAGMA quick_check")
    faults = [fault for row in pages if (fault := row["quick_check"]) != "ok"]
    strays = await tx.fetch("PRAGMA foreign_key_check")
    return faults + [f"a row of {row['table']} points at a missing row of {row['parent']}" for row in strays]


def _connect(path: Path, writing: bool) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={'rw' if writing else 'ro'}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, cached_statements=STATEMENTS)
    connection.row_factory = sqlite3.Row
    try:
        for pragma in PRAGMAS + (WRITING if writing else READING):
            connection.execute(pragma)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise Refused(f"There is no database at {path}; run `python -m bot migrate`.")


def _hold(path: Path) -> int:
    """Make file and folder if they are missing, for the owner only, and keep other processes out of them."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
    except OSError as error:
        os.close(handle)
        if isinstance(error, BlockingIOError):
            raise Refused(f"Another process uses {path}; stop that one first.") from None
        raise Refused(f"{path} cannot be opened for writing ({error.strerror}).") from None
    return handle
