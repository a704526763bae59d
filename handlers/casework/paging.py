"""Pages a desk's contacts one after the other, without a word of the report, until one of them has the case."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from handlers.cards import Button, Buttons, Card, Text
from handlers.casework import access, cases, notices
from handlers.effects import AddEntry, Audit, Effect, Forget, Post, Remind, Step, Withdraw
from handlers.jurisdiction import Desk
from handlers.messages import Inbound, Place
from handlers.state import Case, Facts

EVERY = timedelta(minutes=5)
ROUNDS = 3


def start(facts: Facts, case: Case, at: datetime) -> tuple[Effect, ...]:
    """Page the first contact now; the next ones follow every five minutes. Nothing while a page is unanswered."""
    return () if case.paging else (Audit("paging", case.id), *_turn(facts, case, 0, at))


def due(inbound: Inbound, facts: Facts) -> Step:
    """Nobody has answered so far: the next one in turn."""
    case = facts.case
    if case is None:
        return Step()
    return Step(_turn(facts, case, int(inbound.value("turn")), inbound.received_at))


def acknowledge(case: Case) -> tuple[Effect, ...]:
    """Somebody has the case: no more pages."""
    forget = Forget("page", case.id)
    return (forget, AddEntry(case.id, "status", "A page was answered.")) if case.paging else (forget,)


def answers(inbound: Inbound, facts: Facts) -> bool:
    """Whether a text ("ACK MAPLE-7") comes from the phone of a contact; a reporter's own phone answers nothing."""
    case = facts.case
    if case is None or any(own.id == case.id for own in facts.cases):
        return False
    return Place(inbound.channel, inbound.sender) in {place for place, _ in _in_turn(facts, case)}


def is_contact(inbound: Inbound, facts: Facts) -> bool:
    """Whether a text comes from a phone that desks page."""
    desks = (desk for city in facts.jurisdictions.values() for desk in city.desks)
    return any(Place(inbound.channel, inbound.sender) in desk.contacts for desk in desks)


def contacts(facts: Facts, case: Case) -> tuple[Place, ...]:
    """The contacts of the desk that handles the case, without those locked out of it."""
    return _allowed(facts, case, access.handling(facts, case).desk(case.program))


def neutral_contacts(facts: Facts, case: Case) -> tuple[Place, ...]:
    """The contacts of the neutral desk, for when nobody in the city answers."""
    neutral = facts.jurisdictions.get(facts.jurisdiction.neutral)
    if neutral is None or neutral.key == case.handler:
        return ()
    return _allowed(facts, case, neutral.desk(case.program))


def alert(
    facts: Facts, case: Case, places: Iterable[Place], line: str, subject: str, opens: bool = False
) -> tuple[Effect, ...]:
    """A card that names the case and says what is to be done, and nothing of what it is about."""
    city = facts.jurisdictions[case.jurisdiction].name
    button = (Buttons((cases.open_button(case),)),) if opens else ()
    card = Card(f"{case.word} · {city}", (Text(line, "warning"), *button), summary=f"{case.word}, {city}: {line}")
    return tuple(Post(place, card, f"{subject}:{case.id}", urgent=True) for place in places)


def withdrawn(facts: Facts, case: Case, staff: frozenset[str]) -> tuple[Effect, ...]:
    """Takes cards of a case away from staff who were just locked out of it, wherever they got one by themselves."""
    places = {Place(row.channel, row.user): None for row in facts.staff if row.id in staff}
    personal = [place for place in places if place in _personal(facts, case)]
    subjects = [case.id, *(f"{name}:{case.id}" for name in (*_rounds(), "late", "news"))]
    return tuple(Withdraw(place, subject) for place in personal for subject in subjects)


def _turn(facts: Facts, case: Case, turn: int, at: datetime) -> tuple[Effect, ...]:
    order = _in_turn(facts, case)
    if turn >= len(order):
        tried = "Nobody answered the page. Please look at this case now."
        return (AddEntry(case.id, "notice", tried), *notices.notify(facts, case, tried, urgent=True))
    place, subject = order[turn]
    card = _page(facts, case, of_desk=place in contacts(facts, case))
    again = Remind(at + EVERY, "page", case.id, {"turn": str(turn + 1)})
    return (Post(place, card, f"{subject}:{case.id}", urgent=True), again)


def _in_turn(facts: Facts, case: Case) -> list[tuple[Place, str]]:
    """Everyone to be paged, in order: three rounds of the desk, then three of the neutral desk."""
    desks = (contacts(facts, case), neutral_contacts(facts, case))
    return [(place, name) for places in desks for name in _rounds() for place in places]


def _rounds() -> tuple[str, ...]:
    return tuple(f"page{number}" for number in range(ROUNDS))


def _page(facts: Facts, case: Case, of_desk: bool) -> Card:
    """The neutral desk cannot open the case, so it is asked to reach the city instead."""
    city = facts.jurisdictions[case.jurisdiction].name
    ask = "Take it now." if of_desk else "Nobody there has answered. Please reach their desk."
    line = f"Somebody may be in danger. {ask}"
    parts: list[Text | Buttons] = [Text(line, "warning")]
    if of_desk:
        have_it = Button("I have it", "page_ack", {"word": case.word}, style="danger")
        parts.append(Buttons((have_it, cases.open_button(case))))
    return Card(
        f"Urgent: {case.word} · {city}", tuple(parts), f"URGENT {case.word}, {city}: {line} Or text: ACK {case.word}"
    )


def _allowed(facts: Facts, case: Case, desk: Desk) -> tuple[Place, ...]:
    locked = {Place(row.channel, row.user) for row in facts.staff if row.id in case.excluded}
    return tuple(place for place in desk.contacts if place not in locked)


def _personal(facts: Facts, case: Case) -> frozenset[Place]:
    """Where cards went to one person: contacts, and whoever the case was assigned to."""
    desks = (city.desk(case.program).contacts for city in facts.jurisdictions.values())
    assigned = (Place(row.channel, row.user) for row in facts.staff if row.id == case.assignee)
    return frozenset(place for places in desks for place in places) | frozenset(assigned)
