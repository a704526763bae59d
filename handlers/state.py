"""What a step is told: the conversation, the cases, the people and the fresh codes it may use."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from handlers.exits.interviews import Comment, Imported, Interview, Request, Sent, Standing, Wave
from handlers.jurisdiction import Jurisdiction
from handlers.messages import Place
from handlers.texts import Texts
from handlers.training.known import NOTHING, Asked, Known

if TYPE_CHECKING:
    from handlers.surveys.questionnaire import Questionnaire

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Stage = Literal["received", "assessed", "addressed", "concluded"]
Sought = Literal["", "open", "mine", "closed", "all"]
EntryKind = Literal["report", "answer", "note", "reply", "question", "status", "notice", "request"]
Role = Literal[
    "recipient", "investigator", "custodian", "coordinator", "officer", "clinician", "clerk", "administrator"
]


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where one person stands with one program. Never holds what they reported, but for `waiting`.

    `interview` is the case (id) the questions are about, `asked` the open question, `answered` question id → code of
    the choice ("given" for free text, "skipped"). `waiting` are texts that wait for the answer to "which report?",
    `offered` the case ids that question named, in order.
    """

    language: str = ""
    stopped: bool = False
    interview: str = ""
    asked: str = ""
    answered: Mapping[str, str] = field(default_factory=dict)
    asked_again: int = 0
    waiting: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()

    def but(self, **changes: object) -> "Conversation":
        """The same, with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Clock:
    """A promise: acknowledge (a person answered) or feedback (what was done), from `started` until `due`."""

    kind: Literal["acknowledge", "latest", "feedback"]
    started: datetime
    due: datetime
    met: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a case's story. `message` names a text that has not left and may be taken back."""

    id: str
    at: datetime
    kind: EntryKind
    text: str
    question: str = ""
    author: str = ""
    pictures: int = 0
    delivery: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A report that staff carry to an end. `entries` only where they were wanted; `pictures` counts media.

    `handler` is the jurisdiction whose staff work it: the city's own, or the neutral one when all there are excluded.
    `excluded` are staff (ids) who are locked out of it, `cleared` those let in again after a mistake.
    `reachable` is False after the reporter stopped texts; `paging` is True while a page about it is unanswered.
    `silent`: their phone was silent for so long that texts wait for the code; one has done so `waits_since`.
    """

    id: str
    jurisdiction: str
    handler: str
    program: str
    word: str
    stage: Stage
    language: str
    opened_at: datetime
    urgent: bool = False
    paging: bool = False
    assignee: str = ""
    outcome: str = ""
    reachable: bool = True
    silent: bool = False
    waits_since: datetime | None = None
    unread: int = 0
    pictures: int = 0
    excluded: frozenset[str] = frozenset()
    cleared: frozenset[str] = frozenset()
    linked: tuple[str, ...] = ()
    clocks: tuple[Clock, ...] = ()
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Staff:
    """One staff member in one city: roles, and the name and office by which a report may mean them."""

    id: str
    jurisdiction: str
    channel: str
    team: str
    user: str
    roles: frozenset[Role]
    name: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """A line's cases, as far as a staff member may see them, and the median wait for a first answer."""

    open: int = 0
    closed: int = 0
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Fresh:
    """What chance provides, so that a step need not: ids, a case word, a return code."""

    case: str
    word: str
    code: str
    message: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a report that is kept: its id and name, of which report and city."""

    id: str
    name: str
    report: str
    city: str


@dataclass(frozen=True, slots=True)
class Wants:
    """What a step must be told besides the conversation: asked before it runs, so that it need not read.

    `word` (or `case`, an id) names one case, `entries` asks for its story too, `other` names a second one; `deciding`
    asks for that case also where somebody neutral, who does not read it, is to decide on a lock-out; `cases` asks
    for those that the staff member may see: the open ones, their own open ones, the closed ones or all, in each city
    the newest first, `most` of them; `figures` for those of the line; `code` is a return code; `message` a held message
    that may be recalled; `thread` the conversation that a follow-up is about. `exits` asks for the waves of exit
    interviews: of the city named by `city`, or of all that the staff member runs; `phones` for what is on record of
    those numbers there. `training` asks for courses, seats and who takes part. `upload` asks whether the file of that
    id is still kept, for this turn alone. `imports` asks what was taken in for the cities that they run, and `digest`
    whether that file is in already, for `city`; `file` names a kept file of a report;
    `comments` asks for those of leavers that wait to be read. `own` asks for the exit interview of whoever asks in a
    chat; `join` is a code by which it becomes theirs.
    """

    word: str = ""
    case: str = ""
    thread: str = ""
    other: str = ""
    message: str = ""
    entries: bool = False
    deciding: bool = False
    cases: Sought = ""
    most: int = 1_000_000
    figures: bool = False
    code: str = ""
    exits: bool = False
    city: str = ""
    phones: tuple[str, ...] = ()
    training: Asked | None = None
    upload: str = ""
    imports: bool = False
    comments: bool = False
    digest: str = ""
    file: str = ""
    own: bool = False
    join: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a step may know.

    `now`: when what is answered happened. `thread`: the conversation's id. `cases`: for a reporter their own,
    newest first; for staff those they may see, if wanted, and how many `more` there are. `figures` of the line, if
    wanted. `case`, `other`: those wanted by word, id or code, already hidden from whom they must be. `recallable`:
    the held message has not left. `upload_waits`: the file is kept still. `spoke`: this person's cases (ids) that
    sent them something since their last text. `staff`: everyone on the city's list; `actor`: the rows of who asks.
    `guesses`: wrong codes lately, by this phone and by all. `desk_url`: where the reading room is.

    `last_text`: when this person texted before. `silent`: that was so long ago that it may be another person; then
    nothing that was known before is among the facts. `hinted`: we told this phone that something waits for a code,
    and it shows no case. `file`: the file that was wanted, while it is kept.
    `comments` of leavers that wait to be read.

    Of exit interviews: `interview` of this person, its `form`, and what became of its prompts (`sent`, by message
    id) until this text was written; `waves` that are not locked, and for staff the last locked one, too; for staff
    `form` is the questionnaire of new waves; `standing` by phone; `requests` that wait; `crosswalks` (what they are
    for, by name); `imports` that are not undone, and in `imported` the one of the file that was asked for;
    `account`, where this person takes theirs in a chat, too.
    `training`: what was asked of it; for who texts about it and for follow-ups, all that concerns them.
    """

    jurisdiction: Jurisdiction
    texts: Texts
    now: datetime = EPOCH
    thread: str = ""
    conversation: Conversation = Conversation()
    known: bool = False
    cases: tuple[Case, ...] = ()
    more: int = 0
    figures: Figures = Figures()
    case: Case | None = None
    other: Case | None = None
    recallable: bool = False
    upload_waits: bool = False
    spoke: frozenset[str] = frozenset()
    staff: tuple[Staff, ...] = ()
    actor: tuple[Staff, ...] = ()
    guesses: tuple[int, int] = (0, 0)
    fresh: Fresh = Fresh("", "", "", "")
    desk_url: str = ""
    jurisdictions: Mapping[str, Jurisdiction] = field(default_factory=dict)
    last_text: datetime | None = None
    silent: bool = False
    hinted: bool = False
    interview: Interview | None = None
    form: "Questionnaire | None" = None
    sent: Mapping[str, Sent] = field(default_factory=dict)
    waves: tuple[Wave, ...] = ()
    standing: Mapping[str, Standing] = field(default_factory=dict)
    requests: tuple[Request, ...] = ()
    crosswalks: Mapping[str, str] = field(default_factory=dict)
    imports: tuple[Imported, ...] = ()
    imported: str = ""
    account: Place | None = None
    training: Known = NOTHING
    file: Kept | None = None
    comments: tuple[Comment, ...] = ()
