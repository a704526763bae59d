"""A manager's word: one person of theirs asks for a seat, and only they may say yes or no; without one, the runner."""

from handlers.cards import Say, say
from handlers.effects import Audit, Post, Step
from handlers.messages import Inbound, Place
from handlers.state import Facts
from handlers.training import cards, looking, moves, rights
from handlers.training.known import Asked
from handlers.training.values import Enrolment, Learner, Session

NOTHING = say("Not available", "There is nothing here that you can decide.")
OUTCOMES = {"approve": "approved", "decline": "declined"}
STANDS = {
    "enrolled": "approved",
    "attended": "approved",
    "missed": "approved",
    "declined": "declined",
    "cancelled": "given up",
}


def asked(inbound: Inbound) -> Asked:
    """Whose seat it is about."""
    return Asked(enrolment=inbound.value("enrolment"))


def decide(inbound: Inbound, facts: Facts) -> Step:
    """The card makes room for what was decided; a second press says what that was."""
    known = facts.training
    learner = known.learner
    enrolment = next((one for one in known.enrolments if one.id == inbound.value("enrolment")), None)
    if learner is None or enrolment is None or not _decides(inbound, facts, learner, enrolment):
        return Step((looking.denial(inbound),), answer=NOTHING)
    session = known.sessions[enrolment.session]
    if enrolment.state != "requested" or enrolment.partner:
        return Step(answer=_told(learner, session, STANDS.get(enrolment.state, "it is not asked for any more")))
    verb = looking.verb(inbound)
    change = moves.approve(facts, enrolment) if verb == "approve" else moves.decline(facts, enrolment)
    done = Audit(f"seat_{OUTCOMES[verb]}", enrolment.id, "manager")
    effects = (*change, *_closed(facts, learner, session, enrolment, OUTCOMES[verb]), done)
    return Step(effects, answer=_told(learner, session, OUTCOMES[verb]))


def _told(learner: Learner, session: Session, outcome: str) -> Say:
    return say(f"{learner.name}, {session.word}", f"This is decided: {outcome}.")


def _decides(inbound: Inbound, facts: Facts, learner: Learner, enrolment: Enrolment) -> bool:
    """The very person who is their manager; whoever runs the course where they have none."""
    if learner.manager is None:
        return rights.runs(facts, facts.training.course(facts.training.sessions[enrolment.session]))
    return rights.is_manager(Place(inbound.channel, inbound.sender.rpartition("/")[2]), learner)


def _closed(facts: Facts, learner: Learner, session: Session, enrolment: Enrolment, outcome: str) -> tuple[Post, ...]:
    """What stands in the place of every card that asked."""
    course = facts.training.course(session)
    card = cards.decided(learner, course, session, looking.city(facts, course), outcome)
    places = (learner.manager,) if learner.manager else rights.places(facts, course)
    return tuple(Post(place, card, f"approval:{enrolment.id}") for place in places)
