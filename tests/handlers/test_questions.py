"""Answers are read the way people give them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.questions import Choice, Option, Pictures, Text, yes_no

OFFICES = Choice(
    "involved",
    "Who?",
    (
        Option("manager", "City manager"),
        Option("personnel", "Human resources", ("Recursos humanos",)),
        Option("police", "Police", ("Departamento policial",)),
        Option("none", "None or not sure", ("no", "nobody")),
    ),
    many=True,
)
GOING = yes_no("ongoing", "Is it going on?", "it goes on", "it is over", "not sure")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("1", "manager"),
        ("B)", "personnel"),
        ("#2", "personnel"),
        ("2.", "personnel"),
        ("(3)", "police"),
        ("3\ufe0f\u20e3", "police"),
        ("option 2", "personnel"),
        ("two", "personnel"),
        ("la dos", "personnel"),
        ("the last one", "none"),
        ("el último", "none"),
        ("POLICE", "police"),
        ("polce", "police"),
        ("Recursos Humanos", "personnel"),
        ("hum", "personnel"),
        ("human resorces", "personnel"),
        ("2, I think", "personnel"),
        ("1 and 3", "manager police"),
        ("1,2, 3", "manager personnel police"),
        ("2 y 3", "personnel police"),
        ("3 & 4", "police"),
        ("no", "none"),
        ("skip", "skipped"),
        ("0", "skipped"),
        ("no sé", "skipped"),
    ],
)
def test_choice_is_read(said: str, code: str) -> None:
    reading = OFFICES.read(said)
    assert reading is not None
    assert reading.code == code


@pytest.mark.parametrize("said", ["", "9", "2 men were there", "1-15", "24ans", "the whole town", "5 and 6", "…"])
def test_what_is_no_choice_is_not_guessed(said: str) -> None:
    assert OFFICES.read(said) is None


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("yes", "yes"),
        ("Sí", "yes"),
        ("si", "yes"),
        ("yeah, every week", "yes"),
        ("👍🏽", "yes"),
        ("👎", "no"),
        ("nope", "no"),
        ("ya no", "no"),
        ("No", "no"),
        ("claro", "yes"),
        ("idk", "unsure"),
        ("no sé", "unsure"),
        ("not sure", "unsure"),
        ("it is over", "no"),
        ("3", "unsure"),
    ],
)
def test_yes_and_no_are_understood_in_both_languages(said: str, code: str) -> None:
    question = yes_no("ongoing", "?", "it goes on", "it is over", "not sure")
    both = Choice(
        "ongoing", "?", tuple(Option(o.code, o.label, ("ya no",) if o.code == "no" else ()) for o in question.options)
    )
    reading = both.read(said)
    assert reading is not None
    assert reading.code == code


def test_exact_answers_are_surer_than_slips() -> None:
    exact, slip = OFFICES.read("police"), OFFICES.read("polcie")
    assert exact and slip
    assert exact.confidence > slip.confidence
    assert (exact.method, slip.method) == ("label", "slip")


def test_pictures_are_answered_by_pictures_or_by_saying_there_are_none() -> None:
    question = Pictures("pictures", "Pictures?")
    codes = [reading and reading.code for reading in (question.read("", 2), question.read("no"), question.read("0"))]
    assert codes == ["given", "none", "skipped"]
    assert question.read("he hides it in the barn") is None


def test_free_words_are_any_words_but_not_a_picture_alone() -> None:
    question = Text("where", "Where?")
    codes = [reading and reading.code for reading in (question.read("no idea"), question.read("yard"))]
    assert codes == ["skipped", "given"]
    assert question.read("", 1) is None


@given(st.text(max_size=40), st.sampled_from([OFFICES, GOING]))
def test_a_reading_is_always_an_option_or_a_skip(said: str, question: Choice) -> None:
    reading = question.read(said)
    known = {option.code for option in question.options} | {"skipped"}
    assert reading is None or set(reading.code.split()) <= known
