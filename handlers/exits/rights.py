"""Who may run a city's exit interviews, and which city a command, button or form is about."""

from handlers.exits.interviews import PROGRAM
from handlers.jurisdiction import Jurisdiction
from handlers.messages import Inbound
from handlers.state import Facts, Staff

ROLE = "coordinator"
CHANNEL = "twilio_sms"


def runs(facts: Facts) -> tuple[Jurisdiction, ...]:
    """The cities whose exit interviews this person runs."""
    mine = {row.jurisdiction for row in facts.actor if ROLE in row.roles}
    cities = facts.jurisdictions.values()
    return tuple(city for city in cities if city.line(CHANNEL, PROGRAM) and city.runner(PROGRAM) in mine)


def city_word(inbound: Inbound) -> str:
    """The city that is named: by a form or button, or behind the verb."""
    if inbound.kind != "command":
        return inbound.value("city")
    return "_".join(inbound.text.lower().replace("'", "").split()[1:])


def named_city(inbound: Inbound, facts: Facts) -> Jurisdiction | None:
    """That city, if this person runs its interviews."""
    word = city_word(inbound)
    return next((city for city in runs(facts) if city.key == word), None)


def coordinator(facts: Facts, city: Jurisdiction) -> Staff:
    """The row of this person by which they run a city's interviews."""
    runner = city.runner(PROGRAM)
    return next(row for row in facts.actor if row.jurisdiction == runner and ROLE in row.roles)
