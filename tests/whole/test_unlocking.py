"""Somebody locked out by mistake is let in again: a reader asks, somebody neutral decides, nobody else hears of it."""

import json

import pytest

from bot.sandbox.slack_workspace import Message
from handlers.casework.unlocking import WISH
from tests.town import DESK, Town

READER, LOCKED, NEUTRAL_ONE, CUSTODIAN = "U0INDSECOND", "U0INDFIRST", "U0MARCDUTY", "U0INDCUST"
TIP = "The contractor Reyes bills for hours nobody worked at the old depot"
WHY = "They mean the contractor, who bears the same name"


@pytest.fixture
async def word(town: Town) -> str:
    """A case that Dana Reyes is locked out of, for a contractor's name."""
    await town.text(TIP)
    return town.word()


async def ask(town: Town, word: str, reader: str = READER, why: str = WHY) -> None:
    await town.case(f"unlock {word}", user=reader)
    await town.slack.submit(reader, {"text": {"case_unlock": why}})
    await town.settled()


async def decide(town: Town, label: str, user: str = NEUTRAL_ONE) -> None:
    await town.press("Decide", question(town, user), user)
    await town.press(label, town.modal(user)["id"], user)


def question(town: Town, user: str = NEUTRAL_ONE) -> str:
    return next(card.ts for card in town.cards(user) if "Decide" in labels(card))


def labels(card: Message) -> list[str]:
    buttons = (element for block in card.blocks for element in block.get("elements", ()) if element["type"] == "button")
    return [button["text"]["text"] for button in buttons]


async def opens(town: Town, word: str, user: str) -> bool:
    town.slack.modals.pop(user, None)
    await town.case(f"view {word}", user=user)
    return "bills for hours" in json.dumps(town.slack.modals.get(user, []))


async def test_a_neutral_person_lets_in_who_was_locked_out_by_mistake(town: Town, word: str) -> None:
    assert not await opens(town, word, LOCKED)
    await ask(town, word)
    await decide(town, "Let in")
    assert await opens(town, word, LOCKED)
    assert word in json.dumps([card.blocks for card in town.cards(DESK)])
    assert not any(f"/{word}" in card.text for card in town.cards(READER))


async def test_whoever_decides_reads_the_question_and_not_the_report(town: Town, word: str) -> None:
    await ask(town, word)
    card = json.dumps([card.blocks for card in town.cards(NEUTRAL_ONE)])
    assert word in card
    assert "Reyes" not in card
    assert WHY not in card
    await town.press("Decide", question(town), NEUTRAL_ONE)
    shown = json.dumps(town.modal(NEUTRAL_ONE))
    assert WHY in shown
    assert "Dana Reyes" in shown
    assert "depot" not in shown
    assert not await opens(town, word, NEUTRAL_ONE)


@pytest.mark.parametrize("answer", ["2", "human resources", "Recursos Humanos, por favor"])
async def test_whoever_decides_is_told_where_the_lock_out_is_the_reporters_wish(town: Town, answer: str) -> None:
    await town.text("The hours at the old depot are made up, and nobody says a word")
    word = town.word()
    await town.text(answer)
    await ask(town, word)
    await ask(town, word, why="Dana was on leave then")
    await town.press("Decide", question(town), NEUTRAL_ONE)
    shown = json.dumps(town.modal(NEUTRAL_ONE))
    assert shown.count(WISH) == 1
    assert "depot" not in shown


async def test_a_lock_out_for_a_name_is_not_said_to_be_the_reporters_wish(town: Town, word: str) -> None:
    await town.text("Police. not human resources")
    await ask(town, word)
    await town.press("Decide", question(town), NEUTRAL_ONE)
    assert WISH not in json.dumps(town.modal(NEUTRAL_ONE))


async def test_the_lock_out_stays_where_the_answer_is_no(town: Town, word: str) -> None:
    await ask(town, word)
    await decide(town, "Keep out")
    assert not await opens(town, word, LOCKED)
    assert await opens(town, word, READER)
    assert "stays locked out" in json.dumps(town.modal(READER))


async def test_who_is_locked_out_hears_nothing_of_question_or_answer(town: Town, word: str) -> None:
    before = len(town.cards(LOCKED))
    await ask(town, word)
    await decide(town, "Keep out")
    assert len(town.cards(LOCKED)) == before
    hidden = await town.case(f"unlock {word}", user=LOCKED)
    absent = await town.case("unlock WALRUS-1", user=LOCKED)
    assert (hidden.status, hidden.body) == (absent.status, absent.body)


async def test_nobody_decides_on_a_case_that_they_read(town: Town, word: str) -> None:
    await ask(town, word)
    await town.press("Decide", question(town), NEUTRAL_ONE)
    await town.slack.command(READER, DESK, "/case", f"decide {word}")
    await town.case(f"let_in {word}", user=READER)
    assert not await opens(town, word, LOCKED)


async def test_without_a_question_a_case_is_as_absent_to_the_neutral_as_ever(town: Town, word: str) -> None:
    for user in (NEUTRAL_ONE, CUSTODIAN):
        hidden = await town.case(f"decide {word}", user=user)
        absent = await town.case("decide WALRUS-1", user=user)
        assert (hidden.status, hidden.body) == (absent.status, absent.body)


async def test_after_a_mistake_half_a_name_locks_nobody_out_again_but_a_whole_one_does(town: Town, word: str) -> None:
    await ask(town, word)
    await decide(town, "Let in")
    await town.text("Reyes was there again on Friday")
    assert await opens(town, word, LOCKED)
    await town.text("It is your own Dana Reyes who signs the sheets")
    assert not await opens(town, word, LOCKED)


async def test_a_case_without_a_reader_goes_back_to_its_city_when_one_is_let_in(town: Town) -> None:
    await town.text("Reyes and Whitfield, the two contractors, bills for hours nobody worked")
    word = town.word()
    assert await opens(town, word, NEUTRAL_ONE)
    await ask(town, word, reader=NEUTRAL_ONE)
    await decide(town, "Let in", user=CUSTODIAN)
    assert not await opens(town, word, NEUTRAL_ONE)
    assert [user for user in (LOCKED, READER) if await opens(town, word, user)] == [LOCKED]


async def test_a_second_press_finds_it_settled(town: Town, word: str) -> None:
    await ask(town, word)
    await town.press("Decide", question(town), NEUTRAL_ONE)
    modal = town.modal(NEUTRAL_ONE)["id"]
    await town.press("Let in", modal, NEUTRAL_ONE)
    assert "Decide" not in {label for card in town.cards(NEUTRAL_ONE) for label in labels(card)}
    again = await town.case(f"decide {word}", user=NEUTRAL_ONE)
    absent = await town.case("decide WALRUS-1", user=NEUTRAL_ONE)
    assert (again.status, again.body) == (absent.status, absent.body)


async def test_a_question_needs_a_reason(town: Town, word: str) -> None:
    await ask(town, word, why="\u200b")
    assert {"text": "Say why."} in town.slack.view_errors.values()
    assert not [card for card in town.cards(NEUTRAL_ONE) if "Decide" in labels(card)]


async def test_where_nobody_is_locked_out_there_is_nothing_to_ask(town: Town) -> None:
    await town.text("Overtime was signed for a garage near the old depot")
    answer = await town.case(f"unlock {town.word()}", user=READER)
    assert f"Nobody is locked out of {town.word()}" in answer.body
