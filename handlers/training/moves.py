"""What is decided about others: the change itself, and a follow-up due now by which each of them is told."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from handlers.calendar import next_text_time
from handlers.effects import DropCertificate, Effect, Forget, KeepEnrolment, KeepSession, Remind, RemoveLearner
from handlers.messages import Value
from handlers.state import Facts
from handlers.training.values import MOVES, SEATED, Enrolment, Learner, Session, State, enrolment_id

AFTER = timedelta(minutes=30)
TIMERS = ("training_prompt", "training_text", "training_hold", "training_offer", "training_remind")
"""Follow-ups about an enrolment that end with it."""
ASKABLE = frozenset[State]({"prompted", "later", "declined", "cancelled"})


def ask(facts: Facts, session: Session, learners: Iterable[Learner]) -> tuple[Effect, ...]:
    """Ask people whether they want a seat, at the next hour for texts; nobody who has one, waits or was asked.

    The session must be locked, and their enrolments in it (of whatever state) in the facts' roster.
    """
    known = {one.learner: one for one in facts.training.roster if one.session == session.id}
    effects: list[Effect] = []
    for learner in learners:
        before = known.get(learner.id)
        if before and (before.state not in ASKABLE or before.prompted):
            continue
        one = before or new(session, learner, "prompted", facts.now)
        city = facts.jurisdictions[learner.jurisdiction]
        effects += [
            KeepEnrolment(one.but(state="prompted")),
            Remind(next_text_time(city, facts.now), "training_prompt", one.id),
        ]
    return tuple(effects)


def pair(facts: Facts, session: Session, host: Learner, guest: Learner) -> tuple[Effect, ...]:
    """Ask both sides of an exchange; it stands when both have said yes. Both must be without a seat there."""
    effects: list[Effect] = []
    for learner, other in ((host, guest), (guest, host)):
        one = new(session, learner, "prompted", facts.now).but(partner=other.id)
        city = facts.jurisdictions[learner.jurisdiction]
        effects += [KeepEnrolment(one), Remind(next_text_time(city, facts.now), "training_prompt", one.id)]
    return tuple(effects)


def approve(facts: Facts, enrolment: Enrolment) -> tuple[Effect, ...]:
    """The manager says yes: the seat is theirs."""
    return (
        Forget("training_hold", enrolment.id),
        *move(enrolment.but(until=None), "enrolled"),
        tell(enrolment.id, "approved", facts.now),
    )


def decline(facts: Facts, enrolment: Enrolment) -> tuple[Effect, ...]:
    """The manager says no: the seat goes to the next in line."""
    return (
        *leave(facts, enrolment, "declined"),
        tell(enrolment.id, "declined", facts.now),
    )


def offer(facts: Facts, enrolment: Enrolment, until: datetime) -> tuple[Effect, ...]:
    """Hold a free seat for somebody who waits."""
    return (
        *move(enrolment.but(until=until), "offered"),
        Remind(until, "training_offer", enrolment.id),
        tell(enrolment.id, "offered", facts.now),
    )


def mark(facts: Facts, enrolment: Enrolment, here: bool) -> tuple[Effect, ...]:
    """Whether somebody was there; it can be corrected."""
    after: State = "attended" if here else "missed"
    if after == enrolment.state:
        return ()
    gone = () if here else (DropCertificate(enrolment.learner, enrolment.session),)
    return (*gone, *move(enrolment, after), tell(enrolment.id, after, facts.now))


def open_session(session: Session) -> tuple[Effect, ...]:
    """A new session, with what comes due in it."""
    return (KeepSession(session), *_due(session))


def change_session(facts: Facts, before: Session, after: Session) -> tuple[Effect, ...]:
    """Another time, place or number of seats (never fewer than are taken): those in it are told, seats offered."""
    effects: list[Effect] = [
        KeepSession(after),
        Forget("training_release", after.id),
        Forget("training_over", after.id),
        *_due(after),
        free(after.id, facts.now),
    ]
    if (before.begins, before.ends, before.place) != (after.begins, after.ends, after.place):
        effects.append(Remind(facts.now, "training_moved", after.id, {"after": "0"}))
    return tuple(effects)


def call_off(facts: Facts, session: Session) -> tuple[Effect, ...]:
    """It does not take place: no seat is given from now on, and everybody in it is told."""
    return (
        KeepSession(session.but(state="cancelled")),
        Forget("training_release", session.id),
        Forget("training_over", session.id),
        Remind(facts.now, "training_called_off", session.id, {"after": "0"}),
    )


def remove(facts: Facts, learner: Learner) -> tuple[Effect, ...]:
    """Delete somebody who has left (asked for as `learner`); what they held goes to the next in line."""
    held = {one.session for one in facts.training.enrolments if one.state in SEATED}
    return (RemoveLearner(learner.id), *(free(session, facts.now) for session in sorted(held)))


# --- the parts of a change


def new(session: Session, learner: Learner, state: State, now: datetime) -> Enrolment:
    """Somebody's first standing with a session."""
    return Enrolment(enrolment_id(session.id, learner.id), session.id, learner.id, learner.jurisdiction, state, now)


def move(enrolment: Enrolment, after: State) -> tuple[Effect, ...]:
    """Their new state; ValueError for what may not follow."""
    if after not in MOVES[enrolment.state]:
        raise ValueError(f"{after} may not follow {enrolment.state}")
    return (KeepEnrolment(enrolment.but(state=after)),)


def leave(facts: Facts, enrolment: Enrolment, after: State) -> tuple[Effect, ...]:
    """They give up what they had; nothing comes due for them, and if it was a seat the next in line is asked."""
    ended = (Forget(name, enrolment.id) for name in TIMERS)
    seat = (free(enrolment.session, facts.now),) if enrolment.state in SEATED else ()
    left = facts.now if enrolment.state == "enrolled" else None
    return (*ended, *move(enrolment.but(until=None, left=left), after), *seat)


def free(session: str, now: datetime) -> Remind:
    """A seat may have become free: whoever is next is offered it, by a turn of its own."""
    return Remind(now, "training_seats", session)


def tell(enrolment: str, what: str, now: datetime) -> Remind:
    """Tell somebody else, on their own thread; what it says is looked up there, for follow-ups hold no names."""
    return Remind(now, "training_news", enrolment, {"news": what})


def _due(session: Session) -> Iterable[Effect]:
    values: Mapping[str, Value] = {}
    if session.shared_until:
        yield Remind(session.shared_until, "training_release", session.id, values)
    yield Remind(session.ends + AFTER, "training_over", session.id, values)
