"""A phone that was silent for a month may be somebody else's: what is told of a case waits for its return code."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.databases import SCHEMES, new_url
from tests.opened import stories
from tests.town import DESK_C, DESK_C_SLACK, LINE, LINE_C, LUIS, OTHER_PHONE, PHONE, Town, open_town

TIP = "Overtime was signed for a garage at the chief clerk's own house, near the old depot."
HINT = "Independence has a message for you. To read it, text the code that you got from us."
CODE = re.compile(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b")


@pytest.fixture(params=SCHEMES)
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    """A town on each of the databases."""
    async with new_url(request.param, tmp_path) as url, open_town(tmp_path, url) as opened:
        yield opened


async def silent(town: Town, line: str = LINE) -> tuple[str, str]:
    """A tip, and a month of silence; its word and code."""
    await town.text(TIP, line=line)
    word, code = town.word(), next(found[0] for text in town.heard() if (found := CODE.search(text)))
    await town.later(days=31)
    return word, code


async def replied(town: Town, word: str, text: str) -> None:
    await town.case(f"reply {word} {text}")
    await town.submit()
    await town.later(seconds=30)


async def rows(town: Town, sql: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await town.service.database.read(lambda tx: tx.fetch(sql))]


async def seen(town: Town, word: str) -> str:
    await town.case(f"view {word}")
    return json.dumps(town.modal(), ensure_ascii=False)


async def test_what_staff_write_waits_for_the_code_and_is_told_in_order(either: Town) -> None:
    town = either
    word, code = await silent(town)
    before = len(town.heard())
    await town.case(f"reply {word} Which month was it?")
    assert "may have a new owner" in json.dumps(town.modal())
    await town.submit()
    await town.later(seconds=30)
    await replied(town, word, "And at which depot?")
    (hint,) = town.heard()[before:]
    assert hint.startswith(HINT)
    case = await seen(town, word)
    assert case.count("waits for the code") == 2
    assert "Waits for the code since Thu 31 Dec 2026" in case
    assert "delivered" not in case
    assert "Waits for the code since" in json.dumps([card.blocks for card in town.cards() if card.ts])
    await town.text(f"my code is {code}")
    told = town.heard()[before + 1 :]
    assert told[:3] == [
        f"[{word}] Which month was it?",
        f"[{word}] And at which depot?",
        f"This phone now gets the texts about {word}.",
    ]
    assert "aits for the code" not in await seen(town, word)
    await replied(town, word, "Thank you.")
    assert town.heard()[-1] == f"[{word}] Thank you."


async def test_the_code_from_another_phone_tells_it_there_and_nothing_here(either: Town) -> None:
    town = either
    word, code = await silent(town)
    await replied(town, word, "Which month was it?")
    before = town.heard()
    await town.text(code, phone=OTHER_PHONE)
    assert town.heard(OTHER_PHONE)[0] == f"[{word}] Which month was it?"
    assert town.heard() == before


async def test_who_texts_without_the_code_is_a_stranger_with_a_report_of_their_own(either: Town) -> None:
    town = either
    word, code = await silent(town)
    before = len(town.heard())
    await town.text("STATUS")
    await town.text(f"{word}: did you find the man who wrote to you?")
    asked, greeting, _ = town.heard()[before:]
    await town.text("STATUS", phone=OTHER_PHONE)
    assert [asked] == town.heard(OTHER_PHONE)
    assert word not in greeting
    other = town.word()
    assert other != word
    assert sorted(map(len, (await stories(town.service)).values())) == [1, 1]
    await replied(town, other, "Who told you of it?")
    assert town.heard()[-1] == f"[{other}] Who told you of it?"
    await replied(town, word, "Which month was it?")
    assert town.heard()[-1].startswith(HINT)
    await town.text("STATUS")
    assert other in town.heard()[-1] and word not in town.heard()[-1]
    await town.text(code)
    assert f"[{word}] Which month was it?" in town.heard()


async def test_wrong_codes_open_nothing_and_after_five_the_right_one_does_not_either(town: Town) -> None:
    word, code = await silent(town)
    await replied(town, word, "Which month was it?")
    before = len(town.heard())
    for number in range(5):
        await town.text(f"ZZ3DE-7GHJ{number}")
    await town.text(code)
    assert len(set(town.heard()[before:])) == 1
    await town.later(hours=2)
    await town.text(code)
    assert f"[{word}] Which month was it?" in town.heard()


async def test_feedback_that_was_not_fetched_yet_is_given(town: Town) -> None:
    word, code = await silent(town)
    await town.case(f"close {word}")
    fields = {"outcome": "substantiated", "text": "It was dealt with. Thank you."}
    await town.slack.submit("U0INDFIRST", {name: {"case_close": value} for name, value in fields.items()})
    await town.submit()
    await town.later(days=70)
    (case,) = await rows(town, "SELECT stage FROM cases")
    assert case["stage"] == "concluded"
    assert all(clock["met"] for clock in await rows(town, "SELECT met FROM clocks"))
    assert "Feedback on what was done is overdue" not in json.dumps([card.blocks for card in town.cards()])
    assert f"[{word}] It was dealt with. Thank you." not in town.heard()
    await town.text(code)
    assert f"[{word}] It was dealt with. Thank you." in town.heard()


async def test_a_change_of_stage_waits_too_and_staff_are_told_so(town: Town) -> None:
    word, code = await silent(town)
    moved = await town.case(f"status {word} assessed")
    assert "when they text their code" in moved.body
    await town.later(minutes=1)
    assert town.heard()[-1].startswith(HINT)
    await town.text(code)
    assert any("is being looked into" in text for text in town.heard()[-3:])


async def test_a_hint_comes_in_decent_hours_once_a_week_and_not_to_who_stopped_texts(town: Town) -> None:
    word, _ = await silent(town)
    await town.later(hours=14)
    before = len(town.heard())
    for text in ("One", "Two"):
        await replied(town, word, text)
    assert len(town.heard()) == before
    await town.later(days=4, hours=10)
    assert len(town.heard()) == before + 1
    await replied(town, word, "Three")
    assert len(town.heard()) == before + 1
    await town.later(days=4)
    await replied(town, word, "Four")
    assert len(town.heard()) == before + 2
    await town.text("STOP")
    stopped = len(town.heard())
    await town.later(days=8)
    await replied(town, word, "Five")
    assert len(town.heard()) == stopped


async def test_what_waited_survives_a_stop_and_comes_after_start_and_the_code(town: Town) -> None:
    word, code = await silent(town)
    await replied(town, word, "Which month was it?")
    await town.text("STOP")
    await town.text("START")
    await town.text(code)
    assert f"[{word}] Which month was it?" in town.heard()


async def test_a_text_in_time_keeps_the_silence_from_beginning(town: Town) -> None:
    await town.text(TIP)
    word = town.word()
    for _ in range(3):
        await town.later(days=29)
        await town.text("STATUS")
        assert word in town.heard()[-1]
    await replied(town, word, "Which month was it?")
    assert town.heard()[-1] == f"[{word}] Which month was it?"


async def test_slack_and_teams_tell_of_it_alike(tmp_path: Path) -> None:
    async with open_town(tmp_path, teams=True) as town:
        word, _ = await silent(town, LINE_C)
        await town.case(f"status {word} assessed", user=LUIS, place=DESK_C_SLACK)
        await town.later(minutes=1)
        in_slack = json.dumps([card.blocks for card in town.cards(DESK_C_SLACK)], ensure_ascii=False)
        in_teams = json.dumps([post.card for post in town.posts(DESK_C)], ensure_ascii=False)
    for cards in (in_slack, in_teams):
        assert "A text waits for the reporter's code" in cards
        assert "Waits for the code since Thu 31 Dec 2026: their phone was silent for long" in cards
    assert town.heard(PHONE)[-1].startswith("Blue Springs has a message for you.")
    assert not any("is being looked into" in text for text in town.heard())


async def test_the_case_tells_of_the_wait_before_anything_is_written(town: Town) -> None:
    word, _ = await silent(town)
    assert "Will wait for the code" in await seen(town, word)


async def test_a_new_owner_who_answers_the_hint_with_wrong_number_gets_no_more_of_them(either: Town) -> None:
    town = either
    word, _ = await silent(town)
    await replied(town, word, "Which month was it?")
    await town.text("wrong number")
    before = len(town.heard())
    assert "START" in town.heard()[-1]
    await town.later(days=10)
    await replied(town, word, "Are you there?")
    await town.later(days=2)
    assert len(town.heard()) == before


async def test_wrong_number_without_a_hint_is_answered_as_to_a_phone_that_never_wrote(either: Town) -> None:
    town = either
    await silent(town)
    await town.text("wrong number")
    await town.text("wrong number", phone=OTHER_PHONE)
    assert town.heard()[-1] == town.heard(OTHER_PHONE)[-1]
