"""Learners on a city's list: added by hand, and removed with all that is held of them."""

from handlers.cards import Open, Refuse, say
from handlers.effects import Audit, KeepLearner, RemoveLearner, Step
from handlers.jurisdiction import Jurisdiction
from handlers.messages import Inbound
from handlers.state import Facts
from handlers.training import entries, forms, looking, rights
from handlers.training.known import Asked

NO_CITY = say("Not available", "Your city does not take part in training.")
NOBODY = say("Nobody", "Nobody by that name is on a list that you look after.")
MOST = 100


def asked(inbound: Inbound) -> Asked:
    """Whom a name may mean, who is chosen, or who has that phone or account already."""
    if inbound.kind == "submit":
        places = entries.places(inbound)
        return Asked(learner=inbound.value("learner"), city=inbound.value("city"), places=places)
    return Asked(name=looking.rest(inbound) if inbound.kind == "command" else "")


def learner(inbound: Inbound, facts: Facts) -> Step:
    """`learner add` opens the form; `learner remove NAME` asks whom that means."""
    if inbound.kind == "command" and inbound.text.lower().split()[1:2] == ["remove"]:
        return _which(inbound, facts)
    cities = _cities(facts)
    if not cities:
        return Step(answer=NO_CITY)
    if inbound.kind != "submit":
        return Step(answer=Open(forms.learner(cities)))
    made = entries.learner(inbound, facts.fresh.case, cities)
    if isinstance(made, Refuse):
        return Step(answer=made)
    if any(set(made.places) & set(other.places) for other in facts.training.learners.values()):
        return Step(answer=Refuse({"phone": "Somebody on this list has that phone or account already."}))
    done = Audit("learner_added", made.id, looking.me(facts).id)
    return Step((KeepLearner(made), done), answer=say("Listed", f"{made.name} can be asked now."))


def remove(inbound: Inbound, facts: Facts) -> Step:
    """Chosen and confirmed."""
    found = facts.training.learner
    if found is None or found.jurisdiction not in rights.cities(facts):
        return Step((looking.denial(inbound),), answer=NOBODY)
    done = Audit("learner_removed", found.id, looking.me(facts).id)
    return Step((RemoveLearner(found.id), done), answer=say("Removed", f"Nothing is held of {found.name} any more."))


def _which(inbound: Inbound, facts: Facts) -> Step:
    found = facts.training.named[:MOST]
    if not found:
        return Step((looking.denial(inbound),), answer=NOBODY)
    return Step(answer=Open(forms.remove(found, facts.jurisdictions)))


def _cities(facts: Facts) -> dict[str, Jurisdiction]:
    """Member cities whose people this person may list."""
    mine = rights.cities(facts)
    return {key: city for key, city in rights.members(facts).items() if key in mine}
