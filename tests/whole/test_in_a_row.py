"""People write in several texts within seconds: all of it is kept, and answered once, when they pause."""

from tests.opened import stories
from tests.town import LINE, PHONE, Town

TIP = "My boss takes money"
FIRST = 2  # what this is, and the first question


async def soon(town: Town, body: str, seconds: float = 3) -> list[str]:
    """A text seconds after the one before; what comes back at once."""
    before = len(town.heard())
    town.clock.move(seconds=seconds)
    await town.twilio.receive(PHONE, LINE, body)
    await town.settled()
    return town.heard()[before:]


async def test_texts_in_a_row_are_one_report_and_get_one_answer(town: Town) -> None:
    await town.text(TIP)
    assert len(town.heard()) == FIRST
    for more in ("from the petty cash", "every friday", "and nobody says a word"):
        assert await soon(town, more) == []
    await town.later(seconds=11)
    assert len(town.heard()) == FIRST
    await town.later(seconds=1)
    assert len(town.heard()) == FIRST + 1
    assert town.heard()[-1].startswith(
        "We have all of that. Our question: Is one of these offices part of the problem?"
    )
    assert list((await stories(town.service)).values()) == [
        [TIP, "from the petty cash", "every friday", "and nobody says a word"]
    ]
    assert len(town.cards()) == 1


async def test_after_an_outage_the_answer_waits_for_the_morning(town: Town) -> None:
    await town.later(hours=6)  # four in the afternoon in Missouri
    await town.text(TIP)
    await soon(town, "from the petty cash")
    town.clock.move(hours=11)  # we are down until three at night
    await town.later(minutes=5)
    assert len(town.heard()) == FIRST
    await town.later(hours=12)
    assert len(town.heard()) == FIRST + 1
    assert town.heard()[-1].startswith("We have all of that.")


async def test_what_they_wrote_meanwhile_is_not_asked_again(town: Town) -> None:
    await town.text(TIP)
    await soon(town, "every friday behind the garage on Main Street")
    await town.later(seconds=12)
    await town.text("5")
    assert town.heard()[-1].startswith("How do you know about it?")


async def test_a_number_that_answers_the_question_is_an_answer_however_quick(town: Town) -> None:
    await town.text(TIP)
    (answered,) = await soon(town, "3")
    assert "Where" in answered
    await town.later(minutes=1)
    assert town.heard()[-1] == answered


async def test_danger_is_heard_at_once(town: Town) -> None:
    await town.text(TIP)
    safety, question = await soon(town, "he has a gun in his locker and says he will shoot me")
    assert "911" in safety
    assert "safe" in question
    assert await soon(town, "he is at the depot") == []
    await town.later(seconds=12)
    assert "safe" in town.heard()[-1]


async def test_a_text_after_the_pause_is_answered_itself_and_the_pause_says_nothing_more(town: Town) -> None:
    await town.text(TIP)
    await soon(town, "from the petty cash")
    (answered,) = await soon(town, "none of them", seconds=8)
    assert "Where" in answered
    await town.later(minutes=1)
    assert town.heard()[-1] == answered


async def test_what_is_added_in_a_row_later_is_confirmed_once(town: Town) -> None:
    await town.text(TIP)
    for _ in range(12):
        await town.text("0")
    before = len(town.heard())
    await town.text("One more thing")
    assert await soon(town, "there is a second till") == []
    assert await soon(town, "in the back room") == []
    await town.later(minutes=1)
    added = town.heard()[before:]
    assert len(added) == 2
    assert all("added that to your report" in text for text in added)


async def test_who_stopped_texts_is_not_answered_after_the_pause(town: Town) -> None:
    await town.text(TIP)
    await soon(town, "from the petty cash")
    await town.twilio.receive(PHONE, LINE, "STOP")
    await town.settled()
    before = town.heard()
    await town.later(minutes=1)
    assert town.heard() == before
