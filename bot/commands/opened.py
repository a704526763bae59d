"""The database and its keys, opened for one command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.settings import Settings
from storage import open_database
from storage.database import Database
from storage.migrate import require_current
from storage.vault import Vault, load_keys


@asynccontextmanager
async def opened(settings: Settings, readonly: bool = False) -> AsyncIterator[tuple[Database, Vault]]:
    """A migrated database and its vault; raises KeyFault or Refused with a sentence that says what to run."""
    vault = Vault(load_keys(settings.key_file))
    database = await open_database(settings.database_url, readonly=readonly)
    try:
        await require_current(database)
        yield database, vault
    finally:
        await database.close()
