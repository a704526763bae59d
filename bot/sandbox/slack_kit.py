"""What Slack's Block Kit allows: says what is wrong with blocks and views, in Slack's words."""

import importlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]

MOST_FILES = 10

OPTIONS = {"placeholder.text": 150, "options": 100, "option_groups": 100, "action_id": 255}
PICKER = {"placeholder.text": 150, "action_id": 255}
LIMITS: dict[str, dict[str, int]] = {
    "actions": {"elements": 25, "block_id": 255},
    "button": {"text.text": 75, "value": 2000, "url": 3000, "action_id": 255, "accessibility_label": 75},
    "channels_select": PICKER,
    "checkboxes": {"options": 10, "action_id": 255},
    "confirm": {"title.text": 100, "text.text": 300, "confirm.text": 30, "deny.text": 30},
    "context": {"elements": 10, "block_id": 255},
    "conversations_select": PICKER,
    "datepicker": PICKER,
    "divider": {"block_id": 255},
    "file_input": {"action_id": 255},
    "header": {"text.text": 150, "block_id": 255},
    "home": {"blocks": 100, "private_metadata": 3000, "callback_id": 255, "external_id": 255},
    "image": {"alt_text": 2000, "title.text": 2000, "image_url": 3000, "block_id": 255},
    "input": {"label.text": 2000, "hint.text": 2000, "block_id": 255},
    "markdown": {"text": 12000},
    "message": {"blocks": 50},
    "modal": {
        "title.text": 24,
        "submit.text": 24,
        "close.text": 24,
        "private_metadata": 3000,
        "callback_id": 255,
        "external_id": 255,
        "blocks": 100,
    },
    "multi_static_select": OPTIONS,
    "multi_users_select": PICKER,
    "option": {"text.text": 75, "value": 150, "description.text": 75, "url": 3000},
    "option_group": {"label.text": 75, "options": 100},
    "overflow": {"options": 5, "action_id": 255},
    "plain_text_input": PICKER | {"initial_value": 3000},
    "radio_buttons": {"options": 10, "action_id": 255},
    "section": {"text.text": 3000, "fields": 10, "fields[].text": 2000, "block_id": 255},
    "static_select": OPTIONS,
    "table": {"rows": 100},
    "timepicker": PICKER,
    "users_select": PICKER,
    "video": {"title.text": 200, "author_name": 50, "description.text": 200},
}
REQUIRED: dict[str, tuple[str, ...]] = {
    "actions": ("elements",),
    "button": ("text",),
    "context": ("elements",),
    "header": ("text",),
    "image": ("alt_text",),
    "input": ("label", "element"),
    "modal": ("title", "blocks"),
    "option": ("text", "value"),
    "overflow": ("options",),
    "radio_buttons": ("options",),
    "checkboxes": ("options",),
    "rich_text": ("elements",),
}
PLAIN_TEXT_KEYS = frozenset({"placeholder", "title", "label", "hint", "submit", "close", "confirm", "deny"})
MESSAGE_ONLY = frozenset({"markdown", "table", "file", "data_table", "task_card", "plan", "context_actions"})
BLOCKS = MESSAGE_ONLY | {
    *("actions", "alert", "card", "carousel", "container", "context", "divider"),
    *("header", "image", "input", "rich_text", "section", "video"),
}
KIND_OF_KEY = {
    "options": "option",
    "initial_option": "option",
    "initial_options": "option",
    "option_groups": "option_group",
    "confirm": "confirm",
}


class BlockKit:
    """Says what is wrong with blocks and views, in Slack's words."""

    def __init__(self, schemas: Path | None) -> None:
        self._validators: dict[str, Any] = {}
        path = schemas / "slack-block-kit.json" if schemas else None
        if path is not None and path.is_file():
            self._validators = _validators(path)

    def message(self, blocks: Any) -> list[str]:
        return self._faults({"type": "message", "blocks": blocks}, "message")

    def view(self, view: Json) -> list[str]:
        kind = str(view.get("type", ""))
        faults = self._faults(view, kind)
        blocks = view.get("blocks")
        kinds = (
            {block.get("type") for block in blocks if isinstance(block, dict)} if isinstance(blocks, list) else set()
        )
        if kind == "modal" and "input" in kinds and not view.get("submit"):
            faults.append("[ERROR] missing required field: submit [json-pointer:/view]")
        faults += [f"[ERROR] unsupported type: {name} [json-pointer:/view/blocks]" for name in kinds & MESSAGE_ONLY]
        if kind != "modal" and any(part == "file_input" for _, part, _ in _parts(blocks, "/view/blocks")):
            faults.append("[ERROR] unsupported type: file_input [json-pointer:/view/blocks]")
        return faults

    def _faults(self, surface: Json, kind: str) -> list[str]:
        root = "" if kind == "message" else "/view"
        blocks = surface.get("blocks")
        if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
            return [f"[ERROR] must be an array of blocks [json-pointer:{root}/blocks]"]
        return [
            *self._shape(blocks, f"{root}/blocks"),
            *self._frame(surface, kind),
            *_doubled(blocks, f"{root}/blocks"),
            *(f"[ERROR] {fault} [json-pointer:{where}]" for where, fault in _lengths(surface, root)),
        ]

    def _frame(self, surface: Json, kind: str) -> Iterator[str]:
        """The view around the blocks, held against the schema."""
        if kind in self._validators:
            for error in self._validators[kind].iter_errors(surface | {"blocks": []}):
                yield f"[ERROR] {error.message} [json-pointer:/view]"

    def _shape(self, blocks: list[Json], root: str) -> Iterator[str]:
        for index, block in enumerate(blocks):
            kind, where = str(block.get("type")), f"{root}/{index}"
            if kind not in BLOCKS:
                yield f"[ERROR] unsupported type: {kind} [json-pointer:{where}/type]"
            elif kind in self._validators:
                for error in self._validators[kind].iter_errors(block):
                    yield f"[ERROR] {error.message[:300]} [json-pointer:{where}{_pointer(error.absolute_path)}]"


@cache
def _validators(path: Path) -> dict[str, Any]:
    draft = importlib.import_module("jsonschema").Draft7Validator
    definitions = json.loads(path.read_text("utf-8"))["definitions"]
    names = [each["$ref"].rsplit("/", 1)[1] for each in definitions["KnownBlock"]["anyOf"]]
    return {
        _const(definitions[name]): draft({"$ref": f"#/definitions/{name}", "definitions": definitions})
        for name in [*names, "ModalView", "HomeView"]
    }


def _const(definition: Json) -> str:
    """The one type that a definition describes, be it alone or in variants."""
    variant = definition if "properties" in definition else definition["anyOf"][0]
    return str(variant["properties"]["type"]["const"])


def _pointer(path: Any) -> str:
    return "".join(f"/{step}" for step in path)


def _parts(node: Any, where: str, key: str = "") -> Iterator[tuple[str, str, Json]]:
    """Every object below this one, with its place and its kind."""
    if isinstance(node, dict):
        yield where, KIND_OF_KEY.get(key) or str(node.get("type", "")), node
        for name, child in node.items():
            yield from _parts(child, f"{where}/{name}", name)
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from _parts(child, f"{where}/{index}", key)


def _lengths(surface: Json, root: str) -> Iterator[tuple[str, str]]:
    for where, kind, part in _parts(surface, root):
        for path, limit in LIMITS.get(kind, {}).items():
            for spot, value in _at(part, path, where):
                if isinstance(value, str) and len(value) > limit:
                    yield spot, f"must be less than {limit + 1} characters"
                elif isinstance(value, list) and len(value) > limit:
                    yield spot, f"no more than {limit} items allowed"
        yield from _missing(part, kind, where)


def _missing(part: Json, kind: str, where: str) -> Iterator[tuple[str, str]]:
    for name in REQUIRED.get(kind, ()):
        if part.get(name) is None or (part[name] == [] and name != "blocks"):
            yield where, f"missing required field: {name}"
    if kind == "section" and not part.get("text") and not part.get("fields"):
        yield where, "missing required field: text"
    if kind in ("plain_text", "mrkdwn") and part.get("text") == "":
        yield f"{where}/text", "must be more than 0 characters"
    for name, child in part.items():
        plain = name in PLAIN_TEXT_KEYS or (name == "text" and kind in ("header", "button"))
        if plain and isinstance(child, dict) and child.get("type") == "mrkdwn":
            yield f"{where}/{name}", "must be of type plain_text"
    if kind == "file_input" and not 1 <= part.get("max_files", 1) <= MOST_FILES:
        yield f"{where}/max_files", f"must be from 1 to {MOST_FILES}"
    yield from _strangers(part, where)


def _strangers(part: Json, where: str) -> Iterator[tuple[str, str]]:
    first = part.get("initial_option")
    if first is not None and first not in options_of(part):
        yield f"{where}/initial_option", "must match one of the options"


def _at(node: Any, path: str, where: str) -> Iterator[tuple[str, Any]]:
    head, _, rest = path.partition(".")
    name = head.removesuffix("[]")
    if not isinstance(node, dict) or name not in node:
        return
    children = [(f"{where}/{name}", node[name])]
    if head.endswith("[]") and isinstance(node[name], list):
        children = [(f"{where}/{name}/{index}", child) for index, child in enumerate(node[name])]
    for spot, child in children:
        yield from _at(child, rest, spot) if rest else iter([(spot, child)])


def _doubled(blocks: list[Json], root: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        name = block.get("block_id")
        if name is not None and name in seen:
            yield f'[ERROR] block_id "{name}" already exists [json-pointer:{root}/{index}/block_id]'
        seen.add(str(name))
        ids = [element["action_id"] for element in elements_of(block) if "action_id" in element]
        for twice in sorted({each for each in ids if ids.count(each) > 1}):
            yield f'[ERROR] action_id "{twice}" already exists [json-pointer:{root}/{index}]'


def elements_of(block: Json) -> list[Json]:
    """Everything in a block that can be used."""
    found = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
    return [element for element in found if isinstance(element, dict)]


def options_of(element: Json) -> list[Json]:
    """The options of an element, in groups or not."""
    groups = element.get("option_groups") or []
    return [*(element.get("options") or []), *(option for group in groups for option in group.get("options", []))]
