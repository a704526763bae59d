"""Files that staff send with a form: what was read of them, and which form a file is for that came without one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from handlers.cards import Button, Buttons, Card, Input, Part, Say, Text
from handlers.effects import DropUpload, Step
from handlers.messages import KEPT, Inbound, Upload
from handlers.state import Facts, Wants
from handlers.surveys.cells import Cell, Odd

NAME = "file"
MINUTES = 60
"""How long a file is kept, sealed, for the button that follows on its dry run."""
GONE = "That file is not here any more: it was used, or its hour is over. Send it again."
TOO_LARGE = "The file is too large: 4 MB are the most here. The command line takes larger ones."
NO_FILE = "There is no file yet. Send a CSV or XLSX file."
NOT_YOURS = "You have nothing to do here that takes a file."
LISTED = 12


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet: its rows with their numbers, as they stand in the file, the header first; empty ones are left out."""

    rows: tuple[tuple[int, tuple[Cell, ...]], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Offer:
    """A form that takes a file: the button that opens it, and who may."""

    label: str
    action: str
    may: Callable[[Facts], object]


def field_for(label: str, kept: str = "", hint: str = "", optional: bool = False) -> Part:
    """The field for a file; nothing but a word where the file came before the form, and is kept."""
    if kept:
        return Text("It takes the file that you sent.", "quiet")
    return Input(NAME, label, "file", hint=hint, optional=optional)


def wants(inbound: Inbound) -> Wants:
    """Nothing but who it is."""
    return Wants()


def sent(inbound: Inbound, facts: Facts, offers: Iterable[Offer]) -> Step:
    """A file came by itself: what is it for?"""
    upload = inbound.file or Upload(fault=NOT_YOURS)
    fitting = [offer for offer in offers if offer.may(facts)]
    if not fitting:
        return refused(upload, NOT_YOURS)
    if upload.fault:
        return refused(upload, upload.fault)
    buttons = tuple(Button(offer.label, offer.action, {KEPT: upload.id}) for offer in fitting)
    parts = (Text("What is this file for?"), Buttons(buttons), *remains(upload))
    return Step(answer=Say(Card("Your file", parts, summary="What is this file for?")))


def remains(upload: Upload) -> tuple[Part, ...]:
    """Where the file is now: here for a while, and at the provider where anything stays there."""
    return (Text(f"Here the file is kept sealed, for {MINUTES} minutes at most.", "quiet"), *left(upload))


def left(upload: Upload) -> tuple[Part, ...]:
    """What stays at the provider, where anything does."""
    return (Text(upload.remains, "quiet"),) if upload.remains else ()


def refused(upload: Upload, why: str) -> Step:
    """The file is of no use; it is not kept."""
    effects = (DropUpload(upload.id),) if upload.id else ()
    return Step(effects, answer=Say(Card("Your file", (Text(why), *left(upload)), summary=why)))


def text_of(cell: Cell) -> str:
    """A cell as it would be typed: whole numbers without a point, days as 2026-11-30."""
    if cell is None or isinstance(cell, Odd):
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def listed(lines: Iterable[str], most: int = LISTED) -> tuple[Text, ...]:
    """The first lines, and how many more there are."""
    found = list(lines)
    more = [Text(f"… and {len(found) - most} more.", "quiet")] if len(found) > most else []
    return (*(Text(line) for line in found[:most]), *more)
