"""Courses and sessions as staff make and change them."""

from handlers.cards import Button, Buttons, Card, Open, Refuse, Say, Text, say
from handlers.effects import Audit, Effect, KeepCourse, Step
from handlers.jurisdiction import Jurisdiction
from handlers.messages import Inbound
from handlers.state import Facts
from handlers.training import cards, entries, forms, looking, moves, rights
from handlers.training.known import Asked, Seats
from handlers.training.values import Course, Session

NO_COURSES = say("No course yet", "Make a course first: /training course new.")
NEXT = ("ask people whether they want one", "training_prompt", "Ask people")
NEXT_OF_EXCHANGE = ("pair a host and a guest", "training_exchange", "Pair two people")


def asked(inbound: Inbound) -> Asked:
    """The session that is named, with its seats."""
    return Asked(session=looking.named(inbound))


def runners(facts: Facts) -> dict[str, Jurisdiction]:
    """Jurisdictions for which this person may make courses, by key."""
    mine = rights.homes(facts)
    return {key: city for key, city in facts.jurisdictions.items() if key in mine}


def course(inbound: Inbound, facts: Facts) -> Step:
    """A bare one, or `course new`, begins a course; `course edit CODE` opens one that is there."""
    known, now = facts.training.courses.values(), looking.course(inbound, facts)
    if looking.named(inbound, "edit") and now is None:
        return Step((looking.denial(inbound),), answer=looking.NO_COURSE)
    if inbound.kind != "submit":
        return Step(answer=Open(forms.course(now, known, runners(facts), rights.members(facts))))
    made = entries.course(inbound, facts.fresh.case, known, runners(facts), now)
    if isinstance(made, Refuse):
        return Step(answer=made)
    if not rights.runs(facts, made):
        return Step((looking.denial(inbound),), answer=Refuse({"kind": "You may make governance training only."}))
    done = Audit("course_changed" if now else "course_made", actor=looking.me(facts).id, detail=made.code)
    return Step((KeepCourse(made), done), answer=_course_kept(made))


def session(inbound: Inbound, facts: Facts) -> Step:
    """A bare one, or `session new`, begins a session; `session edit WORD` opens one that is there."""
    if not looking.named(inbound):
        return _new(inbound, facts)
    now = looking.run_by_me(inbound, facts)
    return now if isinstance(now, Step) else _edit(inbound, facts, now)


def _new(inbound: Inbound, facts: Facts) -> Step:
    mine = [one for one in facts.training.courses.values() if rights.runs(facts, one)]
    if not mine:
        return Step(answer=NO_COURSES)
    if inbound.kind != "submit":
        chosen = [one for one in mine if one.code == inbound.value("of")]
        return Step(answer=Open(forms.session(None, chosen or mine, None, rights.members(facts))))
    of = next((one for one in mine if one.code == inbound.value("course")), None)
    if of is None:
        return Step(answer=Refuse({"course": "Choose a course."}))
    others = facts.training.sessions.values()
    made = entries.session(inbound, facts.fresh.case, of, facts.jurisdictions[of.runner], others, None)
    return (
        Step(answer=made)
        if isinstance(made, Refuse)
        else _kept(facts, of, made, "session_made", *moves.open_session(made))
    )


def _edit(inbound: Inbound, facts: Facts, now: Session) -> Step:
    of, city = facts.training.course(now), looking.runner(facts, now)
    if now.state != "open" or now.begins <= facts.now:
        return Step(answer=say("Too late", f"{now.word} has begun or is called off; it cannot be changed."))
    if inbound.kind != "submit":
        return Step(answer=Open(forms.session(now, [of], city, rights.members(facts))))
    made = entries.session(inbound, now.id, of, city, (), now)
    if isinstance(made, Refuse):
        return Step(answer=made)
    taken = sum(facts.training.seats.get(now.id, Seats()).taken.values())
    if made.seats < taken:
        return Step(answer=Refuse({"seats": f"{taken} seats are taken already."}))
    return _kept(facts, of, made, "session_changed", *moves.change_session(facts, now, made))


def _course_kept(made: Course) -> Say:
    parts = (
        Text(f"{made.title} is kept. Next, give it a date and seats."),
        Buttons((Button("New session", "training_session", {"of": made.code}, "primary"),)),
    )
    return Say(Card(made.code, parts, summary=f"{made.code} is kept"))


def _kept(facts: Facts, of: Course, made: Session, what: str, *effects: Effect) -> Step:
    effects = (*effects, Audit(what, actor=looking.me(facts).id, detail=made.word))
    step, verb, label = NEXT_OF_EXCHANGE if of.kind == "exchange" else NEXT
    parts = (
        Text(f"{of.title}, {cards.when(looking.city(facts, of), made.begins, made.ends)}, {made.place}."),
        Text(f"{made.seats} seats. Next, {step}."),
        Buttons((Button(label, verb, {"word": made.word}, "primary"),)),
    )
    return Step(effects, answer=Say(Card(made.word, parts, summary=f"{made.word} is kept")))
