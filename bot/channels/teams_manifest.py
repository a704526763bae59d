"""The Teams app's package: its manifest, made of the commands that the bot answers, and its two icons."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from PIL import Image, ImageDraw

NAME = "Commonline"
VERSION = "1.0.0"
SCHEMA = "https://developer.microsoft.com/json-schemas/teams/v1.29/MicrosoftTeams.schema.json"
DARK, LIGHT = "#1F3A4D", "#FFFFFF"
LONGEST_DESCRIPTION = 128
MOST_COMMANDS = 10
# Drawn large and made small, so that the edges are smooth.
SCALE = 8
EARLIEST = (1980, 1, 1, 0, 0, 0)

Manifest = dict[str, Any]


def manifest(client_id: str, public_url: str, commands: Mapping[str, str]) -> Manifest:
    """The manifest as Teams takes it; `commands` are descriptions by command ("/case")."""
    return {
        "$schema": SCHEMA,
        "manifestVersion": "1.29",
        "version": VERSION,
        "id": str(uuid5(NAMESPACE_URL, f"{client_id}/teams-app")),
        "developer": _developer(public_url),
        "name": {"short": NAME, "full": "Commonline: the line that cities share"},
        "description": {
            "short": "Work the cases, training and referrals of the cities' shared line.",
            "full": "Staff work what people report by text message: cases, replies, notes and clocks, by command, "
            "card and dialog. Only people on the line's own list can use it.",
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": DARK,
        "bots": [_bot(client_id, commands)],
        "composeExtensions": [{"botId": client_id, "commands": _dialogs(commands)}],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [],
        "defaultInstallScope": "team",
    }


def package(client_id: str, public_url: str, commands: Mapping[str, str]) -> bytes:
    """The zip that is uploaded to Teams; the same bytes for the same settings."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as folder:
        content = json.dumps(manifest(client_id, public_url, commands), indent=2).encode()
        for name, held in (("manifest.json", content), ("color.png", color_icon()), ("outline.png", outline_icon())):
            folder.writestr(zipfile.ZipInfo(name, EARLIEST), held, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def color_icon() -> bytes:
    """192 by 192: two speech bubbles that share one line, white on the accent colour."""
    return _drawn(192, DARK, LIGHT, DARK)


def outline_icon() -> bytes:
    """32 by 32: the same in white on nothing, as Teams demands."""
    return _drawn(32, "#FFFFFF00", LIGHT, "#FFFFFF00")


def _developer(public_url: str) -> Manifest:
    # Teams takes addresses by https only; behind a playground there is none.
    host = urlsplit(public_url).netloc
    site = f"https://{host}" if host else "https://localhost"
    return {"name": NAME, "websiteUrl": site, "privacyUrl": f"{site}/privacy", "termsOfUseUrl": f"{site}/terms"}


def _bot(client_id: str, commands: Mapping[str, str]) -> Manifest:
    listed = [_command(name, words) for name, words in commands.items()]
    listed = [*listed[:MOST_COMMANDS], {"title": "home", "description": "Your own page: your cases, clocks at risk"}]
    return {
        "botId": client_id,
        "scopes": ["team", "personal", "groupChat"],
        "supportsTargetedMessages": True,
        "isNotificationOnly": False,
        "supportsFiles": True,
        "commandLists": [
            {"scopes": ["team", "groupChat"], "triggers": ["mention", "slash"], "commands": listed},
            {"scopes": ["personal"], "triggers": ["mention", "slash"], "commands": listed},
        ],
    }


def _command(name: str, words: str) -> Manifest:
    return {"title": name.removeprefix("/"), "description": words[:LONGEST_DESCRIPTION]}


def _dialogs(commands: Mapping[str, str]) -> list[Manifest]:
    """The same commands beside the message box, where their answer is a dialog."""
    return [
        {
            "id": name.removeprefix("/"),
            "type": "action",
            "title": name.removeprefix("/").capitalize(),
            "description": words[:LONGEST_DESCRIPTION],
            "context": ["compose", "commandBox"],
            "fetchTask": True,
        }
        for name, words in list(commands.items())[:MOST_COMMANDS]
    ]


def _drawn(size: int, ground: str, ink: str, gap: str) -> bytes:
    whole = size * SCALE
    image = Image.new("RGBA", (whole, whole), ground)
    draw = ImageDraw.Draw(image)
    _bubble(draw, whole, (0.14, 0.20, 0.62, 0.56), ink)
    _bubble(draw, whole, (0.38, 0.44, 0.86, 0.80), ink)
    draw.line([(whole * 0.26, whole * 0.50), (whole * 0.74, whole * 0.50)], gap, round(whole * 0.05))
    held = io.BytesIO()
    image.resize((size, size), Image.Resampling.LANCZOS).save(held, "PNG", optimize=True)
    return held.getvalue()


def _bubble(draw: ImageDraw.ImageDraw, whole: int, share: tuple[float, float, float, float], ink: str) -> None:
    draw.rounded_rectangle([round(whole * part) for part in share], round(whole * 0.10), ink)
