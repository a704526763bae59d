"""A questionnaire is data: items with types, branches and translations, and a version made from its content."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args

from handlers.questions import Choice, Date, Number, Option, Question, Scale, Text
from handlers.reading.dates import Lean
from handlers.reading.readings import SKIPPED
from handlers.surveys.branches import Condition, holds, read_conditions
from handlers.tables import Faulty, Table

Kind = Literal["choice", "several", "scale", "nps", "yes_no", "number", "date", "text", "note"]
Words = Mapping[str, str]
"""A text by language; a missing one is a finding of `handlers.lint`, and falls back to the first language."""

Answers = Mapping[str, str]
"""Item id → code of the choice or choices, number, date, "given", "skipped" or "refused"."""

ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
NPS = (0, 10)
CHOSEN = ("choice", "several", "yes_no")


@dataclass(frozen=True, slots=True)
class Alternative:
    """An option of an item: its code, its label by language, and by language other words that mean it."""

    code: str
    labels: Words
    also: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Item:
    """One question, or a note that is sent together with the question after it.

    `metric` names what it measures, the same in every questionnaire that can be compared. `when` must all hold, else
    it is not asked. `least` and `most` bound a number or a scale, `ends` are the labels of a scale's two ends.
    `optional` items may lack from a complete interview; `refusal` makes "prefer not to say" an answer.
    """

    id: str
    kind: Kind
    text: Words
    options: tuple[Alternative, ...] = ()
    when: tuple[Condition, ...] = ()
    metric: str = ""
    optional: bool = False
    refusal: bool = True
    least: Decimal | None = None
    most: Decimal | None = None
    ends: Mapping[str, tuple[str, str]] | None = None
    lean: Lean = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """Items in the order they are asked."""

    id: str
    languages: tuple[str, ...]
    title: Words
    items: tuple[Item, ...]

    def item(self, id: str) -> Item | None:
        """The item of that id."""
        return next((item for item in self.items if item.id == id), None)


def read_toml(text: str, file: str) -> Questionnaire:
    """The questionnaire of a TOML file; raises Faulty with file, line and reason."""
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Faulty(f"{file}: is not TOML: {error}") from None
    return read(parsed, file, _lines(text))


def read(parsed: Mapping[str, Any], file: str, lines: tuple[int, ...] = ()) -> Questionnaire:
    """The questionnaire of parsed tables; `lines` are those of its items, for the faults it raises (Faulty)."""
    table = Table(parsed, f"{file}: ")
    id = table.text("id")
    if not ID.fullmatch(id):
        raise table.fault("id", "must be letters, digits and _, such as exit_interview")
    languages = tuple(table.strings("languages"))
    title = _words(table, "title", languages)
    items = tuple(_items(table, file, lines, languages))
    if not items:
        raise table.fault("items", "must hold at least one question")
    table.no_more()
    return Questionnaire(id, languages, title, items)


def to_json(questionnaire: Questionnaire) -> str:
    """The canonical form: the same for the same content, however its file was laid out."""
    return json.dumps(plain(questionnaire), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def from_json(stored: str) -> Questionnaire:
    """The questionnaire of a canonical form, so that a running interview keeps the version it began with."""
    try:
        return read(json.loads(stored), "stored questionnaire")
    except json.JSONDecodeError:
        raise Faulty("stored questionnaire: is not JSON") from None


def version(questionnaire: Questionnaire) -> str:
    """SHA-256 of the canonical form, in hexadecimal digits."""
    return hashlib.sha256(to_json(questionnaire).encode()).hexdigest()


def to_questions(
    questionnaire: Questionnaire, answers: Answers, language: str, today: date | None = None
) -> Iterator[Question]:
    """The questions in a language, from the top, for `handlers.program.open_question`; branches follow the answers."""
    spoken = language if language in questionnaire.languages else questionnaire.languages[0]
    notes: list[str] = []
    for item in questionnaire.items:
        if not all(holds(condition, answers) for condition in item.when):
            continue
        words = item.text.get(spoken) or next(iter(item.text.values()))
        if item.kind == "note":
            notes.append(words)
        else:
            yield question(item, "\n".join((*notes, words)), spoken, today)
            notes = []


def question(item: Item, words: str, language: str, today: date | None = None) -> Question:
    """An item, other than a note, as the question that reads its answer."""
    match item.kind:
        case "choice" | "several" | "yes_no":
            options = tuple(_option(one, language) for one in item.options)
            return Choice(item.id, words, options, many=item.kind == "several", generous=True, refusable=item.refusal)
        case "scale" | "nps":
            return _scale(item, words, language)
        case "number":
            return Number(item.id, words, item.least, item.most, refusable=item.refusal)
        case "date":
            return Date(item.id, words, today, item.lean, refusable=item.refusal)
        case _:
            return Text(item.id, words, refusable=item.refusal)


def is_complete(questionnaire: Questionnaire, answers: Answers) -> bool:
    """Whether every item that was to be asked has an answer or a refusal, those that are optional aside."""
    asked = (one.id for one in to_questions(questionnaire, answers, questionnaire.languages[0]))
    needed = (id for id in asked if not (item := questionnaire.item(id)) or not item.optional)
    return all(answers.get(id, SKIPPED) != SKIPPED for id in needed)


def plain(questionnaire: Questionnaire) -> dict[str, Any]:
    """The questionnaire as the tables of its file: only what differs from the usual."""
    return {
        "id": questionnaire.id,
        "languages": list(questionnaire.languages),
        "title": dict(questionnaire.title),
        "items": [_plain_item(item) for item in questionnaire.items],
    }


def _option(one: Alternative, language: str) -> Option:
    """An option with its label in a language; labels and other words of all languages are understood."""
    also = (*one.labels.values(), *(word for words in one.also.values() for word in words))
    label = one.labels.get(language) or next(iter(one.labels.values()), one.code)
    return Option(one.code, label, tuple(word for word in also if word != label))


def _scale(item: Item, words: str, language: str) -> Scale:
    ends = item.ends or {}
    low, high = (int(item.least or 0), int(item.most or 0)) if item.kind == "scale" else NPS
    also = (tuple(one[0] for one in ends.values()), tuple(one[1] for one in ends.values()))
    return Scale(item.id, words, low, high, ends.get(language, ("", "")), also, item.refusal)


def _lines(text: str) -> tuple[int, ...]:
    """The line of each item's id, or of its [[items]] where the id is missing; tomllib tells none."""
    found: list[int] = []
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*\[\[\s*items\s*\]\]", line):
            found.append(number)
            inside = True
        elif re.match(r"\s*\[", line):
            inside = False
        elif inside and re.match(r"\s*id\s*=", line):
            found[-1] = number
    return tuple(found)


def _items(table: Table, file: str, lines: tuple[int, ...], languages: tuple[str, ...]) -> Iterator[Item]:
    seen: set[str] = set()
    for index, one in enumerate(table.tables("items")):
        line = lines[index] if index < len(lines) else 0
        id = one.values.get("id", "")
        one.path = f"{file}:{line}: {id}." if line and id else f"{file}:{line}: " if line else one.path
        item = _item(one, languages, line)
        if item.id in seen:
            raise one.fault("id", "is there twice")
        seen.add(item.id)
        yield item


def _item(table: Table, languages: tuple[str, ...], line: int) -> Item:
    id, kind = table.text("id"), _kind(table)
    if not ID.fullmatch(id):
        raise table.fault("id", "must be letters, digits and _, beginning with a letter")
    item = Item(
        id=id,
        kind=kind,
        text=_words(table, "text", languages),
        options=tuple(_alternatives(table, languages)) if kind in CHOSEN else (),
        when=read_conditions(table),
        metric=table.text("metric", ""),
        optional=table.get("optional", bool, "true or false", False),
        refusal=table.get("refusal", bool, "true or false", True),
        least=_bound(table, "least", kind),
        most=_bound(table, "most", kind),
        ends=_ends(table, languages) if kind in ("scale", "nps") else None,
        lean=_lean(table) if kind == "date" else "",
        line=line,
    )
    _check(item, table)
    table.no_more()
    return item


def _kind(table: Table) -> Kind:
    kind = table.text("type")
    found: Kind | None = next((known for known in get_args(Kind) if known == kind), None)
    if found is None:
        raise table.fault("type", f"must be one of {', '.join(get_args(Kind))}")
    return found


def _words(table: Table, key: str, languages: tuple[str, ...]) -> dict[str, str]:
    """A text by language; at least one must be there."""
    inner = table.table(key)
    found = {language: text for language in languages if (text := inner.text(language, ""))}
    inner.no_more()
    if not found:
        raise table.fault(key, f'is missing; it must be a text by language, such as {{ {languages[0]} = "…" }}')
    return found


def _alternatives(table: Table, languages: tuple[str, ...]) -> Iterator[Alternative]:
    seen: set[str] = set()
    for one in table.tables("options"):
        code = one.text("code")
        if not CODE.fullmatch(code) or code == SKIPPED:
            raise one.fault("code", "must be letters, digits, _ and -")
        if code in seen:
            raise one.fault("code", "is there twice")
        seen.add(code)
        labels = {language: text for language in languages if (text := one.text(language, ""))}
        if not labels:
            raise one.fault(languages[0], "is missing; an option needs a label by language")
        yield Alternative(code, labels, _also(one, languages))
        one.no_more()


def _also(table: Table, languages: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    inner = table.table("also")
    found = {language: tuple(inner.strings(language)) for language in languages if language in inner.values}
    inner.no_more()
    return found


def _bound(table: Table, key: str, kind: Kind) -> Decimal | None:
    if kind not in ("number", "scale") or (key not in table.values and kind == "number"):
        return None
    value = table.values.pop(key, None)
    if type(value) is not int and (kind == "scale" or type(value) is not float):
        raise table.fault(key, "must be a whole number" if kind == "scale" else "must be a number")
    return Decimal(str(value))


def _ends(table: Table, languages: tuple[str, ...]) -> dict[str, tuple[str, str]] | None:
    inner = table.table("ends")
    found: dict[str, tuple[str, str]] = {}
    for language in languages:
        if language in inner.values:
            both = inner.strings(language)
            if len(both) != 2:
                raise inner.fault(language, "must be two labels, of the low end and of the high end")
            found[language] = (both[0], both[1])
    inner.no_more()
    return found or None


def _lean(table: Table) -> Lean:
    lean = table.text("lean", "")
    found: Lean | None = next((known for known in get_args(Lean) if known == lean), None)
    if found is None:
        raise table.fault("lean", "must be past or future")
    return found


def _check(item: Item, table: Table) -> None:
    if item.kind in CHOSEN and len(item.options) < 2:
        raise table.fault("options", "must hold at least two options")
    if item.kind == "yes_no" and not {"yes", "no"} <= {one.code for one in item.options} <= {"yes", "no", "unsure"}:
        raise table.fault("options", "must have the codes yes, no and perhaps unsure")
    if item.least is not None and item.most is not None and item.least >= item.most:
        raise table.fault("most", "must be more than least")
    if item.kind == "scale" and (item.most or 0) - (item.least or 0) > 10:
        raise table.fault("most", "must be at most 10 more than least")


def _plain_item(item: Item) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "when": [condition.plain() for condition in item.when],
        "metric": item.metric,
        "optional": item.optional,
        "least": _plain_number(item.least),
        "most": _plain_number(item.most),
        "ends": {language: list(both) for language, both in (item.ends or {}).items()},
        "lean": item.lean,
        "options": [_plain_option(one) for one in item.options],
    }
    kept = {key: value for key, value in usual.items() if (value == 0 and value is not False) or value}
    more = {} if item.refusal else {"refusal": False}
    return {"id": item.id, "type": item.kind, "text": dict(item.text), **kept, **more}


def _plain_number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def _plain_option(one: Alternative) -> dict[str, Any]:
    also = {language: list(words) for language, words in one.also.items()}
    return {"code": one.code, **one.labels, **({"also": also} if also else {})}
