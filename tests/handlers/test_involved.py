"""Whoever a reporter says is part of the problem is kept out; in doubt more are, and it is asked twice at most."""

from dataclasses import replace

import pytest

from handlers.program import open_question
from handlers.programs.hotline import PROGRAM
from handlers.questions import Choice
from handlers.segments import count
from handlers.state import Facts, Staff
from tests.handlers.talk import CITIES, STAFF, TEXTS, Town

REPORT = "The clerk takes cash from the permit box at the front desk"
HR, POLICE, ATTORNEY = "s-robert", "s-jose", "s-dana"
EVERYBODY = {HR, POLICE, ATTORNEY}
ASKED_AGAIN = ("We added that. Is it one of these?", "Which ones?")


def town(staff: tuple[Staff, ...] = STAFF) -> Town:
    new = Town(staff=staff)
    new.text(REPORT)
    return new


def out(town: Town) -> set[str]:
    return set(town.cases["case0"].excluded)


@pytest.mark.parametrize(
    ("said", "kept_out"),
    [
        ("all of them", EVERYBODY),
        ("ALL", EVERYBODY),
        ("Everyone", EVERYBODY),
        ("todos", EVERYBODY),
        ("TODAS", EVERYBODY),
        ("all but 3", {HR, ATTORNEY}),
        ("all of them except the police", {HR, ATTORNEY}),
        ("todos menos la policía", {HR, ATTORNEY}),
        ("2 and 3", {HR, POLICE}),
        ("police and hr", {HR, POLICE}),
        ("I think 3", {POLICE}),
        ("yes, the police", {POLICE}),
        ("Jose Garcia and the mayor", {POLICE}),
        ("not the police", set()),
        ("It's not HR", set()),
        ("HR isn't involved", set()),
        ("not HR or the police", set()),
        ("la policía no", set()),
        ("no es la policía", set()),
        ("no idea", set()),
        ("I don't want to say", set()),
        ("no quiero decir", set()),
        ("mayor", set()),
        ("the mayor", set()),
        ("Jerry Kowalski", set()),
        ("none of them", set()),
    ],
)
def test_answer_is_taken_and_the_next_question_comes(said: str, kept_out: set[str]) -> None:
    asked = town()
    reply = asked.text(said)[0]
    assert reply.startswith("When did it happen?")
    assert out(asked) == kept_out


@pytest.mark.parametrize("said", ["yes", "sí", "👍", "Yes some of them"])
def test_a_bare_yes_is_asked_which_ones_once_and_then_all_are_kept_out(said: str) -> None:
    asked = town()
    assert asked.text(said)[0].startswith(ASKED_AGAIN)
    assert out(asked) == set()
    assert asked.text(said)[0].startswith("To be safe, we keep all of these offices out. When")
    assert out(asked) == EVERYBODY
    assert asked.cases["case0"].handler == "marc"


@pytest.mark.parametrize(
    ("said", "at_once"),
    [
        ("everyone but the police", {POLICE}),
        ("no one from HR", {HR}),
        ("nadie de recursos humanos", {HR}),
        ("don't show the police", {POLICE}),
        ("no police", {POLICE}),
        ("not the police, HR", {HR, POLICE}),
        ("its the police, isn't it", {POLICE}),
        ("isn't it the police?", {POLICE}),
        ("my uncle", set()),
        ("Kowalski", set()),
        ("My Boss", set()),
        ("THE ONE UPSTAIRS", set()),
        ("I told the police already", set()),
    ],
)
def test_what_is_unclear_keeps_out_whom_it_names_and_is_asked_once_more(said: str, at_once: set[str]) -> None:
    asked = town()
    assert asked.text(said)[0].startswith(ASKED_AGAIN)
    assert out(asked) == at_once
    assert asked.text("4")[0].startswith("When did it happen?")
    assert out(asked) == at_once | {ATTORNEY}


@pytest.mark.parametrize("said", ["not the police", "la policía no"])
def test_after_a_yes_not_the_police_means_the_others(said: str) -> None:
    asked = town()
    asked.text("yes")
    asked.text(said)
    assert out(asked) == {HR, ATTORNEY}


def test_what_stays_unclear_keeps_all_of_them_out_and_every_word_is_kept() -> None:
    asked = town()
    asked.text("the big boss upstairs")
    asked.text("you know who")
    assert out(asked) == EVERYBODY
    assert [entry.text for entry in asked.cases["case0"].entries[1:]] == ["the big boss upstairs", "you know who"]


@pytest.mark.parametrize(
    "said", ["ok thanks", "hello", "🙏", "And again last Tuesday", "He takes the truck home too", "I saw it myself"]
)
def test_a_story_that_goes_on_and_words_that_say_nothing_keep_nobody_out(said: str) -> None:
    asked = town()
    asked.text(said)
    assert not asked.text(said)[0].startswith(("To be safe", *ASKED_AGAIN))
    assert out(asked) == set()


@pytest.mark.parametrize("said", ["the mayor", "Jerry Kowalski", "la tesorera"])
def test_staff_whose_office_or_name_is_not_on_record_may_be_who_is_meant(said: str) -> None:
    nameless, placeless = replace(STAFF[0], name=""), replace(STAFF[1], office="")
    asked = town(staff=(nameless, placeless, *STAFF[2:]))
    asked.text(said)
    assert out(asked) == {HR, POLICE}
    assert asked.cases["case0"].handler == "independence"


def test_a_later_word_about_an_office_that_was_spared_keeps_it_out() -> None:
    asked = town()
    asked.text("not the police")
    asked.text("well, the police chief knows of it since May")
    assert out(asked) == {POLICE}


def test_danger_in_the_answer_asks_whether_they_are_safe_first() -> None:
    asked = town()
    assert asked.text("somebody with a gun")[1].startswith("Are you safe right now?")
    assert asked.text("1")[0].startswith("Is one of these offices")


@pytest.mark.parametrize("city", [city for city in CITIES.values() if city.offices], ids=lambda city: city.key)
def test_every_way_to_ask_again_fits_two_segments(city: object) -> None:
    facts = Facts(next(known for known in CITIES.values() if known is city), TEXTS, jurisdictions=CITIES)
    for language in facts.jurisdiction.languages:
        offices = open_question(PROGRAM.questions, {"what": "given"}, facts, language)
        assert isinstance(offices, Choice)
        for key in ("which_ones", "unclear"):
            prompt = replace(offices, text=TEXTS.say(language, f"hotline.{key}")).prompt
            assert count(f"[SUNFLOWER-99] {prompt}")[0] <= 2
        for question in PROGRAM.questions({}, facts, language):
            said = TEXTS.say(language, "hotline.all_out")
            assert count(f"[SUNFLOWER-99] {said} {question.prompt}")[0] <= 2 or question.id == "involved"
