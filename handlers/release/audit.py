"""The attacker, who knows the rules, every cell and total that went out, and all answers of another employer."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import inf

from handlers.release.rules import Range, Rules
from handlers.release.solver import Program
from handlers.release.table import EMPLOYER, Population, Region
from handlers.release.view import TooLarge as TooLarge
from handlers.release.view import View

COLLUDING = 2
BEYOND = 100


@dataclass(frozen=True, slots=True)
class Fact:
    """What a release tells of a group: how many people at least and at most (None: it does not say), and to whom.

    `audience` holds the employers whose staff may read it; empty means everybody.
    """

    region: Region
    low: int
    high: int | None
    audience: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Target:
    """A group that nobody may size up: its range must be wide and reach the minimum.

    With `outsiders` it is a secret from other employers' staff alone: the own ones may read it.
    """

    name: str
    region: Region
    minimum: int
    outsiders: bool = False

    def secret_from(self, readers: frozenset[str]) -> bool:
        """Whether those readers must not find it out."""
        return not self.outsiders or readers.isdisjoint(self.region[EMPLOYER])


@dataclass(frozen=True, slots=True)
class Finding:
    """A target with the range that an attack leaves it.

    `readers` are the employers whose staff put together what they may read; `telling` are those of them that add all
    answers of their own people.
    """

    target: Target
    range: Range
    readers: frozenset[str]
    telling: frozenset[str]


def attackers(facts: Iterable[Fact]) -> tuple[frozenset[str], ...]:
    """Who may attack: the staff of any two employers that are in or read one figure, and of each other one alone.

    Fewer can do nothing that more cannot, so the largest are enough.
    """
    facts = list(facts)
    names = {name for fact in facts for name in fact.region[EMPLOYER]}
    joint = [fact for fact in facts if len(fact.region[EMPLOYER] | fact.audience) > 1]
    pooled = {name for fact in joint for name in fact.region[EMPLOYER] | fact.audience}
    together = combinations(sorted(pooled), min(COLLUDING, len(pooled))) if pooled else ()
    return (*map(frozenset, together), *(frozenset({name}) for name in sorted(names - pooled)))


def visible(facts: Iterable[Fact], readers: frozenset[str]) -> list[Fact]:
    """The facts that the staff of these employers may read."""
    return [fact for fact in facts if not fact.audience or fact.audience & readers]


def disagree(population: Population, facts: Iterable[Fact]) -> bool:
    """Whether what was released can no longer be found in the data."""
    return any(
        people < fact.low or (fact.high is not None and people > fact.high)
        for fact in facts
        for people in [population.count(fact.region)]
    )


def exposed(
    population: Population,
    facts: Sequence[Fact],
    targets: Sequence[Target],
    rules: Rules,
    among: frozenset[str] = frozenset(),
) -> tuple[Finding, ...]:
    """The targets that an attack finds out too well, by the staff of any two employers; none is what is wanted.

    Whoever of the two is not the target's employer also adds all answers of its own people. With `among`, only those
    attack who are of one of these: enough while what is new is for these alone, and the last attack is without it.

    The facts must hold in the population: the truth is the first world that the attacker thinks possible. TooLarge if
    the attack cannot be carried out, which must be read as "not safe".
    """
    found: list[Finding] = []
    for readers in (some for some in attackers(facts) if not among or some & among):
        seen = visible(facts, readers)
        for telling in _tellers(readers):
            wanted = [
                target
                for target in targets
                if target.secret_from(readers) and readers - target.region[EMPLOYER] == telling
            ]
            found += _attack(population, seen, wanted, readers, telling, rules)
    return tuple(found)


def ranges(population: Population, facts: Sequence[Fact], targets: Sequence[Target]) -> dict[str, Range]:
    """The exact range of every target for somebody who knows nothing but the facts."""
    view = View(population, [*(fact.region for fact in facts), *(target.region for target in targets)])
    program = Program()
    variables = world(view, facts, program)
    found = {}
    for target in targets:
        atoms = [variables[atom] for atom in view.atoms(target.region) if atom in variables]
        ends = [program.least(dict.fromkeys(atoms, sign)) or [] for sign in (1.0, -1.0)]
        low, high = (sum(world[atom] for atom in atoms) for world in ends)
        found[target.name] = Range(low, high)
    return found


def world(view: View, facts: Iterable[Fact], program: Program) -> dict[int, int]:
    """Add to a program a population that fits the facts: its variables by atom (one that must be empty has none)."""
    parts = {(frozenset(view.atoms(fact.region)), fact.low, fact.high) for fact in facts}
    empty = {atom for atoms, _, high in parts if high == 0 for atom in atoms}
    known, most = view.known(), sum(view.truth) + BEYOND
    variables = {
        atom: program.variable(people, people) if atom in known else program.variable(0, most)
        for atom, people in enumerate(view.truth)
        if atom not in empty
    }
    for atoms, low, high in sorted(parts, key=lambda part: (sorted(part[0]), part[1])):
        if high != 0:
            terms = ((variables[atom], 1.0) for atom in sorted(atoms) if atom in variables)
            program.constrain(terms, low, inf if high is None else high)
    for one, other in view.ties:
        ours, theirs = (tuple(variables[atom] for atom in some if atom in variables) for some in (one, other))
        program.constrain((*((at, 1.0) for at in ours), *((at, -1.0) for at in theirs)), 0, 0)
    return variables


def _tellers(readers: frozenset[str]) -> Iterator[frozenset[str]]:
    for size in range(len(readers) + 1):
        yield from map(frozenset, combinations(sorted(readers), size))


def _attack(
    population: Population,
    facts: Sequence[Fact],
    targets: Sequence[Target],
    readers: frozenset[str],
    telling: frozenset[str],
    rules: Rules,
) -> Iterator[Finding]:
    if not targets:
        return
    view = View(population, [*(fact.region for fact in facts), *(target.region for target in targets)], telling)
    program = Program()
    variables = world(view, facts, program)
    atoms = [[variables[atom] for atom in view.atoms(target.region) if atom in variables] for target in targets]
    truth = [view.people(view.atoms(target.region)) for target in targets]
    lows, highs = list(truth), list(truth)
    # Every world that is found widens all ranges, so after these two most targets need no attack of their own.
    for sign in (-1.0, 1.0):
        _widen(lows, highs, atoms, program.least({atom: sign for some in atoms for atom in some}))
    for at, target in enumerate(targets):
        for sign in (-1.0, 1.0):
            if not Range(lows[at], highs[at]).safe(rules, target.minimum):
                _widen(lows, highs, atoms, program.least(dict.fromkeys(atoms[at], sign)))
        if not Range(lows[at], highs[at]).safe(rules, target.minimum):
            yield Finding(target, Range(lows[at], highs[at]), readers, telling)


def _widen(lows: list[int], highs: list[int], atoms: Sequence[Sequence[int]], world: Sequence[int] | None) -> None:
    for at, some in enumerate(atoms if world else ()):
        people = sum(world[atom] for atom in some) if world else 0
        lows[at], highs[at] = min(lows[at], people), max(highs[at], people)
