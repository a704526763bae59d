"""Microsoft's own playground for Teams bots drives the whole bot in a browser: what it shows, a person sees."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.app import build
from bot.channels.teams import TeamsChannel
from bot.channels.teams_library import PUBLIC, with_overrides
from bot.sandbox.slack import Slack
from bot.sandbox.teams import Teams
from bot.sandbox.twilio import Twilio
from bot.sandbox.wire import serve
from bot.service import Service
from bot.settings import PACKAGED_JURISDICTIONS, Settings, read_settings
from storage import open_database, staff
from storage.book import Book
from storage.database import Transaction
from storage.migrate import migrate
from storage.vault import Vault, load_keys, new_keys
from tests import browser
from tests.town import ACCOUNT, LINE, MONDAY, PHONE, TEAM, TOKEN, Clock

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore:.* in preview and may ")]

PACKAGE, VERSION = "@microsoft/m365agentsplayground", "0.2.28"
INTEGRITY = "sha512-EevhYW8xtEATwNg5eiFqTgZT0P5gjfCsLBwBWESSrB6+0lr9Yi9R27HJwjNGUlT3JQlxoWMgnvEQunUuyI/+2Q=="
CLIENT, TENANT = "33333333-0000-0000-0000-000000000003", "11111111-0000-0000-0000-000000000001"
DANA, DESK = "22222222-0000-0000-0000-000000000002", "19:desk@thread.tacv2"
TIP = "The supervisor sells the diesel"
PATIENCE = 20_000


@dataclass
class Scene:
    """The bot, its phone, and a page of the playground."""

    page: Page
    twilio: Twilio
    service: Service

    async def text(self, body: str) -> None:
        """A phone texts the line, and what follows from it is sent."""
        await self.twilio.receive(PHONE, LINE, body)
        await self.sent()

    async def sent(self) -> None:
        for _ in range(3):
            await self.service.tick()

    async def write(self, text: str) -> None:
        """Dana writes to the bot."""
        await self.page.locator("[contenteditable=true][role=textbox]").first.click()
        await self.page.keyboard.type(text)
        await self.page.keyboard.press("Enter")

    async def go_to(self, place: str) -> None:
        await self.page.get_by_text(place, exact=True).first.click()

    async def sees(self, words: str) -> None:
        await expect(self.page.get_by_text(words).first).to_be_visible(timeout=PATIENCE)


@pytest.fixture
def chromium() -> Path:
    """The browser's program; skips where there is none."""
    return browser.find() or pytest.skip("NO CHROMIUM HERE: Microsoft's playground does not drive the bot")


@pytest.fixture
def program() -> Path:
    """The playground's program, installed once into the user's cache; skips where it cannot be had."""
    held = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "commonline" / f"playground-{VERSION}"
    found = held / "node_modules" / PACKAGE / "cli.js"
    if not (shutil.which("node") and (found.is_file() or install(held))):
        pytest.skip("NO NODE, OR NO NPM TO INSTALL WITH: Microsoft's playground does not drive the bot")
    lock = json.loads((held / "package-lock.json").read_text())
    assert lock["packages"][f"node_modules/{PACKAGE}"]["integrity"] == INTEGRITY
    return found


def install(folder: Path) -> bool:
    """Whether npm could install it."""
    if not shutil.which("npm"):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    command = ["npm", "install", "--prefix", str(folder), *quiet, f"{PACKAGE}@{VERSION}"]
    return subprocess.run(command, capture_output=True, timeout=300, check=False).returncode == 0  # noqa: S603


async def test_message_card_button_dialog_and_notice_work_in_microsofts_playground(
    tmp_path: Path, program: Path, chromium: Path
) -> None:
    async with on_stage(tmp_path, program, chromium) as scene:
        await scene.sees("This is where you work the cases")
        await scene.write("list")
        await scene.sees("Nothing here;")
        await scene.text(TIP)
        await scene.go_to("Hotline")
        await scene.sees("New report")
        await expect(scene.page.get_by_text(TIP)).to_have_count(0)
        await scene.page.get_by_role("button", name="Assign to me").click()
        await scene.sees("Dana Reyes works")
        await scene.sent()
        await expect(scene.page.get_by_role("button", name="Assign to me")).to_have_count(0, timeout=PATIENCE)
        await note_in_dialogs(scene)


async def note_in_dialogs(scene: Scene) -> None:
    """From the command beside the message box to the saved note, dialog by dialog."""
    page = scene.page
    await scene.go_to("Personal Chat")
    await page.get_by_role("button", name="Trigger Message Extension App").click()
    await page.get_by_role("menuitem", name="Action Command").click()
    await page.get_by_placeholder("Input command id").fill("case")
    await page.get_by_role("button", name="Create").click()
    dialog = page.get_by_role("dialog")
    await press(dialog, "Open")
    await expect(dialog.get_by_text(TIP)).to_be_visible(timeout=PATIENCE)
    await press(dialog, "Note")
    await dialog.get_by_role("textbox").fill("Called the plant")
    await press(dialog, "Save note")
    await expect(dialog.get_by_text("Your note is in")).to_be_visible(timeout=PATIENCE)


async def press(dialog: Locator, button: str) -> None:
    await dialog.get_by_role("button", name=button, exact=True).click(timeout=PATIENCE)


# --- the stage


@asynccontextmanager
async def on_stage(folder: Path, program: Path, chromium: Path) -> AsyncIterator[Scene]:
    """The bot with one city's desk in Teams, and the playground in a browser in front of it."""
    front, port = Starlette(), free_port()
    async with serve(front) as address, the_bot(folder, front, address, port) as (service, twilio):
        async with playground(program, folder, address, port), async_playwright() as tool:
            window = await tool.chromium.launch(executable_path=chromium, args=list(browser.FLAGS))
            page = await window.new_page(viewport={"width": 1300, "height": 900})
            await page.goto(f"http://localhost:{port}/")
            yield Scene(page, twilio, service)
            await window.close()


@asynccontextmanager
async def the_bot(folder: Path, front: Starlette, address: str, port: int) -> AsyncIterator[tuple[Service, Twilio]]:
    clock = Clock(MONDAY)
    twilio = Twilio(ACCOUNT, TOKEN, (LINE,), f"{address}/twilio/messages", clock)
    slack = Slack("secret", "xoxb-playground", TEAM, f"{address}/slack/events", clock)
    login = Teams(CLIENT, "secret", TENANT, "", clock)
    async with serve(twilio.app) as texts, serve(slack.app) as chat, serve(login.app) as login.address:
        settings = read_settings(
            _env_file=None,
            database_url=f"sqlite:///{folder}/bot.db",
            key_file=folder / "keys.json",
            jurisdictions=with_teams_desk(folder / "jurisdictions"),
            public_url=address,
            twilio_account_sid=ACCOUNT,
            twilio_auth_token=TOKEN,
            twilio_base_url=texts,
            slack_bot_token="xoxb-playground",
            slack_signing_secret="secret",
            slack_base_url=f"{chat}/api/",
        )
        await prepare(settings)
        bot = build(settings, clock)
        service: Service = bot.state.service
        channel = teams_channel(service, login, port)
        service.channels = {**service.channels, "teams": channel}
        front.router.routes += [*channel.routes(), Mount("/", bot)]
        async with bot.router.lifespan_context(bot):
            yield service, twilio
            await twilio.settled()


def teams_channel(service: Service, login: Teams, port: int) -> TeamsChannel:
    return TeamsChannel(
        client_id=CLIENT,
        client_secret="secret",
        tenant_id=TENANT,
        service_urls=(f"http://localhost:{port}/",),
        commands=("/case",),
        book=lambda: Book(service.database, service.vault),
        take_turn=service.take_turn,
        now=service.now,
        cloud=with_overrides(PUBLIC, **login.cloud),
        playground=True,
    )


def with_teams_desk(folder: Path) -> Path:
    """The packaged cities, but Independence's desk is in Teams."""
    shutil.copytree(PACKAGED_JURISDICTIONS, folder)
    city = folder / "independence.toml"
    desk = f'{{ channel = "teams", address = "{DESK}" }}'
    city.write_text(city.read_text().replace('{ channel = "slack", address = "C0INDHOTLINE" }', desk))
    return folder


async def prepare(settings: Settings) -> None:
    new_keys(settings.key_file)
    vault = Vault(load_keys(settings.key_file))

    async def list_dana(tx: Transaction) -> None:
        who = {"jurisdiction": "independence", "channel": "teams", "team": TENANT, "user": DANA}
        await staff.add(tx, vault, **who, roles=frozenset({"recipient"}), name="Dana Reyes", office="personnel")

    database = await open_database(settings.database_url)
    await migrate(database)
    await database.transact(list_dana)
    await database.close()


# --- the playground


@asynccontextmanager
async def playground(program: Path, folder: Path, bot: str, port: int) -> AsyncIterator[None]:
    """Run it with our people and places, until it listens."""
    home = folder / "playground"
    home.mkdir()
    (home / ".m365agentsplayground.yml").write_text(json.dumps(people_and_places()))
    options = ("start", "-e", f"{bot}/api/messages", "-c", "msteams", "-p", str(port), "--disable-telemetry")
    running = await asyncio.create_subprocess_exec(
        "node",
        str(program),
        *options,
        cwd=home,
        env={**os.environ, "TEAMSAPPTESTER_BROWSER": "none"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        await listening(running)
        yield
    finally:
        if running.returncode is None:
            running.terminate()
        await running.communicate()


async def listening(running: asyncio.subprocess.Process) -> None:
    assert running.stdout is not None
    async with asyncio.timeout(PATIENCE / 1000):
        async for line in running.stdout:
            if b"Listening on" in line:
                return
    raise AssertionError("the playground ended before it listened")


def people_and_places() -> dict[str, object]:
    """Its configuration (JSON is YAML); it demands five other users."""
    return {
        "version": "0.1.1",
        "tenantId": TENANT,
        "bot": {"id": f"28:{CLIENT}", "name": "Commonline"},
        "currentUser": person("29:dana", "Dana", "Reyes", DANA),
        "users": [person(f"29:other{n}", "Other", f"No {n}", f"{DANA[:-1]}{n + 3}") for n in range(5)],
        "personalChat": {"id": "a:personal-chat"},
        "groupChat": {"id": "19:group@thread.v2", "name": "Group Chat"},
        "team": {
            "id": "19:team@thread.tacv2",
            "name": "Independence",
            "aadGroupId": "22222222-0000-0000-0000-000000000031",
            "channels": [{"id": DESK, "name": "Hotline"}],
        },
    }


def person(id: str, given: str, last: str, object_id: str) -> dict[str, str]:
    address = f"{id[3:]}@example.com"
    return {
        "id": id,
        "name": f"{given} {last}",
        "userPrincipleName": address,
        "aadObjectId": object_id,
        "givenName": given,
        "surname": last,
        "email": address,
    }


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
