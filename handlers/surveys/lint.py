"""Finds what is wrong or unwise in a questionnaire before anybody is asked: faults stop it, warnings inform."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from handlers import words
from handlers.questions import Choice, Question
from handlers.segments import BASIC, EXTENDED, count
from handlers.spelling import fold, plain
from handlers.surveys.paths import MOST, Path, paths, possible
from handlers.surveys.questionnaire import Item, Questionnaire, question
from handlers.surveys.readability import is_hard, measure
from handlers.tables import Faulty

Level = Literal["fault", "warning", "info"]

SEGMENTS_WANTED, SEGMENTS_ALLOWED = 1, 2
MOST_QUESTIONS = 20
MOST_OPTIONS = 9
PRICE = Decimal("0.01")
# What people type to steer an interview, in both languages.
RESERVED = frozenset(
    """back edit skip pause later why who lang status erase
    atras cambiar saltar pausa despues porque quien idioma estado borrar""".split()
)
TWO_IN_ONE = re.compile(r"\b(?:and/or|y/o)\b")
JOINED = {
    "en": re.compile(r"(\w+)(?: (?:and|or|&) |/)(\w+).*\?"),
    "es": re.compile(r"(\w+)(?: (?:y|e|o|u) |/)(\w+).*\?"),
}
NAMES = re.compile(
    r"\b(?:your (?:full |last |first )?name|name of your|badge|employee (?:number|id)|date of birth|"
    r"birth ?(?:day|date)|social security|ssn|(?:home |street |e-?mail )address|your e-?mail|your phone|phone number|"
    r"how old|your age|su (?:nombre|apellido|gafete|edad|telefono|correo|domicilio|direccion)|numero de empleado|"
    r"fecha de nacimiento|cumpleanos|seguro social|cuantos anos tiene)\b"
)
PLACES = re.compile(
    r"\b(?:what|which|whose)\b[^?]*\b(?:department|dept|division|unit|team|crew|shift|job|title|position|station|office|"
    r"race|gender|ethnicity|religion)\b|"
    r"\b(?:que|cual|cuales)\b[^?]*\b(?:departamento|division|unidad|equipo|cuadrilla|turno|puesto|cargo|estacion|"
    r"oficina|raza|genero|religion)\b"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: `fault` stops, `warning` and `info` inform; item id and line, empty and 0 for the whole."""

    level: Level
    item: str
    line: int
    reason: str


def lint(
    questionnaire: Questionnaire, price: Decimal = PRICE, reserved: Iterable[str] = RESERVED
) -> tuple[Finding, ...]:
    """All findings, faults first. `price` is that of one segment, `reserved` are words that steer the interview."""
    ways = tuple(paths(questionnaire))
    steering = frozenset(plain(word) for word in reserved)
    found = [finding for item in questionnaire.items for finding in _about(item, questionnaire, steering)]
    found += _branches(questionnaire, ways)
    found += _doubles(questionnaire)
    found += _figures(questionnaire, ways, price)
    order = ("fault", "warning", "info")
    return tuple(sorted(found, key=lambda finding: order.index(finding.level)))


def check(questionnaire: Questionnaire, file: str) -> None:
    """Raises Faulty with file, line and reason of the first fault; warnings pass."""
    for finding in lint(questionnaire):
        if finding.level == "fault":
            raise Faulty(shown(finding, file))


def shown(finding: Finding, file: str) -> str:
    """A finding as one line: file, line, item and reason."""
    place = f"{file}:{finding.line}" if finding.line else file
    return f"{place}: {finding.item + ': ' if finding.item else ''}{finding.reason}"


def _about(item: Item, questionnaire: Questionnaire, reserved: frozenset[str]) -> Iterator[Finding]:
    yield from _translations(item, questionnaire.languages)
    for language in questionnaire.languages:
        text = item.text.get(language)
        if text is None:
            continue
        yield from (_found("warning", item, reason) for reason in _unwise(item, text, language))
        if item.kind == "note":
            continue
        asked = question(item, _with_notes(questionnaire, item, language), language)
        for finder in (_segments, _swallowed, _misread):
            yield from finder(item, asked, language, reserved)


def _found(level: Level, item: Item, reason: str) -> Finding:
    return Finding(level, item.id, item.line, reason)


def _translations(item: Item, languages: tuple[str, ...]) -> Iterator[Finding]:
    for language in languages:
        if language not in item.text:
            yield _found("fault", item, f"text.{language} is missing")
        if item.ends and language not in item.ends:
            yield _found("fault", item, f"ends.{language} is missing")
        for one in item.options:
            if language not in one.labels:
                yield _found("fault", item, f"option {one.code} has no label in {language}")


def _with_notes(questionnaire: Questionnaire, item: Item, language: str) -> str:
    """An item's text with the notes that stand right before it, as they are sent together."""
    notes: list[str] = []
    for one in questionnaire.items:
        if one.id == item.id:
            break
        notes = [*notes, one.text.get(language, "")] if one.kind == "note" else []
    return "\n".join((*notes, item.text[language]))


def _segments(item: Item, asked: Question, language: str, _: frozenset[str]) -> Iterator[Finding]:
    size, encoding = count(asked.prompt)
    if size > SEGMENTS_ALLOWED:
        yield _found("fault", item, f"takes {size} segments in {language}; {SEGMENTS_ALLOWED} are allowed")
    elif size > SEGMENTS_WANTED:
        yield _found("info", item, f"takes {size} segments in {language}")
    if encoding != "GSM-7":
        odd = sorted({mark for mark in asked.prompt if mark not in BASIC and mark not in EXTENDED})
        yield _found("warning", item, f"{' '.join(odd)} in {language} halves the room of a segment")


def _swallowed(item: Item, asked: Question, language: str, reserved: frozenset[str]) -> Iterator[Finding]:
    """Options that a carrier, or the line itself, would take for a command."""
    for option in asked.options if isinstance(asked, Choice) else ():
        for label in (option.label, *option.also):
            if words.is_carrier_word(label) or words.read(label):
                yield _found("fault", item, f"the answer “{label}” is a word that carriers or the line act on")
            elif plain(label) in reserved:
                yield _found("fault", item, f"the answer “{label}” is a word that steers the interview")


def _misread(item: Item, asked: Question, language: str, _: frozenset[str]) -> Iterator[Finding]:
    """Options that would be read as another one, or not at all."""
    if not isinstance(asked, Choice):
        return
    if len(asked.options) > MOST_OPTIONS:
        yield _found("warning", item, f"{len(asked.options)} options are more than fit into a text")
    for option in asked.options:
        for label in (option.label, *option.also):
            reading = asked.read(label)
            if reading is None or reading.code != option.code:
                meant = reading.code if reading else "nothing"
                yield _found(
                    "fault", item, f"“{label}” would be read as {meant}, not {option.code} (asked in {language})"
                )


def _unwise(item: Item, text: str, language: str) -> Iterator[str]:
    bare = fold(text)
    if bare.count("?") > 1 or TWO_IN_ONE.search(bare) or _joined(item, bare, language):
        yield f"may ask two things at once in {language}"
    if NAMES.search(bare) or (PLACES.search(bare) and item.kind != "note"):
        yield f"may identify somebody in a small unit ({language})"
    if item.kind == "date" and language in item.text and language == next(iter(item.text)):
        yield "an exact day may identify somebody in a small unit; a range would not"
    ease = measure(text, language)
    if ease is not None and len(text.split()) >= 12 and _far_too_hard(ease, language):
        yield f"is hard to read in {language}: {_named(ease, language)}"


def _joined(item: Item, bare: str, language: str) -> bool:
    """Two things in a question with one answer; "jefe o jefa" is one thing, though."""
    if item.kind not in ("scale", "nps", "yes_no") or language not in JOINED:
        return False
    return any(one[:3] != other[:3] for one, other in JOINED[language].findall(bare))


def _far_too_hard(ease: float, language: str) -> bool:
    """A single question is short, and a long word weighs much; only the worst are worth a word."""
    return ease > 12 if language == "en" else ease < 45


def _named(ease: float, language: str) -> str:
    return f"Flesch-Kincaid grade {ease:.1f}" if language == "en" else f"Fernández-Huerta ease {ease:.0f}"


def _branches(questionnaire: Questionnaire, ways: tuple[Path, ...]) -> Iterator[Finding]:
    """Conditions that can never hold, and items that nobody would reach."""
    earlier: set[str] = set()
    reached = {item.id for way in ways for item in way}
    for item in questionnaire.items:
        wrong = list(_conditions(item, questionnaire, earlier))
        yield from (_found("fault", item, reason) for reason in wrong)
        if not wrong and item.id not in reached and len(ways) < MOST:
            yield _found("fault", item, "is never asked: no answers lead to it")
        earlier.add(item.id)
    for way in {way[-1].id: way for way in ways if way}.values():
        if way[-1].kind == "note":
            yield _found(
                "fault", way[-1], "is a dead end: a note is sent with the question after it, and there may be none"
            )
    if any(all(item.kind == "note" for item in way) for way in ways):
        yield Finding("fault", "", 0, "there is a way through it on which nothing is asked")


def _conditions(item: Item, questionnaire: Questionnaire, earlier: set[str]) -> Iterator[str]:
    for condition in item.when:
        asked = questionnaire.item(condition.item)
        if asked is None or condition.item not in earlier:
            yield f"when: {condition.item} is not an item before this one"
        elif impossible := [value for value in condition.values if not possible(asked, value)]:
            yield f"when: {condition.item} can never be {' or '.join(impossible)}"


def _doubles(questionnaire: Questionnaire) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for item in questionnaire.items:
        other = seen.setdefault(item.metric, item.id) if item.metric else item.id
        if other != item.id:
            yield _found("fault", item, f"metric {item.metric} is that of {other} already")
    for language in questionnaire.languages:
        if language not in questionnaire.title:
            yield Finding("fault", "", 0, f"title.{language} is missing")


def _figures(questionnaire: Questionnaire, ways: tuple[Path, ...], price: Decimal) -> Iterator[Finding]:
    """Longest path, segments and cost, ease of reading: for the whole, in each language."""
    longest = max((sum(item.kind != "note" for item in way) for way in ways), default=0)
    level: Level = "warning" if longest > MOST_QUESTIONS else "info"
    yield Finding(level, "", 0, f"the longest path has {longest} questions")
    for language in questionnaire.languages:
        sizes = {item.id: _size(questionnaire, item, language) for item in questionnaire.items}
        segments = max((sum(sizes[item.id] for item in way) for way in ways), default=0)
        yield Finding(
            "info", "", 0, f"{language}: at most {segments} segments, {segments * price:.2f} for one interview"
        )
        text = "\n".join(item.text[language] for item in questionnaire.items if language in item.text)
        ease = measure(text, language)
        if ease is not None:
            level = "warning" if is_hard(ease, language) else "info"
            yield Finding(level, "", 0, f"{language}: {_named(ease, language)}")


def _size(questionnaire: Questionnaire, item: Item, language: str) -> int:
    """Segments of an item with its notes; a note alone is not sent."""
    if item.kind == "note" or language not in item.text:
        return 0
    return count(question(item, _with_notes(questionnaire, item, language), language).prompt)[0]
