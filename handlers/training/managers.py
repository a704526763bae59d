"""A manager's word: one person of theirs asks for a seat, and only they may say yes or no."""

from handlers.cards import Say, say
from handlers.effects import Audit, Effect, Post, Step
from handlers.messages import Inbound, Place
from handlers.state import Facts
from handlers.training import cards, looking, moves, rights
from handlers.training.known import Asked
from handlers.training.values import Enrolment, Learner, Session

NOTHING = say("Not available", "There is nothing here that you can decide.")
OUTCOMES = {"approve": "approved", "decline": "declined"}


def asked(inbound: Inbound) -> Asked:
    """Whose seat it is about."""
    return Asked(enrolment=inbound.value("enrolment"))


def ask(facts: Facts, learner: Learner, session: Session, enrolment: Enrolment) -> tuple[Effect, ...]:
    """The card to the manager by direct message; a later word takes its place."""
    if learner.manager is None:
        return ()
    course = facts.training.course(session)
    card = cards.approval(learner, course, session, looking.city(facts, course), enrolment)
    return (Post(learner.manager, card, _subject(enrolment)),)


def decide(inbound: Inbound, facts: Facts) -> Step:
    """The card makes room for what was decided; a second press says what that was."""
    me, known = _sender(inbound), facts.training
    learner = known.learner
    enrolment = next((one for one in known.enrolments if one.id == inbound.value("enrolment")), None)
    if learner is None or enrolment is None or not rights.is_manager(me, learner):
        return Step((looking.denial(inbound),), answer=NOTHING)
    session = known.sessions[enrolment.session]
    if enrolment.state != "requested":
        return Step(answer=_told(learner, session, STANDS.get(enrolment.state, "it is not asked for any more")))
    verb = looking.verb(inbound)
    change = moves.approve(facts, enrolment) if verb == "approve" else moves.decline(facts, enrolment)
    done = Audit(f"seat_{OUTCOMES[verb]}", enrolment.id, "manager")
    effects = (*change, *close(facts, learner, session, enrolment, OUTCOMES[verb]), done)
    return Step(effects, answer=_told(learner, session, OUTCOMES[verb]))


def close(facts: Facts, learner: Learner, session: Session, enrolment: Enrolment, outcome: str) -> tuple[Effect, ...]:
    """What stands in the card's place, however it was settled."""
    if learner.manager is None:
        return ()
    course = facts.training.course(session)
    card = cards.decided(learner, course, session, looking.city(facts, course), outcome)
    return (Post(learner.manager, card, _subject(enrolment)),)


STANDS = {
    "enrolled": "approved",
    "attended": "approved",
    "missed": "approved",
    "declined": "declined",
    "cancelled": "given up",
}


def _told(learner: Learner, session: Session, outcome: str) -> Say:
    return say(f"{learner.name}, {session.word}", f"This is decided: {outcome}.")


def _subject(enrolment: Enrolment) -> str:
    return f"approval:{enrolment.id}"


def _sender(inbound: Inbound) -> Place:
    """Who pressed, as a place."""
    return Place(inbound.channel, inbound.sender.rpartition("/")[2])
