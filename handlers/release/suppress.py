"""Which cells are hidden: the small ones, and the fewest people beside them that keep those from being found."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.release.audit import Fact, Finding, exposed, visible, world
from handlers.release.published import table_facts
from handlers.release.rules import Refused, Rules, small
from handlers.release.solver import Program
from handlers.release.table import BATCH, EMPLOYER, Crossing, Place, Population, Region, Table, cut, is_inner, regions
from handlers.release.targets import minimum, targets
from handlers.release.view import View

ROUNDS = 8
MARGIN_COST = 25


def primary(population: Population, crossing: Crossing) -> set[Place]:
    """The places, margins among them, with somebody but too few."""
    least = minimum(population, crossing)
    where = regions(population, crossing)
    return {place for place, region in where.items() if small(population.count(region), least)}


def protect(
    population: Population,
    crossings: Sequence[Crossing],
    rules: Rules,
    history: Sequence[Fact] = (),
    earlier: Sequence[Table] = (),
    audience: frozenset[str] = frozenset(),
) -> tuple[Table, ...] | Refused:
    """Cut the tables of one release, hiding what must be hidden until the attack on all of them finds nothing.

    `history` is all that went out already, `earlier` the tables in it, `audience` who may read the new ones. TooLarge
    comes from the attack.
    """
    hidden = [primary(population, crossing) for crossing in crossings]
    for _ in range(ROUNDS):
        tables = tuple(cut(population, one, some) for one, some in zip(crossings, hidden, strict=True))
        findings = _near(population, tables, rules, history, earlier, audience)
        if not findings:
            return tables
        for finding in findings:
            if not _hide_more(population, crossings, hidden, finding, rules, history):
                return Refused("subtraction", "With what is public already, a small group could be worked out.")
    return Refused("effort", "No way was found to publish this without exposing a small group.")


def attack(
    population: Population,
    tables: Sequence[Table],
    rules: Rules,
    history: Sequence[Fact] = (),
    earlier: Sequence[Table] = (),
    audience: frozenset[str] = frozenset(),
) -> tuple[Finding, ...]:
    """What an attacker finds out too well when these tables join what went out already."""
    facts = [*history, *(fact for table in tables for fact in table_facts(population, table, audience))]
    wanted = targets(population, [*tables, *earlier], [fact.region for fact in history])
    return exposed(population, facts, wanted, rules)


def _near(
    population: Population,
    tables: Sequence[Table],
    rules: Rules,
    history: Sequence[Fact],
    earlier: Sequence[Table],
    audience: frozenset[str],
) -> tuple[Finding, ...]:
    """What these tables may give away themselves: of what they count, to those who may read them.

    The whole attack comes at the end, once; what it finds beyond this refuses the release.
    """
    facts = [*history, *(fact for table in tables for fact in table_facts(population, table, audience))]
    wanted = targets(population, [*tables, *earlier], [fact.region for fact in history])
    counted = {EMPLOYER, BATCH}.union(*(table.crossing.axes for table in tables))
    return exposed(population, facts, [one for one in wanted if one.region.keys() <= counted], rules, audience)


@dataclass(frozen=True, slots=True)
class _Open:
    """A place that could be hidden, or is: `cost` is what hiding it loses."""

    table: int
    place: Place
    region: Region
    people: int
    cost: float


def _hide_more(
    population: Population,
    crossings: Sequence[Crossing],
    hidden: list[set[Place]],
    finding: Finding,
    rules: Rules,
    history: Sequence[Fact],
) -> bool:
    """Hide the cheapest further places that let an attacker think both of a few and of enough; margins only at need."""
    cells = _places(population, crossings, hidden)
    for margins in (False, True):
        chosen = _cheapest(population, cells, crossings, finding, rules, history, margins)
        if chosen is not None:
            for cell in chosen:
                hidden[cell.table].add(cell.place)
            return True
    return False


def _places(population: Population, crossings: Sequence[Crossing], hidden: Sequence[set[Place]]) -> list[_Open]:
    return [
        _Open(number, place, region, people, 0.0 if place in hidden[number] else _cost(crossing, place, people))
        for number, crossing in enumerate(crossings)
        for place, region in regions(population, crossing).items()
        for people in [population.count(region)]
    ]


def _cost(crossing: Crossing, place: Place, people: int) -> float:
    return people + 5.0 if is_inner(crossing, place) else MARGIN_COST * (people + 5.0)


def _cheapest(
    population: Population,
    cells: Sequence[_Open],
    crossings: Sequence[Crossing],
    finding: Finding,
    rules: Rules,
    history: Sequence[Fact],
    margins: bool,
) -> list[_Open] | None:
    """The places whose hiding makes two worlds fit, far enough apart in the target (after Fischetti and Salazar, 2001).

    A world may differ from the truth by a little more than the minimum in a place, and only where the place is hidden.
    """
    fixed = [*visible(history, finding.readers), *(Fact(cell.region, 0, 0) for cell in cells if not cell.people)]
    seen = [*(fact.region for fact in fixed), *(cell.region for cell in cells), finding.target.region]
    view = View(population, seen, finding.telling)
    program = Program()
    worlds = [world(view, fixed, program) for _ in range(2)]
    costs: dict[int, float] = {}
    switches: list[tuple[int, _Open]] = []
    for cell in cells:
        if cell.people:
            may = cell.cost == 0 or margins or is_inner(crossings[cell.table], cell.place)
            switch = program.variable(1 if cell.cost == 0 else 0, 1 if may else 0)
            costs[switch] = cell.cost
            switches.append((switch, cell))
            terms = [_terms(view, one, cell.region) for one in worlds]
            _loosen(program, terms, cell, switch, finding.target.minimum + 1)
    _apart(program, [_terms(view, one, finding.target.region) for one in worlds], finding, rules)
    values = program.least(costs)
    return None if values is None else [cell for switch, cell in switches if values[switch] and cell.cost]


def _terms(view: View, variables: dict[int, int], region: Region) -> list[tuple[int, float]]:
    return [(variables[atom], 1.0) for atom in view.atoms(region) if atom in variables]


def _loosen(
    program: Program, worlds: Sequence[list[tuple[int, float]]], cell: _Open, switch: int, stretch: int
) -> None:
    """In every world the place has its true count, unless it is hidden: then anything near, but never nobody."""
    for terms in worlds:
        program.constrain([*terms, (switch, -stretch)], high=cell.people)
        program.constrain([*terms, (switch, min(stretch, cell.people - 1))], low=cell.people)


def _apart(program: Program, worlds: Sequence[list[tuple[int, float]]], finding: Finding, rules: Rules) -> None:
    high, low = worlds
    program.constrain(high, low=finding.target.minimum)
    program.constrain([*high, *((variable, -1.0) for variable, _ in low)], low=rules.width)
