"""Cards as JSON and back: each part under its name, without what is unset."""

import json
from dataclasses import fields, is_dataclass
from typing import Any

from handlers import cards
from handlers.cards import Card

PARTS = {
    part.__name__: part
    for part in (
        cards.Card, cards.Text, cards.Facts, cards.Buttons, cards.Button, cards.Divider, cards.Picture, cards.Input,
    )
}  # fmt: skip


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
    if is_dataclass(value):
        held = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {"is": type(value).__name__, **{name: part for name, part in held.items() if part}}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return dict(value) if isinstance(value, dict) else value


def _value(plain: Any) -> Any:
    if isinstance(plain, list):
        return tuple(_value(part) for part in plain)
    if isinstance(plain, dict) and plain.get("is") in PARTS:
        return PARTS[plain["is"]](**{name: _value(part) for name, part in plain.items() if name != "is"})
    return plain
