"""What stands in the fields of Slack's views: typed, from the start, kept over a change, or still missing."""

import copy
import secrets
from typing import Any

from bot.sandbox.slack_kit import MOST_FILES, elements_of, options_of

Json = dict[str, Any]

# What an element's state is called; its first value stands under "initial_" and the same ending.
STATE_FIELDS = {
    "channels_select": "selected_channel",
    "checkboxes": "selected_options",
    "conversations_select": "selected_conversation",
    "datepicker": "selected_date",
    "datetimepicker": "selected_date_time",
    "email_text_input": "value",
    "file_input": "files",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
    "multi_static_select": "selected_options",
    "multi_users_select": "selected_users",
    "number_input": "value",
    "overflow": "selected_option",
    "plain_text_input": "value",
    "radio_buttons": "selected_option",
    "static_select": "selected_option",
    "timepicker": "selected_time",
    "url_text_input": "value",
    "users_select": "selected_user",
}


def with_ids(blocks: list[Json]) -> list[Json]:
    """The blocks as Slack keeps them: every block and every element has an id."""
    kept = copy.deepcopy(blocks)
    for block in kept:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for element in elements_of(block):
            if element.get("type") == "button" or element.get("type") in STATE_FIELDS:
                element.setdefault("action_id", secrets.token_urlsafe(4))
    return kept


def state_with(element: Json, value: Any) -> Json:
    """The state of an element once a person has put this value there."""
    name = STATE_FIELDS[element["type"]]
    if name == "files":
        value = value or []
    if name == "selected_option":
        value = None if value is None else _option(element, value)
    elif name == "selected_options":
        value = [_option(element, each) for each in value or []]
    return {"type": element["type"], name: value}


def _option(element: Json, value: Any) -> Json:
    for option in options_of(element):
        if value in (option, option.get("value")):
            return option
    raise LookupError(f"{element.get('action_id')} offers no {value!r}")


def _initial(element: Json) -> Any:
    return element.get("initial_" + STATE_FIELDS[element["type"]].removeprefix("selected_"))


def states_of(blocks: list[Json], typed: dict[str, Json]) -> dict[str, Json]:
    """state.values: what stands in every input, typed or from the start."""
    values: dict[str, Json] = {}
    for block in blocks:
        for element in elements_of(block):
            if element.get("type") in STATE_FIELDS:
                given = typed.get(block["block_id"], {})
                value = given.get(element["action_id"], _initial(element))
                values.setdefault(block["block_id"], {})[element["action_id"]] = state_with(element, value)
    return values


def kept_over(former: Json, blocks: list[Json]) -> dict[str, Json]:
    """What was typed before an update stays where block, element and options are still the same."""
    typed: dict[str, Json] = {}
    for block in blocks:
        stood = former["state"]["values"].get(block["block_id"], {})
        for element in elements_of(block):
            state = stood.get(element.get("action_id"), {})
            if state.get("type") == element.get("type") and _still(element, state):
                typed.setdefault(block["block_id"], {})[element["action_id"]] = state[STATE_FIELDS[element["type"]]]
    return typed


def _still(element: Json, state: Json) -> bool:
    name = STATE_FIELDS[element["type"]]
    chosen = {"selected_option": [state[name]], "selected_options": state[name]}.get(name, [])
    # Slack says nowhere that a file stays in a form that was replaced.
    return name != "files" and bool(state[name]) and all(option in options_of(element) for option in chosen)


class Incomplete(ValueError):
    """The Slack client itself refuses to submit: block id to complaint."""

    def __init__(self, complaints: dict[str, str]) -> None:
        super().__init__(str(complaints))
        self.complaints = complaints


def complaints_of(blocks: list[Json], values: dict[str, Json]) -> dict[str, str]:
    """What the Slack client says before it lets a form go, by block."""
    found = {}
    for block in blocks:
        if block["type"] == "input":
            element = block["element"]
            state = values[block["block_id"]][element["action_id"]]
            complaint = _complaint(element, state[STATE_FIELDS[element["type"]]], block.get("optional", False))
            if complaint:
                found[block["block_id"]] = complaint
    return found


def _complaint(element: Json, value: Any, optional: bool) -> str:
    if not value:
        return "" if optional else "Please complete this required field."
    if isinstance(value, list) and len(value) > element.get("max_files", MOST_FILES):
        return "Please choose fewer files."
    if isinstance(value, str) and len(value) > element.get("max_length", 3000):
        return f"Please enter at most {element.get('max_length', 3000)} characters."
    if isinstance(value, str) and len(value) < element.get("min_length", 0):
        return f"Please enter at least {element['min_length']} characters."
    return ""
