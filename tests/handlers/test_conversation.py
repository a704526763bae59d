"""Whatever is texted, nothing is lost, nothing is refused, and nothing long or untimely is sent."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.casework.codes import find
from handlers.clean import clean
from handlers.effects import AddEntry, OpenCase, Post, Reply
from handlers.messages import Inbound
from handlers.segments import count
from handlers.state import Wants
from handlers.steps import wants
from handlers.words import read
from tests.handlers.talk import CODES, Town

SAID = st.one_of(
    st.sampled_from(
        [
            "1", "2", "0", "yes", "no", "skip", "STATUS", "NEW", "LANG ES", "LANG EN", "HELP", "STOP", "START",
            "pls stop texting me", "MAPLE-7", "maple 7: more of it", "CEDAR-12 and this", "hola", "hi", "AB3DE-7GHJK",
            "The clerk takes cash from the box at the front desk", "El jefe se lleva dinero de la caja cada semana",
            "he has a gun", "Bob Smith helps", "the police chief knows", "idk", "NEW: something else is going on here",
        ]
    ),
    st.text(max_size=60),
)  # fmt: skip
SCENES = st.lists(st.tuples(SAID, st.integers(0, 2), st.sampled_from(["+18165550199", "+18165550177"])), max_size=14)


def kept(town: Town) -> str:
    held = (text for one in town.conversations.values() for text in one.waiting)
    return "\n".join((*(entry.text for case in town.cases.values() for entry in case.entries), *held))


@settings(max_examples=150, deadline=None)
@given(SCENES)
def test_every_text_that_tells_something_is_kept(scenes: list[tuple[str, int, str]]) -> None:
    town = Town()
    for words, pictures, phone in scenes:
        if len(town.cases) >= 4:
            return
        town.text(words, phone, pictures)
        said = clean(words)
        if len(said.split()) > 3 and not read(said) and not said.lower().startswith(("new", "maple", "cedar")):
            assert said in kept(town)


@settings(max_examples=150, deadline=None)
@given(SCENES)
def test_every_reply_fits_two_segments_and_whoever_stopped_gets_none(scenes: list[tuple[str, int, str]]) -> None:
    town = Town()
    for words, pictures, phone in scenes:
        if len(town.cases) >= 4:
            return
        stopped = phone in town.conversations and town.conversations[phone].stopped
        replies = town.text(words, phone, pictures)
        assert all(count(reply)[0] <= 2 for reply in replies)
        if stopped and town.conversations[phone].stopped:
            assert replies == []


@settings(max_examples=60, deadline=None)
@given(SCENES)
def test_pictures_are_kept_like_words(scenes: list[tuple[str, int, str]]) -> None:
    town = Town()
    sent = 0
    for words, pictures, phone in scenes:
        if len(town.cases) >= 4:
            return
        town.text(words, phone, pictures)
        sent += pictures
    filed = sum(entry.pictures for case in town.cases.values() for entry in case.entries)
    held = sum(text.count("https://example.org/") for one in town.conversations.values() for text in one.waiting)
    assert filed + held >= sent


def test_picture_alone_opens_a_case() -> None:
    town = Town()
    assert len(town.text("", pictures=1)) == 2
    assert town.own()[0].word == "MAPLE-7"


def test_staff_are_locked_out_before_the_first_card_is_posted() -> None:
    town = Town()
    town.text("Bob Smith pads his hours at the yard every week")
    kinds = [type(effect).__name__ for effect in town.effects]
    assert kinds.index("OpenCase") < kinds.index("AddEntry") < kinds.index("Exclude") < kinds.index("Post")


def test_no_card_goes_to_a_place_that_a_locked_out_person_sees() -> None:
    town = Town()
    town.text("Bob Smith pads his hours at the yard every week")
    places = {effect.place.address for effect in town.effects if isinstance(effect, Post)}
    assert places == {"U0INDSECOND", "U3"}


def test_text_is_cleaned_before_it_becomes_an_entry() -> None:
    town = Town()
    town.text("he\u202e hides\u200b it \ud83d")
    entry = next(effect for effect in town.effects if isinstance(effect, AddEntry))
    assert entry.text == "he hides it \ufffd"


def test_safety_text_is_urgent_and_comes_before_the_greeting() -> None:
    town = Town()
    town.text("I want to kill myself")
    replies = [effect for effect in town.effects if isinstance(effect, Reply)]
    assert replies[0].urgent
    assert "988" in replies[0].text


def test_danger_that_fits_no_certain_case_gets_one_of_its_own_at_once() -> None:
    town = Town()
    town.text("The mechanic sells city tires at the yard every week")
    town.text("NEW: someone takes the late fees home from the library")
    town.spoke["+18165550199"].add("case0")
    town.text("he has a gun")
    assert len(town.cases) == 3
    assert town.own()[0].urgent


def test_second_case_does_not_hear_of_the_first() -> None:
    town = Town()
    town.text("Bob Smith sells city tires at the yard every week")
    town.text("NEW: someone takes the late fees home from the library")
    first, second = town.cases.values()
    assert first.excluded == {"s-robert"}
    assert second.excluded == frozenset()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("AB3DE-7GHJK", Wants(code="AB3DE-7GHJK")),
        ("my code is ab3de 7ghjk", Wants(code="AB3DE-7GHJK")),
        ("MAPLE-7 AB3DE7GHJK", Wants(code="AB3DE-7GHJK")),
        ("AB3DE-7GHJO", Wants(code="AB3DE-7GHJ0")),
        ("ACK maple-7", Wants(word="MAPLE-7")),
        ("ack MAPLE 7.", Wants(word="MAPLE-7")),
        ("The water-plant broke", Wants()),
        ("hello there", Wants()),
        ("spent 10000-20000 dollars", Wants()),
        ("", Wants()),
    ],
)
def test_return_codes_and_acknowledgements_are_asked_for(text: str, wanted: Wants) -> None:
    assert wants(Inbound("twilio_sms", "+18165550101", "+18165550199", "d", Town().now, text=text)) == wanted


@pytest.mark.parametrize("code", CODES)
def test_codes_are_found_however_they_are_typed(code: str) -> None:
    for typed in (code, code.lower(), code.replace("-", " "), code.replace("-", ""), f"Code: {code}."):
        assert find(typed) == code


def test_right_code_after_too_many_wrong_ones_opens_nothing() -> None:
    town = Town()
    town.text("The mechanic sells city tires at the yard every week")
    answers = [town.text(f"ZZ3DE-7GHJ{number}", "+18165550188") for number in range(5)]
    assert town.text("AB3DE-7GHJK", "+18165550188") == answers[0]
    assert town.owners["case0"] == "+18165550199"
    assert len(town.guesses) == 5


def test_a_code_never_becomes_part_of_the_story() -> None:
    town = Town()
    town.text("The mechanic sells city tires at the yard every week")
    town.text("AB3DE-7GHJK he did it again today", "+18165550177")
    assert "he did it again today" in kept(town)
    assert "7GHJK" not in kept(town)


def test_status_says_when_a_promise_is_late_and_what_comes_next() -> None:
    town = Town()
    town.text("The mechanic sells city tires at the yard every week")
    town.pass_time(timedelta(days=4))
    late = town.text("STATUS")[0]
    assert "We are late: we promised word by November 5. We are sorry" in late
    assert "A person answers by November 9." in late


def test_language_of_a_doubtful_first_text_is_decided_by_the_next() -> None:
    town = Town()
    town.text("overtime")
    assert town.conversations["+18165550199"].language == ""
    assert town.text("El jefe se lleva dinero de la caja cada semana")[0].startswith("¿")


def test_case_is_opened_once_and_in_the_language_spoken() -> None:
    town = Town()
    town.text("Hola, el jefe se lleva dinero")
    opened = [effect for effect in town.effects if isinstance(effect, OpenCase)]
    assert [effect.language for effect in opened] == ["es"]


def test_tag_of_somebody_elses_case_is_only_words() -> None:
    town = Town()
    town.text("The mechanic sells city tires at the yard every week")
    town.text("MAPLE-7 tell me more about it", "+18165550177")
    assert town.own("+18165550177")[0].word == "CEDAR-12"
