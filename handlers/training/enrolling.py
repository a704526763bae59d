"""What a learner does with a seat: asks for it, takes it, gives it up, passes it on, is there."""

from datetime import datetime, timedelta

from handlers import calendar
from handlers.effects import Forget, Guess, KeepCertificate, LendCertificate, Post
from handlers.messages import Place
from handlers.reading.appointments import appointment
from handlers.training import cards, dates, moves, rights, seats
from handlers.training.learning import Learning
from handlers.training.values import (
    SEATED,
    Certificate,
    Enrolment,
    Learner,
    Session,
    State,
)

LATER = 3  # days
PAPER_DAYS = 7
GUESSES = 5  # an hour
AROUND = timedelta(minutes=30)
HAVE = frozenset[State]({"enrolled", "requested", "offered"})
REFUSED: dict[State, str] = {
    "enrolled": "already",
    "requested": "held_already",
    "waitlisted": "waiting_already",
    "attended": "been",
    "missed": "past",
}


def answer(learning: Learning, one: Enrolment, code: str, rest: str = "") -> None:
    """What somebody says who was asked, or is offered a seat."""
    if code in ("yes", "take"):
        take(learning, learning.session(one), one)
    elif code == "later":
        later(learning, one, rest)
    elif one.state == "offered":
        learning.become(one, "cancelled", "passed")
    else:
        not_there(learning, one)
        learning.become(one, "declined", "no")


def take(learning: Learning, session: Session, one: Enrolment | None = None) -> None:
    """They want a seat: it is theirs, or held for a yes, or they wait; or they are told why not."""
    one = one or learning.known.enrolment(session.id)
    if why := refusal(learning, session, one):
        learning.refuse(one, why, session, **_needed(learning, session))
        return
    if one and one.state == "offered":
        _sit(learning, session, one)
        return
    one = one or moves.new(session, learning.learner, "prompted", learning.now)
    one = one.but(number=0, since=learning.now)
    full = learning.known.seats[session.id]
    if seats.may_sit(session, full, learning.city.key, learning.now):
        _sit(learning, session, one)
    else:
        learning.become(one, "waitlisted", "waitlisted", number=sum(full.waiting.values()) + 1)


def refusal(learning: Learning, session: Session, one: Enrolment | None) -> str:
    """Why they can not have a seat, as the name of a text; empty where they can."""
    if session.state == "cancelled":
        return "called_off"
    if session.begins <= learning.now or session.state == "held":
        return "past"
    if one and one.state == "offered":
        return ""
    if one and one.state in REFUSED:
        return REFUSED[one.state]
    if session.state == "closed" or session.id not in learning.known.seats:
        return "closed"
    course = learning.course(session)
    if course.kind == "exchange" and not (one and one.partner):
        return "by_pairing"
    if any(_same(learning, other, session) for other in learning.known.enrolments):
        return "already_course"
    return "prerequisite" if missing(learning, session, learning.known.attended) else ""


def missing(learning: Learning, session: Session, attended: frozenset[str]) -> list[str]:
    """Titles of the courses that must be attended before."""
    courses = learning.known.courses.values()
    needed = learning.course(session).requires
    return [course.title for course in courses if course.code in needed and course.id not in attended]


def later(learning: Learning, one: Enrolment, rest: str = "") -> None:
    """They are asked again at the time they name, else in three days; never after it has begun."""
    wanted = appointment(learning.city, rest, learning.now) if rest else None
    at = wanted or learning.next_hour(calendar.after_days(learning.city, learning.now, LATER))
    if at >= learning.session(one).begins:
        learning.refuse(one, "too_late", learning.session(one))
        return
    learning.said.do(Forget("training_prompt", one.id), Forget("training_text", one.id))
    learning.remind(at, "training_prompt", one)
    if one.state == "later":
        learning.tell(learning.keep(one), "later", {"date": learning.day(at)})
    else:
        learning.become(one, "later", "later", date=learning.day(at))


def give_up(learning: Learning, one: Enrolment) -> None:
    """The seat goes to the next person; those who run it are told, for they settle the bill."""
    if one.state == "waitlisted":
        learning.become(one, "cancelled", "left")
        return
    session = learning.session(one)
    not_there(learning, one)
    learning.become(one, "cancelled", "dropped")
    if one.state in HAVE:
        line = f"{_who(learning)} gave up their seat. {_charge(learning, session)}"
        learning.tell_staff(session, line)
        if one.state == "enrolled":
            learning.relay(session, line)


def pass_on(learning: Learning, one: Enrolment, name: str) -> None:
    """Somebody whom the list does not know: noted, and those who run it call."""
    session = learning.session(one)
    learning.keep(one.but(substitute=name))
    learning.tell_staff(
        session, f"{_who(learning)} wants to send {name}, who is not on the list of {learning.city.name}."
    )
    learning.refuse(one, "sub.unknown", session, name=name)


def swap(learning: Learning, one: Enrolment, other: Learner) -> None:
    """The seat passes to somebody of the same city; they hear of it on their own thread."""
    session = learning.session(one)
    theirs = next((its for its in learning.known.others if (its.learner, its.session) == (other.id, session.id)), None)
    earned = learning.known.earned.get(other.id, frozenset())
    if theirs and theirs.state in SEATED:
        learning.refuse(one, "sub.taken", session, name=other.name)
    elif needed := missing(learning, session, earned):
        learning.refuse(one, "sub.prerequisite", session, name=other.name, requires=needed[0])
    else:
        learning.said.do(*(Forget(timer, one.id) for timer in moves.TIMERS))
        learning.said.do(*moves.move(one.but(until=None, substitute=other.id), "cancelled"))
        _hand_over(learning, one, theirs or moves.new(session, other, "prompted", learning.now))
        learning.tell(one.but(state="cancelled"), "sub.done", {"name": other.name})
        learning.tell_staff(session, f"{_who(learning)} sends {other.name}.")
        learning.relay(session, f"{_who(learning)} passes their seat on to {other.name}.")


def arrive(learning: Learning) -> None:
    """They say that they are there, or text a code: what that needs, and where nothing is on, what comes next."""
    coming = [learning.session(one) for one in learning.known.enrolments if one.state == "enrolled"]
    coming = sorted((one for one in coming if learning.is_coming(one)), key=lambda one: one.begins)
    if any(_is_on(learning, one) for one in learning.known.enrolments):
        learning.say("room.which")
    elif coming:
        learning.say_text(learning.about("room.early", coming[0]))
    else:
        learning.say("room.none")


def enter(learning: Learning, code: str) -> None:
    """The code of the room: they are there. Guesses are limited."""
    on = [one for one in learning.known.enrolments if _is_on(learning, one)]
    session = learning.known.sessions.get(learning.known.codes.get(code, ""))
    one = learning.known.enrolment(session.id) if session else None
    if not on:
        arrive(learning)
    elif learning.said.facts.guesses[0] >= GUESSES:
        learning.say("room.often")
    elif session is None or one is None:
        learning.said.do(Guess(right=False, topic="room"))
        learning.say("room.wrong")
    elif one.state == "attended":
        learning.say_text(learning.about("room.done", session))
    else:
        learning.become(one, "attended", "room.done")
        certify_later(learning, one)


def certify_later(learning: Learning, one: Enrolment) -> None:
    """When it is over, they get their certificate."""
    learning.said.do(Forget("training_certificate", one.id))
    learning.remind(max(learning.session(one).ends, learning.now) + AROUND, "training_certificate", one)


def certify(learning: Learning, one: Enrolment) -> Certificate | None:
    """The certificate of somebody who was there; None if they have it."""
    session = learning.session(one)
    if any(known.session == session.id for known in learning.known.certificates):
        return None
    earned = calendar.local_day(learning.runs(session), session.ends)
    expires = dates.expires(earned, learning.course(session).valid_months)
    made = Certificate(learning.said.facts.fresh.code, one.learner, session.course, session.id, earned, expires)
    learning.said.do(KeepCertificate(made))
    return made


def paper(learning: Learning, earned: Certificate) -> tuple[str, dict[str, str]]:
    """A link by which they fetch their certificate once, and what a text says of it."""
    facts = learning.said.facts
    until = calendar.after_days(learning.city, learning.now, PAPER_DAYS)
    learning.said.do(LendCertificate(earned.code, facts.fresh.token, until))
    link = f"{facts.desk_url}/certificate/{facts.fresh.token}"
    return link, {"link": link, "date": learning.day(until)}


def plan(learning: Learning, one: Enrolment) -> None:
    """Reminders of a seat, and of the day from which dropping it costs."""
    session = learning.session(one)
    learning.said.do(Forget("training_remind", one.id))
    for reminder in dates.reminders(learning.runs(session), learning.city, session.begins, learning.now):
        learning.remind(reminder.at, "training_remind", one, days=reminder.name)


def request(learning: Learning, one: Enrolment, until: datetime) -> None:
    """Ask whoever decides for them; without a manager it is those who run it."""
    session = learning.session(one)
    learning.remind(until, "training_hold", one)
    card = cards.approval(learning.learner, learning.course(session), session, learning.runs(session), one)
    learning.said.do(*(Post(place, card, f"approval:{one.id}") for place in deciders(learning, session)))


def deciders(learning: Learning, session: Session) -> tuple[Place, ...]:
    """Where it is decided whether they may come."""
    manager = learning.learner.manager
    return (manager,) if manager else rights.places(learning.said.facts, learning.course(session))


def _sit(learning: Learning, session: Session, one: Enrolment) -> None:
    learning.said.do(*(Forget(timer, one.id) for timer in moves.TIMERS))
    if one.partner:
        _agree(learning, session, one)
    elif learning.course(session).approval:
        until = dates.hold_end(learning.city, session.begins, learning.now)
        held = learning.become(one.but(until=until), "requested", "requested", date=learning.day(until))
        request(learning, held, until)
    else:
        plan(learning, learning.become(one.but(until=None), "enrolled", "enrolled"))


def _agree(learning: Learning, session: Session, one: Enrolment) -> None:
    """One side of an exchange says yes; when both have, it stands."""
    other = learning.partner(one)
    if other and other.state == "requested":
        plan(learning, learning.become(one, "enrolled", "enrolled"))
        learning.said.do(
            Forget("training_hold", other.id),
            *moves.move(other.but(until=None), "enrolled"),
            moves.tell(other.id, "approved", learning.now),
        )
        return
    until = dates.hold_end(learning.city, session.begins, learning.now)
    held = learning.become(one.but(until=until), "requested", "requested_partner", date=learning.day(until))
    learning.remind(until, "training_hold", held)


def not_there(learning: Learning, one: Enrolment) -> None:
    """Of an exchange: without one there is none for the other, who is told, and so is the desk."""
    other = learning.partner(one)
    if other is None or other.state in ("declined", "cancelled"):
        return
    learning.said.do(
        *moves.leave(learning.said.facts, other, "cancelled"), moves.tell(other.id, "partner_no", learning.now)
    )
    learning.tell_staff(learning.session(one), f"{_who(learning)} can not come; the exchange does not take place.")


def _hand_over(learning: Learning, one: Enrolment, theirs: Enrolment) -> None:
    after: State = "requested" if learning.course(learning.session(one)).approval else "enrolled"
    until = dates.hold_end(learning.city, learning.session(one).begins, learning.now) if after == "requested" else None
    theirs = theirs.but(number=0, since=learning.now, until=until, for_whom=one.learner)
    learning.said.do(
        *(Forget(timer, theirs.id) for timer in moves.TIMERS),
        *moves.move(theirs, after),
        moves.tell(theirs.id, "substituted", learning.now),
    )


def _same(learning: Learning, other: Enrolment, session: Session) -> bool:
    """Whether they have a seat in the same course on another day to come."""
    its = learning.session(other)
    return its.id != session.id and its.course == session.course and other.state in HAVE and learning.is_coming(its)


def _needed(learning: Learning, session: Session) -> dict[str, object]:
    needed = missing(learning, session, learning.known.attended)
    other = next((one for one in learning.known.enrolments if _same(learning, one, session)), None)
    return {
        "requires": needed[0] if needed else "",
        **({"when": learning.when(learning.session(other))} if other else {}),
    }


def _is_on(learning: Learning, one: Enrolment) -> bool:
    session = learning.session(one)
    return (
        one.state in ("enrolled", "attended", "missed")
        and session.begins - AROUND <= learning.now <= session.ends + AROUND
    )


def _who(learning: Learning) -> str:
    return f"{learning.learner.name} ({learning.city.name})"


def _charge(learning: Learning, session: Session) -> str:
    """Whether the seat is paid all the same."""
    if not seats.price(session, learning.city.key):
        return "It was free of charge."
    line = dates.refund_line(learning.runs(session), session.begins)
    if learning.now <= line:
        return "That is before the refund line: nothing is charged."
    return f"That is after the refund line: {learning.price(session)} is charged."
