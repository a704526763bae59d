"""Every path through every program's questions ends, and every question fits and can be answered."""

from collections.abc import Iterator

import pytest

from handlers import programs
from handlers.program import Program, open_question
from handlers.questions import GIVEN, NONE, SKIPPED, Choice, Question, Scale
from handlers.segments import count
from handlers.spelling import plain
from handlers.state import Facts
from handlers.surveys.questionnaire import read_toml
from handlers.words import is_carrier_word
from tests.handlers.talk import CITIES, ROOT, TEXTS
from tests.handlers.talk_exits import FORM

LONGEST_TAG = "[SUNFLOWER-99] "
MOST_QUESTIONS = 25
FEEDBACK = read_toml((ROOT / "questionnaires" / "course_feedback.toml").read_text("utf-8"), "course_feedback.toml")
FORMS = {"exit_interview": FORM, "enrolment": FEEDBACK}
"""The programs whose questions an office writes itself."""
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
    for code in codes(program, facts, question, answers):
        for path in paths(program, facts, language, {**answers, question.id: code}):
            yield ((question, code), *path)


def codes(program: Program, facts: Facts, question: Question, answers: dict[str, str]) -> list[str]:
    """Answers that can make a difference: of a questionnaire, one for each way on; else the first few, of words one."""
    each = [*(option.code for option in question.options)] or [GIVEN]
    if program.name not in FORMS:
        return each[:3]
    ways = {way_on(program, facts, {**answers, question.id: code}): code for code in [*each, SKIPPED]}
    return list(ways.values())


def way_on(program: Program, facts: Facts, answers: dict[str, str]) -> tuple[str, ...]:
    """Ids of the questions that would follow if all else were left open."""
    return tuple(question.id for question in program.questions(answers, facts, "en"))


@pytest.mark.parametrize(("name", "city", "language"), WHERE, ids=lambda value: getattr(value, "key", value))
def test_every_path_ends_and_every_question_fits_two_segments(name: str, city: object, language: str) -> None:
    program = programs.find(name)
    facts = Facts(
        next(known for known in CITIES.values() if known is city), TEXTS, jurisdictions=CITIES, form=FORMS.get(name)
    )
    again = TEXTS.say(language, f"{name}.again")
    seen: dict[str, Question] = {}
    for start in ({}, {"danger": "unsure"}):
        for path in paths(program, facts, language, start):
            assert path
            seen.update({question.id: question for question, _ in path})
    for question in seen.values():
        prompt = f"99. {question.prompt}" if name == "exit_interview" else f"{LONGEST_TAG}{again} {question.prompt}"
        assert count(prompt)[0] <= 2
        assert question.read("skip" if language == "en" else "saltar") is not None
        assert not any(is_carrier_word(option.label) for option in question.options)


@pytest.mark.parametrize(("name", "city", "language"), WHERE, ids=lambda value: getattr(value, "key", value))
def test_every_option_is_read_by_its_number_and_by_its_words(name: str, city: object, language: str) -> None:
    facts = Facts(
        next(known for known in CITIES.values() if known is city), TEXTS, jurisdictions=CITIES, form=FORMS.get(name)
    )
    for question in programs.find(name).questions({"danger": "unsure"}, facts, language):
        for number, option in enumerate(question.options, 1):
            number = int(option.code) if isinstance(question, Scale) else number
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
