"""`/exit report`: whose report may be asked for, of which quarter, and the form that asks."""

import re
from datetime import datetime

from handlers import calendar, reports
from handlers.cards import Form, Input, Open, Part, Refuse, say
from handlers.effects import Step
from handlers.exits.interviews import PROGRAM
from handlers.jurisdiction import Jurisdiction
from handlers.messages import Inbound
from handlers.release.rules import rolling
from handlers.state import Facts

REPORT = "exits"
QUARTER = re.compile(r"20[0-9]{2}Q[1-4]", re.IGNORECASE).fullmatch
NOT_OVER = say("Not yet", "A quarter is reported on when it is over.")


def cities(facts: Facts) -> tuple[Jurisdiction, ...]:
    """The cities whose report this person may have: their own, and those whose interviews they run."""
    asked = [city for city in facts.jurisdictions.values() if any(line.program == PROGRAM for line in city.lines)]
    return tuple(city for city in asked if reports.may_have(facts.actor, city, REPORT))


def report(inbound: Inbound, facts: Facts) -> Step:
    """`report CITY QUARTER`; without a quarter the last one that is over, and without a city the form."""
    known = {city.key: city for city in cities(facts)}
    quarter, word = _asked(inbound)
    city = known.get(word) if word else next(iter(known.values())) if len(known) == 1 else None
    if city is None:
        if inbound.kind == "submit":
            return Step(answer=Refuse({"city": "Choose a city."}))
        return Step(answer=Open(form(tuple(known.values()), inbound.received_at)))
    quarter = quarter or _last(city, inbound.received_at)
    if quarter >= calendar.quarter(city, inbound.received_at):
        return Step(answer=NOT_OVER)
    return reports.ordered(inbound, facts, city, REPORT, quarter)


def form(known: tuple[Jurisdiction, ...], now: datetime) -> Form:
    """Which city and quarter."""
    options = tuple((city.key, city.name) for city in known)
    quarters = tuple(reversed(rolling(_last(known[0], now))))
    parts: tuple[Part, ...] = (
        Input("city", "City", "choice", options, options[0][0] if len(options) == 1 else ""),
        Input("quarter", "Twelve months that end with", "choice", tuple((one, one) for one in quarters), quarters[0]),
    )
    return Form("exit_report", "Report", parts, "Make it")


def _asked(inbound: Inbound) -> tuple[str, str]:
    """The quarter and the city that were given; a city's name may have several words."""
    if inbound.kind == "submit":
        return inbound.value("quarter"), inbound.value("city")
    words = inbound.text.replace("'", "").split()[1:]
    quarters = [word.upper() for word in words if QUARTER(word)]
    return next(iter(quarters), ""), "_".join(word.lower() for word in words if not QUARTER(word))


def _last(city: Jurisdiction, now: datetime) -> str:
    """The quarter before this one."""
    this = calendar.quarter(city, now)
    year, number = int(this[:4]), int(this[-1])
    return f"{year}Q{number - 1}" if number > 1 else f"{year - 1}Q4"
