"""The whole of training: one city in Slack, another in Teams, from the first form to the certificate and the board."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox.teams_kit import words
from bot.sandbox.wire import Answer
from handlers.messages import Inbound
from handlers.training.managers import NOTHING
from storage import staff
from storage.database import Transaction
from tests.opened import counts
from tests.town import TEAM, TENANT, TRAINING, Town, open_town

NOVEMBER = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # Monday, 10 am
HERE, GAIL, DANA, CORA = "C0MARCTRAINING", "U0MARCTRAINING", "U0INDFIRST", "U0INDCORA"
ANA, BEN, CORAS, DEE, SUE = (f"+1816234010{number}" for number in range(1, 6))
LINE, LINE_OF_B = TRAINING[:2]
INGRID, NOAH = "00000000-0000-4000-8000-000000000297", "00000000-0000-4000-8000-000000000295"
SESSION = {"day": "2026-12-16", "from": "1:00 pm", "to": "5:00 pm", "place": "Room 2, City Hall", "seats": "2"}
Fields = Mapping[str, str | list[str]]


class Slack:
    """Those who run training in Slack, and their people's phones."""

    def __init__(self, town: Town) -> None:
        self.town = town

    async def command(self, text: str, user: str = GAIL) -> str:
        answer = await self.town.slack.command(user, HERE, "/training", text)
        return await self._said(answer)

    async def submit(self, fields: Fields, user: str = GAIL) -> str:
        form = self.town.modal(user)["callback_id"]
        answer = await self.town.slack.submit(user, {name: {form: value} for name, value in fields.items()})
        return await self._said(answer)

    async def fill(self, command: str, fields: Fields, user: str = GAIL) -> str:
        await self.command(command, user)
        return await self.submit(fields, user)

    async def open(self, text: str, user: str = GAIL) -> str:
        """The words of the modal that a command opens."""
        await self.command(text, user)
        return json.dumps(self.town.modal(user))

    async def course(self, **changes: str | list[str]) -> None:
        await self.fill("course new", {"code": "SUP", "title": "Supervision", "kind": "course", **changes})

    async def list(self, name: str, phone: str, **changes: str) -> None:
        who = {"city": "independence", "name": name, "role": "staff", "language": "en", "phone": phone}
        assert "can be asked" in await self.fill("learner add", {**who, **changes})

    async def say(self, phone: str, *texts: str) -> str:
        for text in texts:
            await self.town.text(text, phone, LINE)
            await self.town.later(seconds=20)
        return self.town.heard(phone)[-1]

    async def press(self, user: str, label: str) -> None:
        """A button on the newest card in somebody's direct messages."""
        assert (await self.town.press(label, self.town.cards(user)[-1].ts, user)).ok

    async def _said(self, answer: Answer) -> str:
        await self.town.settled()
        assert answer.ok, answer
        return answer.body


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[Slack]:
    async with open_town(tmp_path, at=NOVEMBER) as town:
        town.slack.add_user(CORA, "Cora Hill")
        yield Slack(town)


async def test_the_whole_of_a_course_in_slack_from_the_form_to_the_certificate(slack: Slack) -> None:
    town = slack.town
    await slack.course(credits="4", valid_months="24")
    made = await slack.fill("session new", {**SESSION, "course": "SUP", "price": "120"})
    assert "Wed, Dec 16, 2026, 1:00 pm to 5:00 pm" in made
    for name, phone in (("Ana Flores", ANA), ("Ben Carter", BEN), ("Dee Long", DEE)):
        await slack.list(name, phone)
    await slack.list("Cora Hill", CORAS, account=CORA)
    await slack.list("Sue Park", SUE, role="elected")

    # Two channels are asked, after a preview that says what leaves, to how many and when.
    preview = await slack.fill("prompt SUP-1", {"cities": ["independence"], "roles": ["staff"]})
    assert "4 people get this; the first leaves at once." in preview
    (shown,) = re.findall(r"\[SUP-1\][^\"]*STOP ends texts\.", preview)
    assert town.heard(ANA) == []
    assert "4 people are asked" in await slack.submit({})
    await town.later(minutes=1)
    assert town.heard(ANA) == town.heard(BEN) == town.heard(DEE) == [shown]
    assert town.heard(CORAS) == town.heard(SUE) == []

    # By text and by button; two seats, so the others wait.
    assert "You have a seat" in await slack.say(ANA, "1")
    await slack.press(CORA, "Enrol")
    assert "number 1 on the waitlist" in await slack.say(BEN, "yes please")
    assert "number 2 on the waitlist" in await slack.say(DEE, "1")
    overview = await slack.command("")
    assert "2 of 2 taken, 0 left" in overview
    await town.later(hours=5)
    assert town.heard(CORAS) == []  # who answered in chat is not asked by text

    # Half past seven in the evening one seat is dropped, its price told; the night belongs to who is offered it.
    await town.later(hours=4, minutes=25)
    assert "It costs nothing until" in await slack.say(ANA, "DROP")
    assert "gave up your seat" in await slack.say(ANA, "YES")
    assert "A seat is free for you" in town.heard(BEN)[-1]
    await town.later(hours=13)
    assert "A seat is free for you" in town.heard(BEN)[-1]
    await town.later(hours=20)
    assert "goes to the next person" in town.heard(BEN)[-1]
    assert "A seat is free for you" in town.heard(DEE)[-1]
    assert "You have a seat" in await slack.say(DEE, "take it")

    # Somebody comes in their stead; a second time, nothing changes.
    assert "Sue Park has your seat" in await slack.say(DEE, "SUB Sue Park")
    await slack.press(CORA, "Send somebody else")
    assert "Sue Park has a seat there now" in json.dumps(await _sub(slack, "Sue Park"))
    assert "Sue Park" in await slack.open("roster SUP-1")

    # Reminders name the price at stake; then the day, the code on the board, and the papers.
    await town.later(days=8)
    assert any("$120.00 is charged" in text for text in town.heard(SUE))
    await _until(town, datetime(2026, 12, 16, 19, 10, tzinfo=UTC))
    assert "text us the code" in town.heard(SUE)[-1]
    code = _code(await slack.open("room SUP-1"))
    assert "not the code" in await slack.say(SUE, f"{(int(code) + 1) % 10**6:06}")
    assert "have you down as here" in await slack.say(SUE, code)
    await town.later(minutes=20)
    assert _code(await slack.open("room SUP-1")) != code
    ticked = await slack.fill("roster SUP-1", {"rest": ["yes"]})
    assert "attendance is kept" in ticked
    assert "1 person was there, 1 person was missing" in ticked  # who came by the code of the room counts, too
    await town.later(hours=5)
    link = re.search(r"http\S+/desk/\S+", town.heard(SUE)[-1])
    assert link
    await _paper_is_a_pdf_that_verifies(town, link[0])
    assert "certificate" not in json.dumps(town.heard(DEE)).lower()


async def _sub(slack: Slack, name: str) -> object:
    await slack.submit({"name": name}, CORA)
    return [card.blocks for card in slack.town.cards(CORA)]


async def _until(town: Town, at: datetime) -> None:
    await town.later(seconds=(at - town.clock()).total_seconds())


def _code(shown: str) -> str:
    found = re.search(r"\b(\d{3}) (\d{3})\b", shown)
    assert found
    return found[1] + found[2]


async def _paper_is_a_pdf_that_verifies(town: Town, link: str) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.post(link) as paper:
            name = paper.headers["Content-Disposition"]
            assert (await paper.read()).startswith(b"%PDF")
        code = re.search(r"certificate-([A-Z0-9-]+)\.pdf", name)
        assert code
        async with session.get(f"{town.address}/desk/certificates/{code[1]}") as page:
            assert "Supervision" in await page.text()
        async with session.post(link) as again:
            assert again.status == 404


async def test_a_manager_decides_once_and_nobody_else_for_them(slack: Slack) -> None:
    town = slack.town
    await slack.course(approval=["yes"])
    await slack.fill("session new", {**SESSION, "course": "SUP"})
    await slack.list("Ana Flores", ANA, manager=DANA)
    assert "Your manager is asked" in await slack.say(ANA, "ENROL SUP-1")
    (card,) = town.cards(DANA)
    assert "Ana Flores" in await slack.command("")
    button = next(one for one in card.blocks[-1]["elements"] if one["text"]["text"] == "Approve")
    forged = Inbound("slack", TEAM, f"{TEAM}/{GAIL}", "d", town.clock(), "press", name="training_approve")
    forged = replace(forged, values=json.loads(button["value"]))
    for sender in (GAIL, "U0STRANGER"):
        assert await town.service.turns.take(replace(forged, sender=f"{TEAM}/{sender}", delivery=sender)) == NOTHING
    assert "is held" in json.dumps(town.cards(DANA)[0].blocks)
    await slack.press(DANA, "Approve")
    assert "It is a yes" in town.heard(ANA)[-1]
    (card,) = [card for card in town.cards(DANA) if card.ephemeral_for is None]
    assert "approved" in json.dumps(card.blocks)
    assert "Approve" not in json.dumps(card.blocks)


async def test_an_exchange_stands_when_host_and_guest_have_both_said_yes(slack: Slack) -> None:
    await slack.course(code="LEAD", kind="exchange")
    await slack.fill("session new", {**SESSION, "course": "LEAD"})
    await slack.list("Ana Flores", ANA)
    await slack.list("Ben Carter", BEN)
    await slack.list("Olga Reyes", DEE, city="lees_summit")
    assert "two cities" in await slack.fill("exchange LEAD-1", {"hosting": "Ana Flores", "visiting": "Ben Carter"})
    assert "Nobody by that name" in await slack.fill("exchange LEAD-1", {"hosting": "Ann", "visiting": "Olga Reyes"})
    assert "are asked" in await slack.fill("exchange LEAD-1", {"hosting": "Ana Flores", "visiting": "olga"})
    await slack.town.later(minutes=1)
    assert "both are asked" in await slack.open("exchange LEAD-1")
    assert "other side" in await slack.say(ANA, "1")
    assert "one has said yes" in await slack.open("exchange LEAD-1")
    await slack.town.text("1", DEE, LINE_OF_B)
    await slack.town.later(minutes=1)
    assert "it stands" in await slack.open("exchange LEAD-1")
    assert "You have a seat" in slack.town.heard(ANA)[-1]


async def test_another_citys_coordinator_sees_their_own_people_and_counts_of_the_rest(slack: Slack) -> None:
    owen = "U0LSMEXITS"
    await slack.course()
    await slack.fill("session new", {**SESSION, "course": "SUP"})
    await slack.list("Ana Flores", ANA)
    await slack.list("Olga Reyes", DEE, city="lees_summit")
    await slack.say(ANA, "ENROL SUP-1")
    await slack.town.text("ENROL SUP-1", DEE, LINE_OF_B)
    shown = await slack.open("roster SUP-1", owen)
    assert "Olga Reyes" in shown and "Ana Flores" not in shown
    assert "2 of 2 taken" in shown and "Independence" in shown
    for text in ("cancel SUP-1", "prompt SUP-1", "session edit SUP-1", "room SUP-1", "offer SUP-1"):
        assert "is run by MARC" in await slack.command(text, owen)


async def test_what_one_may_not_see_is_as_absent_as_what_does_not_exist_and_each_denial_is_noted(slack: Slack) -> None:
    owen = "U0LSMEXITS"
    await slack.course(kind="governance", required_cities=["independence"], within_days="90")
    await slack.fill("session new", {**SESSION, "course": "SUP"})
    before = await _denials(slack.town)
    verbs = ("cancel", "prompt", "session edit", "room", "offer", "roster", "exchange", "course edit")
    for verb in verbs:
        hidden = await slack.command(f"{verb} SUP-1", owen)
        assert hidden == await slack.command(f"{verb} NONE-9", owen)
        assert "SUP" not in hidden
    assert await _denials(slack.town) == before + 2 * len(verbs)
    assert "Not available" in await slack.command("list", DANA)


async def _denials(town: Town) -> int:
    async def work(tx: Transaction) -> int:
        return int((await tx.fetch("SELECT count(*) AS n FROM audit WHERE action = 'refused'"))[0]["n"])

    return await town.service.database.read(work)


async def test_bad_input_is_answered_by_field_and_changes_nothing(slack: Slack) -> None:
    await slack.course()
    await slack.list("Ana Flores", ANA)
    kept = await counts(slack.town.service)
    session = {**SESSION, "course": "SUP"}
    assert "in the past" in await slack.fill("session new", {**session, "day": "2026-11-02"})
    assert "by this code already" in await slack.fill("course new", {"code": "sup", "title": "Again", "kind": "course"})
    assert "later than it begins" in await slack.fill("session new", {**session, "to": "11 am"})
    twice = {"city": "independence", "name": "Bea", "role": "staff", "language": "en", "phone": ANA}
    assert "has that phone" in await slack.fill("learner add", twice)
    for command in ("roster NONE-1", "prompt NONE-1", "cancel NONE-1", "course edit NONE", "learner remove Nobody"):
        assert "o such" in (said := await slack.command(command)) or "Nobody" in said
    now = await counts(slack.town.service)
    assert {name for name in kept if kept[name] != now[name]} <= {"audit", "inbox"}


class Teams:
    """A city clerk in Teams, in the chat with the bot."""

    def __init__(self, town: Town) -> None:
        self.town = town

    async def command(self, text: str) -> str:
        """What is answered; of a form, what the dialog shows."""
        self.town.teams.dialogs.pop(INGRID, None)
        assert (await self.town.teams.say(INGRID, "personal", f"/training {text}")).ok
        await self.town.settled()
        last = self.town.posts("personal", INGRID)[-1]
        if "Open" not in words(last.card).split("\n"):
            return words(last.card)
        assert (await self.town.teams.press(INGRID, last.id, "Open")).ok
        return words(self.town.teams.dialogs[INGRID].card)

    async def submit(self, fields: Mapping[str, str]) -> str:
        assert (await self.town.teams.submit(INGRID, fields)).ok
        await self.town.settled()
        return words(self.town.teams.dialogs[INGRID].card)

    async def fill(self, command: str, fields: Mapping[str, str]) -> str:
        await self.command(command)
        return await self.submit(fields)

    async def press(self, label: str) -> str:
        """A button on Noah's newest card."""
        card = self.town.posts("personal", NOAH)[-1]
        assert (await self.town.teams.press(NOAH, card.id, label)).ok
        await self.town.settled()
        return words(self.town.posts("personal", NOAH)[-1].card)


@pytest.fixture
async def teams(tmp_path: Path) -> AsyncIterator[Teams]:
    async with open_town(tmp_path, at=NOVEMBER, teams=True) as town:
        for user, name in ((INGRID, "Ingrid Bell"), (NOAH, "Noah Reed")):
            town.teams.add_user(user, name)
            assert (await town.teams.install(user)).ok
        await town.service.database.transact(lambda tx: _hire(tx, town))
        yield Teams(town)


async def _hire(tx: Transaction, town: Town) -> None:
    who = {"jurisdiction": "lees_summit", "channel": "teams", "team": TENANT, "user": INGRID}
    await staff.add(tx, town.service.vault, **who, roles=frozenset({"clerk"}), name="Ingrid Bell", office="")


async def test_the_whole_of_governance_training_in_teams_to_the_board_with_its_picture(teams: Teams) -> None:
    town, line = teams.town, LINE_OF_B
    duty = {"within_days": "90", "required_cities": "lees_summit", "required_roles": "board"}
    course = {"code": "SUN", "title": "Open meetings", "kind": "governance", "runner": "lees_summit", **duty}
    assert "governance training only" in await teams.fill("course new", {**course, "kind": "course"})
    assert "is kept" in await teams.fill("course new", course)
    assert "SUN-1" in await teams.fill("session new", {**SESSION, "course": "SUN", "seats": "5"})
    for name, phone, account, begins in (
        ("Noah Reed", "", NOAH, "2026-10-01"),
        ("Pia Stone", ANA, "", "2026-08-01"),
    ):
        member = {"name": name, "role": "board", "board": "Parks Board", "phone": phone, "account": account}
        added = await teams.fill(
            "learner add", {**member, "city": "lees_summit", "language": "en", "term_begins": begins}
        )
        assert "can be asked" in added
    assert "2 people get this" in await teams.fill("prompt SUN-1", {"boards": "Parks Board"})
    assert "2 people are asked" in await teams.submit({})
    await town.later(minutes=1)
    assert "Enrol" in words(town.posts("personal", NOAH)[-1].card)
    assert "You have a seat" in await teams.press("Enrol")
    await town.text("1", ANA, line)
    assert "You have a seat" in town.heard(ANA)[-1]

    board = await teams.command("board")
    assert "0 of 2 have it, 1 overdue" in board
    assert board.index("Pia Stone") < board.index("Noah Reed")  # for the clerk of their own city, late ones first
    await town.later(days=16, hours=4)
    assert "Noah Reed" in await teams.command("roster SUN-1")
    noah = next(id for id, name in _options(town.teams.dialogs[INGRID].card).items() if name.startswith("Noah"))
    assert "1 person was there, 1 person was missing" in await teams.submit({"here": noah, "rest": "yes"})
    await town.later(hours=5)
    assert "SUN-1" in words(town.posts("personal", NOAH)[-1].card)
    assert "1 of 2 have it, 1 overdue" in await teams.command("board")

    assert (await town.teams.press(INGRID, "dialog", "Post it as a picture")).ok
    await town.later(minutes=1)
    (picture,) = [part for post in town.posts("personal", INGRID) for part in _images(post.card)]
    assert "Parks Board" in picture["altText"]
    async with aiohttp.ClientSession() as session, session.get(picture["url"]) as found:
        assert (await found.read()).startswith(b"\x89PNG")


def _options(card: object) -> dict[str, str]:
    return {one["value"]: one["title"] for part in _parts(card) for one in part.get("choices", ())}


def _images(card: object) -> list[dict[str, str]]:
    return [part for part in _parts(card) if part.get("type") == "Image"]


def _parts(node: object) -> list[dict[str, Any]]:
    found = [node] if isinstance(node, dict) else []
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [*found, *(part for one in below for part in _parts(one))]
