"""Files in Teams: a bot may hand none out in a channel, so pictures stand in the card and the rest behind buttons."""

from collections.abc import Sequence
from dataclasses import replace

from handlers.cards import Button, Buttons, Card, Picture
from handlers.messages import File

ACTION = "report_file"


def with_files(card: Card, files: Sequence[File]) -> Card:
    """The card with its pictures by address, and a button for each other file that asks us for a link of one's own."""
    pictures = tuple(Picture(file.url, file.alt) for file in files if file.alt)
    others = tuple(Button(file.name, ACTION, {"file": file.id}) for file in files if not file.alt)
    return replace(card, parts=(*card.parts, *pictures, *((Buttons(others),) if others else ())))
