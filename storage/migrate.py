"""Brings a database to the newest schema: numbered SQL files, each in one transaction with the note of it."""

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from storage.database import Database, Refused, Row, Transaction

FOLDER = Path(__file__).parent / "migrations"
NOTES = """CREATE TABLE IF NOT EXISTS schema_migrations (
    number BIGINT PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    number: int
    name: str
    sql: str

    @property
    def digest(self) -> str:
        """By which a file that was changed after it was applied is found out."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


async def migrate(database: Database, folder: Path = FOLDER) -> list[str]:
    """Apply what is missing, in order; the names of what was applied. Raises Refused for a database it does not know.

    Replicas may do it at once: each file is applied by one of them.
    """
    missing = await _missing(database, folder)
    return [migration.name for migration in missing if await database.transact(partial(_apply, migration))]


async def pending(database: Database, folder: Path = FOLDER) -> list[str]:
    """Names of the migrations that are still to be applied. Raises Refused for a database it does not know."""
    return [migration.name for migration in await _missing(database, folder)]


async def require_current(database: Database, folder: Path = FOLDER) -> None:
    """Raises Refused unless the database has the newest schema."""
    if await pending(database, folder):
        raise Refused("The database is not up to date; run `python -m bot migrate`.")


async def _missing(database: Database, folder: Path) -> list[Migration]:
    known = _files(folder)
    notes = {note["number"]: note for note in await database.read(_notes)}
    if unknown := set(notes) - {migration.number for migration in known}:
        raise Refused(f"The database has migration {max(unknown)}, which is newer than this program; update it first.")
    missing = [migration for migration in known if migration.number not in notes]
    for migration in known:
        if migration.number in notes:
            _require_same(migration, notes[migration.number], missing)
    return missing


async def _notes(tx: Transaction) -> list[Row]:
    tables = await tx.tables()
    if "schema_migrations" in tables:
        return await tx.fetch("SELECT number, digest FROM schema_migrations")
    if tables:
        raise Refused("The database has tables but no note of migrations; use an empty one, or restore a backup.")
    return []


def _require_same(migration: Migration, note: Row, missing: list[Migration]) -> None:
    if note["digest"] != migration.digest:
        raise Refused(f"Migration {migration.name} was changed after it was applied; use the program that applied it.")
    if missing and missing[0].number < migration.number:
        raise Refused(f"The database is half migrated: {missing[0].name} is missing; restore a backup.")


def _files(folder: Path) -> list[Migration]:
    paths = sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    return [Migration(int(path.name[:4]), path.stem, path.read_text(encoding="utf-8")) for path in paths]


async def _apply(migration: Migration, tx: Transaction) -> bool:
    await tx.lock("schema_migrations")
    await tx.execute(NOTES)
    if await tx.fetch("SELECT number FROM schema_migrations WHERE number = :number", number=migration.number):
        return False
    for statement in _statements(migration.sql):
        await tx.execute(statement)
    await tx.execute(
        "INSERT INTO schema_migrations (number, name, digest) VALUES (:number, :name, :digest)",
        number=migration.number,
        name=migration.name,
        digest=migration.digest,
    )
    return True


def _statements(sql: str) -> Iterator[str]:
    """Cut where SQLite says that a statement ends, so that comments and literals may hold semicolons."""
    statement = ""
    for part in sql.split(";")[:-1]:
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
