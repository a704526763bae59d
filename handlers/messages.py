"""Values at the edges: what reached us, where something is sent, and what became of a send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from handlers.cards import Card

Kind = Literal["text", "command", "press", "submit", "file", "home", "timer"]
Value = str | tuple[str, ...]

NO_CHANNEL = "no_channel"
"""The code of what is owed to a channel that does not run: it waits until the channel does."""


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or file the provider holds for us until it is fetched."""

    url: str
    content_type: str


KEPT = "upload"
"""Under this name a button or form holds the id of a file that is kept for it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that staff sent: first where the provider holds it, then what was read of it.

    `url`, `reference` and `size` (bytes) are the provider's. `id` is what it is kept by, `digest` what the same file is
    known by again. `read` is what its form's reader made of it; without it, `fault` says in a sentence why. `remains`
    says what stays at the provider.
    """

    url: str = field(default="", repr=False)
    reference: str = ""
    size: int = 0
    id: str = ""
    digest: str = ""
    read: object = field(default=None, repr=False)
    fault: str = ""
    remains: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing that happened: a text, a staff command, a button, a form, a file, a due follow-up.

    `delivery` is the provider's own id; a second one with the same id has no effect.
    `line` is our address; `sender` is theirs: an E.164 number, `team/user` in Slack, `tenant/object id` in Teams.
    `name` is the command ("/case"), button, form or follow-up; `text` its words; `values` what a form or button holds.
    `opens` is False where a form cannot be opened in answer, only shown as a message, which stays.
    """

    channel: str
    line: str
    sender: str
    delivery: str
    received_at: datetime
    kind: Kind = "text"
    text: str = ""
    name: str = ""
    subject: str = ""
    place: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    media: tuple[Media, ...] = ()
    opens: bool = True
    file: Upload | None = None

    def value(self, name: str) -> str:
        """The single value of a form field; empty when it was left out."""
        found = self.values.get(name, "")
        return found if isinstance(found, str) else next(iter(found), "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where staff are reached: a Slack channel or user, a Teams channel or person, a phone."""

    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of a report. `alt` says in words what a picture shows; what is no picture has none.

    Once it is kept it has an `id`, and a picture an address (`url`) for chats that fetch pictures themselves.
    """

    name: str
    content: bytes
    alt: str = ""
    id: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Outbound:
    """One attempt to send: a text to a person, a card for staff, or the taking away of a card.

    `attempt` is an opaque id that the provider hands back, so that an uncertain attempt can be found again.
    `reference` is the provider's id of the card that this one replaces or takes away; empty for something new.
    `files` are shown with a new card.
    """

    attempt: str
    channel: str
    line: str
    to: str
    kind: Literal["text", "card", "withdraw"]
    created_at: datetime
    text: str = ""
    card: "Card | None" = None
    reference: str = ""
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider says became of one attempt; `reference` is its id for the message."""

    state: Literal["accepted", "sent", "delivered", "failed"]
    reference: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Owed:
    """A message of the outbox, claimed for one attempt. `kind` decides what becomes of an uncertain one.

    `repeated`: it was sent once more after nobody could say what became of it.
    """

    outbound: Outbound
    kind: str
    tries: int
    since: datetime
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of media that waits at a provider, claimed for one try; `tries` counts this one, `case` is an id."""

    id: str
    case: str
    channel: str
    url: str
    tries: int


@dataclass(frozen=True, slots=True)
class Remains:
    """What a provider still holds of a message: text, or pictures. `at` is when it took it, `reference` its id there.

    `final`: nothing will become of it any more, so that the provider lets go of it.
    """

    reference: str
    at: datetime
    inbound: bool
    final: bool
    pictures: bool


class SendFailed(Exception):
    """The provider did not take the message.

    `retry` decides what follows: "later" (surely not sent: try again, not before `after` seconds), "never" (the
    answer will not change), "unknown" (it may have been sent: find out before anything else).
    """

    def __init__(self, retry: Literal["later", "never", "unknown"], code: str = "", after: float = 0) -> None:
        super().__init__(f"send failed ({retry}, code {code or 'none'})")
        self.retry = retry
        self.code = code
        self.after = after
