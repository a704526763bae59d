"""What was texted is blanked at Twilio after two days, once it is held here; nothing is lost, taken or sent twice."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.app import build
from bot.sandbox.twilio import Message
from tests.databases import SCHEMES, new_url
from tests.opened import stories
from tests.town import LINE, PHONE, Town, open_town
from tests.whole.test_pictures import photo

TIP = "Overtime was signed for a garage at the chief clerk's own house, near the old depot."


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as opened:
        yield opened


@pytest.fixture(params=SCHEMES)
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    """A town on each of the databases."""
    async with new_url(request.param, tmp_path) as url, open_town(tmp_path, url) as opened:
        yield opened


def blank(town: Town) -> list[bool]:
    """For each text, whether Twilio holds nothing of it any more."""
    return [message.redacted and all(media.deleted for media in message.media) for message in town.twilio.messages]


def told(town: Town) -> Message:
    """The text that the phone sent first."""
    return next(message for message in town.twilio.messages if message.direction == "inbound")


async def with_picture(town: Town) -> None:
    await town.twilio.receive(PHONE, LINE, TIP, [("image/jpeg", photo())])
    await town.settled()
    await town.service.tick()
    await town.settled()


async def readiness(town: Town) -> dict[str, object]:
    async with aiohttp.ClientSession() as client, client.get(f"{town.address}/readyz") as answer:
        assert answer.status == 200
        return dict(await answer.json())


async def test_texts_and_pictures_are_blank_after_two_days_and_not_before(either: Town) -> None:
    town = either
    await with_picture(town)
    await town.case(f"reply {town.word()} Which month was it?")
    await town.submit()
    await town.later(hours=47)
    assert not any(blank(town))
    await town.later(hours=2)
    assert blank(town) == [True] * len(town.twilio.messages)
    assert not any(message.deleted for message in town.twilio.messages)
    assert "redaction" not in await readiness(town)


async def test_phone_and_page_show_what_is_blank_at_twilio(town: Town) -> None:
    await with_picture(town)
    before = [message.body for message in town.twilio.texts(PHONE)]
    await town.later(hours=49)
    assert [message.body for message in town.twilio.texts(PHONE)] == before
    assert TIP in before


async def test_a_blank_text_is_no_new_report_also_where_the_database_was_lost(town: Town) -> None:
    await with_picture(town)
    await town.later(hours=49)
    once = await stories(town.service)
    await town.service.database.transact(lambda tx: tx.execute("DELETE FROM inbox"))
    await town.service.database.transact(lambda tx: tx.execute("DELETE FROM marks"))
    town.twilio.messages = [message for message in town.twilio.messages if message.direction == "inbound"]
    told(town).sent = town.clock()
    await town.later(minutes=10)
    assert await stories(town.service) == once
    assert len(town.twilio.messages) == 1


async def test_what_is_not_held_here_is_left_there(town: Town) -> None:
    await town.text(TIP)
    await town.text("It was the garage on the left")
    await town.later(hours=47)
    lost = told(town)
    fingerprint = town.service.vault.fingerprint("delivery", "twilio_sms", lost.sid)
    await town.service.database.transact(
        lambda tx: tx.execute("DELETE FROM inbox WHERE delivery = :lost", lost=fingerprint)
    )
    await town.later(hours=3)
    assert [message.sid for message in town.twilio.messages if not message.redacted] == [lost.sid]
    assert "redaction" not in await readiness(town)
    await town.later(days=2)
    assert (await readiness(town))["redaction"] == {"ok": False, "late_hours": 50}


async def test_a_picture_that_was_never_fetched_is_left_but_its_text_is_not(town: Town) -> None:
    sid = await town.twilio.receive(PHONE, LINE, TIP, [("image/jpeg", photo())])
    message = town.twilio.message(sid)
    message.media[0].deleted = True
    await town.settled()
    await town.later(hours=3)
    message.media[0].deleted = False
    await town.later(hours=47)
    assert (message.redacted, message.media[0].deleted) == (True, False)
    await town.later(days=20)
    assert not message.media[0].deleted
    assert "redaction" not in await readiness(town)


@pytest.mark.parametrize(
    "fault", [{"status": 429, "retry_after": 30}, {"status": 503}, {"status": 409, "error_code": 20009}, {"hang": True}]
)
async def test_what_twilio_refuses_now_is_blanked_by_a_later_run(
    town: Town, monkeypatch: pytest.MonkeyPatch, fault: dict[str, object]
) -> None:
    await town.text(TIP)
    await town.text("It was the garage on the left")
    await town.later(hours=47, minutes=50)
    monkeypatch.setattr("bot.channels.twilio_client.TIMEOUT", aiohttp.ClientTimeout(total=0.2))
    for _ in range(6):
        town.twilio.faults.next_read(**fault)  # type: ignore[arg-type]
    town.clock.move(minutes=20)
    await town.service.tick()
    assert not all(blank(town))
    town.twilio.faults._reads.clear()
    await town.later(hours=3)
    assert all(blank(town))
    assert sum(map(len, (await stories(town.service)).values())) == 2


async def test_an_uncertain_text_is_found_by_its_words_before_they_are_blanked(town: Town) -> None:
    await town.text(TIP)
    word = town.word()
    town.twilio.faults.next_send(accept_then_500=True, callbacks="none")
    await town.case(f"reply {word} Which month was it?")
    await town.submit()
    await town.later(minutes=20)
    await town.later(days=3)
    assert [text for text in town.heard() if "Which month" in text] == [f"[{word}] Which month was it?"]
    assert all(blank(town))


async def test_nothing_is_blanked_where_the_setting_says_never(town: Town) -> None:
    assert town.service.redactions[0].after.total_seconds() == town.settings.twilio_redact_after_hours * 3600
    never = town.settings.model_copy(update={"twilio_redact_after_hours": 0})
    assert build(never, town.clock).state.service.redactions == ()
