"""Providers that fail, late or never answer, and a database that refuses: nothing lost, nothing twice, nobody held up.

A deep run, by hand: OUTAGE_TEXTS=500 OUTAGE_HOURS=6 OUTAGE_ORDERS=1000 make test ARGS=tests/whole/test_outages.py
"""

import asyncio
import json
import os
import random
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.channels import slack as slack_channel
from bot.channels import twilio_client
from bot.sandbox.faults import Faults
from bot.sandbox.slack_workspace import Fault
from bot.sandbox.twilio import Callbacks, Message, signature
from bot.sandbox.wire import Answer, post
from storage import sqlite
from storage.ids import milliseconds, new_id
from tests.opened import stories
from tests.town import ACCOUNT, LINE, MONDAY, OTHER_PHONE, PHONE, TOKEN, Town, open_town

TIP = "Overtime was signed for a garage at the chief clerk's own house, near the old depot."
TEXTS = int(os.environ.get("OUTAGE_TEXTS", "60"))
HOURS = int(os.environ.get("OUTAGE_HOURS", "1"))
ORDERS = int(os.environ.get("OUTAGE_ORDERS", "40"))
SEED = int(os.environ.get("OUTAGE_SEED", random.SystemRandom().randrange(10**6)))


class Outage(Faults[Fault]):
    """Everything that is asked of Slack goes wrong in one of these ways, until it is over."""

    def __init__(self, *ways: Fault) -> None:
        super().__init__(Fault)
        self.ways = ways
        self.over = False
        self._chance = random.Random(SEED)  # noqa: S311

    def take(self, method: str) -> Fault:
        return super().take(method) if self.over else self._chance.choice(self.ways)


@pytest.fixture(autouse=True)
def _seed() -> None:
    print(f"OUTAGE_SEED={SEED}")


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that hangs is given up after a moment."""
    short = aiohttp.ClientTimeout(total=1)  # for what does not hang, an age
    monkeypatch.setattr(twilio_client, "TIMEOUT", short)
    monkeypatch.setattr(slack_channel, "TIMEOUT", short)


def headlines(town: Town) -> str:
    return json.dumps([card.blocks for card in town.cards()], ensure_ascii=False)


async def reply(town: Town, text: str) -> None:
    """A recipient answers the case of the first phone, and the time to undo it passes."""
    await town.case(f"reply {town.word()} {text}")
    await town.submit()
    await town.later(seconds=21)


# --- sends


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(
    "fault",
    [
        {"accept_then_500": True},
        {"accept_then_500": True, "callbacks": "none"},
        {"hang": True},
        {"hang": True, "callbacks": "none"},
    ],
)
async def test_a_text_whose_answer_was_lost_is_found_again_and_never_sent_twice(
    town: Town, fault: dict[str, Any]
) -> None:
    town.twilio.faults.next_send(**fault)
    await town.text(TIP)
    await town.later(minutes=30)
    first, question = town.heard()
    assert "988" in first
    assert "?" in question
    assert len(town.twilio.posts) == 2


async def test_a_text_that_was_surely_lost_is_sent_once_more_after_ten_minutes_and_not_before(town: Town) -> None:
    town.twilio.faults.next_send(status=500)
    await town.text(TIP)
    await town.later(minutes=9)
    assert [sent.status for sent in town.twilio.posts] == [500]
    await town.later(minutes=2)
    assert [sent.status for sent in town.twilio.posts] == [500, 201, 201]
    assert ["988" in text for text in town.heard()] == [True, False]


async def test_a_text_that_is_lost_twice_is_given_up_and_the_desk_is_told(town: Town) -> None:
    town.twilio.faults.next_send(status=500)
    town.twilio.faults.next_send(status=500)
    await town.text(TIP)
    await town.later(minutes=30)
    assert [sent.status for sent in town.twilio.posts] == [500, 500, 201]
    assert "A text to the reporter did not arrive" in headlines(town)


async def test_waits_that_were_asked_for_before_do_not_count_as_a_repeat(town: Town) -> None:
    for _ in range(3):
        town.twilio.faults.next_send(status=429, retry_after=1)
    town.twilio.faults.next_send(status=500)
    await town.text(TIP)
    await town.later(minutes=30)
    assert [sent.status for sent in town.twilio.posts] == [429, 429, 429, 500, 201, 201]


@pytest.mark.parametrize("seconds", [1, 37, 3000])
async def test_a_wait_that_twilio_asks_for_is_kept(town: Town, seconds: int) -> None:
    town.twilio.faults.next_send(status=429, retry_after=seconds)
    await town.text(TIP)
    await town.later(seconds=seconds + 700)
    refused, *sent = town.twilio.posts
    assert [each.status for each in sent] == [201, 201]
    assert all(each.at - refused.at >= timedelta(seconds=seconds) for each in sent)


@pytest.mark.parametrize(
    ("code", "words"),
    [(21610, "The reporter has stopped texts"), (21211, "A text to the reporter did not arrive")],
)
async def test_a_text_that_can_never_arrive_is_not_tried_again_and_the_desk_is_told(
    town: Town, code: int, words: str
) -> None:
    await town.text(TIP)
    town.twilio.faults.next_send(status=400, error_code=code)
    tried = len(town.twilio.posts)
    await reply(town, "Which month was it?")
    await town.later(hours=2)
    assert len(town.twilio.posts) == tried + 1
    assert words in headlines(town)


async def test_texts_of_one_conversation_keep_their_order_and_hold_up_no_other(town: Town) -> None:
    for _ in range(2):
        town.twilio.faults.next_send(status=429, retry_after=90)
        town.twilio.faults.next_send(status=500)
    await town.text(TIP)
    await town.text("It was the crew with the trailer.")
    assert town.heard() == []
    town.twilio.faults = type(town.twilio.faults)()
    await town.text(TIP, phone=OTHER_PHONE)
    assert len(town.heard(OTHER_PHONE)) == 2
    await town.later(minutes=30)
    first, question, again = town.heard()
    assert "988" in first
    assert question.splitlines()[1:] == again.splitlines()[1:]  # the same offices, asked in other words
    assert question != again


@pytest.mark.parametrize(
    ("plan", "fate"),
    [
        ("once", "delivered"),
        ("twice", "delivered"),
        ("reversed", "delivered"),
        ("early", "delivered"),
        ("late", "delivered"),
        ("none", "sent"),
    ],
)
async def test_whenever_its_callbacks_come_a_text_ends_as_what_became_of_it(
    town: Town, plan: Callbacks, fate: str
) -> None:
    await town.text(TIP)
    town.twilio.faults.callbacks = plan
    await reply(town, "Which month was it?")
    town.twilio.faults.release()
    await town.settled()
    await town.case(f"view {town.word()}")
    (line,) = [words for words in strings(town.modal()) if " · reply · " in words]
    assert line.endswith(f" · {fate}")


async def test_in_whatever_order_callbacks_come_the_furthest_state_stays(town: Town) -> None:
    chance = random.Random(SEED)  # noqa: S311
    town.twilio.faults.callbacks = "none"
    for number in range(ORDERS):
        phone = f"+1816235{number:04}"
        await town.text(TIP, phone)
        message = next(text for text in town.twilio.messages if text.to == phone)
        said = chance.choices(["queued", "sending", "sent", "delivered"], k=chance.randint(1, 6))
        answers = await asyncio.gather(*(report(message, state) for state in said))
        assert all(answer.ok for answer in answers)
        assert await state_of(town, message) == ("delivered" if "delivered" in said else "sent"), said


# --- outages


async def test_texts_of_hours_without_us_are_fetched_once_each_and_in_order(town: Town) -> None:
    chance = random.Random(SEED)  # noqa: S311
    town.twilio.webhook_down = True
    sent: dict[str, list[str]] = {}
    for number in range(TEXTS):
        town.clock.move(seconds=chance.uniform(0, 2 * 6 * 3600 / TEXTS))
        phone = f"+1816236{chance.randrange(9):04}"
        sent.setdefault(phone, []).append(f"Something about the depot and its garage, line {number:05}.")
        await town.twilio.receive(phone, LINE, sent[phone][-1])
    town.twilio.webhook_down = False
    await town.later(seconds=1)
    found = await stories(town.service)
    assert sorted(found.values()) == sorted(sent.values())
    await town.later(hours=25)
    assert await stories(town.service) == found
    assert all(sum("988" in text for text in town.heard(phone)) == 1 for phone in sent)


async def test_a_text_that_comes_by_webhook_and_by_the_list_at_once_counts_once(town: Town) -> None:
    texts = [f"Something about the depot, line {number:05}." for number in range(20)]
    receiving = [town.twilio.receive(f"+1816236{at % 5:04}", LINE, text) for at, text in enumerate(texts)]
    await asyncio.gather(*receiving, *(town.service.tick() for _ in range(3)))
    await town.later(minutes=6)
    said = [text for story in (await stories(town.service)).values() for text in story]
    assert Counter(said) == Counter(texts)


async def test_what_is_owed_for_a_missed_text_does_not_overtake_what_is_in_doubt(town: Town) -> None:
    town.twilio.webhook_down = True
    await town.twilio.receive(PHONE, LINE, "This one was missed.")
    town.twilio.webhook_down = False
    town.clock.move(seconds=5)
    town.slack.faults.next("chat.postMessage", status=500, performed=True)
    town.twilio.faults.next_send(accept_then_500=True, callbacks="none")
    await town.text(TIP)
    assert len(town.cards()) == 1
    await town.service.tick()
    await town.later(minutes=30)
    assert await stories(town.service) == {town.word(): ["This one was missed.", TIP]}
    assert len(town.cards()) == 1
    assert ["988" in text for text in town.heard()] == [True, False, False]


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(
    "ways",
    [
        (Fault(status=503),),
        (Fault(retry_after=30), Fault(retry_after=1)),
        (Fault(error="internal_error"), Fault(error="fatal_error")),
        (Fault(status=502, performed=True), Fault(status=500)),
        (Fault(retry_after=5), Fault(error="service_unavailable"), Fault(status=500), Fault(error="token_revoked")),
    ],
)
async def test_after_hours_without_slack_every_case_is_shown_once_and_texters_noticed_nothing(
    town: Town, ways: Sequence[Fault]
) -> None:
    outage = Outage(*ways)
    town.slack.faults = outage
    phones = [f"+1816237{number:04}" for number in range(3)]
    for phone in phones:
        await town.text(TIP, phone)
        await town.text("It was the crew with the trailer.", phone)
        assert len(town.heard(phone)) == 3
        await town.later(minutes=HOURS * 20)
    outage.over = True
    await town.later(minutes=30)
    words = [town.word(phone) for phone in phones]
    assert Counter(card.blocks[0]["text"]["text"].split()[0] for card in town.cards()) == Counter(words)
    assert headlines(town).count("New message") == 3


@pytest.mark.usefixtures("_impatient")
async def test_while_slack_hangs_texts_are_answered_at_once(town: Town) -> None:
    town.slack.faults = Outage(Fault(hang=True, performed=True))
    for number in range(3):
        await town.twilio.receive(f"+1816237{number:04}", LINE, TIP)
    await town.settled()
    assert all(len(town.heard(f"+1816237{number:04}")) == 2 for number in range(3))


async def test_a_notice_to_staff_outlasts_an_outage_of_days(town: Town) -> None:
    outage = Outage(Fault(error="token_revoked"))
    town.slack.faults = outage
    await town.text(TIP)
    town.clock.move(hours=40)
    await town.later(minutes=1)
    assert town.cards() == []
    outage.over = True
    await town.later(hours=1)
    assert len(town.cards()) == 1


async def test_a_database_that_is_locked_is_never_answered_as_if_it_had_taken_a_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = [pragma for pragma in sqlite.PRAGMAS if "busy_timeout" not in pragma]
    monkeypatch.setattr(sqlite, "PRAGMAS", ("PRAGMA busy_timeout = 50", *patient))
    async with open_town(tmp_path) as town:
        with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for _ in range(3):
                await town.twilio.receive(PHONE, LINE, TIP)
            other.execute("ROLLBACK")
        assert [answer.status for text in town.twilio.messages for answer in text.answers] == [503] * 3
        assert await stories(town.service) == {}
        await town.later(minutes=6)
        assert list((await stories(town.service)).values()) == [[TIP] * 3]


# --- what always fails holds up no other


async def test_a_follow_up_that_always_breaks_holds_up_no_other(town: Town) -> None:
    await town.text("He has a gun in his locker and said he will shoot the crew tonight")
    at = milliseconds(town.clock())
    await town.service.database.transact(
        lambda tx: tx.execute(
            """INSERT INTO followups (id, due_at, name, subject, jurisdiction, program, body)
            VALUES (:id, :at, 'nobody_knows_it', '', 'independence', 'hotline', '{}')""",
            id=new_id(at),
            at=at,
        )
    )
    await town.later(minutes=6)
    assert town.cards("U0INDSECOND")


async def test_a_message_that_cannot_be_opened_holds_up_no_other_and_is_told_to_the_desk_in_a_day(town: Town) -> None:
    town.twilio.faults.next_send(status=429, retry_after=5)
    await town.text(TIP)
    await town.service.database.transact(
        lambda tx: tx.execute("UPDATE outbox SET body = :junk WHERE kind = 'reply'", junk=b"junk")
    )
    await town.text(TIP, phone=OTHER_PHONE)
    await town.later(minutes=30)
    assert len(town.heard(OTHER_PHONE)) == 2
    assert len(town.cards()) == 2
    town.clock.move(hours=25)
    await town.later(minutes=1)
    assert "A text to the reporter did not arrive" in headlines(town)


async def test_a_message_in_doubt_on_a_channel_that_is_gone_holds_up_no_other(town: Town) -> None:
    town.twilio.faults.next_send(accept_then_500=True, callbacks="none")
    await town.text(TIP)
    await town.service.database.transact(
        lambda tx: tx.execute("UPDATE outbox SET channel = 'pigeon', state = 'uncertain' WHERE alias = ''")
    )
    await town.later(minutes=2)
    assert len(town.heard()) == 2


async def test_a_missed_text_that_always_breaks_holds_up_no_other(town: Town) -> None:
    await town.text(TIP)
    await town.service.database.transact(lambda tx: tx.execute("UPDATE conversations SET state = :junk", junk=b"junk"))
    town.twilio.webhook_down = True
    await town.twilio.receive(PHONE, LINE, "This one breaks.")
    await town.twilio.receive(OTHER_PHONE, LINE, "This one does not.")
    town.twilio.webhook_down = False
    await town.later(minutes=6)
    assert ["This one does not."] in (await stories(town.service)).values()


async def test_what_came_due_while_we_were_away_for_days_comes_once(tmp_path: Path) -> None:
    async with open_town(tmp_path) as town:
        await town.text(TIP)
    async with open_town(tmp_path, at=MONDAY + timedelta(hours=72)) as town:
        assert len(town.cards()) == 1
        left = await town.service.database.read(
            lambda tx: tx.fetch("SELECT id FROM followups WHERE due_at <= :now", now=milliseconds(town.clock()))
        )
        assert left == []
        posted = len(town.slack.requests)
        await town.later(minutes=10)
        assert len(town.slack.requests) == posted


def strings(value: Any) -> list[str]:
    """All words in a view or a card."""
    if isinstance(value, dict):
        return [words for part in value.values() for words in strings(part)]
    if isinstance(value, list):
        return [words for part in value for words in strings(part)]
    return [value] if isinstance(value, str) else []


async def state_of(town: Town, message: Message) -> str:
    """What we hold of a text."""
    rows = await town.service.database.read(
        lambda tx: tx.fetch("SELECT state FROM outbox WHERE reference = :sid", sid=message.sid)
    )
    return str(rows[0]["state"])


async def report(message: Message, status: str) -> Answer:
    """Twilio says what became of a text."""
    params = {"AccountSid": ACCOUNT, "MessageSid": message.sid, "MessageStatus": status}
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": signature(TOKEN, message.callback_url, params.items()),
    }
    return await post(message.callback_url, urlencode(params).encode(), headers, 10)
