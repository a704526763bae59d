"""Reports that staff ask for by name: who may have which, where they are posted, and how their files are taken."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from handlers.cards import Button, Buttons, Card, Form, Open, Text, say
from handlers.effects import Audit, HandOut, MakeReport, Step
from handlers.exits.interviews import PROGRAM as EXITS
from handlers.jurisdiction import Jurisdiction
from handlers.messages import File, Inbound, Place
from handlers.state import Facts, Role, Staff, Wants
from handlers.training.values import PROGRAM as TRAINING

# The program of each report, which says whose staff run it, and the roles that may have it there and in the city.
READERS: dict[str, tuple[str, frozenset[Role]]] = {
    "exits": (EXITS, frozenset({"coordinator", "administrator"})),
    "training": (TRAINING, frozenset({"coordinator", "clerk", "administrator"})),
    "board": (TRAINING, frozenset({"coordinator", "clerk", "administrator"})),
}
OPERATOR = "operator"
"""Who orders a report on the command line, where others do not read along."""
LOOK = timedelta(minutes=5)
BEING_MADE = "It is being made and checked, which takes about a minute. Then it is posted {where}."
NO_FILE = say("Not available", "This file is not there any more, or not for you. Ask for the report again.")


@dataclass(frozen=True, slots=True)
class Order:
    """A report to be made: of which city and period ("2026Q4"), asked by which staff (id), posted where.

    `tries` counts this one.
    """

    id: str
    report: str
    city: str
    period: str
    actor: str
    place: Place
    tries: int = 1


@dataclass(frozen=True, slots=True)
class Posting:
    """What is posted of a report: a card, and files beside it."""

    card: Card
    files: tuple[File, ...] = ()


def may_have(actor: Iterable[Staff], city: Jurisdiction, report: str) -> Staff | None:
    """The row by which somebody may have a city's report: the city's own, or of those who run the program for it."""
    program, roles = READERS[report]
    homes = (city.key, city.runner(program))
    return next((row for row in actor if row.jurisdiction in homes and not roles.isdisjoint(row.roles)), None)


def ordered(inbound: Inbound, facts: Facts, city: Jurisdiction, report: str, period: str) -> Step:
    """The answer to whoever may have a report: it will be posted where they asked, if that is the program's own desk.

    Anywhere else other people may read along, so it goes to them alone.
    """
    me = may_have(facts.actor, city, report)
    if me is None:
        return Step((Audit("refused", detail=f"report {report}"),), answer=NO_FILE)
    place, where = _place(inbound, facts, city, report)
    effects = (
        MakeReport(report, city.key, period, place, me.id),
        Audit("report_asked", "", me.id, f"{report} {period}"),
    )
    return Step(effects, answer=say(f"{city.name}, {period}", BEING_MADE.format(where=where)))


def wants(inbound: Inbound) -> Wants:
    """The file that a button names."""
    return Wants(file=inbound.value("file"))


def step(inbound: Inbound, facts: Facts) -> Step:
    """Hands a file out to somebody who may have its report: once, for five minutes, on record."""
    kept = facts.file
    city = facts.jurisdictions.get(kept.city) if kept else None
    me = may_have(facts.actor, city, kept.report) if kept and city else None
    if kept is None or me is None:
        return Step((Audit("refused", detail="report file"),), answer=NO_FILE)
    link = Button("Take the file", "room", url=f"{facts.desk_url}/files/{facts.fresh.token}", style="primary")
    quiet = Text("The link works once, for you, for five minutes.", "quiet")
    return Step(
        (HandOut(kept.id, me.id, facts.fresh.token, inbound.received_at + LOOK),),
        answer=Open(Form("report_room", kept.name, (quiet, Buttons((link,))))),
    )


def _place(inbound: Inbound, facts: Facts, city: Jurisdiction, report: str) -> tuple[Place, str]:
    here = Place(inbound.channel, inbound.place)
    program = READERS[report][0]
    desk = facts.jurisdictions[city.runner(program)].desk(program)
    if here in desk.places:
        return here, "here"
    return Place(inbound.channel, inbound.sender.partition("/")[2]), "to you alone"
