"""Pages go from contact to contact until one has the case."""

from datetime import timedelta

import pytest

from handlers.effects import Forget
from handlers.messages import Place
from tests.handlers.talk import Town

DANGER = "He said he will shoot the supervisor tomorrow"
FIRST, SECOND, PHONE = Place("slack", "U0INDFIRST"), Place("slack", "U0INDSECOND"), Place("twilio_sms", "+18165550111")
NEUTRAL = Place("slack", "U0MARCDUTY")
FIVE = timedelta(minutes=5)


def pages(town: Town) -> list[Place]:
    return [post.place for post in town.posts if post.subject.startswith("page")]


def test_contacts_are_paged_in_turn_every_five_minutes_then_the_neutral_desk() -> None:
    town = Town()
    town.text(DANGER)
    assert pages(town) == [FIRST]
    town.pass_time(FIVE)
    assert pages(town) == [FIRST, SECOND]
    town.pass_time(FIVE * 20)
    assert pages(town) == [FIRST, SECOND, PHONE] * 3 + [NEUTRAL] * 3
    assert "Nobody answered the page" in town.posts[-1].card.summary


def test_another_dangerous_text_does_not_page_twice_while_nobody_has_answered() -> None:
    town = Town()
    town.text(DANGER)
    assert town.text("he has a gun")[0].startswith("Emergency")
    assert pages(town) == [FIRST]


def test_a_contact_answers_by_text_and_then_a_new_danger_pages_again() -> None:
    town = Town()
    town.text(DANGER)
    assert town.text("Ack maple-7", phone=PHONE.address) == [
        "Thank you. You have MAPLE-7 now, and nobody else is paged for it."
    ]
    assert any(isinstance(effect, Forget) for effect in town.effects)
    town.pass_time(FIVE * 3)
    assert pages(town) == [FIRST]
    town.text("he has a gun")
    assert pages(town) == [FIRST, FIRST]


def test_reporter_and_strangers_cannot_answer_a_page() -> None:
    town = Town()
    town.text(DANGER)
    town.text("ACK MAPLE-7")
    town.text("ACK MAPLE-7", phone="+18165550155")
    town.pass_time(FIVE)
    assert pages(town) == [FIRST, SECOND]


@pytest.mark.parametrize(
    "words", ["ok", "On it!", "I have it", "ack", "ACK CEDAR-99", "\N{THUMBS UP SIGN}", "voy para allá"]
)
def test_contact_who_answers_without_the_word_hears_how_and_begins_no_report(words: str) -> None:
    town = Town()
    town.text(DANGER)
    (told,) = town.text(words, phone=PHONE.address)
    assert "ACK MAPLE-7" in told
    assert len(town.cases) == 1
    assert len(town.text("The mechanic sells city tires", phone=PHONE.address)) == 2
    assert len(town.cases) == 2


def test_locked_out_contact_is_skipped_and_loses_the_cards() -> None:
    town = Town()
    town.text("Bob Smith said he will shoot the supervisor tomorrow")
    assert pages(town) == [SECOND]
    town.text("Garcia helps him")
    town.pass_time(FIVE)
    assert pages(town) == [SECOND, PHONE]
    assert SECOND in {withdrawn.place for withdrawn in town.withdrawn if withdrawn.subject.startswith("page0")}
    assert SECOND not in town.places()


def test_page_says_nothing_of_the_report_and_can_be_answered_on_the_card() -> None:
    town = Town()
    town.text(DANGER)
    page = next(post for post in town.posts if post.subject.startswith("page"))
    assert "page_ack" in repr(page.card)
    assert "supervisor" not in repr(page.card)
    assert page.urgent


def test_a_city_whose_contacts_are_all_locked_out_pages_the_neutral_desk() -> None:
    town = Town()
    town.text("Smith, Garcia and Whitfield said they will shoot the supervisor")
    assert pages(town)[0] in (PHONE, NEUTRAL)
    assert {FIRST, SECOND}.isdisjoint(pages(town))
