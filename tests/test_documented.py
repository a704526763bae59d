"""Whatever can be set, typed or called is written down."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from bot.commands.cli import app
from bot.settings import Settings
from handlers import grammar

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def manual() -> str:
    """The README and every document, as one text."""
    files = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return "\n".join(file.read_text("utf-8") for file in files)


@pytest.mark.parametrize("key", [name.upper() for name in Settings.model_fields])
def test_every_setting_is_documented(manual: str, key: str) -> None:
    assert f"`{key}`" in manual


def _commands(command: object, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Each command as it is typed, such as `keys new`."""
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from _commands(inner, (*path, name))
    else:
        yield " ".join(path)


@pytest.mark.parametrize("command", list(_commands(get_command(app))))
def test_every_command_is_documented(manual: str, command: str) -> None:
    assert f"python -m bot {command}" in manual or f"`{command}`" in manual or f"`{command} " in manual


@pytest.mark.parametrize("usage", grammar.COMMANDS)
def test_every_staff_command_is_documented(manual: str, usage: str) -> None:
    assert f"/case {usage.split()[0]}" in manual


@pytest.mark.parametrize("usage", grammar.EXITS)
def test_every_command_for_exit_interviews_is_documented(manual: str, usage: str) -> None:
    assert f"/exit {usage.split()[0]}" in manual


@pytest.mark.parametrize("command", grammar.SLASH)
def test_every_slash_command_is_documented(manual: str, command: str) -> None:
    assert f"`{command}" in manual
