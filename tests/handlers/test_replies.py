"""The labelled replies are read as people mean them, in both languages, and nothing is guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.questions import REFUSED, SKIPPED, UNSURE, Choice, Date, Number, Question, Scale, Text
from handlers.reading.dates import Lean
from tests.handlers.replied import QUESTIONS, RETURN, TODAY, Case, cases, read

LEAST_HELD_OUT = 0.98
MOST_MISREAD = 0.01
LEANS: tuple[Lean, ...] = ("past", "future", "")


@pytest.mark.parametrize("case", cases("tuning"), ids=lambda case: f"{case.question}-{case.said}")
def test_every_tuned_reply_is_read(case: Case) -> None:
    assert read(case) == case.code


def test_replies_that_were_not_tuned_to_are_read_nearly_always_and_misread_hardly_ever() -> None:
    held_out = cases("held_out")
    codes = [read(case) for case in held_out]
    right = sum(code == case.code for code, case in zip(codes, held_out, strict=True))
    misread = sum(code not in (case.code, "-") for code, case in zip(codes, held_out, strict=True))
    assert len(held_out) >= 300
    assert right >= LEAST_HELD_OUT * len(held_out)
    assert misread <= MOST_MISREAD * len(held_out)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
@given(st.text(max_size=60))
def test_no_text_breaks_a_question_and_no_reading_is_outside_it(question: Question, said: str) -> None:
    reading = question.read(said)
    assert reading is None or (reading.code and 0.7 <= reading.confidence <= 1)
    if reading and question.options:
        assert set(reading.code.split()) <= {option.code for option in question.options} | {SKIPPED}


@pytest.mark.parametrize(
    "said", ["prefer not to say", "I'd rather not say", "no comment", "prefiero no decir", "es privado"]
)
def test_declining_is_an_answer_of_its_own_where_the_question_says_so(said: str) -> None:
    kinds: tuple[type[Text] | type[Number] | type[Date], ...] = (Text, Number, Date)
    declined = [kind("id", "?", refusable=True).read(said) for kind in kinds]
    declined += [
        Choice("id", "?", RETURN, refusable=True).read(said),
        Scale("id", "?", 0, 5, refusable=True).read(said),
    ]
    assert [reading and reading.code for reading in declined] == [REFUSED] * 5
    plain = Text("id", "?").read(said)
    assert plain is not None and plain.code == SKIPPED


def test_nothing_is_zero_on_a_scale_that_has_a_zero_and_skips_one_that_has_none() -> None:
    codes = [Scale("id", "?", low, 10).read("0") for low in (0, 1)]
    assert [reading and reading.code for reading in codes] == ["0", SKIPPED]


def test_not_knowing_is_an_answer_only_where_it_is_an_option() -> None:
    codes = [Choice("id", "?", options).read("I don't know") for options in (RETURN, RETURN[:2])]
    assert [reading and reading.code for reading in codes] == [UNSURE, SKIPPED]


def test_a_number_outside_its_bounds_is_asked_again() -> None:
    question = Number("id", "?", least=Decimal(0), most=Decimal(100))
    assert question.read("150") is None
    reading = question.read("fifty")
    assert reading is not None and reading.code == "50"


def test_a_day_without_a_year_leans_the_way_of_its_question() -> None:
    codes = [Date("id", "?", TODAY, lean).read("May 1") for lean in LEANS]
    assert [reading and reading.code for reading in codes] == ["2025-05-01", "2026-05-01", "2026-05-01"]
    friday = [Date("id", "?", TODAY, lean).read("friday") for lean in LEANS]
    assert [reading and reading.code for reading in friday] == ["2026-03-13", "2026-03-20", None]


def test_without_a_clock_only_whole_dates_are_read() -> None:
    question = Date("id", "?")
    assert question.read("yesterday") is None
    assert question.read("March 3") is None
    reading = question.read("3/14/2026")
    assert reading is not None and reading.code == "2026-03-14"


def test_surer_ways_are_told_from_less_sure_ones() -> None:
    pick = QUESTIONS["pick"]
    said = ("2", "second", "my maneger", "I think 2", "it was my boss")
    sure = [reading.confidence for text in said if (reading := pick.read(text))]
    assert sure == sorted(sure, reverse=True) and len(sure) == len(said)
