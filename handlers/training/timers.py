"""What comes due in training: prompts, holds, offers, reminders, news of what others decided, a session's end."""

from collections.abc import Callable
from datetime import datetime, timedelta

from handlers import calendar
from handlers.cards import Card, Text
from handlers.effects import Effect, Forget, NoteConsent, Post, Remind, Step
from handlers.messages import Inbound
from handlers.said import Said
from handlers.state import Facts, Wants
from handlers.training import cards, dates, enrolling, feedback, moves, rights, seats
from handlers.training.known import PAGE, Asked
from handlers.training.learning import Learning, of
from handlers.training.values import TOPIC, Course, Enrolment, Session, State

SILENCE = timedelta(hours=4)
"""How long a card waits for an answer before the question is texted, too."""
MONTH = timedelta(days=30)
MOST = 2  # prompts a month
TOLD = frozenset[State]({"prompted", "later", "requested", "enrolled", "waitlisted", "offered"})
PLACED = frozenset[State]({"requested", "enrolled", "waitlisted", "offered"})
NIGHT = timedelta(hours=8)


def wants(inbound: Inbound) -> Wants:
    """The person, or the session, that a follow-up is about."""
    if inbound.name in LEARNERS:
        return Wants(training=Asked(enrolment=inbound.subject))
    after = int(inbound.value("after") or 0)
    return Wants(training=Asked(session=inbound.subject, roster=ROSTERS.get(inbound.name, frozenset()), after=after))


def step(inbound: Inbound, facts: Facts) -> Step:
    """What follows from it; nothing of what is gone or was decided otherwise meanwhile."""
    if inbound.name in SESSIONS:
        session = facts.training.sessions.get(inbound.subject)
        return Step(tuple(SESSIONS[inbound.name](facts, session, inbound))) if session else Step()
    learning = of(Said(inbound, facts))
    one = learning.known.enrolment(inbound.subject.partition(".")[0]) if learning else None
    if learning is None or one is None:
        return Step()
    LEARNERS[inbound.name](learning, one)
    return Step(tuple(learning.said.effects), learning.said.conversation if facts.known else None)


def blocked(inbound: Inbound, facts: Facts) -> Step:
    """The carrier says that they have stopped texts: so they have."""
    said = Said(inbound, facts)
    said.do(NoteConsent(facts.thread, TOPIC, "twilio_sms", "revoked", "carrier"))
    said.change(stopped=True)
    return said.step()


# --- one person


def _prompt(learning: Learning, one: Enrolment) -> None:
    """The hour of the question has come: in chat first, by text where that is silent or there is none."""
    if one.state not in ("prompted", "later") or not learning.is_coming(learning.session(one)):
        return
    if not calendar.may_text(learning.city, learning.now):
        learning.remind(learning.next_hour(), "training_prompt", one)
    elif at := _too_many(learning, one):
        learning.remind(learning.next_hour(at), "training_prompt", one)
    else:
        _ask(learning, one)


def _too_many(learning: Learning, one: Enrolment) -> datetime | None:
    """When the next prompt may be sent, if they have had two this month; one they put off themselves may always."""
    asked = sorted(its.prompted for its in learning.known.enrolments if its.prompted and its.id != one.id)
    recent = [at for at in asked if at > learning.now - MONTH]
    return recent[-MOST] + MONTH if one.state == "prompted" and len(recent) >= MOST else None


def _ask(learning: Learning, one: Enrolment) -> None:
    again = one.but(state="prompted", prompted=one.prompted or learning.now, shown=bool(learning.chats))
    learning.said.change(asked="", interview="")
    learning.keep(again)
    if not learning.chats:
        _text(learning, again)
        return
    key, fields = learning.asking(again)
    learning.show(again.but(shown=one.shown), learning.on_card(key, learning.session(one), **fields), again=True)
    if learning.phone:
        learning.remind(learning.next_hour(learning.now + SILENCE), "training_text", one)


def _text(learning: Learning, one: Enrolment) -> None:
    """The question by text; one that was answered in chat meanwhile is not asked."""
    if one.state != "prompted" or not learning.phone or not learning.is_coming(learning.session(one)):
        return
    learning.said.change(asked="", interview="")
    learning.say_text(learning.ask_text(one), learning.said.facts.fresh.message, subject=one.id)


def _hold(learning: Learning, one: Enrolment) -> None:
    """Nobody said yes in time."""
    if one.state != "requested":
        return
    session = learning.session(one)
    learning.become(one, "declined", "partner_no" if one.partner else "hold_over")
    if not one.partner:
        card = cards.decided(
            learning.learner, learning.course(session), session, learning.runs(session), "no answer in time"
        )
        places = enrolling.deciders(learning, session)
        learning.said.do(*(Post(place, card, f"approval:{one.id}") for place in places))
        return
    enrolling.not_there(learning, one)


def _offer(learning: Learning, one: Enrolment) -> None:
    """Nobody took the seat in time."""
    if one.state == "offered" and one.until and one.until <= learning.now:
        learning.become(one, "cancelled", "offer_over")


def _remind(learning: Learning, one: Enrolment) -> None:
    session = learning.session(one)
    if one.state != "enrolled" or not learning.is_coming(session):
        return
    days = learning.said.inbound.value("days")
    line = dates.refund_line(learning.runs(session), session.begins)
    key = "remind.day" if days == "day" else "remind.text"
    if seats.price(session, learning.city.key) and learning.now < line and days == "6":
        key = "remind.price"
    learning.tell(one, key, {"line": f"{learning.day(line)} {learning.clock(line)}"})


def _news(learning: Learning, one: Enrolment) -> None:
    """What somebody else decided, if it is still so."""
    told = learning.said.inbound.value("news")
    needed, tell = NEWS[told]
    if one.state in needed:
        tell(learning, one, told)


def _seated(learning: Learning, one: Enrolment, told: str) -> None:
    shown = one.but(shown=one.shown or bool(learning.chats))
    if shown != one:
        learning.keep(shown)
    giver = learning.known.learners.get(one.for_whom)
    learning.tell(shown, told, {"name": giver.name if giver else ""})
    if one.state == "requested" and one.until:
        enrolling.request(learning, one, one.until)
    elif one.state == "enrolled":
        enrolling.plan(learning, one)


def _offered(learning: Learning, one: Enrolment, told: str) -> None:
    """A free seat, held for them until it ends."""
    shown = one.but(shown=one.shown or bool(learning.chats))
    if shown != one:
        learning.keep(shown)
    learning.said.change(asked="", interview="")
    key, fields = learning.asking(one)
    learning.tell(shown, key, fields, asks=True)


def _plain(learning: Learning, one: Enrolment, told: str) -> None:
    learning.tell(one, told, {})


def _there(learning: Learning, one: Enrolment, told: str) -> None:
    enrolling.certify_later(learning, one)


def _moved(learning: Learning, one: Enrolment, told: str) -> None:
    learning.tell(one, "moved", {})
    if one.state == "enrolled":
        enrolling.plan(learning, one)


def _certificate(learning: Learning, one: Enrolment) -> None:
    """It is over and they were there."""
    made = enrolling.certify(learning, one) if one.state == "attended" else None
    if made is None:
        return
    link, told = enrolling.paper(learning, made)
    learning.tell(one, "certificate", told, button=link)
    for notice in dates.notices(learning.city, made.expires, learning.now) if made.expires else ():
        learning.remind(notice.at, "training_expiry", one, certificate=made.code)
    learning.remind(learning.next_hour(learning.now + NIGHT), "training_feedback", one)


def _expiry(learning: Learning, one: Enrolment) -> None:
    """A certificate ends soon, and there is no later one."""
    code = learning.said.inbound.value("certificate")
    mine = next((its for its in learning.known.certificates if its.code == code), None)
    if mine is None or mine.expires is None:
        return
    if any(its.course == mine.course and its.earned > mine.earned for its in learning.known.certificates):
        return
    end = calendar.moment(learning.city, mine.expires, learning.city.hours.opens)
    learning.tell(one, "expiry", {"date": learning.day(end)})


# --- a session


def _offers(facts: Facts, session: Session, inbound: Inbound) -> list[Effect]:
    """Free seats are offered to whoever waits first; less than a day before, a person decides."""
    known = facts.training.seats.get(session.id)
    if known is None or session.state not in ("open", "closed") or session.begins <= facts.now:
        return []
    effects: list[Effect] = []
    for one in seats.next_in_line(session, known, facts.now):
        until = dates.offer_end(facts.jurisdictions[one.jurisdiction], session.begins, facts.now)
        if until is None:
            waiting = sum(known.waiting.values())
            line = f"A seat is free, it begins soon, and {waiting} wait: offer it by hand."
            return [*effects, *_tell_staff(facts, session, line, f"free:{session.id}")]
        effects += moves.offer(facts, one, until)
    return effects


def _over(facts: Facts, session: Session, inbound: Inbound) -> list[Effect]:
    """Whoever was not there was missing, if anybody was marked at all; else those who run it are asked."""
    there = any(one.state == "attended" for one in facts.training.roster)
    absent = [one for one in facts.training.roster if one.state == "enrolled"]
    if absent and not there and inbound.value("after") in ("", "0"):
        return _tell_staff(facts, session, "It is over: please mark who was there.", f"attendance:{session.id}")
    return [effect for one in absent for effect in moves.mark(facts, one, here=False)]


def _called_off(facts: Facts, session: Session, inbound: Inbound) -> list[Effect]:
    """Everybody in it loses nothing but the seat, and is told."""
    effects: list[Effect] = []
    for one in facts.training.roster:
        effects += [*(Forget(timer, one.id) for timer in moves.TIMERS), *moves.move(one.but(until=None), "cancelled")]
        if one.state != "prompted" or one.prompted:
            effects.append(moves.tell(one.id, "called_off", facts.now))
    return [*effects, *_next_page(facts, inbound)]


def _all_moved(facts: Facts, session: Session, inbound: Inbound) -> list[Effect]:
    told: list[Effect] = [moves.tell(one.id, "moved", facts.now) for one in facts.training.roster]
    return [*told, *_next_page(facts, inbound)]


def _next_page(facts: Facts, inbound: Inbound) -> list[Effect]:
    """Never everybody at once."""
    roster = facts.training.roster
    if len(roster) < PAGE:
        return []
    return [Remind(facts.now, inbound.name, inbound.subject, {"after": str(roster[-1].number)})]


def _tell_staff(facts: Facts, session: Session, line: str, subject: str) -> list[Effect]:
    course: Course = facts.training.course(session)
    card = Card(f"{session.word}: {course.title}", (Text(line, "warning"),), summary=line)
    return [Post(place, card, subject) for place in rights.places(facts, course)]


NEWS: dict[str, tuple[frozenset[State], Callable[[Learning, Enrolment, str], None]]] = {
    "approved": (frozenset({"enrolled"}), _seated),
    "declined": (frozenset({"declined"}), _plain),
    "offered": (frozenset({"offered"}), _offered),
    "substituted": (frozenset({"enrolled", "requested"}), _seated),
    "partner_no": (frozenset({"cancelled"}), _plain),
    "called_off": (frozenset({"cancelled"}), _plain),
    "moved": (PLACED, _moved),
    "attended": (frozenset({"attended"}), _there),
    "missed": (frozenset({"missed"}), _plain),
}
LEARNERS: dict[str, Callable[[Learning, Enrolment], None]] = {
    "training_prompt": _prompt,
    "training_text": _text,
    "training_hold": _hold,
    "training_offer": _offer,
    "training_remind": _remind,
    "training_news": _news,
    "training_certificate": _certificate,
    "training_feedback": feedback.begin,
    "training_expiry": _expiry,
}
SESSIONS: dict[str, Callable[[Facts, Session, Inbound], list[Effect]]] = {
    "training_seats": _offers,
    "training_release": _offers,
    "training_over": _over,
    "training_called_off": _called_off,
    "training_moved": _all_moved,
}
ROSTERS = {
    "training_over": frozenset[State]({"enrolled", "attended"}),
    "training_called_off": TOLD,
    "training_moved": PLACED,
}
