"""Cards as JSON and back: each part under its name, without what is unset."""

import json
from dataclasses import MISSING, fields
from typing import Any

from handlers import cards
from handlers.cards import Card

PARTS = {
    part.__name__: part
    for part in (
        cards.Card, cards.Text, cards.Facts, cards.Buttons, cards.Button, cards.Divider, cards.Picture, cards.Input,
    )
}  # fmt: skip

FIELDS = {part: tuple(field.name for field in fields(part)) for part in PARTS.values()}
NEEDED = {
    part: {each.name for each in fields(part) if each.default is MISSING and each.default_factory is MISSING}
    for part in FIELDS
}


def dump(card: Card) -> str:
    """The card as JSON."""
    return json.dumps(_plain(card), ensure_ascii=False)


def load(text: str) -> Card:
    """The card as it was dumped."""
    card = _value(json.loads(text))
    if not isinstance(card, Card):
        raise TypeError("not a card")
    return card


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if type(value) in FIELDS:
        held = {name: getattr(value, name) for name in FIELDS[type(value)]}
        kept = {name: _plain(part) for name, part in held.items() if part or name in NEEDED[type(value)]}
        return {"is": type(value).__name__, **kept}
    return value


def _value(plain: Any) -> Any:
    if isinstance(plain, list):
        return tuple(_value(part) for part in plain)
    if isinstance(plain, dict) and plain.get("is") in PARTS:
        return PARTS[plain["is"]](**{name: _value(part) for name, part in plain.items() if name != "is"})
    return plain
