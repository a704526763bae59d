"""Tells staff about a case: one card per place, never a word of the report, and never to whom it is about."""

from dataclasses import replace

from handlers.cards import Buttons, Card
from handlers.casework import access, cases
from handlers.effects import Assign, Audit, Effect, Exclude, Handover, Post, Withdraw
from handlers.messages import Place
from handlers.state import Case, Facts


def notify(facts: Facts, case: Case, headline: str, urgent: bool = False) -> tuple[Effect, ...]:
    """Show the case's card, with a headline, wherever it may be shown; later cards replace earlier ones."""
    card = cases.card(facts, case, headline)
    return tuple(Post(place, card, subject=case.id, urgent=urgent) for place in access.places(facts, case))


def ring(facts: Facts, case: Case, headline: str) -> tuple[Effect, ...]:
    """A new line for whoever works the case, else for its desk: a card that is replaced makes no sound in chat."""
    everywhere = access.places(facts, case)
    mine = tuple(Place(row.channel, row.user) for row in access.readers(facts, case) if row.id == case.assignee)
    places, subject = mine or everywhere, f"news:{case.id}"
    card = Card(f"{case.word}: {headline}", (Buttons((cases.open_button(case),)),), summary=f"{case.word}: {headline}")
    return tuple(effect for place in places for effect in (Withdraw(place, subject), Post(place, card, subject)))


def lock_out(facts: Facts, case: Case, staff: frozenset[str]) -> tuple[Case, tuple[Effect, ...]]:
    """Lock staff (ids) out of a case, without a word to them; the case as it is then, and what is to be done.

    Cards they can see are taken away. When nobody is left to read the case, it goes to the neutral jurisdiction.
    """
    locked = _whole_persons(facts, staff) - case.excluded
    if not locked:
        return case, ()
    after = handed_over(facts, replace(case, excluded=case.excluded | locked))
    effects: list[Effect] = [Exclude(case.id, locked), Audit("locked_out", case.id, detail=" ".join(sorted(locked)))]
    if after.handler != case.handler:
        effects.append(Handover(case.id, after.handler))
    if case.assignee in locked:
        after = replace(after, assignee="")
        effects.append(Assign(case.id, ""))
    return after, (*effects, *leave(facts, case, after))


def leave(facts: Facts, before: Case, after: Case) -> tuple[Effect, ...]:
    """Take a case's cards away from where it may no longer be shown."""
    gone = [place for place in access.places(facts, before) if place not in access.places(facts, after)]
    subjects = (before.id, f"news:{before.id}")
    return tuple(Withdraw(place, subject) for place in gone for subject in subjects)


def handed_over(facts: Facts, case: Case) -> Case:
    """The case in the hands of the neutral jurisdiction, where nobody is left to read it."""
    neutral = facts.jurisdiction.neutral
    if access.readers(facts, case) or not neutral:
        return case
    return replace(case, handler=neutral)


def _whole_persons(facts: Facts, staff: frozenset[str]) -> frozenset[str]:
    rows = (row for row in facts.staff if row.id in staff)
    return frozenset(same.id for row in rows for same in access.same_person(row, facts.staff))
