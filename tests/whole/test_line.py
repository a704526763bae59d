"""The whole thread on real protocols: a text becomes a case, staff answer it from Slack, and nobody is exposed."""

import json

from bot.sandbox.twilio import segments
from tests.town import DESK, NEUTRAL, OTHER_PHONE, PHONE, Town

TIP = "Overtime was signed for a garage at the chief clerk's own house, near the old depot."


def said(town: Town) -> str:
    """All that ever went to Slack, in one string."""
    return json.dumps([call.args for call in town.slack.requests], default=str, ensure_ascii=False)


async def test_a_tip_is_answered_at_once_with_case_word_code_and_a_question(town: Town) -> None:
    await town.text(TIP)
    first, question = town.heard()[:2]
    assert town.word() in first
    for promise in ("911", "988", "STOP", "phone compan"):
        assert promise in first
    assert question.endswith("?") or "?" in question
    assert all(segments(text) <= 2 for text in town.heard())


async def test_the_desk_sees_a_card_without_a_word_of_the_tip_or_the_number(town: Town) -> None:
    await town.text(TIP)
    (card,) = town.cards()
    assert town.word() in json.dumps(card.blocks)
    for secret in ("garage", "Overtime", "depot", PHONE, PHONE[2:]):
        assert secret not in said(town)


async def test_a_recipient_reads_the_tip_in_a_modal_and_that_is_audited(town: Town) -> None:
    await town.text(TIP)
    await town.case(f"view {town.word()}")
    assert "garage" in json.dumps(town.modal())
    rows = await town.service.database.read(
        lambda tx: tx.fetch("SELECT action FROM audit WHERE jurisdiction = 'independence' ORDER BY sequence")
    )
    assert "viewed" in [row["action"] for row in rows]


async def test_a_reply_is_previewed_confirmed_and_leaves_after_twenty_seconds(town: Town) -> None:
    await town.text(TIP)
    before = len(town.heard())
    await town.case(f"reply {town.word()} Thank you. Which month was it?")
    preview = json.dumps(town.modal(), ensure_ascii=False)
    assert f"[{town.word()}] Thank you. Which month was it?" in preview
    assert "1 SMS segment" in preview
    await town.submit()
    await town.settled()
    assert len(town.heard()) == before
    await town.later(seconds=21)
    assert town.heard()[-1] == f"[{town.word()}] Thank you. Which month was it?"


async def test_a_reply_can_be_undone_before_it_leaves(town: Town) -> None:
    await town.text(TIP)
    before = town.heard()
    await town.case(f"reply {town.word()} Oops")
    await town.submit()
    await town.press("Undo", town.modal()["id"])
    await town.later(minutes=5)
    assert town.heard() == before


async def test_a_case_closes_when_its_closing_text_has_left_and_not_when_it_was_undone(town: Town) -> None:
    await town.text(TIP)
    word = town.word()
    for undone in (True, False):
        await town.case(f"close {word}")
        fields = {"outcome": "substantiated", "text": "It was dealt with. Thank you."}
        await town.slack.submit("U0INDFIRST", {name: {"case_close": value} for name, value in fields.items()})
        await town.submit()
        if undone:
            await town.press("Undo", town.modal()["id"])
        await town.later(minutes=1)
        listed = await town.case("list closed")
        assert (word in listed.body) is not undone
    assert town.heard()[-1] == f"[{word}] It was dealt with. Thank you."
    await town.text("One thing more: it goes on")
    assert "1 open it again" in town.heard()[-1]


async def test_staff_write_in_the_language_the_reporter_chose_last(town: Town) -> None:
    await town.text(TIP)
    await town.text("LANG ES")
    await town.case(f"status {town.word()} assessed")
    await town.later(seconds=1)
    assert "ESTADO" in town.heard()[-1]


async def test_a_delivery_that_comes_twice_has_one_effect(town: Town) -> None:
    town.twilio.webhook_down = True
    await town.text(TIP)
    assert town.heard() == []
    town.twilio.webhook_down = False
    await town.later(minutes=6)
    once = town.heard()
    await town.later(minutes=20)
    assert once
    assert town.heard() == once
    assert len(town.cards()) == 1


async def test_a_person_named_in_the_tip_is_locked_out_before_the_first_notice(town: Town) -> None:
    await town.text("Dana Reyes takes cash from contractors")
    word = town.word()
    assert word not in json.dumps([message.blocks for message in town.cards()])
    assert word in json.dumps([message.blocks for message in town.cards("U0INDSECOND")])
    hidden = await town.case(f"view {word}")
    absent = await town.case("view WALRUS-1")
    assert (hidden.status, hidden.body) == (absent.status, absent.body)
    listed = await town.case("list all")
    assert word not in listed.body
    await town.slack.open_home("U0INDFIRST")
    await town.settled()
    assert word not in json.dumps(town.slack.homes["U0INDFIRST"])


async def test_when_a_later_text_names_a_reader_their_card_is_taken_away(town: Town) -> None:
    await town.text(TIP)
    assert len(town.cards()) == 1
    await town.text("It was Morgan Whitfield who signed")
    assert town.cards() == []
    assert town.cards("U0INDFIRST")
    assert not town.cards("U0INDSECOND")


async def test_when_every_reader_is_named_the_neutral_desk_takes_the_case(town: Town) -> None:
    await town.text("Dana Reyes and Morgan Whitfield split the money")
    assert town.cards() == []
    assert town.word() in json.dumps([message.blocks for message in town.cards(NEUTRAL)])
    await town.case(f"view {town.word()}", user="U0MARCDUTY", place=NEUTRAL)
    assert "split the money" in json.dumps(town.modal("U0MARCDUTY"))


async def test_strangers_and_other_cities_and_the_custodian_read_nothing(town: Town) -> None:
    await town.text(TIP)
    for user in ("U0STRANGER", "U0LSMFIRST", "U0INDCUST"):
        hidden = await town.case(f"view {town.word()}", user=user)
        absent = await town.case("view WALRUS-1", user=user)
        assert hidden.body == absent.body
        assert "garage" not in json.dumps(town.slack.modals.get(user, []))


async def test_stop_ends_texts_but_keeps_the_case_and_start_resumes(town: Town) -> None:
    await town.text(TIP)
    word = town.word()
    await town.text("STOP")
    quiet = len(town.heard())
    await town.case(f"reply {word} Are you there?")
    await town.submit()
    await town.later(seconds=30)
    assert len(town.heard()) == quiet
    await town.text("START")
    await town.case(f"reply {word} Welcome back")
    await town.submit()
    await town.later(seconds=30)
    assert town.heard()[-1] == f"[{word}] Welcome back"


async def test_the_return_code_opens_the_dialogue_from_another_phone(town: Town) -> None:
    await town.text(TIP)
    word = town.word()
    code = next(part.strip(".,") for part in town.heard()[0].split() if _is_code(part.strip(".,")))
    await town.text(code, phone=OTHER_PHONE)
    await town.case(f"reply {word} Hello again")
    await town.submit()
    await town.later(seconds=30)
    assert town.heard(OTHER_PHONE)[-1] == f"[{word}] Hello again"
    assert f"[{word}] Hello again" not in town.heard(PHONE)


async def test_danger_gets_the_safety_text_first_and_pages_until_somebody_has_it(town: Town) -> None:
    await town.text("He has a gun in his locker and said he will shoot the crew tonight")
    assert "911" in town.heard()[0]
    assert town.cards("U0INDFIRST")
    assert not town.cards("U0INDSECOND")
    await town.later(minutes=6)
    assert town.cards("U0INDSECOND")
    page = town.cards("U0INDSECOND")[-1]
    await town.press("I have it", page.ts, "U0INDSECOND")
    paged = len(town.twilio.messages) + len(town.slack.requests)
    await town.later(minutes=60)
    assert len(town.twilio.messages) + len(town.slack.requests) == paged


async def test_clocks_warn_and_a_human_reply_stops_them(town: Town) -> None:
    await town.text(TIP)
    word = town.word()
    await town.later(days=4)
    assert "overdue" in json.dumps([card.blocks for card in town.cards()])
    await town.case(f"reply {word} We are on it")
    await town.submit()
    await town.later(seconds=30)
    rows = await town.service.database.read(lambda tx: tx.fetch("SELECT kind, met FROM clocks"))
    assert {row["kind"] for row in rows if row["met"]} == {"acknowledge", "latest"}
    card = json.dumps(town.cards()[0].blocks)
    assert "Answered" in card and "Answer by" not in card and "Feedback by" in card


async def test_thread_chatter_is_never_relayed(town: Town) -> None:
    await town.text(TIP)
    before = town.heard()
    (card,) = town.cards()
    await town.slack.say("U0INDFIRST", DESK, "what a mess", thread_ts=card.ts)
    await town.later(minutes=2)
    assert town.heard() == before


def _is_code(part: str) -> bool:
    return len(part) == 11 and part[5] == "-" and part.replace("-", "").isalnum()


async def test_a_text_that_waits_for_which_report_is_not_left_waiting_for_ever(town: Town) -> None:
    await town.text(TIP)
    word = town.word()
    await town.text("NEW")
    await town.text("Somebody also takes fuel from the yard")
    first, second = town.cards()
    await town.later(hours=1)
    await town.case(f"reply {word} Thank you for this one.")
    await town.submit()
    await town.later(minutes=1)
    await town.text("It is about the keys")
    assert town.heard()[-1].startswith("Which report")
    assert len(town.cards()) == 2
    await town.later(minutes=31)
    third = next(card for card in town.cards() if card.ts not in (first.ts, second.ts))
    await town.press("Open", third.ts)
    assert "about the keys" in json.dumps(town.modal())


async def test_what_a_reporter_adds_rings_once_for_whoever_works_the_case(town: Town) -> None:
    await town.text(TIP)
    await town.case(f"assign {town.word()} me")
    await town.case(f"view {town.word()}")
    for more in ("It was last Monday", "And again on Tuesday"):
        await town.later(minutes=1)
        await town.text(more)
    (news,) = town.cards("U0INDFIRST")
    assert "New" in news.text
    assert "Monday" not in said(town)
    await town.case(f"view {town.word()}")
    await town.text("One thing more")
    (newer,) = town.cards("U0INDFIRST")
    assert newer.ts != news.ts


async def test_a_text_that_waits_can_be_taken_back_from_the_case_and_by_command(town: Town) -> None:
    await town.text(TIP)
    word, before = town.word(), town.heard()
    await town.case(f"reply {word} Thank you. Which month was it?")
    await town.submit()
    await town.case(f"view {word}")
    await town.press("Undo", town.modal()["id"])
    await town.case(f"reply {word} Thank you. Which week was it?")
    await town.submit()
    assert "Nothing was sent" in (await town.case(f"undo {word}")).body
    assert f"No text of {word} waits" in (await town.case(f"undo {word}")).body
    await town.later(seconds=21)
    assert town.heard() == before


async def test_what_is_typed_after_a_case_word_is_not_lost(town: Town) -> None:
    await town.text(TIP)
    word, spaced = town.word(), town.word().lower().replace("-", " ")
    await town.case(f"note {spaced} Ask the treasurer about 2025")
    assert "Ask the treasurer about 2025" in json.dumps(town.modal())
    await town.case(f"assign {word} morgan")
    chosen = next(block["element"]["initial_option"] for block in town.modal()["blocks"] if "element" in block)
    assert chosen["text"]["text"] == "Morgan Whitfield"


async def test_a_command_that_names_nothing_is_told_what_is_missing(town: Town) -> None:
    await town.text(TIP)
    word = town.word()
    for typed, told in (
        ("view", "such as /case view MAPLE-7"),
        (f"link {word}", "such as /case link MAPLE-7 CEDAR-12"),
        ("list bananas", "Cases: open"),
        (f"status {word} addressed", "received; it can move to: assessed (being looked into), concluded (closed)"),
        (f"status {word} assessed", "The reporter is told by text."),
    ):
        assert told in (await town.case(typed)).body, typed


async def test_a_case_is_closed_with_the_outcome_that_was_shown_and_not_twice(town: Town) -> None:
    await town.text(TIP)
    word = town.word()
    await town.case(f"close {word}")
    fields = {"outcome": "partly", "text": "It was dealt with. Thank you."}
    await town.slack.submit("U0INDFIRST", {name: {"case_close": value} for name, value in fields.items()})
    assert "the case is closed: Partly substantiated." in json.dumps(town.modal())
    await town.submit()
    await town.later(minutes=1)
    assert f"{word} is closed" in (await town.case(f"close {word}")).body
