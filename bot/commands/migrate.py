"""`migrate`: brings the database to the form this version needs."""

import asyncio

import typer

from bot.settings import read_settings
from storage import migrate as migrations
from storage import open_database


def migrate() -> None:
    """Create the database or bring it up to date; does nothing when it is."""
    done = asyncio.run(_migrate(read_settings().database_url))
    for name in done:
        typer.echo(f"done  {name}")
    typer.echo("The database is up to date.")


async def _migrate(url: str) -> list[str]:
    database = await open_database(url)
    try:
        return list(await migrations.migrate(database))
    finally:
        await database.close()
