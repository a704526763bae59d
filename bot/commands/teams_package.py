"""`teams-package`: the Teams app, to upload in Teams' admin center."""

from pathlib import Path
from typing import Annotated

import typer

from bot.channels.teams_manifest import package
from bot.commands import Stop
from bot.settings import read_settings
from handlers.grammar import SLASH


def teams_package(dest: Annotated[Path, typer.Argument(help="The zip to write, such as commonline.zip.")]) -> None:
    """Write the Teams app's package, manifest and icons, for TEAMS_CLIENT_ID and PUBLIC_URL."""
    settings = read_settings()
    if not settings.teams_client_id:
        raise Stop("TEAMS_CLIENT_ID is missing: the package names the bot that it belongs to.", 2)
    try:
        dest.write_bytes(package(settings.teams_client_id, settings.public_url, SLASH))
    except OSError as error:
        raise Stop(f"DEST is wrong: {dest} cannot be written: {error.strerror}.", 2) from None
    typer.echo(f"Wrote {dest}. Upload it in the Teams admin center, or in Teams under Apps, Manage your apps.")
