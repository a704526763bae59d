"""What is wrong with a questionnaire is found before anybody is asked."""

from decimal import Decimal

import pytest

from handlers.surveys.lint import Finding, check, lint, shown
from handlers.surveys.questionnaire import read_toml
from handlers.surveys.readability import english_syllables, measure, spanish_syllables
from handlers.tables import Faulty

HEAD = """id = "small"
languages = ["en", "es"]
title = { en = "Small", es = "Breve" }
"""
PLAIN = """
[[items]]
id = "first"
type = "choice"
text = { en = "Which one?", es = "¿Cual?" }
options = [
  { code = "a", en = "Apples", es = "Manzanas" },
  { code = "b", en = "Pears", es = "Peras" },
]
"""
LAST = """
[[items]]
id = "last"
type = "text"
text = { en = "More?", es = "¿Algo?" }
"""


def found(items: str, level: str = "fault") -> list[str]:
    """The findings of a level, each as a line."""
    findings = lint(read_toml(HEAD + items, "small.toml"))
    return [shown(finding, "small.toml") for finding in findings if finding.level == level]


def test_a_plain_questionnaire_has_no_fault_and_no_warning() -> None:
    assert found(PLAIN + LAST) == found(PLAIN + LAST, "warning") == []


@pytest.mark.parametrize(
    "label", ["STOP", "Cancel", "end", "Quit", "YES", "Help", "Info", "Start", "Alto", "Baja", "Fin", "No más", "Ayuda"]
)
def test_a_carrier_word_is_no_answer(label: str) -> None:
    for language in ("Apples", "Manzanas"):
        reasons = found(PLAIN.replace(f'"{language}"', f'"{label}"'))
        assert f"small.toml:6: first: the answer “{label}” is a word that carriers or the line act on" in reasons


@pytest.mark.parametrize("label", ["Back", "Skip", "Pausa", "Why", "Después"])
def test_a_steering_word_is_no_answer(label: str) -> None:
    assert any("steers the interview" in reason for reason in found(PLAIN.replace('"Pears"', f'"{label}"')))


def test_a_missing_translation_is_a_fault_with_its_line() -> None:
    assert found(PLAIN.replace(', es = "Manzanas"', "")) == ["small.toml:6: first: option a has no label in es"]
    assert found(LAST.replace(', es = "¿Algo?"', "")) == ["small.toml:6: last: text.es is missing"]


def test_an_item_that_nobody_reaches_is_a_fault() -> None:
    never = LAST.replace(
        "text = ", 'when = [{ item = "first", value = "a" }, { item = "first", value = "b" }]\ntext = '
    )
    assert found(PLAIN + never) == ["small.toml:15: last: is never asked: no answers lead to it"]
    missing = LAST.replace("text = ", 'when = { item = "first", value = "c" }\ntext = ')
    assert found(PLAIN + missing) == ["small.toml:15: last: when: first can never be c"]
    early = LAST.replace("text = ", 'when = { item = "first", value = "a" }\ntext = ')
    assert found(early + PLAIN) == ["small.toml:6: last: when: first is not an item before this one"]


def test_a_note_that_nothing_follows_is_a_dead_end() -> None:
    note = LAST.replace('"text"', '"note"')
    assert found(PLAIN + note) == [
        "small.toml:15: last: is a dead end: a note is sent with the question after it, and there may be none"
    ]
    assert found(note + PLAIN) == []


def test_a_text_of_more_than_two_segments_is_a_fault() -> None:
    long = "Tell us more about it. " * 14
    assert found(LAST.replace("More?", long)) == ["small.toml:6: last: takes 3 segments in en; 2 are allowed"]


def test_an_accent_that_halves_a_segment_is_named() -> None:
    assert found(LAST.replace("¿Algo?", "¿Más?"), "warning") == [
        "small.toml:6: last: á in es halves the room of a segment"
    ]


def test_labels_that_are_read_as_another_are_faults() -> None:
    reasons = found(PLAIN.replace("Pears", "Apples"))
    assert reasons[0] == "small.toml:6: first: “Apples” would be read as nothing, not a (asked in en)"
    assert found(PLAIN.replace("Pears", "1"))[0] == "small.toml:6: first: “1” would be read as a, not b (asked in en)"


SCALE = """
[[items]]
id = "fair"
type = "scale"
least = 1
most = 5
text = { en = "TEXT", es = "¿Justo?" }
"""


@pytest.mark.parametrize(
    "text", ["Was your pay fair and on time?", "Was it fair? Was it on time?", "Was the boss/team fair?"]
)
def test_two_questions_in_one_are_doubted(text: str) -> None:
    assert found(SCALE.replace("TEXT", text), "warning") == ["small.toml:6: fair: may ask two things at once in en"]


@pytest.mark.parametrize(
    "text", ["What is your badge number?", "Which department did you work in?", "How old are you?"]
)
def test_what_identifies_somebody_in_a_small_unit_is_doubted(text: str) -> None:
    assert found(LAST.replace("More?", text), "warning") == [
        "small.toml:6: last: may identify somebody in a small unit (en)"
    ]


def test_an_exact_day_is_doubted() -> None:
    assert "a range would not" in found(LAST.replace('"text"', '"date"'), "warning")[0]


def test_hard_words_are_doubted_in_both_languages() -> None:
    hard = {
        "More?": "Notwithstanding organisational considerations, what institutional developmental opportunities "
        "were insufficiently communicated throughout your employment?",
        "¿Algo?": "Independientemente de consideraciones organizacionales, ¿cuales oportunidades institucionales de "
        "desarrollo profesional fueron insuficientemente comunicadas?",
    }
    for before, after in hard.items():
        assert any("is hard to read" in reason for reason in found(LAST.replace(before, after), "warning"))


def test_figures_tell_longest_path_segments_cost_and_grade() -> None:
    only = LAST.replace("text = ", 'when = { item = "first", value = "a" }\ntext = ')
    findings = lint(read_toml(HEAD + PLAIN + only, "small.toml"), price=Decimal("0.02"))
    reasons = [finding.reason for finding in findings]
    assert "the longest path has 2 questions" in reasons
    assert "en: at most 2 segments, 0.04 for one interview" in reasons
    assert any("Flesch-Kincaid grade" in reason for reason in reasons)
    assert any("Fernández-Huerta ease" in reason for reason in reasons)


def test_two_items_with_one_metric_cannot_be_compared() -> None:
    twice = (PLAIN + LAST).replace("text = {", 'metric = "exit.why"\ntext = {')
    assert found(twice) == ["small.toml:16: last: metric exit.why is that of first already"]


def test_check_lets_warnings_pass_and_stops_at_a_fault() -> None:
    check(read_toml(HEAD + LAST.replace("More?", "Your name?"), "small.toml"), "small.toml")
    with pytest.raises(Faulty, match=r"small\.toml:6: last: text\.es is missing"):
        check(read_toml(HEAD + LAST.replace(', es = "¿Algo?"', ""), "small.toml"), "small.toml")


def test_findings_begin_with_the_faults() -> None:
    findings = lint(read_toml(HEAD + LAST.replace("More?", "Your name?").replace(', es = "¿Algo?"', ""), "small.toml"))
    assert [finding.level for finding in findings][:2] == ["fault", "warning"]
    assert findings[0] == Finding("fault", "last", 6, "text.es is missing")


@pytest.mark.parametrize(
    ("word", "syllables"), [("make", 1), ("worked", 1), ("city", 2), ("interview", 3), ("people", 2), ("the", 1)]
)
def test_english_syllables(word: str, syllables: int) -> None:
    assert english_syllables(word) == syllables


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("ciudad", 2),
        ("trabajo", 3),
        ("día", 2),
        ("que", 1),
        ("guerra", 2),
        ("pingüino", 3),
        ("bien", 1),
        ("leer", 2),
        ("muy", 1),
        ("oportunidades", 6),
    ],
)
def test_spanish_syllables(word: str, syllables: int) -> None:
    assert spanish_syllables(word) == syllables


def test_ease_is_only_told_for_languages_it_was_made_for() -> None:
    assert measure("Bonjour à tous.", "fr") is None
    assert measure("1 2 3", "en") is None
    easy, hard = measure("We go home.", "en"), measure("Organisational considerations necessitate it.", "en")
    assert easy is not None and hard is not None and easy < hard
