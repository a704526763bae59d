"""`/training report`: whose figures of which quarter are made and posted."""

from handlers import calendar, reports
from handlers.cards import say
from handlers.effects import Step
from handlers.exits.reports import QUARTER
from handlers.jurisdiction import Jurisdiction
from handlers.messages import Inbound
from handlers.state import Facts
from handlers.training import looking, rights
from handlers.training.values import PROGRAM

REPORT = "training"
NO_CITY = say(
    "Which city?", "Say it like this: /training report independence 2026Q4. Without a quarter it is this one."
)
NOT_BEGUN = say("Not yet", "That quarter has not begun.")


def report(inbound: Inbound, facts: Facts) -> Step:
    """`report CITY QUARTER`; without a city all that they run, or their own; without a quarter this one."""
    words = looking.rest(inbound).replace("'", "").split()
    quarters = [word.upper() for word in words if QUARTER(word)]
    wanted = "_".join(word.lower() for word in words if not QUARTER(word))
    city = _city(facts, wanted)
    if city is None:
        return Step(answer=NO_CITY)
    this = calendar.quarter(city, inbound.received_at)
    quarter = next(iter(quarters), this)
    if quarter > this:
        return Step(answer=NOT_BEGUN)
    return reports.ordered(inbound, facts, city, REPORT, quarter)


def _city(facts: Facts, wanted: str) -> Jurisdiction | None:
    taking_part = {*rights.members(facts), *(city.runner(PROGRAM) for city in rights.members(facts).values())}
    mine = [city for key, city in facts.jurisdictions.items() if key in taking_part]
    mine = [city for city in mine if reports.may_have(facts.actor, city, REPORT)]
    if wanted:
        return next((city for city in mine if city.key == wanted), None)
    homes = rights.homes(facts)
    return next((city for city in mine if city.key in homes), mine[0] if len(mine) == 1 else None)
