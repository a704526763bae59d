"""The town on PostgreSQL, by one service and by two replicas of it: no text is lost, and none leaves twice."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import pytest

from bot.app import build
from bot.sandbox.wire import serve
from bot.service import Service
from storage import audit
from tests.databases import new_url
from tests.opened import stories
from tests.town import LINE, OTHER_PHONE, Town, open_town

TIP = "Overtime was signed for a garage at the chief clerk's own house, near the old depot."

pytestmark = pytest.mark.postgres


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with new_url("postgresql", tmp_path) as url, open_town(tmp_path, url) as opened:
        yield opened


@asynccontextmanager
async def another_replica(town: Town) -> AsyncIterator[Service]:
    """A second service on the same database; the providers reach the two in turn."""
    bot = build(town.settings, town.clock)
    async with serve(bot) as address:
        turns = cycle((address, town.address))
        town.twilio.reach = town.slack.reach = lambda url: url.replace(town.address, next(turns))
        yield bot.state.service


async def both_settled(town: Town, other: Service) -> None:
    for _ in range(3):
        for service in (town.service, other):
            service.scheduler.wake()
        await asyncio.gather(town.settled(), other.settled())


def sent_once(town: Town, phone: str) -> list[str]:
    """What a phone was sent, none of it twice."""
    heard = town.heard(phone)
    assert len(heard) == len(set(heard))
    assert sum("988" in text for text in heard) == 1
    return heard


async def test_a_tip_becomes_a_case_that_is_answered_and_closed(town: Town) -> None:
    await town.text(TIP)
    word = town.word()
    assert len(town.cards()) == 1
    await town.case(f"view {word}")
    assert "garage" in json.dumps(town.modal())
    await town.case(f"reply {word} Which month was it?")
    await town.submit()
    await town.later(seconds=21)
    assert town.heard()[-1] == f"[{word}] Which month was it?"
    await town.text("STATUS")
    assert word in town.heard()[-1]
    assert await audit.verify(town.service.database, town.service.vault) == []


async def test_a_person_named_in_the_tip_is_locked_out(town: Town) -> None:
    await town.text("Dana Reyes takes cash from contractors")
    hidden, absent = await town.case(f"view {town.word()}"), await town.case("view WALRUS-1")
    assert (hidden.status, hidden.body) == (absent.status, absent.body)
    assert town.word() not in json.dumps([card.blocks for card in town.cards() if card.ephemeral_for is None])


async def test_two_replicas_take_each_text_once_and_answer_it_once(town: Town) -> None:
    async with another_replica(town) as other:
        phones = [f"+1816239{number:04}" for number in range(12)]
        said = {phone: [f"Something about the depot, {phone[-4:]}.", "It was by the trailer."] for phone in phones}
        for number in range(2):
            await asyncio.gather(*(town.twilio.receive(phone, LINE, said[phone][number]) for phone in phones))
            await both_settled(town, other)
            town.clock.move(seconds=10)
        found = await stories(town.service)
        assert sorted(found.values()) == sorted(said.values())
        assert all(len(sent_once(town, phone)) == 3 for phone in phones)
        cards = Counter(card.blocks[0]["text"]["text"].split()[0] for card in town.cards())
        assert cards == Counter(list(found))
        assert await audit.verify(town.service.database, town.service.vault) == []


async def test_one_phone_that_texts_two_replicas_at_once_gets_one_case(town: Town) -> None:
    async with another_replica(town) as other:
        texts = [f"Something about the depot, line {number:02}." for number in range(8)]
        await asyncio.gather(*(town.twilio.receive(OTHER_PHONE, LINE, text) for text in texts))
        await both_settled(town, other)
        (story,) = (await stories(town.service)).values()
        assert Counter(story) == Counter(texts)
        assert sum("988" in text for text in town.heard(OTHER_PHONE)) == 1
        assert len(town.heard(OTHER_PHONE)) == 2
        town.clock.move(seconds=12)
        await both_settled(town, other)
        assert len(town.heard(OTHER_PHONE)) == 3
        assert len(town.cards()) == 1


async def test_the_same_delivery_at_two_replicas_and_two_sweeps_counts_once(town: Town) -> None:
    async with another_replica(town) as other:
        town.twilio.webhook_down = True
        for number in range(8):
            await town.twilio.receive(f"+1816239{number % 4:04}", LINE, f"Something about the depot, line {number:02}.")
        town.twilio.webhook_down = False
        await asyncio.gather(town.service.tick(), other.tick(), town.service.tick(), other.tick())
        await both_settled(town, other)
        town.clock.move(seconds=12)
        await both_settled(town, other)
        texts = [text for story in (await stories(town.service)).values() for text in story]
        assert sorted(texts) == [f"Something about the depot, line {number:02}." for number in range(8)]
        assert all(len(sent_once(town, f"+1816239{number:04}")) == 3 for number in range(4))


async def test_a_follow_up_due_at_two_replicas_fires_once(town: Town) -> None:
    await town.text("He has a gun in his locker and said he will shoot the crew tonight")
    async with another_replica(town) as other:
        await both_settled(town, other)
        town.clock.at += timedelta(minutes=5)
        await asyncio.gather(town.service.tick(), other.tick())
        await both_settled(town, other)
        assert len(town.cards("U0INDSECOND")) == 1


async def test_what_one_replica_left_in_doubt_another_finds_and_never_sends_again(town: Town) -> None:
    town.twilio.faults.next_send(accept_then_500=True, callbacks="none")
    await town.text(TIP)
    async with another_replica(town) as other:
        for _ in range(12):
            town.clock.at += timedelta(minutes=1)
            await asyncio.gather(town.service.tick(), other.tick())
            await both_settled(town, other)
        assert len(sent_once(town, "+18162340001")) == 2
        assert len(town.twilio.posts) == 2
