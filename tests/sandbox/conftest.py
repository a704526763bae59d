"""A sandbox per test, served on a free port, and its page in a real browser that all of them share.

A browser belongs to the loop it was started in, so these tests run in one loop.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.sandbox.app import Sandbox, open_sandbox
from bot.sandbox.wire import serve
from tests.browser import FLAGS

# A machine that does much else is slow, and not wrong.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)

# A Tuesday before the cities' working hours: an invitation at noon leaves at once, one at night waits.
START = datetime(2027, 3, 2, 12, tzinfo=UTC)


@dataclass
class Open:
    """A sandbox that runs, and where."""

    sandbox: Sandbox
    address: str


@pytest.fixture(autouse=True)
def _nobody_hurries(patient: float) -> None:
    """Beside a browser, deadlines only test the machine."""


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Open]:
    """The sandbox whose data is in this folder; a new one begins at the same hour, whatever the hour is here."""
    kept = folder / "clock.json"
    if not kept.exists():
        kept.write_text(json.dumps({"seconds": (START - datetime.now(UTC)).total_seconds()}))
    front = Starlette()
    async with serve(front) as address, open_sandbox(folder, address) as sandbox:
        front.router.routes.append(Mount("/", sandbox.app))
        sandbox.slack.monotonic = lambda: 0.0  # a trigger of Slack is good for 3 s
        sandbox.slack.patience = sandbox.teams.patience = sandbox.twilio.webhook_seconds = PATIENCE / 1000
        await sandbox.introduce()
        yield Open(sandbox, address)


@pytest_asyncio.fixture(loop_scope="session")
async def opened(tmp_path: Path) -> AsyncIterator[Open]:
    async with running(tmp_path) as sandbox:
        yield sandbox


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(opened: Open, browser: Browser) -> AsyncIterator[Page]:
    """The page in a fresh context; a fault in its scripts fails the test."""
    faults: list[str] = []
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    shown = await context.new_page()
    shown.set_default_timeout(PATIENCE)
    shown.on("pageerror", lambda error: faults.append(str(error)))
    await shown.goto(f"{opened.address}/sandbox/")
    await shown.locator("#persona option").first.wait_for(state="attached")
    yield shown
    await context.close()
    assert faults == []
