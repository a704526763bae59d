"""The PostgreSQL driver: several replicas at once, each turn a transaction of its own."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, Self, TypeVar

import asyncpg

from storage.database import Busy, Refused, Row, Transaction, Work

T = TypeVar("T")

QUEUE = 1024
POOL = 16
ATTEMPTS = 5
PATIENCE = 5.0
COMMAND = 60.0

SETTINGS = {
    "application_name": "commonline",
    "synchronous_commit": "on",
    "default_transaction_isolation": "read committed",
    "statement_timeout": "15s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
READING = {"default_transaction_read_only": "on"}

# Two turns stood in each other's way, or the schema moved under a statement: nothing was changed, so begin again.
COLLISIONS = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.UniqueViolationError,
    asyncpg.InvalidCachedStatementError,
)

# What may look like a :name but is none, or the name.
TOKEN = re.compile(r"""'(?:[^']|'')*' | "[^"]*" | --[^\n]* | /\*.*?\*/ | :: | :([a-z_]\w*)""", re.DOTALL | re.VERBOSE)

FAULTS = """
    SELECT 'index ' || indexrelid::regclass::text || ' is not valid' AS fault FROM pg_index WHERE NOT indisvalid
    UNION ALL SELECT 'constraint ' || conname || ' was not checked' FROM pg_constraint WHERE NOT convalidated
    UNION ALL SELECT checksum_failures || ' pages failed their checksum' FROM pg_stat_database
    WHERE datname = current_database() AND checksum_failures > 0"""

WIPED = ("respondents", "consents", "conversations", "followups", "outbox")


class Postgres:
    """A pool of connections. A work that collides with another is begun again."""

    @classmethod
    async def open(cls, url: str, *, readonly: bool = False) -> Self:
        """Open a pool for a URL such as postgresql://user@host/name; Refused if the server cannot be reached."""
        settings = SETTINGS | (READING if readonly else {})
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=POOL,
                timeout=PATIENCE,
                command_timeout=COMMAND,
                server_settings=settings,
                reset=_as_it_is,
            )
        except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise Refused(f"PostgreSQL cannot be reached ({type(error).__name__}); check DATABASE_URL.") from None
        return cls(pool)

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool
        self._running: set[asyncio.Task[Any]] = set()

    async def transact(self, work: Work[T]) -> T:
        """Run `work`; its changes are synced before this returns. A cancelled caller does not undo it.

        Raises Busy when too many run or wait for a connection.
        """
        if len(self._running) >= QUEUE:
            raise Busy(f"{QUEUE} turns already wait for the database.")
        task = asyncio.create_task(self._attempts(work), name="postgres-turn")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def read(self, work: Work[T]) -> T:
        """Run `work` in one snapshot that can change nothing."""
        return await self._once(work, isolation="repeatable_read", readonly=True)

    async def wipe(self) -> bool:
        """Write the tables of persons anew, without dead rows; the server's own log keeps those until it is reused."""
        async with self._connection() as connection:
            for table in WIPED:
                await connection.execute(f"VACUUM FULL {table}")
            await connection.execute("CHECKPOINT")
        return True

    async def integrity(self) -> list[str]:
        """Faults in words; none for a sound database."""
        return await self.read(_faults)

    async def close(self) -> None:
        """Finish what runs, then close."""
        if self._running:
            await asyncio.wait(self._running)
        await self._pool.close()

    async def _attempts(self, work: Work[T]) -> T:
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._once(work)
            except COLLISIONS:
                continue
        return await self._once(work)

    async def _once(self, work: Work[T], **options: Any) -> T:
        async with self._connection() as connection:
            try:
                async with connection.transaction(**options):
                    return await work(PostgresTransaction(connection))
            except asyncpg.LockNotAvailableError:
                raise Busy("Another turn held for too long what this one needs.") from None
            except (asyncpg.PostgresError, asyncpg.DataError) as error:
                _forget_values(error)
                raise

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        try:
            connection = await self._pool.acquire(timeout=PATIENCE)
        except TimeoutError:
            raise Busy("No connection to the database became free.") from None
        try:
            yield connection
        finally:
            await self._pool.release(connection)


class PostgresTransaction:
    """Awaits the server, statement by statement."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch(self, sql: str, **values: object) -> list[Row]:
        text, names = _numbered(sql)
        rows: list[Row] = await self._connection.fetch(text, *[_storable(values[name]) for name in names])
        return rows

    async def execute(self, sql: str, **values: object) -> int:
        text, names = _numbered(sql)
        status: str = await self._connection.execute(text, *[_storable(values[name]) for name in names])
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def lock(self, key: str) -> None:
        """A lock of the server's, held by this transaction."""
        await self._connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", key)

    async def tables(self) -> frozenset[str]:
        """Names of the tables there are."""
        rows = await self.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        return frozenset(row["tablename"] for row in rows)


async def _as_it_is(connection: Any) -> None:
    """Turns leave no settings behind on their connection, so a round trip to take them back is saved."""


@lru_cache(maxsize=1024)
def _numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """The SQL with $1, $2 … for its :names, and the names in that order."""
    numbers: dict[str, int] = {}

    def number(token: re.Match[str]) -> str:
        return f"${numbers.setdefault(token[1], len(numbers) + 1)}" if token[1] else token[0]

    return TOKEN.sub(number, sql), tuple(numbers)


def _storable(value: object) -> object:
    """PostgreSQL's text holds no NUL, whoever sends one."""
    return value.replace("\0", "") if isinstance(value, str) else value


def _forget_values(error: asyncpg.PostgresError | asyncpg.DataError) -> None:
    """The driver's messages quote the values that did not fit; only the kind of fault may reach a log."""
    known = (getattr(error, name, None) for name in ("sqlstate", "constraint_name"))
    error.args = (" ".join([type(error).__name__, *filter(None, known)]),)
    error.detail = error.hint = error.__cause__ = None


async def _faults(tx: Transaction) -> list[str]:
    return [row["fault"] for row in await tx.fetch(FAULTS)]
