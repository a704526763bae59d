"""Who may see what: roles, the city that handles a case, and the silent lock-out of whom a report names."""

from collections.abc import Collection, Iterable

from handlers.jurisdiction import Jurisdiction
from handlers.messages import Place
from handlers.state import Case, Entry, Facts, Staff

HANDLERS = frozenset({"recipient", "investigator"})


def handles(staff: Staff, jurisdiction: str) -> bool:
    """Whether that row lets its person read cases of that jurisdiction."""
    return staff.jurisdiction == jurisdiction and not HANDLERS.isdisjoint(staff.roles)


def may_see(actor: Collection[Staff], handler: str, excluded: Collection[str]) -> bool:
    """Deny by default: some row must handle the case, and no row of that person may be locked out of it."""
    return any(handles(row, handler) for row in actor) and not any(row.id in excluded for row in actor)


def acting(facts: Facts, case: Case) -> Staff:
    """The row by which the actor works a case that they may see."""
    return next(row for row in facts.actor if handles(row, case.handler))


def readers(facts: Facts, case: Case) -> tuple[Staff, ...]:
    """Everyone on the list who may see the case."""
    return tuple(row for row in facts.staff if may_see(same_person(row, facts.staff), case.handler, case.excluded))


def locked_out(facts: Facts, case: Case) -> tuple[tuple[Staff, ...], ...]:
    """Who is locked out of a case, by name, each with their rows. One name is one person, in Slack and in Teams."""
    found: dict[str, list[Staff]] = {}
    for row in facts.staff:
        if row.id in case.excluded:
            found.setdefault(row.name or row.user, []).append(row)
    return tuple(tuple(found[name]) for name in sorted(found))


def deciders(facts: Facts, case: Case) -> tuple[Staff, ...]:
    """Who may lift a lock-out from a case: neutral staff and custodians, of those who neither read it nor are meant."""
    home, neutral = case.jurisdiction, facts.jurisdictions[case.jurisdiction].neutral
    return tuple(row for row in facts.staff if _neutral(row, home, neutral) and _stranger(row, facts, case))


def may_decide(facts: Facts, case: Case) -> bool:
    """Whether the actor is one of them."""
    ids = {row.id for row in facts.actor}
    return any(row.id in ids for row in deciders(facts, case))


def waits(entry: Entry, case: Case) -> bool:
    """Whether that entry asks to let somebody in who is locked out still."""
    return entry.kind == "request" and entry.question in case.excluded


def places(facts: Facts, case: Case) -> tuple[Place, ...]:
    """Where a case may be shown: the desk; or, when somebody there is locked out, each reader in private."""
    desk = handling(facts, case).desk(case.program)
    if not any(row.jurisdiction == case.handler and row.id in case.excluded for row in facts.staff):
        return desk.places
    return tuple(dict.fromkeys(Place(row.channel, row.user) for row in readers(facts, case)))


def handling(facts: Facts, case: Case) -> Jurisdiction:
    """The jurisdiction whose staff work the case."""
    return facts.jurisdictions.get(case.handler, facts.jurisdiction)


def _neutral(row: Staff, home: str, neutral: str) -> bool:
    return handles(row, neutral) or ("custodian" in row.roles and row.jurisdiction in (home, neutral))


def _stranger(row: Staff, facts: Facts, case: Case) -> bool:
    meant = {one.name or one.user for person in locked_out(facts, case) for one in person}
    rows = same_person(row, facts.staff)
    unmeant = not any(one.id in case.excluded or (one.name or one.user) in meant for one in rows)
    return unmeant and not may_see(rows, case.handler, case.excluded)


def same_person(staff: Staff, everyone: Iterable[Staff]) -> tuple[Staff, ...]:
    """All rows of the person behind one row: somebody may serve two cities."""
    who = (staff.channel, staff.team, staff.user)
    return tuple(row for row in everyone if (row.channel, row.team, row.user) == who)
