"""A questionnaire is read from its file, branches as it says, keeps its version; a faulty one is refused by line."""

from datetime import date

import pytest

from bot.surveys import FOLDER, load, load_all, to_toml
from handlers.program import Answers, open_question
from handlers.questions import Choice, Date, Number, Scale, Text
from handlers.segments import count
from handlers.state import Facts
from handlers.surveys.lint import lint
from handlers.surveys.questionnaire import (
    Questionnaire,
    from_json,
    is_complete,
    plain,
    read_toml,
    to_json,
    to_questions,
    version,
)
from handlers.tables import Faulty
from tests.handlers.talk import CITIES, TEXTS

SMALL = """id = "small"
languages = ["en", "es"]
title = { en = "Small", es = "Breve" }

[[items]]
id = "intro"
type = "note"
text = { en = "Hello.", es = "Hola." }

[[items]]
id = "reasons"
type = "several"
text = { en = "Why?", es = "¿Causa?" }
options = [
  { code = "pay", en = "Pay", es = "Sueldo" },
  { code = "boss", en = "Boss", es = "Jefe", also = { en = ["manager"] } },
]

[[items]]
id = "gap"
type = "number"
least = 0
when = { item = "reasons", operator = "has", value = "pay" }
text = { en = "How much more?", es = "¿Cuánto más?" }

[[items]]
id = "fair"
type = "scale"
least = 1
most = 5
text = { en = "Fair?", es = "¿Justo?" }
ends = { en = ["never", "always"], es = ["nunca", "siempre"] }

[[items]]
id = "words"
type = "text"
optional = true
when = [
  { item = "fair", operator = "at most", value = 2 },
  { item = "reasons", operator = "has not", value = "pay" },
]
text = { en = "What happened?", es = "¿Qué pasó?" }

[[items]]
id = "left"
type = "date"
lean = "past"
refusal = false
text = { en = "Last day?", es = "¿Último día?" }
"""


@pytest.fixture(scope="module")
def small() -> Questionnaire:
    """A questionnaire with every part that branches."""
    return read_toml(SMALL, "small.toml")


def asked(questionnaire: Questionnaire, answers: Answers) -> list[str]:
    """The ids of all that is asked with those answers."""
    return [question.id for question in to_questions(questionnaire, answers, "en")]


def test_each_type_becomes_its_kind_of_question(small: Questionnaire) -> None:
    answers = {"reasons": "pay", "fair": "1"}
    kinds = [type(question) for question in to_questions(small, answers, "en", date(2026, 3, 18))]
    assert kinds == [Choice, Number, Scale, Date]
    assert [type(one) for one in to_questions(small, {"reasons": "boss", "fair": "1"}, "en")] == [
        Choice,
        Scale,
        Text,
        Date,
    ]


def test_branches_follow_the_answers(small: Questionnaire) -> None:
    assert asked(small, {"reasons": "boss pay", "fair": "2"}) == ["reasons", "gap", "fair", "left"]
    assert asked(small, {"reasons": "boss", "fair": "2"}) == ["reasons", "fair", "words", "left"]
    assert asked(small, {"reasons": "skipped", "fair": "refused"}) == ["reasons", "fair", "left"]


def test_a_note_goes_with_the_question_after_it(small: Questionnaire) -> None:
    question = next(to_questions(small, {}, "es"))
    assert question.prompt == "Hola.\n¿Causa?\n1 Sueldo\n2 Jefe"


def test_answers_of_the_other_language_are_understood(small: Questionnaire) -> None:
    question = next(to_questions(small, {}, "es"))
    reading = question.read("pay and manager")
    assert reading is not None and reading.code == "boss pay"


def test_it_fits_the_engine_of_every_program(small: Questionnaire) -> None:
    def questions(answers: Answers, facts: Facts, language: str) -> object:
        return to_questions(small, answers, language)

    facts = Facts(CITIES["independence"], TEXTS)
    question = open_question(questions, {"reasons": "pay"}, facts, "en")  # type: ignore[arg-type]
    assert question is not None and question.id == "gap"


def test_declining_is_a_value_unless_the_item_says_otherwise(small: Questionnaire) -> None:
    by_id = {question.id: question for question in to_questions(small, {"reasons": "pay"}, "en")}
    codes = [reading and reading.code for id in ("fair", "left") for reading in [by_id[id].read("prefer not to say")]]
    assert codes == ["refused", "skipped"]


def test_an_interview_is_complete_without_its_optional_items(small: Questionnaire) -> None:
    answers = {"reasons": "boss", "fair": "1", "left": "2026-03-01"}
    assert is_complete(small, answers)
    assert is_complete(small, {**answers, "fair": "refused"})
    assert not is_complete(small, {**answers, "fair": "skipped"})
    assert not is_complete(small, {"reasons": "boss"})


def test_a_stored_version_is_the_same_questionnaire(small: Questionnaire) -> None:
    stored = from_json(to_json(small))
    assert plain(stored) == plain(small)
    assert version(stored) == version(small) and len(version(small)) == 64
    assert asked(stored, {"reasons": "pay"}) == asked(small, {"reasons": "pay"})


def test_the_version_depends_on_the_content_and_not_on_the_layout(small: Questionnaire) -> None:
    assert version(read_toml(to_toml(small), "again.toml")) == version(small)
    assert version(read_toml("# a comment\n" + SMALL, "small.toml")) == version(small)
    assert version(read_toml(SMALL.replace("Fair?", "Just?"), "small.toml")) != version(small)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('type = "number"', 'type = "sum"', "small.toml:20: gap.type: must be one of choice, several,"),
        ('id = "fair"', 'id = "gap"', "small.toml:27: gap.id: is there twice"),
        ("most = 5", "most = 1", "small.toml:27: fair.most: must be more than least"),
        ("least = 1\n", "", "small.toml:27: fair.least: must be a whole number"),
        ('operator = "has",', 'operator = "eval",', "small.toml:20: gap.when[0].operator: must be one of"),
        ('code = "boss"', 'code = "pay"', "small.toml:11: reasons.options[1].code: is there twice"),
        ("optional = true", 'optional = "yes"', "small.toml:35: words.optional: must be true or false"),
        ('lean = "past"', "colour = 1", "small.toml:45: left.colour: is not a key that is known here"),
        ('id = "left"', 'id = "1 left"', "small.toml:45: 1 left.id: must be letters"),
        ('languages = ["en", "es"]', "languages = []", "small.toml: languages: must be a list of texts"),
        ("title = {", "title = [", "small.toml: is not TOML"),
    ],
)
def test_a_faulty_file_is_refused_with_line_and_reason(before: str, after: str, words: str) -> None:
    assert before in SMALL
    with pytest.raises(Faulty) as refused:
        read_toml(SMALL.replace(before, after, 1), "small.toml")
    assert str(refused.value).startswith(words)


def test_a_yes_or_no_needs_both_answers() -> None:
    wrong = SMALL.replace('type = "several"', 'type = "yes_no"')
    with pytest.raises(Faulty, match="must have the codes yes, no and perhaps unsure"):
        read_toml(wrong, "small.toml")


def test_the_shipped_exit_interview_is_short_comparable_and_without_a_doubt() -> None:
    shipped = load_all()["exit_interview"]
    findings = lint(shipped)
    assert [finding for finding in findings if finding.level != "info"] == []
    most = {item.id: "other" if item.kind == "several" else "1" for item in shipped.items} | {"raised": "yes"}
    for language in shipped.languages:
        questions = list(to_questions(shipped, most, language))
        assert 10 <= len(questions) <= 20
        assert all(count(question.prompt) == (1, "GSM-7") for question in questions)
    closed = [item for item in shipped.items if item.kind != "text"]
    assert all(item.metric.startswith("exit.") for item in closed)


def test_every_shipped_answer_is_read_by_number_and_label_in_both_languages() -> None:
    shipped = load(FOLDER / "exit_interview.toml")
    for item in shipped.items:
        for language in shipped.languages:
            answers = {"reasons": "other", "manager": "1", "raised": "yes"}
            question = next(one for one in to_questions(shipped, answers, language) if one.id == item.id)
            for number, option in enumerate(question.options, 1):
                said = option.label if isinstance(question, Scale) else str(number)
                for text in (said, option.label, *option.also):
                    reading = question.read(text)
                    assert reading is not None and reading.code == option.code, (item.id, text)
