"""What a database driver is: two verbs inside a transaction, and two ways to run work in one."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Row = Mapping[str, Any]
Work = Callable[["Transaction"], Awaitable[T]]


class Transaction(Protocol):
    """Portable SQL with :named parameters; values are str, int, bytes or None, times are integer milliseconds."""

    async def fetch(self, sql: str, **values: object) -> list[Row]:
        """Rows of a query, or of a change with RETURNING."""

    async def execute(self, sql: str, **values: object) -> int:
        """Number of rows changed."""

    async def lock(self, key: str) -> None:
        """Wait until no other transaction holds `key`; held until the end of this one."""

    async def tables(self) -> frozenset[str]:
        """Names of the tables there are."""


class Database(Protocol):
    """A driver. `work` awaits nothing but its transaction, and may be run again from the start."""

    async def transact(self, work: Work[T]) -> T:
        """Run `work`; its changes are on disk before this returns. An exception undoes all of them."""

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a read-only connection, in one snapshot."""

    async def wipe(self) -> bool:
        """Make deleted rows unreadable in the database's own files; False if something was in the way."""

    async def integrity(self) -> list[str]:
        """Faults of the database itself, in words; none for a sound one."""

    async def close(self) -> None:
        """Finish what waits, then close."""


class Busy(Exception):
    """Too many turns wait for the database; the caller should be told to try again."""


class Refused(Exception):
    """The database cannot be used as it is; the message says what to run."""
