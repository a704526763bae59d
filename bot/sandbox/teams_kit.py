"""Adaptive Cards as Teams takes them: what is wrong with one, what can be read on it, and what is filled in."""

import copy
import importlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Json = dict[str, Any]

CARD = "application/vnd.microsoft.card.adaptive"
MOST_ACTIONS = 6
VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5")
CHILDREN = ("body", "items", "columns", "actions", "card", "cells", "rows", "inlines")


class Incomplete(ValueError):
    """The Teams client itself refuses to submit: input id to complaint."""

    def __init__(self, complaints: dict[str, str]) -> None:
        super().__init__(str(complaints))
        self.complaints = complaints


class Cards:
    """Says what is wrong with an Adaptive Card, by the published schema where it is at hand."""

    def __init__(self, schemas: Path | None) -> None:
        self._validator: Any = None
        path = schemas / "adaptive-card-1.5.json" if schemas else None
        if path is not None and path.is_file():
            self._validator = importlib.import_module("jsonschema").Draft6Validator(json.loads(path.read_text("utf-8")))

    def faults(self, card: Any) -> list[str]:
        """What is wrong, in words; nothing for a card that Teams shows."""
        if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
            return ["not an Adaptive Card"]
        found = [] if card.get("version") in VERSIONS else ["version is not supported"]
        ids = [part["id"] for part in parts(card) if _is_input(part)]
        found += [f"input id {twice} is there twice" for twice in {each for each in ids if ids.count(each) > 1}]
        found += ["too many actions" for part in parts(card) if len(part.get("actions", ())) > MOST_ACTIONS]
        return found + self._misshapen(card)

    def _misshapen(self, card: Json) -> list[str]:
        if self._validator is None:
            return []
        return [error.message[:200] for error in self._validator.iter_errors(_published(card))]


def parts(card: Any) -> Iterator[Json]:
    """Every element and action of a card, the cards behind its buttons included."""
    if isinstance(card, list):
        for each in card:
            yield from parts(each)
    elif isinstance(card, dict):
        yield card
        for name in CHILDREN:
            yield from parts(card.get(name, []))


def words(card: Any) -> str:
    """All that a person can read on a card."""
    keys = ("text", "title", "label", "errorMessage", "value", "altText")
    shown = [str(part[key]) for part in parts(card) for key in keys if isinstance(part.get(key), str)]
    return "\n".join(shown + [choice["title"] for part in parts(card) for choice in part.get("choices", ())])


def filled(card: Json, values: Mapping[str, str], action: Json) -> dict[str, str]:
    """What stands in every input, typed or from the start; a name is an input's id, or its end after the dot."""
    if action.get("associatedInputs") == "none":
        return {}
    inputs = {part["id"]: part for part in parts(card) if _is_input(part)}
    typed = {_id_of(name, inputs): value for name, value in values.items()}
    complaints = {}
    for id, part in inputs.items():
        value = str(typed.get(id, part.get("value", "")))
        if part.get("isRequired") and not value:
            complaints[id] = part.get("errorMessage", "required")
        if len(value) > part.get("maxLength", len(value)):
            complaints[id] = "too long"
        _offered(part, value)
    if complaints:
        raise Incomplete(complaints)
    return {id: str(typed.get(id, part.get("value", ""))) for id, part in inputs.items()}


def action_of(card: Json, button: str | Json) -> Json:
    """The action behind a button: by its title, or by its data."""
    for part in parts(card):
        if str(part.get("type", "")).startswith("Action.") and part["type"] != "Action.ShowCard":
            if button in (part.get("title"), part.get("data")):
                return part
    raise LookupError(f"there is no {button} to press")


def _published(card: Json) -> Json:
    """The card without what Teams adds to the format: its people picker."""
    plain = copy.deepcopy(card)
    for part in parts(plain):
        part.pop("choices.data", None)
    return plain


def _is_input(part: Json) -> bool:
    return str(part.get("type", "")).startswith("Input.")


def _id_of(name: str, inputs: Mapping[str, Json]) -> str:
    for id in inputs:
        if name in (id, id.rpartition(".")[2]):
            return id
    raise LookupError(f"there is no field {name}")


def _offered(part: Json, value: str) -> None:
    if part["type"] != "Input.ChoiceSet" or "choices.data" in part:
        return
    chosen = value.split(",") if part.get("isMultiSelect") else [value]
    strangers = set(chosen) - {choice["value"] for choice in part["choices"]} - {""}
    if strangers:
        raise LookupError(f"{part['id']} offers no {sorted(strangers)}")
