"""A town to test in: the real service between stand-ins of the providers, on a clock of ours."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount

from bot.app import build
from bot.sandbox.mail import Mailbox, serve_mail
from bot.sandbox.slack import Slack
from bot.sandbox.slack_workspace import Message
from bot.sandbox.teams import Teams
from bot.sandbox.teams_workspace import Message as TeamsMessage
from bot.sandbox.twilio import Twilio
from bot.sandbox.wire import Answer, serve
from bot.service import Service
from bot.settings import Settings, read_settings
from handlers.grammar import CASE_WORD
from storage import staff
from storage.database import Transaction
from storage.vault import Keys, Vault, load_keys, new_keys
from tests.databases import open_migrated

ACCOUNT = "AC" + "0" * 32
TOKEN = "twilio-token"
SECRET = "slack-secret"
BOT = "xoxb-town"
TEAM = "T0TOWN"
LINE = "+18165550101"
PHONE = "+18162340001"
OTHER_PHONE = "+18162340002"
TRAINING = ("+18165550131", "+18165550132", "+18165550133")
DESK = "C0INDHOTLINE"
NEUTRAL = "C0MARCNEUTRAL"
SCHEMAS = Path(__file__).parents[2] / "shared" / "schemas"
MONDAY = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)

# Who is on the list: Slack user, city, role, name, office.
PEOPLE = (
    ("U0INDFIRST", "independence", "recipient", "Dana Reyes", "personnel"),
    ("U0INDSECOND", "independence", "recipient", "Morgan Whitfield", "manager"),
    ("U0INDCUST", "independence", "custodian", "Ellis Tran", "attorney"),
    ("U0LSMFIRST", "lees_summit", "recipient", "Priya Natarajan", "personnel"),
    ("U0MARCDUTY", "marc", "recipient", "Sam Okafor", ""),
    ("U0MARCEXITS", "marc", "coordinator", "Iris Vance", ""),
    ("U0LSMEXITS", "lees_summit", "coordinator", "Owen Fitch", ""),
    ("U0MARCTRAINING", "marc", "coordinator", "Gail Sorensen", ""),
)

# City A is in Slack, city B in Teams, city C in both.
CLIENT, CLIENT_SECRET = "33333333-0000-4000-8000-000000000003", "client-secret"
TENANT, OTHER_TENANT = "11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000009"
PRIYA, MARCUS = "00000000-0000-4000-8000-000000000201", "00000000-0000-4000-8000-000000000202"
HANNAH, RUTH = "00000000-0000-4000-8000-000000000302", "00000000-0000-4000-8000-000000000303"
GUEST, FOREIGNER = "00000000-0000-4000-8000-000000000901", "00000000-0000-4000-8000-000000000902"
NOBODY = "00000000-0000-4000-8000-000000000903"
LUIS = "U0BSPFIRST"
LINE_B, LINE_C = "+18165550102", "+18165550103"
DESK_B, DESK_C_SLACK, DESK_C = "19:lsmhotline@thread.tacv2", "C0BSPHOTLINE", "19:bsphotline@thread.tacv2"

# Channel, user, city, role, name, office; those in Teams, and their colleague in Slack.
COLLEAGUES = (
    ("teams", PRIYA, "lees_summit", "recipient", "Priya Natarajan", "personnel"),
    ("teams", MARCUS, "lees_summit", "recipient", "Marcus Bell", "manager"),
    ("teams", HANNAH, "blue_springs", "recipient", "Hannah Price", "manager"),
    ("teams", RUTH, "blue_springs", "custodian", "Ruth Adeyemi", "attorney"),
    ("teams", GUEST, "blue_springs", "recipient", "Gus Guest", ""),
    ("teams", FOREIGNER, "blue_springs", "recipient", "Fran Foreign", ""),
    ("slack", LUIS, "blue_springs", "recipient", "Luis Ortega", "personnel"),
    # MARC runs the exit interviews of Blue Springs, and its custodians decide on lock-outs elsewhere.
    ("slack", LUIS, "marc", "coordinator custodian", "Luis Ortega", ""),
    ("teams", HANNAH, "marc", "coordinator custodian", "Hannah Price", ""),
)


class Clock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Town:
    """The service and the stand-ins around it."""

    clock: Clock
    twilio: Twilio
    slack: Slack
    service: Service
    address: str
    settings: Settings
    teams: Teams
    mail: Mailbox
    wrote: dict[str, datetime] = field(default_factory=dict)

    async def text(self, body: str, phone: str = PHONE, line: str = LINE) -> None:
        """A phone texts a line, not within seconds of its text before, and everything that follows from it happens."""
        if self.wrote.get(phone) == self.clock():
            self.clock.move(seconds=10)
        self.wrote[phone] = self.clock()
        await self.twilio.receive(phone, line, body)
        await self.settled()

    async def settled(self) -> None:
        """Wait until nobody has anything to do at this instant."""
        for _ in range(3):
            self.service.scheduler.wake()
            await self.service.settled()
            await self.service.channels["slack"].settled()  # type: ignore[attr-defined]
            await self.twilio.settled()
            await self.slack.settled()

    async def later(self, **by: float) -> None:
        """Let time pass, event by event."""
        until = self.clock() + timedelta(**by)
        while (due := await self.service.next_due()) is not None and due <= until:
            self.clock.at = max(due, self.clock.at)
            await self.service.tick()
            await self.settled()
        self.clock.at = until
        await self.service.tick()
        await self.settled()

    async def case(self, text: str, user: str = "U0INDFIRST", place: str = DESK) -> Answer:
        """A staff member types /case …; what follows from it happens."""
        answer = await self.slack.command(user, place, "/case", text)
        await self.settled()
        return answer

    async def press(self, label: str, where: str, user: str = "U0INDFIRST") -> Answer:
        """A staff member presses a button by its label: on a message (its ts) or in a modal (its id)."""
        view = next((view for view in self.slack.modals.get(user, []) if view["id"] == where), None)
        blocks = view["blocks"] if view else self.slack.find(where)[1].blocks
        buttons = [element for block in blocks for element in block.get("elements", ()) if element["type"] == "button"]
        action = next(button["action_id"] for button in buttons if button["text"]["text"] == label)
        answer = await self.slack.press(user, where, action)
        await self.settled()
        return answer

    async def submit(self, user: str = "U0INDFIRST") -> Answer:
        """A staff member sends the form they have open, as it is."""
        answer = await self.slack.submit(user)
        await self.settled()
        return answer

    def heard(self, phone: str = PHONE) -> list[str]:
        """What a phone was sent, oldest first."""
        return [text.body for text in self.twilio.messages if text.to == phone and text.direction != "inbound"]

    def word(self, phone: str = PHONE) -> str:
        """The case word a phone was told last."""
        return [part.strip(".,:[]") for text in self.heard(phone) for part in text.split() if _is_word(part)][-1]

    def cards(self, place: str = DESK) -> list[Message]:
        """What stands in a channel, or in a person's direct messages."""
        channel = self.slack.direct(place) if place.startswith("U") else self.slack.channel(place)
        return [message for message in channel.messages if not message.deleted]

    def posts(self, place: str, user: str = HANNAH) -> list[TeamsMessage]:
        """What a person sees at a place in Teams: a channel, or "personal"; without what people wrote themselves."""
        return [message for message in self.teams.shown(user, place) if message.sender == self.teams.bot]

    def modal(self, user: str = "U0INDFIRST") -> dict[str, Any]:
        """What a staff member has open."""
        return self.slack.modals[user][-1]


def _is_word(part: str) -> bool:
    return CASE_WORD.fullmatch(part.strip(".,:[]")) is not None


@asynccontextmanager
async def open_town(
    folder: Path, database_url: str = "", at: datetime = MONDAY, teams: bool = False
) -> AsyncIterator[Town]:
    """A town with a new key; the database at the URL (by default SQLite in the folder), migrated, with its staff.

    With `teams`, the service runs Teams, too, and its app is installed there.
    """
    clock = Clock(at)
    front = Starlette()
    async with serve(front) as address:
        twilio = Twilio(ACCOUNT, TOKEN, _lines(), f"{address}/twilio/messages", clock)
        slack = Slack(SECRET, BOT, TEAM, f"{address}/slack/events", clock)
        tenant = Teams(CLIENT, CLIENT_SECRET, TENANT, f"{address}/api/messages", clock)
        slack.monotonic = lambda: 0.0  # a trigger is good for 3 s, and how quick we are is measured elsewhere
        slack.patience = tenant.patience = 30.0
        people(slack)
        colleagues(slack, tenant)
        mailbox = Mailbox(clock)
        async with (
            serve(twilio.app) as twilio_url,
            serve(slack.app) as slack_url,
            serve(tenant.app) as tenant.address,
            serve_mail(mailbox) as mail_port,
        ):
            slack.base_url = slack_url
            settings = read_settings(
                _env_file=None,
                database_url=database_url or f"sqlite:///{folder}/bot.db",
                key_file=folder / "keys.json",
                public_url=address,
                twilio_account_sid=ACCOUNT,
                twilio_auth_token=TOKEN,
                twilio_base_url=twilio_url,
                slack_bot_token=BOT,
                slack_signing_secret=SECRET,
                slack_base_url=f"{slack_url}/api/",
                smtp_url=f"smtp://127.0.0.1:{mail_port}",
                mail_from="line@town.example",
                **(_teams_settings(tenant) if teams else {}),
            )
            await prepare(settings.database_url, settings.key_file, COLLEAGUES if teams else ())
            bot = build(settings, clock, tenant.cloud)
            front.router.routes.append(Mount("/", bot))
            async with bot.router.lifespan_context(bot):
                town = Town(clock, twilio, slack, bot.state.service, address, settings, tenant, mailbox)
                if teams:
                    await tenant.install(PRIYA, DESK_B)
                    await tenant.install(HANNAH, DESK_C)
                await town.settled()  # the sweep of the start is over before anybody texts
                yield town
                await twilio.settled()


def _lines() -> tuple[str, ...]:
    return ("+18165550101", "+18165550102", "+18165550103", "+18165550121", "+18165550122", "+18165550123", *TRAINING)


def people(slack: Slack) -> None:
    for user, _, _, name, _ in PEOPLE:
        slack.add_user(user, name)
    slack.add_user("U0STRANGER", "Nobody Inparticular")
    members = [user for user, *_ in PEOPLE] + ["U0STRANGER"]
    for channel in (DESK, NEUTRAL, "C0LSMHOTLINE", "C0BSPHOTLINE", "C0MARCEXITS", "C0LSMEXITS", "C0MARCTRAINING"):
        slack.add_channel(channel, channel.lower(), members=members)


def colleagues(slack: Slack, tenant: Teams) -> None:
    for channel, user, _, _, name, _ in COLLEAGUES:
        if channel == "slack":
            slack.add_user(user, name)
            slack.channel(DESK_C_SLACK).members.add(user)
        else:
            tenant.add_user(user, name, guest=user == GUEST, tenant=OTHER_TENANT if user == FOREIGNER else "")
    tenant.add_user(NOBODY, "Nobody Inparticular")
    tenant.add_channel(DESK_B, "Hotline", [PRIYA, MARCUS])
    tenant.add_channel(DESK_C, "Hotline", [HANNAH, RUTH, GUEST, FOREIGNER, NOBODY, PRIYA])


def _teams_settings(tenant: Teams) -> dict[str, Any]:
    return {
        "teams_client_id": CLIENT,
        "teams_client_secret": CLIENT_SECRET,
        "teams_tenant_id": TENANT,
        "teams_service_urls": (tenant.service_url,),
    }


def _keys(key_file: Path) -> Keys:
    return load_keys(key_file) if key_file.exists() else new_keys(key_file)


async def prepare(url: str, key_file: Path, more: Sequence[tuple[str, ...]] = ()) -> None:
    vault = Vault(_keys(key_file))

    async def list_people(tx: Transaction) -> None:
        for channel, user, city, role, name, office in (*(("slack", *person) for person in PEOPLE), *more):
            team = TEAM if channel == "slack" else TENANT
            who = {"jurisdiction": city, "channel": channel, "team": team, "user": user}
            await staff.add(tx, vault, **who, roles=frozenset(role.split()), name=name, office=office)

    database = await open_migrated(url)
    await database.transact(list_people)
    await database.close()
