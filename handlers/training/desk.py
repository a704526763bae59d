"""The step for staff who run training (/training): what is coming, and the way to all the rest."""

from collections.abc import Callable, Mapping

from handlers.cards import Button, Card, Part, Say, Text, say
from handlers.effects import Step
from handlers.grammar import TRAINING
from handlers.messages import KEPT, Inbound
from handlers.state import Facts, Wants
from handlers.training import (
    attendance,
    board,
    cards,
    catalogue,
    exchanges,
    listing,
    looking,
    managers,
    prompting,
    reporting,
    rights,
    taking_in,
)
from handlers.training.known import Asked, Seats
from handlers.training.values import Session

NOT_YOURS = say("Not available", "Only those who run training can do this. Your city's operator can add you.")


def wants(inbound: Inbound) -> Wants:
    """The catalogue, and of people only what the verb needs."""
    verb = looking.verb(inbound)
    asks = ASKS.get(verb)
    upload = inbound.value(KEPT) if verb == "take_in" else ""
    return Wants(training=asks(inbound) if asks else Asked(), upload=upload)


def step(inbound: Inbound, facts: Facts) -> Step:
    """Refuses everybody who does not look after training; a manager's word is their own."""
    verb = looking.verb(inbound)
    if verb not in OPEN and not rights.homes(facts):
        return Step((looking.denial(inbound),), answer=NOT_YOURS)
    turn = TURNS.get(verb)
    return turn(inbound, facts) if turn else Step(answer=_help())


def home(facts: Facts, most: int = 5) -> tuple[Part, ...]:
    """The sessions to come, in short, for the page of who looks after training; nothing for others."""
    if not rights.homes(facts):
        return ()
    known, coming = facts.training, _coming(facts)[:most]
    lines = [cards.in_short(known.course(one), one, looking.runner(facts, one), _seats(facts, one)) for one in coming]
    return (Text("Training", "strong"), *(lines or [Text("No session is coming up.", "quiet")]))


def _help() -> Say:
    lines = tuple(Text(f"/training {usage}: {meaning}") for usage, meaning in TRAINING.items())
    return Say(Card("What /training can do", lines, summary="What /training can do"))


def _list(inbound: Inbound, facts: Facts) -> Step:
    """What waits for a word, then what is coming, then what can be begun."""
    sessions = [_session(facts, one) for one in _coming(facts)]
    more = [Button("Compliance", "training_board"), Button("Add a learner", "training_learner")]
    if catalogue.runners(facts):
        more = [Button("New session", "training_session"), Button("New course", "training_course"), *more]
    return Step(answer=Say(cards.overview(sessions, _waiting(facts), more)))


def _coming(facts: Facts) -> list[Session]:
    known = facts.training
    found = [one for one in known.sessions.values() if one.state == "open" and one.ends > facts.now]
    seen = [one for one in found if rights.sees(facts, known.course(one))]
    return sorted(seen, key=lambda one: (one.begins, one.word))


def _session(facts: Facts, session: Session) -> tuple[Part, ...]:
    course, city = facts.training.course(session), looking.runner(facts, session)
    mine = rights.runs(facts, course)
    return cards.coming(course, session, city, _seats(facts, session), facts.jurisdictions, mine)


def _seats(facts: Facts, session: Session) -> Seats:
    return facts.training.counts.get(session.id, Seats())


def _waiting(facts: Facts) -> list[Part]:
    known, found = facts.training, list[Part]()
    for one in known.roster[: cards.MOST_WAITING]:
        session = known.sessions[one.session]
        learner, city = known.learners[one.learner], looking.runner(facts, session)
        found.append(cards.waits(one, learner, known.course(session), session, city))
    return found


ASKS: Mapping[str, Callable[[Inbound], Asked]] = {
    "import": taking_in.asked,
    "take_in": taking_in.asked,
    "list": lambda _: Asked(counts=True, roster=frozenset({"requested"})),
    "session": catalogue.asked,
    "prompt": prompting.asked,
    "send": prompting.asked,
    "roster": attendance.asked,
    "attend": attendance.asked,
    "room": attendance.asked,
    "offer": attendance.asked,
    "cancel": attendance.asked,
    "board": board.asked,
    "learner": listing.asked,
    "remove": listing.asked,
    "exchange": exchanges.asked,
    "approve": managers.asked,
    "decline": managers.asked,
}
OPEN = frozenset({"approve", "decline"})
"""What somebody may do who is on no list: a manager decides for their own people."""
TURNS: dict[str, Callable[[Inbound, Facts], Step]] = {
    "list": _list,
    "course": catalogue.course,
    "session": catalogue.session,
    "prompt": prompting.prompt,
    "send": prompting.send,
    "roster": attendance.roster,
    "attend": attendance.attend,
    "room": attendance.room,
    "offer": attendance.offer,
    "cancel": attendance.cancel,
    "board": board.board,
    "picture": board.picture,
    "learner": listing.learner,
    "remove": listing.remove,
    "exchange": exchanges.exchange,
    "approve": managers.decide,
    "decline": managers.decide,
    "report": reporting.report,
    "import": taking_in.take,
    "take_in": taking_in.taken,
}
