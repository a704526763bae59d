"""`slack-manifest`: the Slack app's manifest, to paste into Slack's app settings."""

import json

import typer

from bot.channels.slack_manifest import manifest
from bot.settings import read_settings
from handlers.grammar import SLASH


def slack_manifest() -> None:
    """Print the Slack app's manifest, for PUBLIC_URL or, with SLACK_APP_TOKEN, for Socket Mode."""
    settings = read_settings()
    socket_mode = bool(settings.slack_app_token.get_secret_value())
    typer.echo(json.dumps(manifest(settings.public_url, SLASH, socket_mode), indent=2))
