"""Cards, forms and answers for staff: neutral values that Slack and Teams each render in their own way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from handlers.messages import Value

Style = Literal["", "primary", "danger"]
Tone = Literal["plain", "quiet", "strong", "quote", "warning", "large"]


@dataclass(frozen=True, slots=True)
class Button:
    """Pressing it comes back as Inbound(kind="press", name=action, values=values); `confirm` asks first."""

    label: str
    action: str
    values: Mapping[str, Value] = field(default_factory=dict)
    style: Style = ""
    confirm: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph of plain words: never read as markup, mention or link, whatever it holds.

    A "large" one is a few letters to be read from afar.
    """

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Facts:
    """Short pairs of label and value, side by side."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Buttons:
    """A row of buttons."""

    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Divider:
    """A thin line between parts."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart or picture by address, with the words that say the same to who cannot see it."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form. `options` are (value, label) for choices; `initial` is a value or, for checks, several.

    A file comes back as Inbound.file. Where a form cannot take one, it says how to send it: by itself, and before.
    """

    name: str
    label: str
    kind: Literal["text", "long_text", "choice", "checks", "date", "person", "file"] = "text"
    options: tuple[tuple[str, str], ...] = ()
    initial: Value = ""
    hint: str = ""
    optional: bool = False
    longest: int = 0


Part = Text | Facts | Buttons | Divider | Picture | Input


@dataclass(frozen=True, slots=True)
class Card:
    """Something to look at. `summary` is the one line for notifications and for places that show text only."""

    title: str
    parts: tuple[Part, ...] = ()
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Something to fill in or look at alone (Slack modal, Teams dialog).

    Comes back as Inbound(kind="submit", name=name, values=inputs and `carry`). Without `submit` it can only be closed.
    `carry` goes through the provider's hands: ids and words, never the text of a report.
    """

    name: str
    title: str
    parts: tuple[Part, ...] = ()
    submit: str = ""
    carry: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Say:
    """Answer with a card that only the person who asked can see."""

    card: Card


@dataclass(frozen=True, slots=True)
class Open:
    """Answer by opening a form, or replacing the one that is open."""

    form: Form


@dataclass(frozen=True, slots=True)
class Refuse:
    """Keep the form open and say what is wrong, by field name."""

    faults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Home:
    """The person's own page (Slack App Home, Teams personal tab)."""

    parts: tuple[Part, ...]


Answer = Say | Open | Refuse | Home | None


def say(title: str, *lines: str) -> Say:
    """A card of plain paragraphs, for the person who asked."""
    return Say(Card(title, tuple(Text(line) for line in lines), summary=title))
