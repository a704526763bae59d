"""An exit interview in Slack and in Teams: the same one as by text, and nothing of it stays in the chat."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from bot.sandbox.teams_kit import parts, words
from handlers.exits.interviews import PROGRAM
from storage.database import Transaction
from tests.databases import SCHEMES, new_url
from tests.town import LUIS, MARCUS, PHONE, TEAM, TENANT, Town, open_town
from tests.whole.leavers import take_part
from tests.whole.test_exit_lock import all_opened, files, rows_with
from tests.whole.test_exits import COORDINATOR, LEAVER, NOVEMBER, Exits

COMMENT = "Quaggacomment the night shifts broke me"
LEAVER_IN_SLACK = "U0LEAVER"
MOST_PAGES = 12


class Chat(Protocol):
    """Where somebody takes their interview; `direct` are the bot's messages to them that stand there."""

    user: str
    channel: str

    @property
    def sender(self) -> str: ...
    async def ask(self, words: str) -> None: ...
    async def press(self, label: str) -> None: ...
    async def press_on_card(self, label: str) -> None: ...
    async def fill(self) -> None: ...
    def sees(self) -> str: ...
    def direct(self) -> list[str]: ...


@dataclass
class InSlack:
    town: Town
    user: str = LEAVER_IN_SLACK
    channel: str = "slack"
    comment: str = COMMENT

    @property
    def sender(self) -> str:
        return f"{TEAM}/{self.user}"

    async def ask(self, words: str) -> None:
        self.town.slack.modals.pop(self.user, None)
        place = self.town.slack.direct(self.user).id
        assert (await self.town.slack.command(self.user, place, "/interview", words)).ok
        await self.town.settled()

    async def press(self, label: str) -> None:
        assert (await self.town.press(label, self.town.modal(self.user)["id"], self.user)).ok

    async def press_on_card(self, label: str) -> None:
        self.town.slack.modals.pop(self.user, None)
        assert (await self.town.press(label, self.town.cards(self.user)[-1].ts, self.user)).ok

    async def fill(self) -> None:
        typed: dict[str, dict[str, Any]] = {}
        for block in self.town.modal(self.user)["blocks"]:
            if block["type"] == "input":
                element = block["element"]
                options = [option["value"] for option in element.get("options", ())]
                value: Any = options[0] if options else self.comment
                several = element["type"] in ("checkboxes", "multi_static_select")
                typed[block["block_id"]] = {element["action_id"]: [value] if several else value}
        assert (await self.town.slack.submit(self.user, typed)).ok
        await self.town.settled()

    def sees(self) -> str:
        modals = self.town.slack.modals.get(self.user)
        return _blocks(modals[-1]["blocks"] if modals else self.town.cards(self.user)[-1].blocks)

    def direct(self) -> list[str]:
        return [_blocks(post.blocks) for post in self.town.cards(self.user) if post.ephemeral_for is None]


def _blocks(blocks: list[dict[str, Any]]) -> str:
    """Without the names that Slack gives to blocks by chance."""
    return json.dumps([{name: block[name] for name in block if name != "block_id"} for block in blocks])


@dataclass
class InTeams:
    town: Town
    user: str = MARCUS
    channel: str = "teams"

    @property
    def sender(self) -> str:
        return f"{TENANT}/{self.user}"

    async def ask(self, words: str) -> None:
        self.town.teams.dialogs.pop(self.user, None)
        assert (await self.town.teams.say(self.user, "personal", f"/interview {words}".strip())).ok
        if self._posts() and "It opens for you alone" in self._posts()[-1][1]:
            await self.press_on_card("Open")

    async def press(self, label: str) -> None:
        assert (await self.town.teams.press(self.user, "dialog", label)).ok
        await self.town.settled()

    async def press_on_card(self, label: str) -> None:
        self.town.teams.dialogs.pop(self.user, None)
        assert (await self.town.teams.press(self.user, self._posts()[-1][0], label)).ok
        await self.town.settled()

    async def fill(self) -> None:
        inputs = [part for part in parts(self.town.teams.dialogs[self.user].card) if part["type"].startswith("Input.")]
        typed = {one["id"]: one["choices"][0]["value"] if one.get("choices") else COMMENT for one in inputs}
        assert (await self.town.teams.submit(self.user, typed)).ok
        await self.town.settled()

    def sees(self) -> str:
        dialog = self.town.teams.dialogs.get(self.user)
        return words(dialog.card) if dialog else "".join(text for _, text in self._posts()[-1:])

    def direct(self) -> list[str]:
        return [text for _, text in self._posts() if "Questions from" in text and "It opens for you" not in text]

    def _posts(self) -> list[tuple[str, str]]:
        return [(post.id, words(post.card)) for post in self.town.posts("personal", self.user)]


@pytest.fixture(params=SCHEMES)
async def town(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    async with new_url(request.param, tmp_path) as url, open_town(tmp_path, url, at=NOVEMBER, teams=True) as opened:
        opened.slack.add_user(LEAVER_IN_SLACK, "Lee Aver")
        yield opened


@pytest.fixture(params=[InSlack, InTeams])
def chat(request: pytest.FixtureRequest, town: Town) -> Chat:
    made: Chat = request.param(town)
    return made


async def joined(town: Town, chat: Chat, phone: str = PHONE) -> str:
    """Somebody who was asked by text joins in the chat with a code, which is given back."""
    exits = Exits(town)
    await exits.invite(phone=phone)
    (told,) = await exits.say("CHAT", phone=phone)
    code = told.split("join ")[1].split()[0]
    await chat.ask(f"join {code}")
    return code


async def finish(chat: Chat) -> None:
    for _ in range(MOST_PAGES):
        if "that was all" in chat.sees():
            return
        await chat.fill()
    raise AssertionError("the interview has no end")


def kept_in_chats(town: Town) -> str:
    """All that stands in either chat outside modals and dialogs, and all that was ever posted there."""
    posted = [call.args for call in town.slack.requests if not call.method.startswith(("views.open", "views.update"))]
    in_slack = [(one.text, one.blocks) for place in town.slack.channels.values() for one in place.messages]
    in_teams = [(one.text, one.card) for place in town.teams.channels.values() for one in place.messages]
    return json.dumps([posted, in_slack, in_teams, [call.body for call in town.teams.requests]], default=str)


async def counted(town: Town) -> Mapping[str, int]:
    async def work(tx: Transaction) -> dict[str, int]:
        tables = ("respondent_accounts", "interview_codes", "respondents")
        return {table: (await tx.fetch(f"SELECT count(*) AS n FROM {table}"))[0]["n"] for table in tables}  # noqa: S608

    return await town.service.database.read(work)


async def test_with_a_code_it_goes_on_in_the_chat_and_is_finished_there(town: Town, chat: Chat) -> None:
    await joined(town, chat)
    assert "May we begin?" in chat.sees()
    await finish(chat)
    assert COMMENT not in kept_in_chats(town)
    assert "Who sees it" not in kept_in_chats(town)
    await town.later(days=45)
    (kept,) = await Exits(town).responses()
    assert kept.answers["exit.next"] == "public" and not kept.late
    assert COMMENT not in kept.answers.values()
    assert any(COMMENT in text for text in await all_opened(town))  # apart, among the comments


async def test_begun_in_the_chat_it_is_finished_by_text(town: Town, chat: Chat) -> None:
    await joined(town, chat)
    await chat.fill()
    await chat.fill()
    exits = Exits(town)
    assert (await exits.say("go on"))[-1].startswith("2. ")
    await exits.finish(PHONE, COMMENT)
    await chat.ask("")
    assert "that was all" in chat.sees()


async def test_a_code_opens_one_interview_once_and_wrong_ones_close_the_door(town: Town, chat: Chat) -> None:
    exits = Exits(town)
    await exits.invite()
    (told,) = await exits.say("CHAT")
    code = told.split("join ")[1].split()[0]
    other = InSlack(town, LUIS)
    for number in range(5):
        await other.ask(f"join AAAA{number}-AAAA{number}")
    await other.ask(f"join {code}")
    assert "Nothing is open" in other.sees()
    await chat.ask(f"join {code}")
    assert "May we begin?" in chat.sees()
    third = InSlack(town, "U0INDSECOND")
    await third.ask(f"join {code}")
    assert "Nothing is open" in third.sees()


async def test_a_code_is_good_for_a_day(town: Town, chat: Chat) -> None:
    exits = Exits(town)
    await exits.invite()
    (told,) = await exits.say("CHAT")
    await town.later(hours=25)
    await chat.ask(f"join {told.split('join ')[1].split()[0]}")
    assert "Nothing is open" in chat.sees()


async def test_reminders_come_as_a_direct_message_at_decent_hours_and_say_nothing_of_the_answers(
    town: Town, chat: Chat
) -> None:
    await joined(town, chat)
    await chat.fill()
    before = len(town.heard())
    await town.later(days=3, hours=1)
    (card,) = chat.direct()
    await chat.press_on_card("Open")
    await chat.fill()
    await town.later(days=5)
    assert chat.direct() == [card]
    assert len(town.heard()) == before
    await town.later(days=20)
    assert chat.direct() == []


async def test_a_coordinator_who_names_the_account_sees_nothing_more_than_of_others(town: Town) -> None:
    exits, chat = Exits(town), InSlack(town)
    await exits.command("invite")
    fields: dict[str, Any] = {**LEAVER, "account": LEAVER_IN_SLACK}
    await exits.submit("exit_invite", fields)
    assert town.heard() == []
    (card,) = chat.direct()
    assert "short questions" in card
    await chat.press_on_card("Open")
    await finish(chat)
    progress = (await exits.command("progress")).body
    assert LEAVER_IN_SLACK not in progress and "Lee Aver" not in progress
    assert COMMENT not in kept_in_chats(town)


async def test_an_account_that_never_answers_is_reminded_by_text(town: Town, chat: Chat) -> None:
    await take_part(town, "independence", PHONE, chat.channel, chat.sender)
    await town.service.tick()
    await town.settled()
    assert len(chat.direct()) == 1 and town.heard() == []
    await town.later(days=4)
    assert len(town.heard()) == 1


async def test_stop_by_button_ends_texts_and_messages_and_takes_the_card_away(town: Town, chat: Chat) -> None:
    await joined(town, chat)
    await chat.fill()
    await town.later(days=4)
    await chat.press_on_card("Stop")
    before = len(town.heard())
    assert chat.direct() == []
    await town.later(days=20)
    assert len(town.heard()) == before and chat.direct() == []
    assert "no more texts" in (await Exits(town).invite()).body


async def test_erase_in_the_chat_leaves_no_row_and_no_message(town: Town, chat: Chat) -> None:
    await joined(town, chat)
    await chat.fill()
    await town.later(days=4)
    await chat.press_on_card("Open")
    await chat.fill()
    await chat.press("Erase all")
    assert "deleted" in chat.sees()
    assert await counted(town) == {"respondent_accounts": 0, "interview_codes": 0, "respondents": 0}
    assert chat.direct() == []
    for secret in (chat.user, PHONE, town.service.vault.alias("independence", PROGRAM, "twilio_sms", PHONE)):
        assert set(await rows_with(town, secret)) <= {"consents", "staff"}
    assert await Exits(town).rows("SELECT id FROM outbox WHERE kind = 'withdraw'") == []


async def test_after_the_lock_the_account_is_gone_as_the_phone_is(town: Town, chat: Chat, tmp_path: Path) -> None:
    await joined(town, chat)
    await chat.fill()
    await town.later(days=4)
    await chat.press_on_card("Open")
    await finish(chat)
    vault = town.service.vault
    account = vault.fingerprint("respondent account", chat.channel, chat.sender)
    alias = vault.alias("independence", PROGRAM, "twilio_sms", PHONE)
    lane = vault.fingerprint("lane", chat.channel, chat.user, alias)
    assert all([await rows_with(town, known) for known in (account, alias, lane)])
    await Exits(town).command("close independence", COORDINATOR)
    await town.later(days=60)
    assert [await rows_with(town, known) for known in (account, alias, lane)] == [[], [], []]
    assert await counted(town) == {"respondent_accounts": 0, "interview_codes": 0, "respondents": 0}
    assert not any(account.encode() in content for _, content in files(tmp_path))
    await chat.ask("")
    assert "Nothing is open" in chat.sees()


async def test_nobody_else_learns_whether_somebody_has_an_interview(town: Town, chat: Chat) -> None:
    await joined(town, chat)
    other = InSlack(town, LUIS)
    seen = set[str]()
    for asked in ("", "open", "join WRONG", "stop", "erase", "later", "back", "start", LEAVER_IN_SLACK):
        await other.ask(asked)
        seen.add(other.sees())
    assert len(seen) == 1
    assert await counted(town) == {"respondent_accounts": 1, "interview_codes": 0, "respondents": 1}
