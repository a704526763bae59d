"""Leadership exchanges: a host and a guest are paired; both are asked, and it stands when both have said yes."""

from collections.abc import Iterable

from handlers.cards import Open, Refuse, say
from handlers.effects import Audit, Step
from handlers.messages import Inbound
from handlers.state import Facts
from handlers.training import forms, looking, moves
from handlers.training.known import Asked
from handlers.training.people import named
from handlers.training.values import MOVES, SEATED, Audience, Learner, Session, State

EVERY = frozenset[State](MOVES)
BUSY = SEATED | {"waitlisted"}


def asked(inbound: Inbound) -> Asked:
    """The exchange with all that stand in it, and everybody who may be meant."""
    return Asked(session=looking.named(inbound), roster=EVERY, audience=Audience())


def exchange(inbound: Inbound, facts: Facts) -> Step:
    """How far the pairs are, and a form for one more."""
    session = _exchange(inbound, facts)
    if isinstance(session, Step):
        return session
    if inbound.kind != "submit":
        return Step(answer=Open(forms.exchange(session, _pairs(facts, session))))
    return _paired(inbound, facts, session)


def _exchange(inbound: Inbound, facts: Facts) -> Session | Step:
    session = looking.run_by_me(inbound, facts)
    if isinstance(session, Step):
        return session
    if facts.training.course(session).kind != "exchange":
        return Step(answer=say("No exchange", f"{session.word} is a course; only leadership exchanges have pairs."))
    if session.state != "open" or session.begins <= facts.now:
        return Step(answer=say("Too late", f"{session.word} has begun or is called off."))
    return session


def _paired(inbound: Inbound, facts: Facts, session: Session) -> Step:
    """Two people of two cities who are in no pair yet, and two free seats."""
    everybody, faults = facts.training.learners.values(), dict[str, str]()
    found = {part: named(everybody, inbound.value(part)) for part in ("hosting", "visiting")}
    for part, people in found.items():
        if fault := _fault(facts, session, people):
            faults[part] = fault
    if faults:
        return Step(answer=Refuse(faults))
    host, guest = found["hosting"][0], found["visiting"][0]
    if host.jurisdiction == guest.jurisdiction:
        return Step(answer=Refuse({"visiting": "Host and guest must be of two cities."}))
    if session.host and host.jurisdiction != session.host:
        name = facts.jurisdictions[session.host].name
        return Step(answer=Refuse({"hosting": f"{name} hosts this exchange: choose somebody of theirs."}))
    if session.seats - sum(facts.training.seats[session.id].taken.values()) < len(found):
        return Step(answer=Refuse({"hosting": "A pair needs two free seats. Give the exchange more seats first."}))
    done = Audit("exchange_paired", actor=looking.me(facts).id, detail=session.word)
    line = f"{host.name} and {guest.name} are asked. It stands when both have said yes."
    return Step((*moves.pair(facts, session, host, guest), done), answer=say(f"{session.word}: paired", line))


def _fault(facts: Facts, session: Session, people: Iterable[Learner]) -> str:
    """Why that name cannot be paired; empty when it can."""
    found = tuple(people)
    if not found:
        return "Nobody by that name is on a list that you look after."
    if len(found) > 1:
        cities = ", ".join(sorted({facts.jurisdictions[one.jurisdiction].name for one in found}))
        return f"{len(found)} people are called so ({cities}). Give the whole name."
    standing = next((one for one in facts.training.roster if one.learner == found[0].id), None)
    busy = standing and (standing.partner or standing.state in BUSY) and standing.state not in ("declined", "cancelled")
    return "They are in this exchange already." if busy else ""


def _pairs(facts: Facts, session: Session) -> tuple[tuple[str, str], ...]:
    """Each pair once, with what both have said."""
    known, seen = facts.training, set[str]()
    standing = {one.learner: one for one in known.roster if one.session == session.id and one.partner}
    lines: list[tuple[str, str]] = []
    for one in standing.values():
        other = standing.get(one.partner)
        if other is None or one.learner in seen or {one.learner, other.learner} - known.learners.keys():
            continue
        seen |= {one.learner, other.learner}
        names = f"{known.learners[one.learner].name} and {known.learners[other.learner].name}"
        lines.append((names, _together(one.state, other.state)))
    return tuple(lines)


def _together(one: State, other: State) -> str:
    states = {one, other}
    if states & {"declined", "cancelled"}:
        return "called off"
    if states <= {"enrolled", "attended", "missed"}:
        return "it stands"
    return "one has said yes" if "requested" in states else "both are asked"
