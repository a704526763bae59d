"""City A in Slack, city B in Teams, city C in both: one state, whichever chat it is worked from."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.faults import Faults
from bot.sandbox.slack_workspace import Message as SlackMessage
from bot.sandbox.teams_kit import words
from bot.sandbox.teams_workspace import Fault, Message
from tests.town import (
    DESK,
    DESK_B,
    DESK_C,
    DESK_C_SLACK,
    HANNAH,
    LINE,
    LINE_B,
    LINE_C,
    LUIS,
    MARCUS,
    NEUTRAL,
    PRIYA,
    Town,
    open_town,
)

ROOT = Path(__file__).parents[2]
TIP = "Overtime was signed for a garage at the chief clerk's own house, near the old depot."
HOURS = int(os.environ.get("OUTAGE_HOURS", "5"))
SEED = int(os.environ.get("OUTAGE_SEED", random.SystemRandom().randrange(10**6)))


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path, teams=True) as opened:
        yield opened


class Outage(Faults[Fault]):
    """Every call of the connector goes wrong in one of these ways, until it is over."""

    def __init__(self, *ways: Fault) -> None:
        super().__init__(Fault)
        self.ways = ways
        self.over = False
        self._chance = random.Random(SEED)  # noqa: S311

    def take(self, name: str) -> Fault:
        return super().take(name) if self.over or name == "keys" else self._chance.choice(self.ways)


async def press(town: Town, user: str, message: Message, label: str) -> None:
    """Somebody in Teams presses a button of a message, and what follows from it happens."""
    assert (await town.teams.press(user, message.id, label)).ok
    await town.settled()


def cards(town: Town, place: str, user: str = HANNAH) -> str:
    return "\n".join(words(message.card) for message in town.posts(place, user))


def in_slack(town: Town) -> list[SlackMessage]:
    """What everybody sees in the channel that Blue Springs has in Slack."""
    return [message for message in town.cards(DESK_C_SLACK) if message.ephemeral_for is None]


async def test_a_tip_appears_in_slack_for_one_city_in_teams_for_another_and_in_both_for_a_third(both: Town) -> None:
    where = {}
    for number, line in enumerate((LINE, LINE_B, LINE_C)):
        phone = f"+1816234100{number}"
        await both.text(TIP, phone, line)
        where[line] = both.word(phone)
    slack = {place: json.dumps([card.blocks for card in both.cards(place)]) for place in (DESK, DESK_C_SLACK)}
    assert where[LINE] in slack[DESK] and where[LINE_C] in slack[DESK_C_SLACK]
    assert where[LINE_B] in cards(both, DESK_B, PRIYA) and where[LINE_C] in cards(both, DESK_C)
    assert len(both.posts(DESK_B, PRIYA)) == len(both.posts(DESK_C)) == 1
    assert both.cards("C0LSMHOTLINE") == []
    said = json.dumps([call.body for call in both.teams.requests])
    assert [secret for secret in ("garage", "Overtime", "depot", "8162341") if secret in said] == []


async def test_a_card_posted_in_both_is_updated_in_both_whoever_acts(both: Town) -> None:
    await both.text(TIP, line=LINE_C)
    (slack_card,), (teams_card,) = in_slack(both), both.posts(DESK_C)
    await press(both, HANNAH, teams_card, "Assign to me")
    assert "Hannah Price" in json.dumps(slack_card.blocks) and "Hannah Price" in words(teams_card.card)
    await both.case(f"assign {both.word()} me", LUIS, DESK_C_SLACK)
    assert "Luis Ortega" in json.dumps(slack_card.blocks) and "Luis Ortega" in words(teams_card.card)
    assert (len(in_slack(both)), len(both.posts(DESK_C))) == (1, 1)
    assert teams_card.edited >= 2


async def test_a_case_is_worked_to_its_end_from_teams(both: Town) -> None:
    await both.text(TIP, line=LINE_B)
    word = both.word()
    await both.teams.say(PRIYA, DESK_B, f"case view {word}", slash=True)
    await press(both, PRIYA, both.posts(DESK_B, PRIYA)[-1], "Open")
    assert "garage" in words(both.teams.dialogs.pop(PRIYA).card)
    (card,) = both.posts(DESK_B, MARCUS)
    await press(both, PRIYA, card, "Reply")
    await both.teams.submit(PRIYA, {"text": "Which month was it?"})
    assert f"[{word}] Which month was it?" in words(both.teams.dialogs[PRIYA].card)
    await both.teams.submit(PRIYA)
    await both.later(seconds=21)
    assert both.heard()[-1] == f"[{word}] Which month was it?"
    await both.teams.say(PRIYA, "personal", f"close {word}")
    fields = {"outcome": "substantiated", "text": "It was dealt with. Thank you."}
    await press(both, PRIYA, both.posts("personal", PRIYA)[-1], "Open")
    await both.teams.submit(PRIYA, fields)
    await both.teams.submit(PRIYA)
    await both.later(minutes=1)
    assert both.heard()[-1] == f"[{word}] It was dealt with. Thank you."
    assert "Closed" in words(card.card)


@pytest.mark.parametrize("place", [DESK_C, "personal"])
@pytest.mark.parametrize("asked", ["view {}", "reply {} It was the garage", "note {}", "assign {}", "pictures {}"])
async def test_a_typed_command_leaves_nothing_of_a_case_in_teams_and_is_done_when_it_is_opened(
    both: Town, place: str, asked: str
) -> None:
    await both.text(TIP, line=LINE_C)
    await both.text("The house is green.", line=LINE_C)
    before, word = len(both.teams.requests), both.word()
    await both.teams.say(HANNAH, place, f"case {asked.format(word)}", slash=True)
    message = both.posts(place)[-1]
    assert words(message.card) == f"{word}\nIt opens for you alone and leaves nothing in this chat.\nOpen"
    assert await audited(both) == []
    await press(both, HANNAH, message, "Open")
    assert words(both.teams.dialogs[HANNAH].card).startswith(word)
    assert await audited(both) == {"view": ["viewed"], "pictures": ["pictures_opened"]}.get(asked.split()[0], [])
    said = json.dumps([call.body for call in both.teams.requests[before:]])
    assert [kept for kept in ("Overtime", "green", "/desk/") if kept in said] == []


async def audited(town: Town) -> list[str]:
    """What Hannah Price has done, by the audit."""
    rows = await town.service.database.read(
        lambda tx: tx.fetch(
            "SELECT action FROM audit JOIN staff ON staff.id = actor WHERE person = :person ORDER BY at", person=HANNAH
        )
    )
    return [row["action"] for row in rows]


async def test_a_reader_in_teams_who_is_named_is_locked_out_and_the_other_is_told_in_private(both: Town) -> None:
    await both.text("Hannah Price takes cash from contractors", line=LINE_C)
    word = both.word()
    assert both.posts(DESK_C) == [] and both.cards(DESK_C_SLACK) == []
    assert word in json.dumps([card.blocks for card in both.cards(LUIS)])
    asked = []
    for each in (word, "WALRUS-1"):
        await both.teams.say(HANNAH, DESK_C, f"case view {each}", slash=True)
        asked.append(words(both.posts(DESK_C)[-1].card))
    assert asked[0] == asked[1]


async def test_when_a_later_text_names_a_reader_the_card_is_taken_away_in_both(both: Town) -> None:
    await both.text(TIP, line=LINE_C)
    assert both.posts(DESK_C) and both.cards(DESK_C_SLACK)
    await both.text("It was Luis Ortega who signed", line=LINE_C)
    assert both.posts(DESK_C) == [] and both.cards(DESK_C_SLACK) == []
    assert both.word() in cards(both, "personal")
    assert both.cards(LUIS) == []


async def test_when_everybody_of_a_city_in_teams_is_named_the_neutral_desk_in_slack_takes_the_case(both: Town) -> None:
    await both.text("Priya Natarajan and Marcus Bell split the money", line=LINE_B)
    assert both.posts(DESK_B, PRIYA) == []
    assert both.word() in json.dumps([card.blocks for card in both.cards(NEUTRAL)])


async def test_danger_pages_contacts_in_teams_in_turn_until_one_has_it(both: Town) -> None:
    await both.text("He has a gun in his locker and said he will shoot the crew tonight", line=LINE_B)
    assert both.posts("personal", PRIYA) and not both.posts("personal", MARCUS)
    await both.later(minutes=6)
    await press(both, MARCUS, both.posts("personal", MARCUS)[-1], "I have it")
    await both.later(minutes=5)
    asked = len(both.teams.requests)
    await both.later(hours=1)
    assert [call.name for call in both.teams.requests[asked:]] == []


# --- outages


@pytest.mark.parametrize(
    "ways",
    [
        (Fault(status=503),),
        (Fault(status=429, retry_after=30), Fault(status=429, retry_after=1)),
        (Fault(status=502, performed=True), Fault(status=500)),
        (Fault(status=401), Fault(status=500), Fault(status=429, retry_after=5), Fault(status=504)),
    ],
)
async def test_after_hours_without_teams_every_case_stands_there_once_as_it_is_and_nobody_else_noticed(
    both: Town, ways: Sequence[Fault]
) -> None:
    print(f"OUTAGE_SEED={SEED}")
    outage = Outage(*ways)
    both.teams.faults = outage
    phones = [f"+1816237{number:04}" for number in range(3)]
    for phone in phones:
        await both.text(TIP, phone, LINE_C)
        await both.text("It was the crew with the trailer.", phone, LINE_C)
        assert len(both.heard(phone)) == 3
        await both.case(f"assign {both.word(phone)} me", LUIS, DESK_C_SLACK)
        await both.later(minutes=HOURS * 20)
    assert len(in_slack(both)) == 3
    outage.over = True
    await both.later(minutes=30)
    found = {words(message.card).split()[0]: message for message in both.posts(DESK_C)}
    assert sorted(found) == sorted(both.word(phone) for phone in phones)
    assert all("Luis Ortega" in words(message.card) for message in found.values())
    extra = len(both.posts(DESK_C)) - len(found)
    # What Teams took and denied stands there twice: it can be asked by nobody what it has.
    assert extra == 0 or any(way.performed for way in ways)
    asked = len(both.teams.requests)
    await both.later(hours=1)
    assert len(both.teams.requests) == asked


@pytest.mark.parametrize("seconds", [1, 37, 3000])
async def test_a_wait_that_teams_asks_for_is_kept(both: Town, seconds: int) -> None:
    both.teams.faults.next("post", status=429, retry_after=seconds)
    await both.text(TIP, line=LINE_B)
    await both.later(seconds=seconds + 700)
    posts = [call for call in both.teams.requests if call.name == "post"]
    assert [call.error for call in posts] == ["ServiceError", ""]
    assert posts[1].at - posts[0].at >= timedelta(seconds=seconds)
    assert Counter(call.name for call in both.teams.requests)["post"] == 2


# --- without Teams


async def test_what_is_owed_to_a_channel_that_does_not_run_waits_in_sight_and_leaves_when_it_runs(
    tmp_path: Path,
) -> None:
    async with open_town(tmp_path) as town:
        await town.text(TIP, line=LINE_B)
        await town.text("He was there again.", line=LINE_B)
        await town.later(hours=2)
        assert len(town.heard()) == 3
        assert await readiness(town) == {"teams": 1}
        at = town.clock()
    async with open_town(tmp_path, at=at, teams=True) as town:
        await town.later(minutes=11)
        assert len(town.posts(DESK_B, PRIYA)) == 1
        assert await readiness(town) is None


async def readiness(town: Town) -> object:
    async with aiohttp.ClientSession() as session, session.get(f"{town.address}/readyz") as answer:
        assert answer.status == 200
        return (await answer.json())["outbox"].get("no_channel")


def test_without_teams_none_of_its_code_is_imported(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from bot.app import build
from bot.settings import read_settings
from storage.vault import new_keys
new_keys(Path("keys.json"))
build(read_settings(key_file="keys.json", twilio_account_sid="AC0", twilio_auth_token="x",
                    slack_bot_token="xoxb-x", slack_signing_secret="x"))
print([name for name in sys.modules if name.startswith(("microsoft_teams", "bot.channels.teams", "jwt", "httpx"))])
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
