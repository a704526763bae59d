"""Cards, forms and pages as Slack's blocks and views, and what people enter in them back as plain values."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from bot.channels.plain import clean, cut, defang, pieces
from handlers.cards import Button, Buttons, Card, Divider, Facts, Form, Input, Part, Picture, Text
from handlers.messages import Upload, Value

Json = dict[str, Any]

LONGEST_TEXT = 3000
LONGEST_QUOTE = 12_000
LONGEST_TITLE = 24
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
FEW_OPTIONS = 5
MOST_CHECKS = 10
MOST_OPTIONS = 100
NOTHING = "\u2013"
# A hint for the client only: what a file is shows in its content.
FILES = ("csv", "xlsx")

_MARKUP = re.compile(r"[*_~`]")
_written = json.JSONEncoder(ensure_ascii=False).encode


def message(card: Card) -> Json:
    """A card as {"text", "blocks"} of a message."""
    blocks = [_large(card.title), *_blocks(card.parts, "card")]
    return {"text": escape(clean(card.summary or card.title, LONGEST_TEXT)), "blocks": _fit(blocks, MESSAGE_BLOCKS)}


def words(text: str) -> Json:
    """A plain text as {"text", "blocks"} of a message."""
    return {"text": escape(clean(text, LONGEST_TEXT)), "blocks": _fit(_paragraph(Text(text)), MESSAGE_BLOCKS)}


def caption(card: Card) -> list[Json]:
    """A card as the blocks beside files, of the kinds that Slack takes there: no header, context or buttons."""
    parts = [Text(card.title, "strong"), *(part for part in card.parts if isinstance(part, Text | Facts))]
    said = [Text(part.text) if isinstance(part, Text) and part.tone == "quiet" else part for part in parts]
    return _fit(_blocks(said, "card"), MESSAGE_BLOCKS)


def modal(form: Form, place: str = "") -> Json:
    """A form as a modal view; `place` is the channel where it was asked for, and comes back with `carried`."""
    asks = any(isinstance(part, Input) for part in form.parts)
    return _set(
        type="modal",
        callback_id=form.name,
        title=_plain(form.title, LONGEST_TITLE),
        # Slack refuses a view that asks something and cannot be submitted.
        submit=_plain(form.submit or "Done", LONGEST_TITLE) if form.submit or asks else None,
        close=_plain("Cancel" if form.submit else "Close", LONGEST_TITLE),
        private_metadata=_written({"carry": form.carry, "place": place}),
        blocks=_fit(_blocks(form.parts, form.name) or [_section(NOTHING)], VIEW_BLOCKS),
    )


def home(parts: Sequence[Part]) -> Json:
    """A person's own page as an App Home view."""
    blocks = _blocks(parts, "home") or [_section(NOTHING)]
    return {"type": "home", "blocks": _fit(blocks, VIEW_BLOCKS)}


def escape(text: str) -> str:
    """Words for a place where Slack reads markup: nothing in them is a mention, a channel or a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def pressed(action: Mapping[str, Any]) -> tuple[str, dict[str, Value]]:
    """Name and values of a pressed button."""
    _, _, name = str(action.get("action_id", "")).partition(".")
    return name, _values(json.loads(action.get("value") or "{}"))


def entered(state: Mapping[str, Any], team: str) -> dict[str, Value]:
    """Values of the fields by name; a person is `team/user`, as in Inbound.sender."""
    return {name: _value(element, team) for name, element in _fields(state) if element.get("type") != "file_input"}


def uploaded(state: Mapping[str, Any]) -> Upload | None:
    """The file of a form, as Slack holds it."""
    lists = [element.get("files") or () for _, element in _fields(state) if element.get("type") == "file_input"]
    for file in (file for files in lists for file in files):
        return Upload(str(file.get("url_private_download") or ""), str(file["id"]), int(file.get("size") or 0))
    return None


def carried(view: Mapping[str, Any]) -> tuple[dict[str, Value], str]:
    """What a form took along, and the channel where it was asked for."""
    kept = json.loads(view.get("private_metadata") or "{}")
    return _values(kept.get("carry", {})), str(kept.get("place", ""))


# --- parts, as plain JSON: slack_sdk's models took half the time of an answer


def _blocks(parts: Iterable[Part], form: str) -> list[Json]:
    numbers = count()
    return [block for part in parts for block in _part(part, form, numbers)]


def _part(part: Part, form: str, numbers: Iterable[int]) -> Sequence[Json]:
    match part:
        case Text():
            return _paragraph(part)
        case Facts(pairs):
            return [_pairs(pairs[at : at + 5]) for at in range(0, len(pairs), 5)]
        case Buttons(buttons):
            made = [_button(button, number) for button, number in zip(buttons, numbers, strict=False)]
            return [{"type": "actions", "elements": made[at : at + 25]} for at in range(0, len(made), 25)]
        case Divider():
            return [{"type": "divider"}]
        case Picture(url, alt):
            return [{"type": "image", "image_url": url, "alt_text": clean(alt, 2000) or NOTHING}]
        case Input():
            return [_input(part, form)]


def _fit(blocks: Sequence[Json], most: int) -> list[Json]:
    return list(blocks) if len(blocks) <= most else [*blocks[: most - 1], *_paragraph(Text("…"))]


def _paragraph(part: Text) -> list[Json]:
    text = clean(part.text, LONGEST_QUOTE)
    if not text.strip():
        return []
    return [_TONES[part.tone](piece) for piece in pieces(defang(text) if part.tone == "quote" else text, LONGEST_TEXT)]


def _section(text: str) -> Json:
    return {"type": "section", "text": _exact(text)}


def _context(text: str) -> Json:
    return {"type": "context", "elements": [_exact(text)]}


def _bold(text: str) -> Json:
    return _rich("rich_text_section", {"type": "text", "text": text, "style": {"bold": True}})


def _quote(text: str) -> Json:
    return _rich("rich_text_quote", {"type": "text", "text": text})


def _warning(text: str) -> Json:
    sign = {"type": "emoji", "name": "warning"}
    return _rich("rich_text_section", sign, {"type": "text", "text": f" {text}", "style": {"bold": True}})


def _large(text: str) -> Json:
    return {"type": "header", "text": _plain(text, 150)}


def _rich(kind: str, *elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}


_TONES = {
    "plain": _section,
    "quiet": _context,
    "strong": _bold,
    "quote": _quote,
    "warning": _warning,
    "large": _large,
}


def _pairs(pairs: Iterable[tuple[str, str]]) -> Json:
    fields = [field for label, value in pairs for field in (_label(label), _plain(value, 2000))]
    return {"type": "section", "fields": fields}


def _label(label: str) -> Json:
    # The only markup that we write: bold. Its words come from our own texts, yet are made harmless like all others.
    bare = escape(_MARKUP.sub("", clean(label, 300))).strip() or NOTHING
    return {"type": "mrkdwn", "text": f"*{bare}*", "verbatim": True}


def _button(button: Button, number: int) -> Json:
    return _set(
        type="button",
        text=_plain(button.label, 75),
        action_id=f"{number}.{button.action}",
        value=_written(button.values) if button.values else None,
        style=button.style or None,
        url=button.url or None,
        confirm=_confirm(button) if button.confirm else None,
    )


def _confirm(button: Button) -> Json:
    return _set(
        title=_plain(button.label, 100),
        text=_plain(button.confirm, 300),
        confirm=_plain(button.label, 30),
        deny=_plain("Cancel", 30),
        style=button.style or None,
    )


def _input(part: Input, form: str) -> Json:
    # The form's name in the id: Slack keeps what was typed in the same field when one form replaces another.
    return _set(
        type="input",
        block_id=part.name,
        label=_plain(part.label, 2000),
        hint=_plain(part.hint, 2000) if part.hint else None,
        optional=part.optional,
        element={"action_id": form, **_element(part)},
    )


def _element(part: Input) -> Json:
    match part.kind:
        case "text" | "long_text":
            return _text_input(part)
        case "date":
            return _set(type="datepicker", initial_date=_single(part) or None)
        case "person":
            return _set(type="users_select", initial_user=_single(part).rpartition("/")[2] or None)
        case "choice":
            return _choice(part)
        case "checks":
            return _checks(part)
        case "file":
            return {"type": "file_input", "filetypes": list(FILES), "max_files": 1}


def _text_input(part: Input) -> Json:
    longest = min(part.longest or LONGEST_TEXT, LONGEST_TEXT)
    return _set(
        type="plain_text_input",
        multiline=part.kind == "long_text",
        max_length=longest,
        initial_value=cut(_single(part), longest) or None,
    )


def _choice(part: Input) -> Json:
    options = _options(part)
    chosen = next((option for option in options if option["value"] == _single(part)), None)
    # A radio button cannot be unset again, so an optional choice is a menu.
    kind = "static_select" if len(options) > FEW_OPTIONS or part.optional else "radio_buttons"
    return _set(type=kind, options=options, initial_option=chosen)


def _checks(part: Input) -> Json:
    options = _options(part)
    wanted = (part.initial,) if isinstance(part.initial, str) else part.initial
    chosen = [option for option in options if option["value"] in wanted] or None
    kind = "multi_static_select" if len(options) > MOST_CHECKS else "checkboxes"
    return _set(type=kind, options=options, initial_options=chosen)


def _options(part: Input) -> list[Json]:
    return [{"value": value, "text": _plain(label, 75)} for value, label in part.options[:MOST_OPTIONS]]


def _plain(text: str, limit: int) -> Json:
    return _exact(clean(text, limit).strip() or NOTHING)


def _exact(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}


def _set(**fields: Any) -> Json:
    """Without what is None: Slack refuses null."""
    return {name: value for name, value in fields.items() if value is not None}


def _single(part: Input) -> str:
    return part.initial if isinstance(part.initial, str) else next(iter(part.initial), "")


# --- what comes back


def _fields(state: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, elements in (state.get("values") or {}).items():
        for element in elements.values():
            yield name, element


def _value(element: Mapping[str, Any], team: str) -> Value:
    match element.get("type"):
        case "static_select" | "radio_buttons":
            return str((element.get("selected_option") or {}).get("value", ""))
        case "checkboxes" | "multi_static_select":
            return tuple(str(option["value"]) for option in element.get("selected_options") or ())
        case "datepicker":
            return str(element.get("selected_date") or "")
        case "users_select":
            return f"{team}/{element['selected_user']}" if element.get("selected_user") else ""
        case _:
            return str(element.get("value") or "")


def _values(found: Any) -> dict[str, Value]:
    if not isinstance(found, dict):
        raise ValueError("not a mapping")
    return {name: tuple(map(str, value)) if isinstance(value, list) else str(value) for name, value in found.items()}
