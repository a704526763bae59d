"""Cards, forms and pages as Adaptive Cards, and what people press or enter in them back as plain values."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import quote, unquote

from bot.channels.plain import clean, cut, defang, pieces
from handlers.cards import Button, Buttons, Card, Divider, Facts, Form, Input, Part, Picture, Text
from handlers.messages import Value
from storage import plain

Json = dict[str, Any]

# Teams refuses messages of about 28 KB; what surrounds a card needs some of that.
LARGEST = 24_000
LONGEST_TEXT = 3000
LONGEST_QUOTE = 12_000
LONGEST_INPUT = 3000
MOST_ACTIONS = 6
FEW_OPTIONS = 5
MOST_OPTIONS = 100
KEPT_IN_FRONT = 3
NOTHING = "\u2013"
MARK = "commonline"
# A dialog of Teams takes no files.
SEND_IT = "send it to me as a message in our own chat. Then I ask what it is for."

_STYLES = {"primary": "positive", "danger": "destructive"}
_RUNS: Mapping[str, Json] = {
    "plain": {},
    "quiet": {"isSubtle": True, "size": "small"},
    "strong": {"weight": "bolder"},
    "quote": {},
    "warning": {"weight": "bolder", "color": "attention"},
    "large": {"weight": "bolder", "size": "extraLarge"},
}


@dataclass(frozen=True, slots=True)
class Received:
    """What came back from a card: what to do, with the values of its button or fields.

    `form` is the submitted form with what was typed in it, so that it can be shown again.
    """

    do: Literal["press", "submit", "home"]
    name: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    place: str = ""
    form: Form | None = None


def message(card: Card, place: str = "", opens: bool = True) -> Json:
    """A card as an Adaptive Card. Its buttons open dialogs; or, in a dialog, go on in it (`opens` False)."""
    return _adaptive([_title(card.title), *_elements(card.parts, place, opens)])


def form(shown: Form, place: str = "", opens: bool = True, faults: Mapping[str, str] | None = None) -> Json:
    """A form as an Adaptive Card, its `faults` beside the inputs; `place` comes back with what is entered."""
    named = {part.name for part in shown.parts if isinstance(part, Input)}
    told = [fault for name, fault in (faults or {}).items() if name not in named]
    # A dialog's own title stays what it was when the dialog opened.
    body = [_title(shown.title), *(element for fault in told for element in _paragraph(Text(fault, "warning")))]
    for part in shown.parts:
        body += _part(part, place, opens)
        fault = (faults or {}).get(part.name, "") if isinstance(part, Input) else ""
        body += _paragraph(Text(fault, "warning"))
    actions = [_submit(shown, place)] if shown.submit or named else []
    return _adaptive(body, actions)


def home(parts: Sequence[Part], opens: bool = True) -> Json:
    """A person's own page as an Adaptive Card."""
    return _adaptive(_elements(parts, "", opens) or _paragraph(Text(NOTHING)))


def welcome(title: str, *lines: str, button: str) -> Json:
    """The first card that a person gets, with a button to their own page."""
    body = [_title(title), *(element for line in lines for element in _paragraph(Text(line)))]
    return _adaptive(body, [{"type": "Action.Submit", "title": button, "data": {MARK: {"do": "home"}}}])


def summary(card: Card) -> str:
    """The one line for notifications."""
    return clean(card.summary or card.title, 300)


def received(data: Any, tenant: str) -> Received | None:
    """What a card of ours sent; None for anything else. A person is `tenant/object id`, as in Inbound.sender.

    ValueError, KeyError, TypeError or AttributeError for what no card of ours would send.
    """
    if not isinstance(data, dict) or MARK not in data:
        return None
    held = data[MARK]
    if held["do"] not in ("press", "submit", "home"):
        raise ValueError("no such thing to do")
    entered = dict(_entered(name, value, tenant) for name, value in data.items() if "." in name)
    carried = _values(held.get("values", {}))
    values = {**carried, **entered} if held["do"] == "submit" else {**entered, **carried}
    kept = _filled(_unpacked(held["form"]), entered) if "form" in held else None
    return Received(held["do"], str(held.get("name", "")), values, str(held.get("place", "")), kept)


# --- parts


def _adaptive(body: Sequence[Json], actions: Sequence[Json] = ()) -> Json:
    card: Json = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "body": _fit(body, LARGEST - _size(actions)),
    }
    return card | ({"actions": list(actions)} if actions else {})


def _fit(body: Sequence[Json], room: int) -> list[Json]:
    """All of it, or its front and as much of its end as there is room for: what is newest stands last."""
    if sum(map(_size, body)) <= room:
        return list(body)
    front, more = list(body[:KEPT_IN_FRONT]), _paragraph(Text("…", "quiet"))
    room -= sum(map(_size, front)) + sum(map(_size, more))
    end: list[Json] = []
    for element in reversed(body[KEPT_IN_FRONT:]):
        room -= _size(element)
        if room < 0:
            break
        end.insert(0, element)
    return [*front, *more, *end]


def _size(part: object) -> int:
    return len(json.dumps(part, ensure_ascii=False).encode())


def _elements(parts: Iterable[Part], place: str, opens: bool) -> list[Json]:
    return [element for part in parts for element in _part(part, place, opens)]


def _part(part: Part, place: str, opens: bool) -> Sequence[Json]:
    match part:
        case Text():
            return _paragraph(part)
        case Facts(pairs):
            return [_pair(label, value) for label, value in pairs]
        case Buttons(buttons):
            made = [_button(button, place, opens) for button in buttons]
            return [_action_set(made[at : at + MOST_ACTIONS]) for at in range(0, len(made), MOST_ACTIONS)]
        case Divider():
            return [{**_rich([_run(" ")]), "separator": True, "spacing": "small"}]
        case Picture(url, alt):
            return [{"type": "Image", "url": url, "altText": clean(alt, 1000) or NOTHING}]
        case Input(kind="file"):
            return _paragraph(Text(f"{part.label}: {SEND_IT}"))
        case Input():
            return _input(part)


def _title(text: str) -> Json:
    return _rich([_run(clean(text, 300).strip() or NOTHING, weight="bolder", size="large")])


def _paragraph(part: Text) -> list[Json]:
    text = clean(part.text, LONGEST_QUOTE)
    if not text.strip():
        return []
    shown = [_rich([_run(piece, **_RUNS[part.tone])]) for piece in pieces(_inert(text, part.tone), LONGEST_TEXT)]
    return [{"type": "Container", "style": "emphasis", "items": shown}] if part.tone == "quote" else shown


def _inert(text: str, tone: str) -> str:
    return defang(text) if tone == "quote" else text


def _rich(runs: Sequence[Json]) -> Json:
    """Words in a place where Teams reads no markup: a TextBlock would make links and mentions of them."""
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, **style: Any) -> Json:
    return {"type": "TextRun", "text": text, **style}


def _pair(label: str, value: str) -> Json:
    # Not a FactSet: its titles and values are read as markup.
    columns = [_column(label, 1, weight="bolder"), _column(value, 2)]
    return {"type": "ColumnSet", "columns": columns, "spacing": "small"}


def _column(text: str, width: int, **style: Any) -> Json:
    words = _rich([_run(clean(text, 2000).strip() or NOTHING, **style)])
    return {"type": "Column", "width": width, "items": [words]}


def _action_set(actions: list[Json]) -> Json:
    return {"type": "ActionSet", "actions": actions}


def _button(button: Button, place: str, opens: bool) -> Json:
    action = _press(button, place, opens)
    if not button.confirm:
        return action
    sure = _adaptive(_paragraph(Text(button.confirm)), [action])
    return {**_head("Action.ShowCard", button), "card": {name: sure[name] for name in ("type", "body", "actions")}}


def _press(button: Button, place: str, opens: bool) -> Json:
    if button.url:
        return {**_head("Action.OpenUrl", button), "url": button.url}
    data: Json = {MARK: {"do": "press", "name": button.action, "values": _plain(button.values), "place": place}}
    # A message cannot change under the finger that presses; a dialog over it can, and only that person sees it.
    fetch = {"msteams": {"type": "task/fetch"}} if opens else {}
    # Nobody has to fill in a form to leave it.
    return {**_head("Action.Submit", button), "associatedInputs": "none", "data": data | fetch}


def _head(kind: str, button: Button) -> Json:
    style = {"style": _STYLES[button.style]} if button.style else {}
    return {"type": kind, "title": clean(button.label, 75).strip() or NOTHING, **style}


def _submit(shown: Form, place: str) -> Json:
    title = clean(shown.submit or "Done", 75)
    held = {"do": "submit", "name": shown.name, "values": _plain(shown.carry), "place": place, "form": _packed(shown)}
    return {"type": "Action.Submit", "title": title, "style": "positive", "data": {MARK: held}}


def _packed(shown: Form) -> Json:
    # Teams forgets a form when it is submitted: to show it again with what was wrong, it travels along.
    return {"submit": shown.submit, "shown": plain.dump(Card(shown.title or NOTHING, shown.parts))}


# --- fields


def _input(part: Input) -> list[Json]:
    # Above the field it would read as belonging to the one before.
    hint = [{**element, "spacing": "small"} for element in _paragraph(Text(part.hint, "quiet"))]
    return [{**_field(part), **_demands(part)}, *hint]


def _demands(part: Input) -> Json:
    demands: Json = {"id": f"{part.kind}.{part.name}", "label": clean(part.label, 300).strip() or NOTHING}
    if not part.optional:
        demands |= {"isRequired": True, "errorMessage": "This is needed."}
    return demands


def _field(part: Input) -> Json:
    match part.kind:
        case "file":
            raise ValueError("a card takes no file")
        case "text" | "long_text":
            return _text_input(part)
        case "date":
            return _valued({"type": "Input.Date"}, _single(part))
        case "person":
            return _person(part)
        case "choice" | "checks":
            return _choice(part)


def _text_input(part: Input) -> Json:
    longest = min(part.longest or LONGEST_INPUT, LONGEST_INPUT)
    shape: Json = {"type": "Input.Text", "maxLength": longest}
    return _valued(shape | ({"isMultiline": True} if part.kind == "long_text" else {}), cut(_single(part), longest))


def _person(part: Input) -> Json:
    # Teams' people picker: an extension of its own to the format.
    source = {"type": "Data.Query", "dataset": "graph.microsoft.com/users"}
    return _valued({"type": "Input.ChoiceSet", "choices": [], "choices.data": source}, _single(part).rpartition("/")[2])


def _choice(part: Input) -> Json:
    several = part.kind == "checks"
    options = [
        {"title": _unmarked(clean(label, 200)) or NOTHING, "value": _coded(value, several)}
        for value, label in part.options[:MOST_OPTIONS]
    ]
    compact = not several and (len(options) > FEW_OPTIONS or part.optional)
    shape: Json = {"type": "Input.ChoiceSet", "choices": options, "style": "compact" if compact else "expanded"}
    shape |= {"wrap": True, **({"isMultiSelect": True} if several else {})}
    initial = (part.initial,) if isinstance(part.initial, str) else part.initial
    return _valued(shape, ",".join(_coded(value, several) for value in initial if value))


def _valued(shape: Json, value: str) -> Json:
    return shape | ({"value": value} if value else {})


def _coded(value: str, several: bool) -> str:
    # What is chosen of several comes back as one text, apart by commas.
    return quote(value, safe=" ") if several else value


def _unmarked(label: str) -> str:
    # The labels of choices are read as markup, unlike everything else here.
    return defang(label).translate(
        str.maketrans("[]()<>*_`~", "\uff3b\uff3d\uff08\uff09\u2039\u203a\u2217\u02cd'\u223c")
    )


def _single(part: Input) -> str:
    return part.initial if isinstance(part.initial, str) else next(iter(part.initial), "")


def _plain(values: Mapping[str, Value]) -> Json:
    return {name: value if isinstance(value, str) else list(value) for name, value in values.items()}


# --- what comes back


def _entered(id: str, value: Any, tenant: str) -> tuple[str, Value]:
    kind, _, name = id.partition(".")
    text = str(value if value is not None else "")
    if kind == "checks":
        return name, tuple(unquote(each) for each in text.split(",") if each)
    return name, f"{tenant}/{text}" if kind == "person" and text else text


def _values(found: Any) -> dict[str, Value]:
    if not isinstance(found, dict):
        raise ValueError("not a mapping")
    return {
        str(name): tuple(map(str, value)) if isinstance(value, list) else str(value) for name, value in found.items()
    }


def _unpacked(held: Mapping[str, Any]) -> Form:
    kept = plain.load(held["shown"])
    found = Form("", kept.title, kept.parts, str(held["submit"]))
    # Made once here, so that what cannot be shown is refused at the door.
    form(found)
    return found


def _filled(shown: Form, entered: Mapping[str, Value]) -> Form:
    parts = [
        replace(part, initial=entered.get(part.name, "")) if isinstance(part, Input) else part for part in shown.parts
    ]
    return replace(shown, parts=tuple(parts))
