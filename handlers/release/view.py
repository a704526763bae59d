"""The unknowns of an attack: as few whole numbers as can hold every population that fits what was released."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod

from handlers.release.table import BATCH, EMPLOYER, Population, Region

LARGEST = 60_000
SHARED = (EMPLOYER, BATCH)
Names = tuple[str, ...]


class TooLarge(ValueError):
    """The tables together have more combinations than an attack on them can go through."""


class View:
    """All that an attacker can think true: unknown whole numbers (atoms), and which sums of them must be equal.

    Answers that no table crosses need no number for each of their combinations: what one table says of reasons and
    another of ages is joined by whom they count (employer, batch, and whatever several crossings share), and by nothing
    else. So each gets a part of its own, and parts are tied by the sums that they share. A population with those sums
    for every part always exists (put people together at will within each sum), so nothing that could be found is lost.
    """

    def __init__(
        self, population: Population, regions: Collection[Region], telling: frozenset[str] = frozenset()
    ) -> None:
        """Divide the population as coarsely as the regions allow; TooLarge if that is still too fine."""
        self.telling = telling
        marked = [*regions, *({EMPLOYER: frozenset({name})} for name in sorted(telling))]
        used = [axis for axis in population.axes if any(axis.name in region for region in marked)]
        self._classes = {axis.name: _classes(axis.name, axis.categories, marked) for axis in used}
        self._sizes = {name: max(found.values()) + 1 for name, found in self._classes.items()}
        shared = tuple(name for name in SHARED if name in self._sizes)
        ties: list[tuple[Names, list[int]]] = []
        self._parts: list[Names] = []
        together = {frozenset(region) - frozenset(shared) for region in marked}
        self._divide(shared, [name for name in self._sizes if name not in shared], together, ties)
        self._starts = _running(prod(self._sizes[name] for name in part) for part in self._parts)
        if self._starts[-1] > LARGEST:
            raise TooLarge("Too many combinations to attack.")
        self._steps = [self._apart(part) for part in self._parts]
        self.truth = self._count(population)
        self.ties = [tie for names, parts in ties for tie in self._tied(names, parts)]

    def atoms(self, region: Region) -> list[int]:
        """The unknowns that add up to a region."""
        wanted = {name for name in region if name in self._sizes}
        at = next(number for number, part in enumerate(self._parts) if wanted <= set(part))
        found = self._classes
        return self._inside(at, {name: sorted({found[name][one] for one in region[name]}) for name in wanted})

    def known(self) -> frozenset[int]:
        """The unknowns that the telling employers know, being their own people."""
        if not self.telling:
            return frozenset()
        ours = {self._classes[EMPLOYER][name] for name in self.telling}
        return frozenset(atom for at in range(len(self._parts)) for atom in self._inside(at, {EMPLOYER: ours}))

    def people(self, atoms: Iterable[int]) -> int:
        """How many there really are."""
        return sum(self.truth[atom] for atom in atoms)

    def _divide(
        self, shared: Names, names: Sequence[str], together: set[frozenset[str]], ties: list[tuple[Names, list[int]]]
    ) -> list[int]:
        """Make the parts for some names; the numbers of the first part of each group, which all share `shared`."""
        firsts = []
        for group in _groups(names, together) or [[]]:
            firsts.append(len(self._parts))
            middle = _middle(group, together)
            if middle is None:
                self._parts.append((*shared, *group))
            else:
                rest = [name for name in group if name != middle]
                self._divide((*shared, middle), rest, {some - {middle} for some in together}, ties)
        if len(firsts) > 1:
            ties.append((shared, firsts))
        return firsts

    def _count(self, population: Population) -> list[int]:
        truth = [0] * self._starts[-1]
        place = {axis.name: at for at, axis in enumerate(population.axes)}
        for start, steps in zip(self._starts, self._steps, strict=False):  # the last start is the end
            moves = [
                (place[name], {one: number * step for one, number in self._classes[name].items()})
                for name, step in steps.items()
            ]
            for key, people in population.counts.items():
                truth[start + sum(move[key[at]] for at, move in moves)] += people
        return truth

    def _tied(self, shared: Names, parts: Sequence[int]) -> Iterator[tuple[list[int], list[int]]]:
        """For each combination of what is shared, the atoms of one part and of another that count the same people."""
        for key in product(*(range(self._sizes[name]) for name in shared)):
            fixed = {name: (one,) for name, one in zip(shared, key, strict=True)}
            first, *others = (self._inside(at, fixed) for at in parts)
            yield from ((first, other) for other in others)

    def _inside(self, at: int, chosen: Mapping[str, Collection[int]]) -> list[int]:
        """The atoms of a part with those classes; all classes of the names that are not there."""
        moves = [
            [number * step for number in chosen.get(name, range(self._sizes[name]))]
            for name, step in self._steps[at].items()
        ]
        return [self._starts[at] + sum(some) for some in product(*moves)]

    def _apart(self, part: Names) -> dict[str, int]:
        """How far apart the classes of each name lie in a part: the last name's are neighbours."""
        return {name: prod(self._sizes[after] for after in part[at + 1 :]) for at, name in enumerate(part)}


def _classes(name: str, categories: Sequence[str], regions: Collection[Region]) -> dict[str, int]:
    """Categories that no region tells apart get the same number."""
    wanted = [region[name] for region in regions if name in region]
    marks = {one: tuple(one in some for some in wanted) for one in categories}
    numbers = {mark: number for number, mark in enumerate(dict.fromkeys(marks.values()))}
    return {one: numbers[mark] for one, mark in marks.items()}


def _groups(names: Sequence[str], together: Collection[frozenset[str]]) -> list[list[str]]:
    """Names that some region holds together, directly or by way of others."""
    groups: list[list[str]] = []
    for name in names:
        touched = [group for group in groups if any({name, one} <= some for one in group for some in together)]
        groups = [group for group in groups if group not in touched]
        groups.append([*(one for group in touched for one in group), name])
    return groups


def _middle(group: Sequence[str], together: Collection[frozenset[str]]) -> str | None:
    """The name that most others of a group are crossed with, if they are not all crossed with one another."""
    beside = {
        name: frozenset(group) & frozenset[str]().union(*(some for some in together if name in some)) for name in group
    }
    if len(group) < 3 or any(set(group) <= some for some in together):
        return None
    return max(group, key=lambda name: len(beside[name]))


def _running(sizes: Iterable[int]) -> list[int]:
    sums = [0]
    for size in sizes:
        sums.append(sums[-1] + size)
    return sums
