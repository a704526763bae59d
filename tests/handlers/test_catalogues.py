"""Every text exists in every language, fits, is plain, and promises nothing that is not true."""

import re
import string

import pytest

from handlers.segments import count
from handlers.words import is_carrier_word
from storage.ids import WORDS
from tests.handlers.talk import CITIES, TEXTS

LONGEST = {
    "city": max((*(city.name for city in CITIES.values() if city.lines), "North Kansas City"), key=len),
    "word": f"{max(WORDS, key=len)}-99",
    "code": "AB3DE-7GHJK",
    "month": "September",
    "date": "30 de septiembre",
    "days": "99",
    "day": "30",
    "runner": "Lee's Summit",
    "count": "19",
    "number": "19",
    "most": "19",
    "done": "19",
    "time": "11:59 pm",
    "hotline": "816-555-0101",
    "course": "Supervision for new and acting leads (2)",
    "requires": "Supervision for new and acting leads (2)",
    "place": "MARC, 600 Broadway Boulevard, Suite 200",
    "when": "30 de septiembre 11:59 pm",
    "until": "30 de septiembre 11:59 pm",
    "line": "30 de septiembre 11:59 pm",
    "price": "$1,299.00",
    "cost": "$1,299.00 por lugar. ",
    "link": f"https://line.shared-services.example.org/desk/certificate/{'x' * 43}",
    "name": "Maria del Carmen Hernandez-Villanueva",
    "state": "en lista de espera",
    "pair": "You would be the guest of somebody from North Kansas City. ",
    "languages": "English (LANG EN), Español (LANG ES)",
}
UNSENT = ("certificate.", "date.", "stage.", "days.", "promise.", "name")
TWO = 2


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def filled(language: str, key: str) -> str:
    longest = {
        **LONGEST,
        "emergency": TEXTS.say(language, "safety.text_911"),
        "stage": max((TEXTS.say(language, f"stage.{stage}") for stage in STAGES), key=len),
        "promise": max((TEXTS.say(language, f"promise.{kind}", **LONGEST) for kind in PROMISES), key=len),
        "left": TEXTS.say(language, "days.many", days="99"),
    }
    return TEXTS.say(language, key, **longest)


STAGES = ("received", "assessed", "addressed", "concluded")
PROMISES = ("acknowledge", "latest", "feedback")
SENT = [
    (language, key)
    for language, catalogue in TEXTS.catalogues.items()
    for key in catalogue
    if not key.startswith(UNSENT) and not key.endswith("_also")
]


def test_every_text_exists_in_every_language_with_the_same_fields() -> None:
    english = TEXTS.catalogues["en"]
    for catalogue in TEXTS.catalogues.values():
        assert catalogue.keys() == english.keys()
        assert {key: fields(text) for key, text in catalogue.items()} == {key: fields(t) for key, t in english.items()}


@pytest.mark.parametrize(("language", "key"), SENT)
def test_text_fits_two_segments_with_the_longest_names(language: str, key: str) -> None:
    tag = "" if key in ("hotline.first", "progress.case") else f"[{LONGEST['word']}] "
    assert count(tag + filled(language, key))[0] <= TWO


@pytest.mark.parametrize("language", TEXTS.catalogues)
def test_first_reply_is_cheap_neutral_and_honest(language: str) -> None:
    text = filled(language, "hotline.first")
    assert count(text) == (TWO, "GSM-7")
    assert all(part in text for part in ("911", "988", "STOP", LONGEST["word"], LONGEST["code"]))
    assert not re.search(r"whistle|hotline|denuncia|fraud|ethic|tip line", text, re.IGNORECASE)


@pytest.mark.parametrize("language", TEXTS.catalogues)
def test_late_promise_and_the_next_one_fit_two_segments(language: str) -> None:
    late = TEXTS.say(language, "promise.late", **LONGEST)
    for kind in PROMISES:
        promise = f"{late} {TEXTS.say(language, f'promise.{kind}', **LONGEST)}"
        stage = TEXTS.say(language, "stage.assessed")
        assert count(TEXTS.say(language, "progress.case", **LONGEST, stage=stage, promise=promise, left=""))[0] <= TWO


@pytest.mark.parametrize("language", TEXTS.catalogues)
def test_four_cases_in_one_status_fit_two_segments(language: str) -> None:
    stage = max((TEXTS.say(language, f"stage.{stage}") for stage in STAGES), key=len)
    line = TEXTS.say(language, "progress.line", **{**LONGEST, "stage": stage})
    assert count("\n".join([line] * 4))[0] <= TWO


def test_nobody_is_called_anonymous_without_the_phone_companies() -> None:
    for catalogue in TEXTS.catalogues.values():
        for text in catalogue.values():
            if re.search(r"an[oó]nim|anonym", text, re.IGNORECASE):
                assert re.search(r"phone compan|empresas de tel", text, re.IGNORECASE)


def test_no_answer_is_a_word_of_the_carrier() -> None:
    labels = [text for catalogue in TEXTS.catalogues.values() for key, text in catalogue.items() if key.count(".") == 2]
    assert labels
    assert not any(is_carrier_word(label) for label in labels)


@pytest.mark.parametrize(
    "key", [key for language, key in SENT if language == "en" and "." in TEXTS.catalogues["en"][key][:-1]]
)
def test_english_reads_at_grade_eight_or_below(key: str) -> None:
    text = re.sub(r"\b[A-Z]+-\d+\b|[A-Z0-9]{5}-[A-Z0-9]{5}", "Maple", filled("en", key))
    assert grade(text) <= 8, f"{grade(text):.1f}: {text}"


def grade(text: str) -> float:
    """Flesch and Kincaid's grade; a number counts as one word of one syllable."""
    words = re.findall(r"[A-Za-z']+|\d+", text)
    sentences = max(1, len(re.findall(r"[.?!:](?:\s|$)", text)))
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    silent = word.lower().endswith("e") and not word.lower().endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent)
