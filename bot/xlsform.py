"""Questionnaires as XLSForm workbooks, in and out, so that forms move across from and to KoBo, ODK or SurveyCTO."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

from bot.relevance import Inexpressible, from_relevant, to_relevant
from handlers.surveys.questionnaire import Alternative, Item, Questionnaire, Words, read, version
from handlers.tables import Faulty

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Row = dict[str, str]

LANGUAGES = {"en": "English (en)", "es": "Español (es)"}
LARGEST = 5_000_000
LARGEST_UNPACKED = 50_000_000
MOST_ROWS = 2_000
MOST_COLUMNS = 100
# What a form may hold besides and what we leave out, since it asks nothing.
SILENT = frozenset("start end today deviceid username simserial phonenumber subscriberid audit".split())
REFUSED_COLUMNS = ("calculation", "repeat_count", "choice_filter", "default", "trigger", "bind::jr:preload")
TRUE = frozenset(("yes", "true", "true()", "1"))
KINDS = {"integer": "number", "decimal": "number", "date": "date", "text": "text", "note": "note"}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
BOUND = re.compile(r"\.\s*(>=|<=)\s*(-?\d+(?:\.\d+)?)")


def write_xlsform(questionnaire: Questionnaire) -> bytes:
    """The workbook of a questionnaire; raises Faulty with the item that XLSForm cannot express."""
    from openpyxl import Workbook

    book = Workbook()
    survey = book.active or book.create_sheet()
    survey.title = "survey"
    _fill(survey, [_survey_row(item, questionnaire.languages) for item in questionnaire.items])
    rows = [row for item in questionnaire.items for row in _choice_rows(item, questionnaire.languages)]
    _fill(book.create_sheet("choices"), rows or [{"list_name": "", "name": ""}])
    _fill(book.create_sheet("settings"), [_settings_row(questionnaire)])
    packed = BytesIO()
    book.save(packed)
    return packed.getvalue()


def read_xlsform(content: bytes, file: str) -> Questionnaire:
    """The questionnaire of a workbook; raises Faulty with file, sheet, row and reason for all we cannot express."""
    sheets = _sheets(content, file)
    form = _Form(file, sheets)
    items = list(form.items())
    parsed = {"id": form.id(), "languages": form.languages, "title": form.title(), "items": items}
    return read(parsed, f"{file} row", tuple(form.rows))


@dataclass
class _Form:
    """A workbook while it is read: the groups that are open, and the row of each item."""

    file: str
    sheets: Mapping[str, list[tuple[int, Row]]]
    languages: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    several: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if not self.sheets.get("survey"):
            raise Faulty(f"{self.file}: has no sheet survey with questions in it")
        self.settings = dict(self.sheets.get("settings", [(0, {})])[0][1]) if self.sheets.get("settings") else {}
        self.usual = _code(self.settings.get("default_language", "")) or "en"
        heads = {head for _, row in self.sheets["survey"] for head in row}
        for head in sorted(heads, key=lambda head: (_language(head, self.usual) != self.usual, head)):
            language = _language(head, self.usual)
            if head.partition("::")[0] == "label" and language not in self.languages:
                self.languages.append(language)
        if not self.languages:
            raise Faulty(f"{self.file}: sheet survey has no column label, such as label::English (en)")

    def id(self) -> str:
        """The form's id, or one made from its file name."""
        return self.settings.get("form_id") or re.sub(r"\W+", "_", self.file.rpartition(".")[0]).strip("_") or "form"

    def title(self) -> dict[str, str]:
        """The form's title; one without translations stands for all languages."""
        usual = self.settings.get("form_title") or self.id()
        return {language: _own(self.settings, "title").get(language, usual) for language in self.languages}

    def items(self) -> Iterator[dict[str, Any]]:
        """The items as they would stand in a TOML file."""
        for number, row in self.sheets["survey"]:
            try:
                item = self._item(row)
            except Inexpressible as reason:
                raise Faulty(f"{self.file}: sheet survey, row {number}: {reason}") from None
            if item:
                self.rows.append(number)
                yield item

    def _item(self, row: Row) -> dict[str, Any] | None:
        kind = " ".join(row.get("type", "").split())
        if kind in SILENT or not kind:
            if row.get("label") or (not kind and any(row.values())):
                raise Inexpressible("has no type")
            return None
        if kind in ("begin group", "begin_group"):
            self.groups.append(row.get("relevant", ""))
            return None
        if kind in ("end group", "end_group"):
            if not self.groups:
                raise Inexpressible("ends a group that did not begin")
            self.groups.pop()
            return None
        for column in REFUSED_COLUMNS:
            if row.get(column):
                raise Inexpressible(f"{column} cannot be expressed here")
        return self._question(kind, row)

    def _question(self, kind: str, row: Row) -> dict[str, Any]:
        item: dict[str, Any] = {"id": row.get("name", ""), "text": self._text(row), **self._kind(kind, row)}
        relevant = [part for part in (*self.groups, row.get("relevant", "")) if part]
        conditions = [one for part in relevant for one in from_relevant(part, frozenset(self.several))]
        if conditions:
            item["when"] = [condition.plain() for condition in conditions]
        if item["type"] != "note" and row.get("required", "").lower() not in TRUE:
            item["optional"] = True
        if row.get("refusal", "").lower() == "no":
            item["refusal"] = False
        return item | {key: row[key] for key in ("metric", "lean") if row.get(key)}

    def _text(self, row: Row) -> dict[str, str]:
        """Labels, each with its hint behind it, as a text has only one line to say both."""
        labels = _words(row, "label", self.usual)
        hints = {} if _own(row, "ends") else _words(row, "hint", self.usual)
        return {language: " ".join(filter(None, (text, hints.get(language)))) for language, text in labels.items()}

    def _kind(self, kind: str, row: Row) -> dict[str, Any]:
        first, _, name = kind.partition(" ")
        if first in ("select_one", "select_multiple"):
            return self._choice(first, name, row)
        if kind == "range":
            return {"type": "nps" if row.get("kind") == "nps" else "scale", **_range(row), **self._ends(row)}
        if kind not in KINDS:
            raise Inexpressible(f"the type {kind} cannot be expressed here")
        bounds = _bounds(row.get("constraint", "")) if KINDS[kind] == "number" else {}
        if row.get("constraint") and not bounds:
            raise Inexpressible(f"the constraint {row['constraint']} cannot be expressed here")
        return {"type": KINDS[kind], **bounds}

    def _choice(self, kind: str, name: str, row: Row) -> dict[str, Any]:
        if name.endswith(" or_other") or row.get("constraint"):
            raise Inexpressible("or_other and constraints on choices cannot be expressed here")
        options = [self._option(one) for _, one in self.sheets.get("choices", []) if one.get("list_name") == name]
        if not options:
            raise Inexpressible(f"the list {name} is not in the sheet choices")
        codes = {option["code"] for option in options}
        if kind == "select_multiple":
            self.several.add(row.get("name", ""))
            return {"type": "several", "options": options}
        return {"type": "yes_no" if {"yes", "no"} <= codes <= {"yes", "no", "unsure"} else "choice", "options": options}

    def _option(self, row: Row) -> dict[str, Any]:
        also = {language: text.split("|") for language, text in _own(row, "also").items()}
        labels = {language: text for language, text in _words(row, "label", self.usual).items()}
        return {"code": row.get("name", ""), **labels, **({"also": also} if also else {})}

    def _ends(self, row: Row) -> dict[str, Any]:
        ends = {language: text.split("|") for language, text in _own(row, "ends").items()}
        return {"ends": ends} if ends else {}


def _survey_row(item: Item, languages: tuple[str, ...]) -> Row:
    row = {"type": _type(item), "name": item.id, **_columns("label", item.text, languages)}
    row["required"] = "" if item.kind == "note" else "no" if item.optional else "yes"
    try:
        row["relevant"] = to_relevant(item.when)
    except Inexpressible as reason:
        raise Faulty(f"{item.id}: {reason}") from None
    row |= {"constraint": _constraint(item), "parameters": _parameters(item)}
    row |= _columns("hint", _hints(item), languages)
    row |= {"kind": item.kind, "metric": item.metric, "refusal": "" if item.refusal else "no", "lean": item.lean}
    return row | {f"ends_{language}": "|".join(both) for language, both in (item.ends or {}).items()}


def _type(item: Item) -> str:
    return {
        "choice": f"select_one {item.id}",
        "yes_no": f"select_one {item.id}",
        "several": f"select_multiple {item.id}",
        "scale": "range",
        "nps": "range",
        "number": "decimal",
    }.get(item.kind, item.kind)


def _columns(name: str, words: Words, languages: tuple[str, ...]) -> Row:
    return {f"{name}::{LANGUAGES.get(one, f'{one} ({one})')}": words.get(one, "") for one in languages}


def _hints(item: Item) -> dict[str, str]:
    low, high = ("0", "10") if item.kind == "nps" else (str(item.least), str(item.most))
    return {language: f"{low} {ends[0]}, {high} {ends[1]}" for language, ends in (item.ends or {}).items()}


def _constraint(item: Item) -> str:
    if item.kind != "number":
        return ""
    bounds = ((">=", item.least), ("<=", item.most))
    return " and ".join(f". {sign} {bound}" for sign, bound in bounds if bound is not None)


def _parameters(item: Item) -> str:
    if item.kind == "nps":
        return "start=0 end=10 step=1"
    return f"start={item.least} end={item.most} step=1" if item.kind == "scale" else ""


def _choice_rows(item: Item, languages: tuple[str, ...]) -> Iterator[Row]:
    for one in item.options:
        yield {
            "list_name": item.id,
            "name": one.code,
            **_columns("label", one.labels, languages),
            **_also(one),
        }


def _also(one: Alternative) -> Row:
    return {f"also_{language}": "|".join(words) for language, words in one.also.items()}


def _settings_row(questionnaire: Questionnaire) -> Row:
    first = questionnaire.languages[0]
    return {
        "form_title": questionnaire.title.get(first, questionnaire.id),
        "form_id": questionnaire.id,
        "version": version(questionnaire)[:16],
        "default_language": LANGUAGES.get(first, f"{first} ({first})"),
        **{f"title_{language}": text for language, text in questionnaire.title.items()},
    }


def _fill(sheet: "Worksheet", rows: list[Row]) -> None:
    """A row of headings, then the rows; every cell is text without control characters, never a formula."""
    heads = list(dict.fromkeys(head for row in rows for head in row))
    for number, values in enumerate(([*heads], *([row.get(head, "") for head in heads] for row in rows)), 1):
        for column, value in enumerate(values, 1):
            if value:
                sheet.cell(number, column, CONTROL.sub("", value)).data_type = "s"


def _sheets(content: bytes, file: str) -> dict[str, list[tuple[int, Row]]]:
    from openpyxl import load_workbook

    _check_size(content, file)
    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=False)
        return {sheet.title.strip().lower(): list(_rows(sheet, file)) for sheet in book.worksheets}
    except Faulty:
        raise
    except Exception:  # whatever a broken workbook makes the library raise
        raise Faulty(f"{file}: is not a workbook that can be read (.xlsx)") from None


def _check_size(content: bytes, file: str) -> None:
    try:
        unpacked = sum(part.file_size for part in zipfile.ZipFile(BytesIO(content)).infolist())
    except zipfile.BadZipFile:
        raise Faulty(f"{file}: is not a workbook that can be read (.xlsx)") from None
    if len(content) > LARGEST or unpacked > LARGEST_UNPACKED:
        raise Faulty(f"{file}: is larger than a questionnaire can be")


def _rows(sheet: Any, file: str) -> Iterator[tuple[int, Row]]:
    """The filled rows under the headings, with their numbers."""
    heads: list[str] = []
    for number, cells in enumerate(sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS), 1):
        values = [_text(cell, sheet.title, file) for cell in cells]
        if not heads:
            heads = [_head(value) for value in values]
        elif any(values):
            yield number, {head: value for head, value in zip(heads, values, strict=False) if head}


def _head(value: str) -> str:
    """A heading without its older spellings: "label:English (en)", "label :: English (en)"."""
    name, _, rest = re.sub(r"\s*::?\s*", "::", value.strip(), count=1).partition("::")
    return f"{name.lower()}::{rest}" if rest else name.lower()


def _text(cell: Any, sheet: str, file: str) -> str:
    if cell.value is None:
        return ""
    if cell.data_type == "f":
        raise Faulty(f"{file}: sheet {sheet}, cell {cell.coordinate}: is a formula; write its value instead")
    if isinstance(cell.value, float) and cell.value.is_integer():
        return str(int(cell.value))
    return str(cell.value).strip()


def _code(name: str) -> str:
    """The code of "English (en)", or of a bare "en"."""
    found = re.search(r"\(([A-Za-z]{2,3})\)\s*$", name)
    return found[1].lower() if found else name.lower() if re.fullmatch(r"[A-Za-z]{2,3}", name) else ""


def _language(head: str, usual: str) -> str:
    name = head.partition("::")[2]
    return (_code(name) or name.lower()) if name else usual


def _words(row: Mapping[str, str], name: str, usual: str) -> dict[str, str]:
    """A column's texts by language; one without a language is in the usual one."""
    return {_language(head, usual): text for head, text in row.items() if text and head.partition("::")[0] == name}


def _own(row: Mapping[str, str], name: str) -> dict[str, str]:
    """A column of ours by language, such as also_en; other programs take one with colons for one of theirs."""
    own = re.compile(rf"{name}_(\w+)")
    return {found[1]: text for head, text in row.items() if text and (found := own.fullmatch(head))}


def _range(row: Row) -> dict[str, Any]:
    given = dict(re.findall(r"(\w+)\s*=\s*(-?\d+(?:\.\d+)?)", row.get("parameters", "")))
    if given.get("step", "1") != "1" or not all(re.fullmatch(r"-?\d+", given.get(key, "")) for key in ("start", "end")):
        raise Inexpressible("a range needs whole numbers and step=1, such as start=1 end=5 step=1")
    if row.get("kind") == "nps":
        return {}
    return {"least": int(given["start"]), "most": int(given["end"])}


def _bounds(constraint: str) -> dict[str, Any]:
    parts = [BOUND.fullmatch(part.strip()) for part in constraint.split(" and ")] if constraint else []
    if not all(parts):
        return {}
    names = {">=": "least", "<=": "most"}
    return {names[part[1]]: float(part[2]) if "." in part[2] else int(part[2]) for part in parts if part}
