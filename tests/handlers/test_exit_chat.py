"""An exit interview in a chat: pages that branch, refusals that are values, one interview on whichever channel."""

from datetime import timedelta

import pytest

from handlers.cards import Answer, Button, Buttons, Form, Input, Open, Refuse, Text
from handlers.exits import chat as exit_chat
from handlers.exits.interviews import response
from handlers.messages import Inbound, Place
from handlers.questions import REFUSED, SKIPPED
from tests.handlers.talk_exits import FORM, MONDAY, Leaver

ACCOUNT = Place("slack", "U0")
DAY = timedelta(days=1)


@pytest.fixture
def leaver() -> Leaver:
    """Somebody who was asked by text, and has joined in a chat."""
    made = Leaver()
    made.pass_time(timedelta(0))
    made.account = ACCOUNT
    return made


def form(answer: Answer) -> Form:
    assert isinstance(answer, Open)
    return answer.form


def fields(answer: Answer) -> dict[str, Input]:
    return {part.name: part for part in form(answer).parts if isinstance(part, Input)}


def labels(answer: Answer) -> list[str]:
    rows = [part.buttons for part in form(answer).parts if isinstance(part, Buttons)]
    return [button.label for row in rows for button in row]


def words(answer: Answer) -> str:
    return "\n".join(part.text for part in form(answer).parts if isinstance(part, Text))


def agreed(leaver: Leaver) -> Answer:
    return leaver.chat("agree", agree="yes")


def fill(leaver: Leaver, shown: Answer, **given: str | tuple[str, ...]) -> Answer:
    """Send the page that is shown: what is given, else the first choice or some words."""
    entered: dict[str, str | tuple[str, ...]] = dict(form(shown).carry)
    for name, part in fields(shown).items():
        first = part.options[0][0] if part.options else "Some words"
        entered[name] = given.get(name, (first,) if part.kind == "checks" else first)
    return leaver.chat("answer", **entered)


def through(leaver: Leaver) -> Answer:
    shown = agreed(leaver)
    while fields(shown):
        shown = fill(leaver, shown)
    return shown


def answers(leaver: Leaver) -> dict[str, str]:
    assert leaver.interview is not None
    return dict(leaver.interview.answers)


def test_consent_comes_first_and_the_ledger_keeps_the_words_that_were_shown_and_where(leaver: Leaver) -> None:
    shown = leaver.chat("open")
    assert list(fields(shown)) == ["agree"]
    assert leaver.chat("answer", asked="reasons", reasons=("pay",)) == shown
    assert answers(leaver) == {}
    assert "reasons" in fields(agreed(leaver))
    (line,) = [one for one in leaver.ledger if one.kind == "agreed"]
    assert line.channel == "slack" and words(shown) in line.wording and line.evidence == "I agree"


def test_no_is_a_no_on_every_channel_and_can_be_taken_back(leaver: Leaver) -> None:
    leaver.chat("agree", agree="no")
    assert leaver.interview is not None and leaver.interview.stage == "declined"
    assert leaver.pass_time(20 * DAY) == [] and leaver.card is None
    assert "reasons" in fields(agreed(leaver))


def test_a_page_ends_before_a_question_that_hangs_on_an_answer_of_it(leaver: Leaver) -> None:
    first = agreed(leaver)
    assert list(fields(first)) == ["reasons"]
    assert "other_reason" in fields(fill(leaver, first, reasons=("pay", "other")))
    assert answers(leaver) == {"reasons": "pay other"}


def test_without_that_answer_the_question_is_not_asked(leaver: Leaver) -> None:
    assert "other_reason" not in fields(fill(leaver, agreed(leaver), reasons=("pay",)))


def test_a_whole_interview_in_the_chat_is_the_same_response_as_by_text(leaver: Leaver) -> None:
    assert "that was all" in words(through(leaver))
    in_chat = response(FORM, leaver.interview) if leaver.interview else {}
    by_text = Leaver()
    by_text.pass_time(timedelta(0))
    by_text.text("1")
    by_text.text("1")
    while by_text.interview and by_text.interview.asked:
        by_text.text("Some words" if not _options(by_text) else "1" if _options(by_text) != "0" else "0")
        by_text.pass_time(timedelta(seconds=20))
    assert by_text.interview and in_chat == response(FORM, by_text.interview)


def _options(leaver: Leaver) -> str:
    """What the first choice of the open question is answered by; nothing where words are wanted."""
    item = FORM.item(leaver.interview.asked) if leaver.interview else None
    if item is None or item.kind in ("text", "number", "date"):
        return ""
    return "0" if item.kind == "nps" else "1"


def test_left_empty_is_skipped_and_prefer_not_to_say_is_a_value(leaver: Leaver) -> None:
    shown = fill(leaver, agreed(leaver))
    fill(leaver, shown, next=REFUSED, service="", pay="3")
    assert {name: answers(leaver)[name] for name in ("next", "service", "pay")} == {
        "next": REFUSED,
        "service": SKIPPED,
        "pay": "3",
    }


def test_what_cannot_be_read_is_said_beside_its_field_and_nothing_of_the_page_is_taken(leaver: Leaver) -> None:
    shown = fill(leaver, agreed(leaver))
    refused = fill(leaver, shown, pay="17")
    assert isinstance(refused, Refuse) and list(refused.faults) == ["pay"]
    assert list(answers(leaver)) == ["reasons"]


def test_back_changes_only_what_is_filled_in_and_shows_no_answer(leaver: Leaver) -> None:
    shown = fill(leaver, agreed(leaver), reasons=("pay", "hours"))
    shown = fill(leaver, shown, next="private")
    back = form(shown).parts[-1]
    assert isinstance(back, Buttons)
    press: Button = back.buttons[0]
    earlier = leaver.chat("back", **press.values)
    assert [part.initial for part in fields(earlier).values()] == [""] * len(fields(earlier))
    entered = {name: "" for name in fields(earlier)} | {"next": "own"}
    leaver.chat("answer", **entered, **form(earlier).carry)
    assert answers(leaver)["next"] == "own" and answers(leaver)["service"] == "under_1"


def test_begun_by_text_it_goes_on_in_the_chat_and_back_again(leaver: Leaver) -> None:
    leaver.text("1")
    leaver.text("1")
    leaver.text("pay")
    shown = leaver.chat("open")
    assert "next" in fields(shown) and "reasons" not in fields(shown)
    fill(leaver, shown)
    assert leaver.heard == []
    (asked,) = leaver.text("2")
    assert asked.startswith("Here we go on.")
    before = answers(leaver)
    leaver.text("2")
    assert len(answers(leaver)) == len(before) + 1


def test_a_question_that_waits_to_be_texted_is_not_when_they_go_on_in_the_chat(leaver: Leaver) -> None:
    leaver.text("1")
    leaver.text("1")
    leaver.text("other")
    assert leaver.text("The drive") == []
    leaver.chat("open")
    assert leaver.pass_time(timedelta(minutes=5)) == []


def test_reminders_come_where_they_were_heard_last(leaver: Leaver) -> None:
    agreed(leaver)
    assert leaver.pass_time(3 * DAY) == []
    assert leaver.card is not None and leaver.card.title == "Questions from MARC"
    leaver.text("HELP")
    leaver.card = None
    assert len(leaver.pass_time(5 * DAY)) == 1
    assert leaver.card is None


def test_the_card_is_the_same_whatever_they_have_answered(leaver: Leaver) -> None:
    agreed(leaver)
    leaver.pass_time(3 * DAY)
    first = leaver.card
    fill(leaver, leaver.chat("open"))
    leaver.pass_time(5 * DAY)
    assert first is not None and leaver.card == first


def test_an_invitation_goes_to_the_account_that_staff_named_and_the_reminder_to_the_phone() -> None:
    leaver = Leaver()
    leaver.account = ACCOUNT
    assert leaver.pass_time(timedelta(0)) == []
    assert leaver.card is not None
    (reminder,) = leaver.pass_time(3 * DAY)
    assert reminder.startswith("MARC asks once more.")


def test_stop_in_the_chat_stops_texts_too_and_start_goes_on(leaver: Leaver) -> None:
    agreed(leaver)
    assert "here or by text" in words(leaver.chat("stop"))
    assert leaver.conversation is not None and leaver.conversation.stopped
    assert leaver.pass_time(10 * DAY) == []
    assert labels(leaver.chat("open")) == ["Go on", "Erase all"]
    assert "reasons" in fields(leaver.chat("start"))
    assert [one.kind for one in leaver.ledger] == ["agreed", "revoked", "resumed"]


def test_stop_by_text_stops_the_chat_too(leaver: Leaver) -> None:
    agreed(leaver)
    leaver.pass_time(3 * DAY)
    leaver.text("STOP")
    assert leaver.card is None
    assert leaver.pass_time(10 * DAY) == []
    assert labels(leaver.chat("answer", asked="reasons", reasons=("pay",))) == ["Go on", "Erase all"]
    assert answers(leaver) == {}


def test_later_asks_again_in_the_chat_a_day_later(leaver: Leaver) -> None:
    agreed(leaver)
    assert "November 3 at 10:00 am" in words(leaver.chat("later"))
    assert leaver.pass_time(timedelta(hours=23)) == [] and leaver.card is None
    leaver.pass_time(timedelta(hours=2))
    assert leaver.card is not None


def test_erase_in_the_chat_leaves_nothing_and_texts_nothing(leaver: Leaver) -> None:
    agreed(leaver)
    assert "deleted" in words(leaver.chat("erase"))
    assert leaver.interview is None and leaver.heard == []
    assert not isinstance(leaver.chat("open"), Open)


def test_danger_in_an_answer_says_where_help_is(leaver: Leaver) -> None:
    shown = fill(leaver, agreed(leaver), reasons=("other",))
    told = fill(leaver, shown, other_reason="My boss has a gun and will shoot me")
    assert "911" in words(told) and "988" in words(told)


def test_late_answers_are_taken_and_marked(leaver: Leaver) -> None:
    shown = agreed(leaver)
    leaver.pass_time(25 * DAY)
    assert "has closed" in words(fill(leaver, shown))
    assert leaver.interview is not None and leaver.interview.late


def test_whoever_has_no_interview_learns_nothing_whatever_they_try() -> None:
    stranger = Leaver()
    stranger.interview = stranger.conversation = None
    told = {str(stranger.chat(verb)) for verb in ("open", "join", "agree", "answer", "back", "stop", "erase", "later")}
    assert len(told) == 1


@pytest.mark.parametrize("typed", ["YYTSR-NAJBJ", "yytsr-najbj", "AB3DE-7GHJK", " ab3de 7ghjk "])
def test_a_code_is_known_however_it_is_typed_and_also_if_it_has_no_digit(typed: str) -> None:
    inbound = Inbound("slack", "T0", "T0/U0", "d", MONDAY, "command", name="/interview", text=f"join {typed}")
    assert exit_chat.wants(inbound).join == "-".join(typed.strip().upper().replace("-", " ").split())


def test_chat_gives_a_code_by_text(leaver: Leaver) -> None:
    (told,) = leaver.text("chat")
    assert "/interview join code" in told
