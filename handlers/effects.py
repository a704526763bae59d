"""All that the bot can do to the world: a step returns these values, and storage performs them in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from handlers.cards import Answer, Card
from handlers.exits.interviews import Interview
from handlers.messages import Media, Place, Value
from handlers.state import Clock, Conversation, EntryKind, Stage
from handlers.surveys.answers import Answered
from handlers.training.values import Certificate, Course, Enrolment, Learner, Session


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
class Readmit:
    """Let staff into a case again who were locked out by mistake."""

    case: str
    staff: frozenset[str]


@dataclass(frozen=True, slots=True)
class Handover:
    """Give a case to another jurisdiction's staff: to the neutral desk when all of a city's are excluded, or back."""

    case: str
    jurisdiction: str


@dataclass(frozen=True, slots=True)
class Link:
    """Note that two cases belong together; threads and identities stay apart."""

    case: str
    other: str


@dataclass(frozen=True, slots=True)
class AwaitCodes:
    """This phone may have a new owner: each case of the one before waits for its return code."""


@dataclass(frozen=True, slots=True)
class MoveDialogue:
    """The return code was given: the dialogue of a case goes on with the phone of this conversation.

    What waited for the code leaves now, in its order.
    """

    case: str


@dataclass(frozen=True, slots=True)
class Guess:
    """A code was tried; counted by topic, so that codes cannot be found by trying."""

    right: bool
    topic: Literal["code", "room", "chat"] = "code"


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
class TakeIn:
    """Keep the responses of a file of interviews held elsewhere, as an import of this city; `digest` tells the file."""

    id: str
    questionnaire: str
    responses: tuple[Answered, ...] = field(repr=False)
    digest: str
    actor: str


@dataclass(frozen=True, slots=True)
class UndoImport:
    """Take all responses of an import of this city away again."""

    id: str
    actor: str


@dataclass(frozen=True, slots=True)
class DropUpload:
    """Delete a file that was kept for a form: it was used, or is of no use."""

    upload: str


@dataclass(frozen=True, slots=True)
class JudgeComment:
    """Let a leaver's comment go out with these words, or delete it."""

    comment: str
    city: str
    released: bool
    text: str


@dataclass(frozen=True, slots=True)
class MakeReport:
    """Have a report made of a city's period ("2026Q4") and posted at a place; nobody waits for it."""

    report: str
    city: str
    period: str
    place: Place
    staff: str


@dataclass(frozen=True, slots=True)
class HandOut:
    """Let a staff member take a report's file once, with this token, until then."""

    file: str
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


@dataclass(frozen=True, slots=True)
class Prompt:
    """Text the person of this conversation once: in doubt it is not repeated. `message` is its id, if it asks.

    Until `until` it may leave at any hour, for it answers a text or a wish; later only in the hours for texts.
    `hold` waits for what else they may be writing. A new one that asks takes the place of one about the same `subject`
    that has not left. A `farewell` confirms a stop: it leaves although they have stopped texts, but not after `until`.
    """

    text: str
    until: datetime
    message: str = ""
    hold: timedelta = timedelta(0)
    farewell: bool = False
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Dismiss:
    """Text somebody of whom nothing is kept, in ten minutes or never; the number is deleted with the text."""

    text: str


@dataclass(frozen=True, slots=True)
class OpenWave:
    """Begin a wave of exit interviews in this city. `form` is the content hash of their questionnaire."""

    wave: str
    quarter: str
    form: str


@dataclass(frozen=True, slots=True)
class CloseWave:
    """No more invitations and reminders; answers are still taken until the lock."""

    wave: str


@dataclass(frozen=True, slots=True)
class HoldWave:
    """Pause a wave, so that no invitations and reminders leave, or let it go on."""

    wave: str
    paused: bool


@dataclass(frozen=True, slots=True)
class LockWave:
    """Split who from what: answers become responses with nothing but the quarter; all that tells of persons is deleted.

    What a person who withdrew did not finish is not kept; that they withdrew is, by alias, without a time.
    """

    wave: str


@dataclass(frozen=True, slots=True)
class Invite:
    """Let somebody take part: `person` is the alias of `address`, by which their thread is known."""

    person: str
    channel: str
    line: str
    address: str
    language: str
    interview: Interview


@dataclass(frozen=True, slots=True)
class KeepInterview:
    """Where the person of this conversation stands now, with their answers."""

    interview: Interview


@dataclass(frozen=True, slots=True)
class Erase:
    """Delete a person's answers, consent, messages and number; the wave only counts one more who withdrew."""

    person: str
    wave: str


@dataclass(frozen=True, slots=True)
class NoteConsent:
    """Add to the ledger of consent what a person was shown (`wording`) and said or signed (`evidence`)."""

    person: str
    topic: str
    channel: str
    kind: Literal["invited", "agreed", "declined", "revoked", "resumed"]
    source: str
    wording: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class OfferCode:
    """A code by which the person of this conversation can go on in a chat, once."""

    code: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Join:
    """Let somebody take their interview in a chat, too; `sender` is theirs there, and used codes are gone."""

    person: str
    channel: str
    sender: str


@dataclass(frozen=True, slots=True)
class Hush:
    """What waits to be texted to the person of this conversation is dropped: they go on elsewhere."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Somebody withdrew another way: their conversation is stopped, and what waits to be sent is dropped."""

    person: str


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A wish for no more texts whose number is still to be found; `limit` is the last day for it."""

    request: str
    received: date
    limit: date
    how: str


@dataclass(frozen=True, slots=True)
class CloseRequest:
    """That wish was honoured."""

    request: str


@dataclass(frozen=True, slots=True)
class KeepCourse:
    """Add or change a course."""

    course: Course


@dataclass(frozen=True, slots=True)
class KeepSession:
    """Add or change a session. Never fewer seats than are taken: then the turn is taken again."""

    session: Session


@dataclass(frozen=True, slots=True)
class KeepLearner:
    """Add or change a learner, with the threads on which they can be reached; who has said stop stays stopped.

    `evidence` says how they agreed to be texted, for the ledger of consent.
    """

    learner: Learner
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class RemoveLearner:
    """Delete a learner (id): name, places, threads, enrolments and consent. Certificates stay, without a name."""

    learner: str


@dataclass(frozen=True, slots=True)
class KeepEnrolment:
    """Where a learner stands with a session now, seats counted; the session must be among the facts' `seats`.

    Never one seat too many: if there is none left, the turn is taken again with what is true then. When the state
    changes, texts whose subject it is (by id) and that have not left are dropped: they would tell what was.
    """

    enrolment: Enrolment


@dataclass(frozen=True, slots=True)
class KeepCertificate:
    """Note that somebody attended; once per learner and session."""

    certificate: Certificate


@dataclass(frozen=True, slots=True)
class DropCertificate:
    """Take back what was noted of a learner (id) who was not there after all."""

    learner: str
    session: str


@dataclass(frozen=True, slots=True)
class LendCertificate:
    """Let whoever has this token fetch the paper of a certificate (code) once, until then.

    The link is `<desk_url>/certificate/<token>`.
    """

    code: str
    token: str
    until: datetime


@dataclass(frozen=True, slots=True)
class KeepResponse:
    """Keep answers to a questionnaire without a person, by metric as in handlers/surveys/answers.py."""

    form: str
    quarter: str
    answers: Mapping[str, str]


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
    | Readmit
    | Handover
    | Link
    | AwaitCodes
    | MoveDialogue
    | Guess
    | StartClock
    | StopClock
    | Remind
    | Forget
    | Admit
    | TakeIn
    | UndoImport
    | DropUpload
    | JudgeComment
    | MakeReport
    | HandOut
    | Audit
    | Prompt
    | Dismiss
    | OpenWave
    | CloseWave
    | HoldWave
    | LockWave
    | Invite
    | KeepInterview
    | Erase
    | NoteConsent
    | OfferCode
    | Join
    | Hush
    | Silence
    | OpenRequest
    | CloseRequest
    | KeepCourse
    | KeepSession
    | KeepLearner
    | RemoveLearner
    | KeepEnrolment
    | KeepCertificate
    | DropCertificate
    | LendCertificate
    | KeepResponse
)


@dataclass(frozen=True, slots=True)
class Step:
    """What a step decided: what is to be done, where the person stands now, what staff see at once."""

    effects: tuple[Effect, ...] = ()
    conversation: Conversation | None = None
    answer: Answer = None
