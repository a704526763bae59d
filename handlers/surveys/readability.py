"""How hard a text is to read: Flesch-Kincaid grade for English, Fernández-Huerta ease for Spanish."""

import re

from handlers.spelling import fold

WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
VOWELS = "aeiouy"
HARD = {"en": 8.0, "es": 60.0}
"""English: a grade of school, harder above; Spanish: ease, harder below (INFLESZ calls 55 to 65 normal)."""


def measure(text: str, language: str) -> float | None:
    """The English grade or the Spanish ease of a text; None for other languages and for a text without words."""
    words, sentences = WORD.findall(text), len(re.findall(r"[.!?\n]+(?:\s|$)", text.strip() + "\n"))
    if not words or language not in HARD:
        return None
    syllables = sum(map(english_syllables if language == "en" else spanish_syllables, words))
    per_word, per_sentence = syllables / len(words), len(words) / max(sentences, 1)
    if language == "en":
        return 0.39 * per_sentence + 11.8 * per_word - 15.59  # Kincaid and others, 1975
    return 206.84 - 60 * per_word - 1.02 * per_sentence  # Fernández Huerta, 1959


def is_hard(value: float, language: str) -> bool:
    """Whether a measure is beyond what the public reads with ease."""
    return value > HARD[language] if language == "en" else value < HARD[language]


def english_syllables(word: str) -> int:
    """About how many syllables an English word has: its groups of vowels, without a silent e."""
    bare = fold(word)
    groups = len(re.findall(r"[aeiouy]+", bare))
    silent = re.search(r"[^aeiouyl]e$|[^aeiouydt]ed$|[^aeiouyszc]es$", bare) is not None
    return max(groups - silent, 1)


def spanish_syllables(word: str) -> int:
    """How many syllables a Spanish word has: a weak vowel beside another makes none, unless stressed."""
    bare = re.sub(r"(?<=[qg])u(?=[eiéí])", "", word.casefold())
    bare = re.sub(r"y(?![aeiouáéíóú])", "i", bare)
    nuclei = re.findall(r"[aeoáéóíú]|[iuü]+(?![aeoáéó])(?<![aeoáéó][iuü])", bare)
    return max(len(nuclei), 1)
