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
    return json.dumps(card, default=_plain, ensure_ascii=False)


def load(text: str) -> Card:
    """The card as it was dumped."""
    card = _value(json.loads(text))
    if not isinstance(card, Card):
        raise TypeError("not a card")
    return card


def _plain(part: Any) -> dict[str, Any]:
    needed, held = NEEDED[type(part)], ((name, getattr(part, name)) for name in FIELDS[type(part)])
    return {"is": type(part).__name__, **{name: value for name, value in held if value or name in needed}}


def _value(plain: Any) -> Any:
    if isinstance(plain, list):
        return tuple(_value(part) for part in plain)
    if isinstance(plain, dict) and plain.get("is") in PARTS:
        return PARTS[plain["is"]](**{name: _value(part) for name, part in plain.items() if name != "is"})
    return plain
