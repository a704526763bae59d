"""What all tests share."""

import os
import shutil
from pathlib import Path

import pytest

from bot.settings import Settings
from tests import browser

# What the bot gives itself before a chat would give it up.
DEADLINES = (
    "bot.channels.slack.ANSWER_SECONDS",
    "bot.channels.slack.PROMPT_SECONDS",
    "bot.channels.slack_answers.APOLOGY_SECONDS",
    "bot.channels.slack_people.LOOK_UP_SECONDS",
    "bot.channels.teams.ANSWER_SECONDS",
    "bot.channels.teams_people.LOOK_UP_SECONDS",
)
PATIENT_SECONDS = 20.0

MEMORY, ROOM = Path("/dev/shm"), 2 * 2**30  # noqa: S108 -- pytest makes a folder of its own in it


def pytest_configure() -> None:
    """Where there is room, the files of tests lie in memory: half of many a test is a database waiting for its disk."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test sees the settings it gives, never those of whoever runs it."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> float:
    """The bot waits this many seconds where it is otherwise quick: deadlines are tested with the channels."""
    for deadline in DEADLINES:
        monkeypatch.setattr(deadline, PATIENT_SECONDS)
    return PATIENT_SECONDS


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program. Where none can be had the test is skipped, but never in CI."""
    found = browser.find()
    if found is None and os.environ.get("CI"):
        pytest.fail("CI must run the browser tests, and there is no Chromium.")
    if found is None:
        pytest.skip("THERE IS NO CHROMIUM HERE: the page was not tested")
    return found
