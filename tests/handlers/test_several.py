"""One text may answer several questions, and one answer may come in several texts."""

from collections.abc import Mapping

import pytest

from handlers.questions import Choice, Number, Option, Question, Scale, Text, yes_no
from handlers.reading.several import continues, read_several

REASONS = Choice("reasons", "Why?", (Option("pay", "Pay"), Option("boss", "Boss"), Option("hours", "Hours")), many=True)
REASON = Choice("reason", "Why?", REASONS.options)
PAY = Scale("pay", "How was the pay?", 1, 5)
BACK = yes_no("back", "Would you come back?", "I would", "I would not")
YEARS = Number("years", "How many years?")
WORDS = Text("words", "Anything else?")


def read(said: str, *questions: Question) -> dict[str, str]:
    """The codes read from a text, by question."""

    def following(answers: Mapping[str, str]) -> Question | None:
        return next((question for question in questions if question.id not in answers), None)

    return {id: reading.code for id, reading in read_several(following, {}, said)}


@pytest.mark.parametrize(
    "said", ["1, 4, yes", "1 4 yes", "1; 4; yes", "1\n4\nyes", "a) 4 y", "Pay, four, yes", "1. 4. yes"]
)
def test_parts_are_given_to_the_questions_in_order(said: str) -> None:
    assert read(said, REASON, PAY, BACK) == {"reason": "pay", "pay": "4", "back": "yes"}


def test_letter_and_number_and_word_are_taken_together() -> None:
    assert read("B) 5 no", REASON, PAY, BACK) == {"reason": "boss", "pay": "5", "back": "no"}


def test_several_reasons_stay_the_answer_to_one_question() -> None:
    assert read("1 and 3", REASONS, PAY) == {"reasons": "hours pay"}


def test_parts_that_could_be_given_in_two_ways_are_not_guessed() -> None:
    assert read("1, 2, 3, 5", REASONS, PAY, YEARS) == {}


def test_a_part_that_answers_nothing_keeps_all_of_them_back() -> None:
    assert read("1, 9, yes", REASON, PAY, BACK) == {}
    assert read("1, 4, yes, 2", REASON, PAY, BACK) == {}


def test_free_words_are_never_cut() -> None:
    assert read("1, 4, yes", WORDS, PAY, BACK) == {"words": "given"}
    assert read("4, it was fine", PAY, WORDS) == {}


def test_a_sum_of_money_is_one_number() -> None:
    assert read("$1,200", YEARS, PAY) == {"years": "1200"}
    assert read("12, 3", YEARS, PAY) == {"years": "12", "pay": "3"}


def test_the_next_question_is_the_one_that_the_answer_leads_to() -> None:
    def following(answers: Mapping[str, str]) -> Question | None:
        if "reason" not in answers:
            return REASON
        return PAY if answers["reason"] == "pay" and "pay" not in answers else None

    assert [id for id, _ in read_several(following, {}, "1, 4")] == ["reason", "pay"]
    assert read_several(following, {}, "2, 4") == ()


@pytest.mark.parametrize(
    ("former", "said", "seconds"),
    [
        ("I left because", "my boss never listened", 8),
        ("The pay was bad,", "Hours too", 30),
        ("they cut my hours", "and then my pay", 5),
        ("Me fui porque", "Mi jefe nunca escuchaba", 20),
        ("x" * 150, "Rest of a long text", 20),
    ],
)
def test_pieces_of_one_answer_are_joined(former: str, said: str, seconds: float) -> None:
    assert continues(former, said, seconds)


@pytest.mark.parametrize(
    ("former", "said", "seconds"),
    [
        ("I left because", "2", 5),
        ("I left because", "no", 5),
        ("The pay was bad.", "Another thing: the hours", 8),
        ("they cut my hours", "and then my pay", 30),
        ("I left because", "my boss never listened", 400),
        ("", "hello", 1),
    ],
)
def test_an_answer_to_the_next_question_is_not_joined(former: str, said: str, seconds: float) -> None:
    assert not continues(former, said, seconds)
