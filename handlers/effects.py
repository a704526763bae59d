"""All that the bot can do to the world: a step returns these values, and storage performs them in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from handlers.cards import Answer, Card
from handlers.messages import Media, Place, Value
from handlers.state import Clock, Conversation, EntryKind, Stage


@dataclass(frozen=True, slots=True)
class Reply:
    """Text the person of this conversation. An urgent one does not wait behind others."""

    text: str
    case: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Relay:
    """Text the reporter of a case what staff wrote; it waits for `hold`, and can be recalled by its id until then."""

    case: str
    message: str
    text: str
    hold: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Recall:
    """Take back a message that has not left yet."""

    message: str


@dataclass(frozen=True, slots=True)
class Post:
    """Show staff a card. With a subject, it replaces the card of that subject at that place."""

    place: Place
    card: Card
    subject: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take the card of a subject away from a place."""

    place: Place
    subject: str


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Begin a case for the reporter of this conversation. `code` opens the dialogue from another phone."""

    case: str
    word: str
    code: str
    language: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class AddEntry:
    """Add to the story of a case; `author` is a staff id, empty for the reporter and for us.

    `message` is the id of the relayed text that it tells of."""

    case: str
    kind: EntryKind
    text: str
    question: str = ""
    author: str = ""
    message: str = ""
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class MoveCase:
    """Move a case along its lifecycle."""

    case: str
    before: Stage
    after: Stage
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class MarkRead:
    """Staff have seen what the reporter wrote."""

    case: str


@dataclass(frozen=True, slots=True)
class MarkUrgent:
    """Life or safety may be at stake."""

    case: str


@dataclass(frozen=True, slots=True)
class SpeakTo:
    """The reporter of a case wants to be written to in that language."""

    case: str
    language: str


@dataclass(frozen=True, slots=True)
class Assign:
    """Give a case to one staff member (empty: to nobody)."""

    case: str
    staff: str


@dataclass(frozen=True, slots=True)
class Exclude:
    """Lock staff out of a case, silently."""

    case: str
    staff: frozenset[str]


@dataclass(frozen=True, slots=True)
class Handover:
    """Give a case to the staff of another jurisdiction: to the neutral desk when all of a city's are excluded."""

    case: str
    jurisdiction: str


@dataclass(frozen=True, slots=True)
class Link:
    """Note that two cases belong together; threads and identities stay apart."""

    case: str
    other: str


@dataclass(frozen=True, slots=True)
class MoveDialogue:
    """The return code was given: the dialogue of a case goes on with the phone of this conversation."""

    case: str


@dataclass(frozen=True, slots=True)
class Guess:
    """A return code was tried; counted, so that codes cannot be found by trying."""

    right: bool


@dataclass(frozen=True, slots=True)
class StartClock:
    """A promise with a date. Its warnings are `Remind` effects of their own."""

    case: str
    clock: Clock


@dataclass(frozen=True, slots=True)
class StopClock:
    """A promise was kept."""

    case: str
    kind: str


@dataclass(frozen=True, slots=True)
class Remind:
    """Come back at a time: enters as Inbound(kind="timer", name=name, subject=subject, values=values)."""

    at: datetime
    name: str
    subject: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Forget:
    """Drop the follow-ups of that name and subject that are still to come."""

    name: str
    subject: str


@dataclass(frozen=True, slots=True)
class Admit:
    """Let a staff member look at the pictures of a case once, with this token, until then."""

    case: str
    staff: str
    token: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Audit:
    """One line of the city's chained record: who did what to which case; never what was said."""

    action: str
    subject: str = ""
    actor: str = ""
    detail: str = ""


Effect = (
    Reply
    | Relay
    | Recall
    | Post
    | Withdraw
    | OpenCase
    | AddEntry
    | MoveCase
    | MarkRead
    | MarkUrgent
    | SpeakTo
    | Assign
    | Exclude
    | Handover
    | Link
    | MoveDialogue
    | Guess
    | StartClock
    | StopClock
    | Remind
    | Forget
    | Admit
    | Audit
)


@dataclass(frozen=True, slots=True)
class Step:
    """What a step decided: what is to be done, where the person stands now, what staff see at once."""

    effects: tuple[Effect, ...] = ()
    conversation: Conversation | None = None
    answer: Answer = None
