"""Values of training: courses and their sessions, who may take part, and how each of them stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from handlers.messages import Place

PROGRAM = "enrolment"
TOPIC = "training"

Kind = Literal["course", "exchange", "governance"]
SessionState = Literal["open", "closed", "cancelled", "held"]
State = Literal[
    "prompted",
    "later",
    "declined",
    "requested",
    "enrolled",
    "waitlisted",
    "offered",
    "cancelled",
    "attended",
    "missed",
]

MOVES: Mapping[State, frozenset[State]] = {
    "prompted": frozenset({"later", "declined", "requested", "enrolled", "waitlisted", "cancelled"}),
    "later": frozenset({"prompted", "declined", "requested", "enrolled", "waitlisted", "cancelled"}),
    "declined": frozenset({"prompted", "requested", "enrolled", "waitlisted"}),
    "requested": frozenset({"enrolled", "declined", "cancelled"}),
    "enrolled": frozenset({"cancelled", "attended", "missed"}),
    "waitlisted": frozenset({"offered", "requested", "enrolled", "cancelled"}),
    "offered": frozenset({"requested", "enrolled", "waitlisted", "cancelled"}),
    "cancelled": frozenset({"prompted", "requested", "enrolled", "waitlisted"}),
    "attended": frozenset({"missed"}),
    "missed": frozenset({"attended"}),
}
"""What may follow what; anything else is refused in words. Attendance can be corrected."""

SEATED = frozenset[State]({"requested", "enrolled", "offered", "attended", "missed"})
"""States that take up a seat: an open offer and a request to a manager hold one."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is meant: learners of these cities with one of these roles or boards; empty means all.

    `term_ends_by` narrows it to those whose term of office ends by then.
    """

    jurisdictions: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    boards: frozenset[str] = frozenset()
    term_ends_by: date | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What can be learned. `code` is how people name it ("SUP"); `runner` the jurisdiction whose staff run it.

    `credits` in hours; a certificate is valid for `valid_months` (0: for good). `requires` are codes of courses to have
    attended before. With `approval` a manager decides first. Whom `required_of` means must attend within
    `within_days` after their term begins (0: it is nobody's duty).
    """

    id: str
    code: str
    title: str
    kind: Kind
    runner: str
    credits: Decimal = Decimal(0)
    valid_months: int = 0
    requires: frozenset[str] = frozenset()
    approval: bool = False
    required_of: Audience = Audience()
    within_days: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """One date of a course. `word` names it in texts ("SUP-3"); times are aware, in UTC.

    `price` in cents a seat, `discount` in percent for `members` (jurisdictions). `shares` are seats kept for each city
    until `shared_until`; what is left then is for whoever comes first. An exchange has a `host` city.
    """

    id: str
    course: str
    word: str
    begins: datetime
    ends: datetime
    place: str
    seats: int
    price: int = 0
    discount: int = 0
    members: frozenset[str] = frozenset()
    shares: Mapping[str, int] = field(default_factory=dict)
    shared_until: datetime | None = None
    host: str = ""
    state: SessionState = "open"

    def but(self, **changes: object) -> "Session":
        """The same, with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Learner:
    """Somebody who may take part, as their city lists them.

    `role` is "elected", "board" or "staff"; `board` the board or commission. `places` is where they can be reached: a
    phone for texts, an account in Slack or Teams; `manager` where who approves is reached, in chat.
    """

    id: str
    jurisdiction: str
    name: str
    language: str
    role: str = "staff"
    board: str = ""
    office: str = ""
    term_begins: date | None = None
    term_ends: date | None = None
    places: tuple[Place, ...] = ()
    manager: Place | None = None
    email: str = ""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """How one learner stands with one session; `id` is `enrolment_id` of both. `until` ends an offer or a hold.

    `since` is when they came, `number` their place in the order of coming (0: storage gives the next one).
    `left` is when they gave up a seat that was theirs.
    `substitute` names who comes in their stead, `for_whom` is the learner (id) whose seat was taken over, `partner` the
    other one of an exchange. `prompted` is when they were asked first, `shown` says that a card stands in their chats.
    `feedback` is question id → answer while they are asked how it was, `rated` says that it is over.
    """

    id: str
    session: str
    learner: str
    jurisdiction: str
    state: State
    since: datetime
    until: datetime | None = None
    number: int = 0
    substitute: str = ""
    for_whom: str = ""
    partner: str = ""
    prompted: datetime | None = None
    left: datetime | None = None
    shown: bool = False
    feedback: Mapping[str, str] = field(default_factory=dict)
    rated: bool = False

    def but(self, **changes: object) -> "Enrolment":
        """The same, with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def enrolment_id(session: str, learner: str) -> str:
    """The one enrolment of a learner (id) in a session (id)."""
    return f"{session}.{learner}"


@dataclass(frozen=True, slots=True)
class Certificate:
    """That somebody attended; `code` verifies it, `expires` is the first day on which it counts no more."""

    code: str
    learner: str
    course: str
    session: str
    earned: date
    expires: date | None = None
