"""Puts the sandbox together: the bot with ordinary settings, the stand-ins that it talks to, the clock and the page."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.app import build
from bot.cities import read_cities
from bot.sandbox import record, residents, snapshot
from bot.sandbox.api import Api, LocalOnly
from bot.sandbox.clock import Clock, Travel
from bot.sandbox.mail import HOST as MAIL_HOST
from bot.sandbox.mail import Mailbox, serve_mail
from bot.sandbox.residents import Resident
from bot.sandbox.slack import Slack
from bot.sandbox.teams import Teams
from bot.sandbox.twilio import Twilio
from bot.sandbox.watch import Watch
from bot.sandbox.wire import serve
from bot.service import Service
from bot.settings import Settings, read_settings
from handlers.jurisdiction import Jurisdiction
from storage import open_database, staff
from storage.database import Transaction
from storage.migrate import migrate
from storage.vault import Vault, load_keys, new_keys

HOST = "127.0.0.1"
TEAM = "T0COMMONLINE"
TENANT = "00000000-0000-4000-8000-0000000000aa"
ROUNDS = 5
SAVE_SECONDS = 1.0

# The stand-ins' own credentials: they open nothing but the sandbox on this machine.
ACCOUNT = "AC" + "5a" * 16
TOKENS = {
    "twilio_account_sid": ACCOUNT,
    "twilio_auth_token": "sandbox-twilio",
    "twilio_auth_token_secondary": "",
    "slack_bot_token": "xoxb-sandbox",
    "slack_signing_secret": "sandbox-slack",
    "slack_app_token": "",
    "teams_client_id": "00000000-0000-4000-8000-0000000000bb",
    "teams_client_secret": "sandbox-teams",
    "teams_tenant_id": TENANT,
    "smtp_url": f"smtp://{MAIL_HOST}",
    "mail_from": "line@sandbox.example",
    "channels": "twilio_sms,slack,teams,email",
}


class Sandbox:
    """The parts, and what the page needs of them together."""

    def __init__(self, folder: Path, address: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.address = address
        self.settings = _settings(folder, address)
        self.cities = read_cities(self.settings.jurisdictions)
        self.people = residents.residents(self.cities)
        self.phones = residents.phones(self.cities)
        self.clock = Clock(folder / "clock.json")
        self.watch = Watch()
        self.slack_down = self.teams_down = False
        self.twilio = _twilio(address, self.cities.values(), self.clock)
        self.slack = _slack(address, self.cities, self.people, self.clock)
        self.teams = _teams(address, self.cities, self.people, self.clock)
        self.mail = Mailbox(self.clock)
        record.read(self._record, self.twilio, self.slack, self.teams, self.mail)
        self._unsaved = asyncio.Event()
        self.twilio.changed = self.slack.changed = self.teams.changed = self.mail.changed = self._changed

    @property
    def service(self) -> Service:
        """The bot that runs."""
        service: Service = self.bot.state.service
        return service

    async def open(self, login: str, mail_port: int) -> Starlette:
        """Make what is missing and wire the bot, with Microsoft's login at an address and mail at a port.

        Its lifespan is the caller's.
        """
        await self._prepare()
        mail = SecretStr(f"smtp://{MAIL_HOST}:{mail_port}")
        self.bot = build(
            self.settings.model_copy(update={"smtp_url": mail}), self.clock, {**self.teams.cloud, **_login(login)}
        )
        self.travel = Travel(self.clock, self.service.next_due, self.settle, self.watch.changed)
        own = [
            *Api(self).routes(),
            Mount("/twilio", self.twilio.app),
            Mount("/slack", _Breakable(self.slack.app, lambda: self.slack_down)),
            Mount("/teams", _Breakable(self.teams.app, lambda: self.teams_down)),
        ]
        self.app = Starlette(
            routes=[
                *(Route(path, lambda request: RedirectResponse("/sandbox/")) for path in ("/", "/sandbox")),
                Mount("/sandbox", LocalOnly(Starlette(routes=own))),
                Mount("/", self.bot),
            ]
        )
        return self.bot

    async def introduce(self) -> None:
        """Install the app in Teams, where it is not yet; somebody listens at our address by now, or will at once."""
        for person in [each for each in self.people if each.chat == "teams"]:
            self.teams.chat(person.user)
            self.teams.users[person.user].installed = True
        for channel in [each for each in self.teams.channels.values() if not each.installed]:
            answer = await self.teams.install(min(channel.members), channel.id)
            channel.installed = answer.ok

    async def close(self) -> None:
        """Send those who look away, and keep what the providers hold."""
        self.watch.close()
        self.travel.stop()
        await self.travel.finished()
        await self.twilio.settled()
        await self.slack.settled()
        self._keep()

    async def settle(self) -> None:
        """Do all that is due at this instant, and wait for what follows from it."""
        for _ in range(ROUNDS):
            await self.service.tick()
            await self.twilio.settled()
            await self.slack.settled()
            due = await self.service.next_due()
            if due is None or due > self.clock():
                return

    async def save(self) -> None:
        """Keep what the providers hold, soon after each change; runs until it is cancelled."""
        while True:
            await self._unsaved.wait()
            await asyncio.sleep(SAVE_SECONDS)
            self._unsaved.clear()
            self._keep()

    async def state(self, user: str, colleague: str) -> dict[str, Any]:
        """All that the page shows, to one who is this member of staff in Slack, and that one in Teams."""
        known = {chat: [each.user for each in self.people if each.chat == chat] for chat in residents.CHATS}
        person = user if user in known["slack"] else known["slack"][0]
        colleague = colleague if colleague in known["teams"] else known["teams"][0]
        zone = str(next(iter(self.cities.values())).zone)
        return {
            **snapshot.time_state(self.clock, await self._due(), self.travel.journey, zone),
            **snapshot.phone_state(self.twilio, self.phones),
            "cities": snapshot.city_state(self.cities),
            "staff": snapshot.staff_state(self.people, self.cities),
            "slack": snapshot.slack_state(self.slack, person),
            "teams": snapshot.teams_state(self.teams, colleague, self._team_names()),
            "mails": snapshot.mail_state(self.mail),
            "outages": {"webhooks": self.twilio.webhook_down, "slack": self.slack_down, "teams": self.teams_down},
        }

    @property
    def _record(self) -> Path:
        return self.folder / "providers.json"

    def _keep(self) -> None:
        record.write(self._record, self.twilio, self.slack, self.teams, self.mail)

    def _team_names(self) -> dict[str, str]:
        places = residents.channels(self.cities, "teams")
        return {id: self.cities[city].name for id, (_, city) in places.items()}

    async def _due(self) -> datetime | None:
        # The database is busy with other things while the clock moves, and the page asks often.
        return None if self.travel.journey else await self.service.next_due()

    async def _prepare(self) -> None:
        if not self.settings.key_file.exists():
            new_keys(self.settings.key_file)
        vault = Vault(load_keys(self.settings.key_file))

        async def list_staff(tx: Transaction) -> None:
            for person in self.people:
                if person.role:
                    await _list(tx, vault, person)

        database = await open_database(self.settings.database_url)
        try:
            await migrate(database)
            await database.transact(list_staff)
        finally:
            await database.close()

    def _changed(self) -> None:
        self._unsaved.set()
        self.watch.changed()


@asynccontextmanager
async def open_sandbox(folder: Path, address: str) -> AsyncIterator[Sandbox]:
    """A sandbox that keeps its data in `folder`; the caller listens at `address`, and serves its `app` there."""
    sandbox = Sandbox(folder, address)
    # Teams' keys are fetched at the start, when nobody listens at our own address yet.
    async with serve(sandbox.teams.app) as login, serve_mail(sandbox.mail) as mail_port:
        bot = await sandbox.open(login, mail_port)
        async with _running(sandbox, bot):
            yield sandbox


@asynccontextmanager
async def _running(sandbox: Sandbox, bot: Starlette) -> AsyncIterator[None]:
    async with bot.router.lifespan_context(bot):
        saving = asyncio.create_task(sandbox.save())
        try:
            yield
        finally:
            saving.cancel()
            await sandbox.close()


class _Breakable:
    """A chat's API, which can be down."""

    def __init__(self, app: ASGIApp, is_down: Callable[[], bool]) -> None:
        self.app = app
        self.is_down = is_down

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.is_down() and scope["type"] == "http":
            await Response("Service Unavailable", 503)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _settings(folder: Path, address: str) -> Settings:
    return read_settings(
        **TOKENS,
        database_url=f"sqlite:///{folder / 'bot.db'}",
        key_file=folder / "keys.json",
        host=HOST,
        public_url=address,
        twilio_base_url=f"{address}/sandbox/twilio",
        slack_base_url=f"{address}/sandbox/slack/api/",
        teams_service_urls=(f"{address}/sandbox/teams/teams/",),
    )


def _twilio(address: str, cities: Iterable[Jurisdiction], clock: Clock) -> Twilio:
    lines = [line.address for city in cities for line in city.lines if line.channel == "twilio_sms"]
    twilio = Twilio(ACCOUNT, TOKENS["twilio_auth_token"], lines, f"{address}/twilio/messages", clock)
    twilio.base_url = f"{address}/sandbox/twilio"
    return twilio


def _slack(address: str, cities: dict[str, Jurisdiction], people: list[Resident], clock: Clock) -> Slack:
    slack = Slack(TOKENS["slack_signing_secret"], TOKENS["slack_bot_token"], TEAM, f"{address}/slack/events", clock)
    slack.base_url = f"{address}/sandbox/slack"
    here = [person for person in people if person.chat == "slack"]
    for person in here:
        slack.add_user(person.user, person.name)
    for id, (program, city) in residents.channels(cities, "slack").items():
        name = f"{city}-{program}".replace("_", "-")
        slack.add_channel(id, name, members=[person.user for person in here if person.city == city])
    slack.add_channel(residents.GENERAL, "general", private=False, members=[person.user for person in here])
    for person in here:
        slack.direct(person.user)
    return slack


def _teams(address: str, cities: dict[str, Jurisdiction], people: list[Resident], clock: Clock) -> Teams:
    client, secret = TOKENS["teams_client_id"], TOKENS["teams_client_secret"]
    teams = Teams(client, secret, TENANT, f"{address}/api/messages", clock)
    teams.address = f"{address}/sandbox/teams"
    here = [person for person in people if person.chat == "teams"]
    for person in here:
        teams.add_user(person.user, person.name, installed=False)
    for id, (program, city) in residents.channels(cities, "teams").items():
        name = program.replace("_", " ").capitalize()
        teams.add_channel(id, name, [person.user for person in here if person.city == city], installed=False)
    teams.add_channel(residents.GENERAL_IN_TEAMS, "General", [person.user for person in here], installed=False)
    return teams


def _login(address: str) -> dict[str, str]:
    metadata = f"{address}/v1/.well-known/openidconfiguration"
    return {"login_endpoint": address, "openid_metadata_url": metadata}


async def _list(tx: Transaction, vault: Vault, person: Resident) -> None:
    await staff.add(
        tx,
        vault,
        jurisdiction=person.city,
        channel=person.chat,
        team=TEAM if person.chat == "slack" else TENANT,
        user=person.user,
        roles=frozenset({str(person.role)}),
        name=person.name,
        office=person.office,
    )
