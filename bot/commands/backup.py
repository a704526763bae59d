"""`backup`, `restore`, `verify`: copies that can be trusted, and proof that what is there is whole."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.commands import Stop
from bot.commands.opened import opened
from bot.commands.terminal import progress
from bot.settings import Settings, read_settings
from storage import audit
from storage import backup as copies
from storage.vault import Vault, load_keys


def backup(destination: Annotated[Path, typer.Argument(metavar="DEST", help="The new file.")]) -> None:
    """Write a sealed copy of the database; the service may run meanwhile."""
    settings = read_settings()
    vault = Vault(load_keys(settings.key_file))
    with progress() as show:
        asyncio.run(copies.backup(settings.database_url, vault, destination, show))
    typer.echo(f"Wrote {destination}, and read it again. It opens with {settings.key_file} only.")


def restore(source: Annotated[Path, typer.Argument(metavar="SRC", help="A file that `backup` wrote.")]) -> None:
    """Put a copy back, where no database is."""
    settings = read_settings()
    if not source.is_file():
        raise Stop(f"There is no file {source}.", 2)
    vault = Vault(load_keys(settings.key_file))
    with progress() as show:
        held = asyncio.run(copies.restore(settings.database_url, vault, source, show))
    typer.echo(f"Restored {source}. Messages owed then, looked for before any is sent: {held}.")


def verify() -> None:
    """Check that the database is whole and its audit chain unbroken."""
    faults = asyncio.run(_faults(read_settings()))
    for fault in faults:
        typer.echo(f"FAULT  {fault}")
    if faults:
        raise Stop("The database or its audit chain is damaged; see the lines marked FAULT.")
    typer.echo("The database is whole, and so is its audit chain.")


async def _faults(settings: Settings) -> list[str]:
    async with opened(settings, readonly=True) as (database, vault):
        return [*await database.integrity(), *await audit.verify(database, vault)]
