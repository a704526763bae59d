"""Files that staff send: what the channels make of them, where they fetch them, and what they leave behind."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from yarl import URL

from bot.channels import slack as slack_channel
from bot.channels import teams as teams_channel
from bot.channels.media import Fetcher
from bot.channels.slack import DELETED, SlackChannel
from bot.channels.slack_blocks import modal
from bot.channels.teams_cards import SEND_IT, form
from bot.sandbox.slack import Slack
from bot.sandbox.slack_kit import BlockKit
from bot.sandbox.teams_kit import words
from bot.sandbox.wire import serve
from handlers.cards import Answer, Button, Buttons, Form, Input, Open, Refuse, say
from handlers.messages import KEPT, Inbound, SendFailed
from storage.book import Book
from storage.vault import Vault, new_keys
from tests.channels.stage import BOT_TOKEN, PHONE, SCHEMAS, SIGNING, Desk, Front, Time, listening
from tests.channels.test_teams import DANA, DESK, Side, beside
from tests.databases import open_migrated

pytestmark = pytest.mark.filterwarnings("ignore:.* in preview and may ")

TEAM, ANA = "T0CITY", "U0ANA"
HOTLINE = "C0HOTLINE"
ROWS = b"phone,last_day\n+18165550199,2026-11-30\n"
LIST = Form(
    "many", "Invite many", (Input("city", "City", "choice", (("a", "A"),), "a"), Input("file", "File", "file")), "Check"
)


@pytest.fixture
async def slack(front: tuple[Front, str], time: Time) -> AsyncIterator[Slack]:
    made = Slack(SIGNING, BOT_TOKEN, TEAM, f"{front[1]}/slack/events", time, schemas=SCHEMAS)
    made.add_user(ANA, "Ana Ruiz")
    made.add_channel(HOTLINE, "hotline", members=[ANA])
    async with serve(made.app) as made.base_url:
        yield made


@pytest.fixture
async def channel(front: tuple[Front, str], slack: Slack, desk: Desk, time: Time) -> AsyncIterator[SlackChannel]:
    made = SlackChannel(BOT_TOKEN, SIGNING, f"{slack.base_url}/api/", "", desk.take_turn, time)
    async with listening(front[0], made):
        yield made


@pytest.fixture
async def side(front: tuple[Front, str], desk: Desk, time: Time, tmp_path: Path) -> AsyncIterator[Side]:
    database = await open_migrated(f"sqlite:///{tmp_path}/bot.db")
    async with beside(front, desk, Book(database, Vault(new_keys(tmp_path / "keys.json"))), time) as made:
        async with listening(front[0], made.channel):
            yield made
    await database.close()


async def sent(slack: Slack, desk: Desk, name: str = "people.csv", content: bytes = ROWS) -> Inbound:
    """Ana opens the form, chooses a file and submits it."""
    answer, desk.answer = desk.answer, Open(LIST)
    assert (await slack.command(ANA, HOTLINE, "/exit", "invite many")).ok
    desk.answer = answer
    file = slack.upload(ANA, name, content)
    assert (await slack.submit(ANA, {"file": {"many": [file]}})).ok
    return desk.came[-1]


def shown(slack: Slack) -> str:
    return json.dumps(slack.modals[ANA][-1])


# --- Slack


def test_a_field_for_a_file_is_sound_block_kit() -> None:
    assert BlockKit(SCHEMAS).view(modal(LIST)) == []


async def test_a_file_in_a_form_is_named_to_the_turn_and_answered_in_the_open_form(
    slack: Slack, channel: SlackChannel, desk: Desk
) -> None:
    desk.answer = say("1 person, no faults")
    said = await sent(slack, desk)
    assert (said.kind, said.name, said.value("city")) == ("submit", "many", "a")
    assert said.file is not None
    assert (said.file.size, await channel.fetch(said.file.url)) == (len(ROWS), ("text/csv", ROWS))
    assert "1 person, no faults" in shown(slack)


async def test_a_refusal_stands_at_its_field(slack: Slack, channel: SlackChannel, desk: Desk) -> None:
    desk.answer = Refuse({"file": "row 2: phone is missing"})
    await sent(slack, desk)
    assert slack.view_errors == {slack.modals[ANA][-1]["id"]: {"file": "row 2: phone is missing"}}


class Slow(Desk):
    """Takes its time over a file, until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()

    async def take_turn(self, inbound: Inbound) -> Answer:
        if inbound.file or inbound.value(KEPT):
            await self.go_on.wait()
        return await super().take_turn(inbound)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    monkeypatch.setattr(slack_channel, "PROMPT_SECONDS", 0)
    monkeypatch.setattr(slack_channel, "FIRST_ANSWER_SECONDS", 0)
    return Slow()


async def test_a_file_that_takes_long_is_answered_when_it_is_read(
    front: tuple[Front, str], slack: Slack, slow: Slow, time: Time
) -> None:
    made = SlackChannel(BOT_TOKEN, SIGNING, f"{slack.base_url}/api/", "", slow.take_turn, time)
    async with listening(front[0], made):
        slow.answer = Refuse({"file": "row 2: phone is missing"})
        await sent(slack, slow)
        assert "The file is being read" in shown(slack)
        slow.go_on.set()
        await made.settled()
        assert "row 2: phone is missing" in shown(slack)


async def test_a_button_for_a_kept_file_that_takes_long_is_answered_when_it_is_done(
    front: tuple[Front, str], slack: Slack, slow: Slow, time: Time
) -> None:
    made = SlackChannel(BOT_TOKEN, SIGNING, f"{slack.base_url}/api/", "", slow.take_turn, time)
    async with listening(front[0], made):
        slow.answer = Open(Form("check", "Check", (Buttons((Button("Invite", "go", {KEPT: "x"}),)),)))
        await slack.command(ANA, HOTLINE, "/exit", "x")
        view, slow.answer = slack.modals[ANA][-1], say("Invited")
        answer = await slack.press(ANA, view["id"], view["blocks"][0]["elements"][0]["action_id"])
        assert answer.ok and answer.body == ""
        slow.go_on.set()
    # Closing waits for what is under way.
    assert "Invited" in shown(slack)


async def test_a_slow_turn_that_fails_says_so_in_the_place_of_the_form(
    front: tuple[Front, str], slack: Slack, slow: Slow, time: Time
) -> None:
    made = SlackChannel(BOT_TOKEN, SIGNING, f"{slack.base_url}/api/", "", slow.take_turn, time)
    async with listening(front[0], made):
        slow.answer = Open(LIST)
        await slack.command(ANA, HOTLINE, "/exit", "invite many")
        slow.fault = RuntimeError(PHONE)
        await slack.submit(ANA, {"file": {"many": [slack.upload(ANA, "people.csv", ROWS)]}})
        slow.go_on.set()
        await made.settled()
        assert "could not be read" in shown(slack)


@pytest.mark.parametrize(
    "url",
    [
        "https://files.slack.com/files-pri/T0CITY-F1/download/people.csv",
        "http://169.254.169.254/latest/meta-data",
        "https://files.slack.com.example.org/x",
        "file:///etc/passwd",
        "",
    ],
)
async def test_nothing_is_fetched_elsewhere_and_nobody_else_sees_the_token(
    slack: Slack, channel: SlackChannel, url: str
) -> None:
    with pytest.raises(SendFailed, match="never"):
        await channel.fetch(url)
    assert slack.downloads == []


async def test_a_way_to_the_login_page_is_not_followed(slack: Slack, channel: SlackChannel, desk: Desk) -> None:
    said = await sent(slack, desk)
    slack.bot_token = "xoxb-other"
    assert said.file
    with pytest.raises(SendFailed, match="never"):
        await channel.fetch(said.file.url)


async def test_a_file_of_more_than_four_megabytes_is_not_taken(slack: Slack, channel: SlackChannel, desk: Desk) -> None:
    said = await sent(slack, desk, content=b"x" * (slack_channel.LARGEST_FILE + 1))
    assert said.file and said.file.size == slack_channel.LARGEST_FILE + 1
    with pytest.raises(SendFailed, match="size"):
        await channel.fetch(said.file.url)


async def test_a_file_is_deleted_where_slack_lets_us_and_else_the_person_is_told(
    slack: Slack, channel: SlackChannel, desk: Desk
) -> None:
    said = await sent(slack, desk)
    assert said.file
    assert "delete it there" in await channel.discard(said.file.reference)
    slack.lets_delete = True
    assert await channel.discard(said.file.reference) == DELETED
    assert slack.files == {}


def test_files_of_real_slack_lie_on_its_own_host() -> None:
    assert slack_channel._files_root("https://slack.com/api/") == "https://files.slack.com/"
    assert (
        slack_channel._files_root("http://127.0.0.1:8080/sandbox/slack/api/") == "http://127.0.0.1:8080/sandbox/slack/"
    )


# --- Teams


async def test_a_file_in_the_personal_chat_is_a_message_of_its_own_kind(side: Side) -> None:
    side.desk.answer = say("What is this file for?")
    assert (await side.teams.send_file(DANA, ("people.csv", ROWS))).ok
    said = side.desk.came[-1]
    assert (said.kind, said.name, said.sender.rpartition("/")[2]) == ("file", "", DANA)
    assert said.file and await side.channel.fetch(said.file.url) == ("text/csv", ROWS)
    assert "What is this file for?" in words(side.last().card)


async def test_two_files_at_once_are_refused_and_one_in_a_channel_is_none(side: Side) -> None:
    await side.teams.send_file(DANA, ("a.csv", ROWS), ("b.csv", ROWS))
    assert side.desk.came[-1].file and side.desk.came[-1].file.fault
    await side.teams.send_file(DANA, ("a.csv", ROWS), place=DESK)
    assert side.desk.came[-1].kind == "command" and side.desk.came[-1].file is None


async def test_an_address_that_is_too_old_gives_nothing(side: Side, time: Time) -> None:
    await side.teams.send_file(DANA, ("people.csv", ROWS))
    file = side.desk.came[-1].file
    time.go_on(minutes=6)
    assert file
    with pytest.raises(SendFailed, match="401"):
        await side.channel.fetch(file.url)


@pytest.mark.parametrize(
    "url",
    [
        "http://contoso-my.sharepoint.com/x",
        "https://contoso.sharepoint.com:8443/x",
        "https://a@contoso.sharepoint.com/x",
        "https://sharepoint.com.example.org/x",
        "https://notsharepoint.com/x",
        "https://10.0.0.1/x",
        "https://graph.microsoft.com/v1.0/me",
    ],
)
async def test_teams_files_are_fetched_from_sharepoint_only(side: Side, url: str) -> None:
    with pytest.raises(SendFailed, match="never"):
        await side.channel.fetch(url)


async def test_sharepoint_of_any_tenant_is_within() -> None:
    made = Fetcher(teams_channel._files_root(["https://smba.trafficmanager.net/"]), {}, teams_channel.FILES)
    assert made._in_domain(URL("https://contoso-my.sharepoint.com/personal/d/download.aspx?tempauth=x"))
    await made.close()


async def test_the_person_is_told_where_the_file_still_is(side: Side) -> None:
    assert "OneDrive" in await side.channel.discard("")


def test_a_form_in_teams_says_how_to_send_the_file() -> None:
    assert SEND_IT in words(form(LIST))
