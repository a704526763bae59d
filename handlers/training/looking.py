"""What a staff member means by a word, as far as they may: for all else there is one answer, noted in the audit."""

from handlers.cards import say
from handlers.effects import Audit, Step
from handlers.jurisdiction import Jurisdiction
from handlers.messages import Inbound
from handlers.state import Facts, Staff
from handlers.training import rights
from handlers.training.reading import word
from handlers.training.values import Course, Session

NO_SESSION = say("No such session", "There is no session by that name that you can open. /training lists them.")
NO_COURSE = say("No such course", "There is no course by that name that you can change.")
TWO_WORDS = frozenset({"course", "session", "learner"})
"""Commands whose own second word says what is to be done: "session edit SUP-3"."""


def verb(inbound: Inbound) -> str:
    """What is to be done; a bare command lists what is coming."""
    if inbound.kind == "command":
        return next(iter(inbound.text.split()), "list").lower()
    return inbound.name.removeprefix("training_")


def rest(inbound: Inbound) -> str:
    """What a command says behind its verb."""
    parts = inbound.text.split()
    return " ".join(parts[2 if parts[:1] and parts[0].lower() in TWO_WORDS else 1 :])


def named(inbound: Inbound, field: str = "word") -> str:
    """The session, or with "edit" the course, that a command, button or form names; in capitals."""
    return word(rest(inbound) if inbound.kind == "command" else inbound.value(field))


def session(inbound: Inbound, facts: Facts) -> Session | None:
    """The session that is named, if it is any business of theirs."""
    wanted, known = named(inbound), facts.training
    found = next((one for one in known.sessions.values() if one.word == wanted), None)
    return found if found and rights.sees(facts, known.course(found)) else None


def run_by_me(inbound: Inbound, facts: Facts) -> Session | Step:
    """The session that is named, if they run it; else what they are told."""
    found = session(inbound, facts)
    if found is None:
        return refused(inbound)
    course = facts.training.course(found)
    if rights.runs(facts, course):
        return found
    told = say("Not yours", f"{found.word} is run by {city(facts, course).name}; its staff can do this.")
    return Step((denial(inbound),), answer=told)


def course(inbound: Inbound, facts: Facts) -> Course | None:
    """The course that is named, if they run it."""
    wanted = named(inbound, "edit")
    found = next((one for one in facts.training.courses.values() if one.code == wanted), None)
    return found if found and rights.runs(facts, found) else None


def refused(inbound: Inbound) -> Step:
    """The same for what does not exist and for what is none of their business."""
    return Step((denial(inbound),), answer=NO_SESSION)


def denial(inbound: Inbound) -> Audit:
    """Noted without the words: they may be a name."""
    return Audit("refused", detail=f"training {verb(inbound)}"[:40])


def runner(facts: Facts, session: Session) -> Jurisdiction:
    """Whose clock and calendar a session goes by."""
    return city(facts, facts.training.course(session))


def city(facts: Facts, course: Course) -> Jurisdiction:
    """Who runs a course; the turn's own where that jurisdiction is gone."""
    return facts.jurisdictions.get(course.runner) or facts.jurisdiction


def me(facts: Facts) -> Staff:
    """The row by which they act."""
    return next(row for row in facts.actor if not rights.ROLES.isdisjoint(row.roles))
