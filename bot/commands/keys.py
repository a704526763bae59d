"""`keys new|rotate`: the root keys, which live outside the database."""

import typer

from bot.commands import Stop
from bot.settings import read_settings
from storage.vault import new_keys, rotate_keys

group = typer.Typer(help="The root keys, which live outside the database.", no_args_is_help=True)


@group.command()
def new() -> None:
    """Make KEY_FILE; refuses to overwrite one."""
    file = read_settings().key_file
    try:
        new_keys(file)
    except OSError as error:
        raise Stop(f"KEY_FILE is wrong: {file} cannot be written: {error.strerror}.") from None
    typer.echo(f"Wrote {file}. Keep a copy apart from the database: without it, nothing in there can be read.")


@group.command()
def rotate() -> None:
    """Add a new version of the keys: what is written from now on uses it, what is there stays readable."""
    file = read_settings().key_file
    rotate_keys(file)
    typer.echo(f"Added a new key to {file}. Copy the file again, then restart the service so that it uses the key.")
