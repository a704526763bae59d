"""What a step about training asks to be told, and what it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from handlers.messages import Place
from handlers.training.values import Audience, Certificate, Course, Enrolment, Learner, Session, State

PAGE = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """Each only where it is set; the catalogue always comes with it.

    `learner` (id) is whose turn it is: all of theirs. `enrolment` (id) is that one with its learner. `session` (id or
    word) is locked and comes with its seats; `roster` asks for its enrolments in these states, PAGE at most, those
    whose number is above `after`. `names` may name a session or course that somebody wants a seat in, in capitals;
    `name` means a person of the learner's city. `audience` and `places` (of `city`) find learners that the staff
    member may see; `certificate` is a code; `ids` how many fresh ids are needed. `mine` asks for the learner whose chat
    account it is. `counts` asks for the seats of all sessions, unlocked (`roster` is then of all that are to come);
    `all` for everybody the staff member may see, as `learners`, `roster` and `certificates`.
    """

    learner: str = ""
    enrolment: str = ""
    session: str = ""
    roster: frozenset[State] = frozenset()
    after: int = 0
    names: frozenset[str] = frozenset()
    name: str = ""
    audience: Audience | None = None
    city: str = ""
    places: tuple[Place, ...] = ()
    certificate: str = ""
    ids: int = 0
    mine: bool = False
    counts: bool = False
    all: bool = False


@dataclass(frozen=True, slots=True)
class Seats:
    """How full a session is: seats taken and people waiting, by city; `heads` wait first, in the order of coming.

    Of each city there are as many heads as seats are free, and one at least.
    """

    taken: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    heads: tuple[Enrolment, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What there is. `courses` and `sessions` by id, those of the last 400 days and all to come; `seats` by session.

    `learner` is whose turn it is, or whom a follow-up or a button is about; `enrolments` are theirs, newest first, and
    `attended` are the courses (ids) they have attended. `named` are those whom a name may mean. `learners` by id and
    `roster` are what staff asked for. `seats` are there for sessions that are locked: only of these may an enrolment
    change. `waiting` are subjects of texts that have not left. `codes` is room code → session (id), for those accepted
    now; `room` is the code to show for the session that staff asked for. `ids` are fresh. `others` are enrolments of
    partners and of those named, `earned` the courses (ids) that those named have attended. `counts` are seats of
    sessions that may change any moment, for showing only.
    """

    courses: Mapping[str, Course] = field(default_factory=dict)
    sessions: Mapping[str, Session] = field(default_factory=dict)
    seats: Mapping[str, Seats] = field(default_factory=dict)
    learner: Learner | None = None
    enrolments: tuple[Enrolment, ...] = ()
    attended: frozenset[str] = frozenset()
    certificates: tuple[Certificate, ...] = ()
    named: tuple[Learner, ...] = ()
    others: tuple[Enrolment, ...] = ()
    learners: Mapping[str, Learner] = field(default_factory=dict)
    roster: tuple[Enrolment, ...] = ()
    waiting: frozenset[str] = frozenset()
    codes: Mapping[str, str] = field(default_factory=dict)
    room: str = ""
    ids: tuple[str, ...] = ()
    counts: Mapping[str, Seats] = field(default_factory=dict)
    earned: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def enrolment(self, session: str) -> Enrolment | None:
        """The learner's enrolment in a session (id)."""
        return next((one for one in self.enrolments if one.session == session), None)

    def course(self, session: Session) -> Course:
        """What a session teaches."""
        return self.courses[session.course]


NOTHING = Known()
