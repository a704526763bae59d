"""Who takes part in a session and who was there: the roster, the code in the room, seats given by hand."""

from datetime import timedelta
from itertools import chain

from handlers import calendar
from handlers.cards import Form, Open, Refuse, say
from handlers.effects import Audit, Step
from handlers.messages import Inbound
from handlers.state import Facts
from handlers.training import cards, dates, forms, looking, moves, rights, seats
from handlers.training.known import Asked
from handlers.training.values import Enrolment, Learner, Session

SHORTEST = timedelta(hours=2)


def asked(inbound: Inbound) -> Asked:
    """The session with its seats, and who takes part, from a number in the order of coming on."""
    after = inbound.value("after")
    states = forms.SHOWN
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else 0
    return Asked(session=looking.named(inbound), roster=states, after=number)


def roster(inbound: Inbound, facts: Facts) -> Step:
    """Who takes part, in the order of coming; who runs it also ticks who was there."""
    session = looking.session(inbound, facts)
    if session is None:
        return looking.refused(inbound)
    effects = (Audit("roster_viewed", actor=looking.me(facts).id, detail=session.word),)
    return Step(effects, answer=Open(_roster(inbound, facts, session)))


def room(inbound: Inbound, facts: Facts) -> Step:
    """The code of now, large, for who stands in front of the room."""
    session = looking.run_by_me(inbound, facts)
    if isinstance(session, Step):
        return session
    if session.state != "open" or not cards.is_on(session, facts.now):
        return Step(
            answer=say("Not now", f"{session.word} shows its code from half an hour before it begins until it is over.")
        )
    parts = cards.room(session, facts.training.room)
    return Step(answer=Open(Form("training_room", session.word, parts)))


def attend(inbound: Inbound, facts: Facts) -> Step:
    """What was ticked: those were there; the others on the page were missing, if that is ticked, too."""
    session = looking.run_by_me(inbound, facts)
    if isinstance(session, Step):
        return session
    if facts.now < session.begins:
        return Step(answer=say("Not yet", f"{session.word} has not begun."))
    here, rest = inbound.values.get("here", ()), "yes" in inbound.values.get("rest", ())
    page = [one for one, _ in _people(facts)[: forms.PAGE] if one.state in forms.MARKED]
    there = [one for one in page if one.learner in here and one.state != "attended"]
    missing = [one for one in page if rest and one.learner not in here and one.state != "missed"]
    marks = [*(moves.mark(facts, one, True) for one in there), *(moves.mark(facts, one, False) for one in missing)]
    done = Audit("attendance_marked", actor=looking.me(facts).id, detail=f"{session.word} {len(there)}/{len(missing)}")
    known = [one.state for one in page if one not in (*there, *missing)]
    came = forms.counted(len(there) + known.count("attended"), "person was there", "people were there")
    missed = forms.counted(len(missing) + known.count("missed"), "person was missing", "people were missing")
    line = f"{came}, {missed}. Who was there gets a certificate."
    return Step((*chain.from_iterable(marks), done), answer=say(f"{session.word}: attendance is kept", line))


def offer(inbound: Inbound, facts: Facts) -> Step:
    """A free seat for somebody who waits, chosen by hand; the seat is held while they decide."""
    session = looking.run_by_me(inbound, facts)
    if isinstance(session, Step):
        return session
    waiting = [one for one in _people(facts) if one[0].state == "waitlisted"]
    taken = facts.training.seats[session.id].taken
    if session.state != "open" or facts.now >= session.begins:
        return Step(answer=say("Too late", f"{session.word} has begun or is called off."))
    able = [one for one in waiting if seats.free(session, taken, one[0].jurisdiction, facts.now)]
    if not able:
        told = "Every seat is taken, or kept for other cities." if waiting else "Nobody waits for a seat there."
        return Step(answer=say("No seat to offer", told))
    if inbound.kind != "submit":
        return Step(answer=Open(forms.offer(session, able, facts.jurisdictions)))
    chosen = next((one for one in able if one[1].id == inbound.value("learner")), None)
    if chosen is None:
        return Step(answer=Refuse({"learner": "Choose somebody from the list."}))
    return _offered(facts, session, *chosen)


def cancel(inbound: Inbound, facts: Facts) -> Step:
    """Called off, once it is confirmed; everybody who has a seat or waits is told."""
    session = looking.run_by_me(inbound, facts)
    if isinstance(session, Step):
        return session
    if session.state != "open" or facts.now >= session.begins:
        return Step(answer=say("Too late", f"{session.word} has begun or is called off already."))
    full = facts.training.seats[session.id]
    seated, waiting = sum(full.taken.values()), sum(full.waiting.values())
    if inbound.kind != "submit":
        return Step(answer=Open(forms.cancel(session, _about(facts, session), seated, waiting)))
    done = Audit("session_called_off", actor=looking.me(facts).id, detail=session.word)
    told = f"{forms.counted(seated + waiting, 'person is', 'people are')} told, at the next decent hour."
    return Step((*moves.call_off(facts, session), done), answer=say(f"{session.word} is called off", told))


def _offered(facts: Facts, session: Session, enrolment: Enrolment, learner: Learner) -> Step:
    """Held as long as an offer is; in the last day, for two hours of those in which people are texted."""
    city = facts.jurisdictions[learner.jurisdiction]
    begins = calendar.next_text_time(city, facts.now)
    until = dates.offer_end(city, session.begins, facts.now) or min(begins + SHORTEST, session.begins)
    if until <= begins:
        return Step(answer=Refuse({"learner": "No hour is left in which they may be texted. Please call them."}))
    done = Audit("seat_offered", enrolment.id, looking.me(facts).id)
    line = f"{learner.name} is asked. The seat is held until {cards.when(city, until)}."
    return Step((*moves.offer(facts, enrolment, until), done), answer=say(f"{session.word}: offered", line))


def _roster(inbound: Inbound, facts: Facts, session: Session) -> Form:
    course = facts.training.course(session)
    return forms.roster(
        session,
        _about(facts, session),
        _people(facts),
        facts.training.seats[session.id],
        facts.jurisdictions,
        rights.runs(facts, course),
        facts.now >= session.begins,
        asked(inbound).after,
    )


def _people(facts: Facts) -> list[tuple[Enrolment, Learner]]:
    """Those whom this person may see, in the order of coming."""
    known = facts.training
    return [(one, known.learners[one.learner]) for one in known.roster if one.learner in known.learners]


def _about(facts: Facts, session: Session) -> str:
    times = cards.when(looking.runner(facts, session), session.begins, session.ends)
    return f"{facts.training.course(session).title} · {times} · {session.place}"
