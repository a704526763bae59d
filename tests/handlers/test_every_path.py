"""Every path through every program's questions ends, and every question fits and can be answered."""

from collections.abc import Iterator

import pytest

from handlers import programs
from handlers.program import Program, open_question
from handlers.questions import GIVEN, NONE, SKIPPED, Choice, Question
from handlers.segments import count
from handlers.spelling import plain
from handlers.state import Facts
from handlers.words import is_carrier_word
from tests.handlers.talk import CITIES, TEXTS

LONGEST_TAG = "[SUNFLOWER-99] "
MOST_QUESTIONS = 12
WHERE = [
    (name, city, language)
    for name in sorted(programs.NAMES)
    for city in CITIES.values()
    for language in city.languages
    if any(line.program == name for line in city.lines)
]
Path = tuple[tuple[Question, str], ...]


def paths(program: Program, facts: Facts, language: str, answers: dict[str, str]) -> Iterator[Path]:
    """All ways to the end: each option of a choice, an answer and a skip."""
    question = open_question(program.questions, answers, facts, language)
    if question is None:
        yield ()
        return
    assert len(answers) < MOST_QUESTIONS, f"no end in sight: {answers}"
    for code in codes(question):
        for path in paths(program, facts, language, {**answers, question.id: code}):
            yield ((question, code), *path)


def codes(question: Question) -> tuple[str, ...]:
    """Answers that can make a difference: each code once, of free words one."""
    return (*(option.code for option in question.options[:3]),) or (GIVEN,)


@pytest.mark.parametrize(("name", "city", "language"), WHERE, ids=lambda value: getattr(value, "key", value))
def test_every_path_ends_and_every_question_fits_two_segments(name: str, city: object, language: str) -> None:
    program = programs.find(name)
    facts = Facts(next(known for known in CITIES.values() if known is city), TEXTS, jurisdictions=CITIES)
    again = TEXTS.say(language, f"{name}.again")
    seen: dict[str, Question] = {}
    for start in ({}, {"danger": "unsure"}):
        for path in paths(program, facts, language, start):
            assert path
            seen.update({question.id: question for question, _ in path})
    for question in seen.values():
        assert count(f"{LONGEST_TAG}{again} {question.prompt}")[0] <= 2
        assert question.read("skip" if language == "en" else "saltar") is not None
        assert not any(is_carrier_word(option.label) for option in question.options)


@pytest.mark.parametrize(("name", "city", "language"), WHERE, ids=lambda value: getattr(value, "key", value))
def test_every_option_is_read_by_its_number_and_by_its_words(name: str, city: object, language: str) -> None:
    facts = Facts(next(known for known in CITIES.values() if known is city), TEXTS, jurisdictions=CITIES)
    for question in programs.find(name).questions({"danger": "unsure"}, facts, language):
        for number, option in enumerate(question.options, 1):
            for said in (str(number), f"{number}.", f"#{number}", f"({number})", option.label, plain(option.label)):
                reading = question.read(said)
                assert reading is not None, (question.id, said)
                assert reading.code == option.code, (question.id, said)


def test_what_was_answered_is_not_asked_again_and_order_does_not_matter() -> None:
    facts = Facts(CITIES["independence"], TEXTS, jurisdictions=CITIES)
    questions = programs.find("hotline").questions
    asked = [question.id for question in questions({}, facts, "en")]
    for left_out in asked:
        rest = dict.fromkeys((one for one in asked if one != left_out), SKIPPED)
        question = open_question(questions, rest, facts, "en")
        assert question is not None
        assert question.id == left_out


def test_involved_offices_come_right_after_what_happened() -> None:
    facts = Facts(CITIES["independence"], TEXTS, jurisdictions=CITIES)
    asked = list(programs.find("hotline").questions({}, facts, "en"))
    assert [question.id for question in asked[:2]] == ["what", "involved"]
    involved = asked[1]
    assert isinstance(involved, Choice)
    assert involved.options[-1].code == NONE
