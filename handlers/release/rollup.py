"""Small units and categories shown together, so that more people can be shown at all."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

from handlers.release.rules import Rules
from handlers.release.table import Axis, Crossing, Grouping, Population, Region, Table, grouping
from handlers.release.targets import minimum

Group = tuple[tuple[str, ...], int]
"""Categories that are shown together, and how many people they have."""


def proposals(population: Population, crossing: Crossing, rules: Rules) -> list[Crossing]:
    """The crossing with small categories merged in every sensible way; at least one, the best still to be found.

    Each margin gets rules.margin people where that leaves two lines to compare, else as many as can be had. An axis
    whose grouping the crossing gives already stays as it is. One question by itself may also go unmerged.
    """
    choices = [
        [crossing.groups[axis]] if axis in crossing.groups else _groupings(population, crossing, axis, rules)
        for axis in crossing.axes
    ]
    if not crossing.columns and crossing.rows not in crossing.groups:
        choices[0] = list(dict.fromkeys([grouping(population, crossing, crossing.rows), *choices[0]]))
    return [replace(crossing, groups=dict(zip(crossing.axes, chosen, strict=True))) for chosen in product(*choices)]


def published(table: Table) -> int:
    """How many people stand in cells that are shown."""
    return sum(count for count in table.inner.values() if count)


def _groupings(population: Population, crossing: Crossing, name: str, rules: Rules) -> list[Grouping]:
    axis = population.axis(name)
    each: list[Group] = [((one,), population.count(_of(crossing, name, one))) for one in axis.categories]
    least = minimum(population, crossing)
    ways: list[Callable[[list[Group], int], list[Group]]] = [_neighbours] if axis.ordered else [_pairs, _lump]
    for wanted in (rules.margin, 2 * least, least):
        found = [groups for way in ways for groups in [way(each, wanted)] if _enough(groups, wanted)]
        if found:
            return list(dict.fromkeys(_named(axis, groups) for groups in found))
    return [(("Everybody" if len(each) > 1 else axis.categories[0], axis.categories),)]


def _of(crossing: Crossing, axis: str, category: str) -> Region:
    return {**crossing.base, axis: frozenset({category})}


def _enough(groups: list[Group], wanted: int) -> bool:
    return len(groups) > 1 and all(people >= wanted for _, people in groups)


def _pairs(each: list[Group], wanted: int) -> list[Group]:
    """The two smallest become one, until none is too small."""
    groups = list(each)
    while len(groups) > 1 and min(people for _, people in groups) < wanted:
        first, second, *others = sorted(groups, key=lambda group: (group[1], group[0]))
        groups = [*others, (first[0] + second[0], first[1] + second[1])]
    return groups


def _lump(each: list[Group], wanted: int) -> list[Group]:
    """All small ones become one group, with the next larger ones if it needs them."""
    order = sorted(each, key=lambda group: (group[1], group[0]))
    small = [group for group in order if group[1] < wanted]
    for group in order[len(small) :]:
        if not small or sum(people for _, people in small) >= wanted:
            break
        small.append(group)
    others = [group for group in order if group not in small]
    merged = (tuple(name for names, _ in small for name in names), sum(people for _, people in small))
    return [*others, merged] if small else others


def _neighbours(each: list[Group], wanted: int) -> list[Group]:
    """The smallest joins the smaller of its neighbours, until none is too small."""
    groups = list(each)
    while len(groups) > 1 and min(people for _, people in groups) < wanted:
        at = min(range(len(groups)), key=lambda one: groups[one][1])
        beside = min((one for one in (at - 1, at + 1) if 0 <= one < len(groups)), key=lambda one: groups[one][1])
        left = min(at, beside)
        (names, people), (more, added) = groups[left], groups[left + 1]
        groups[left : left + 2] = [(names + more, people + added)]
    return groups


def _named(axis: Axis, groups: list[Group]) -> Grouping:
    """In the order of the axis; a group stands where its first category does."""
    place = axis.categories.index
    sorted_names = [tuple(sorted(names, key=place)) for names, _ in groups]
    return tuple((_label(axis, names), names) for names in sorted(sorted_names, key=lambda names: place(names[0])))


def _label(axis: Axis, names: tuple[str, ...]) -> str:
    return "".join(_words(axis, names))


def _words(axis: Axis, names: tuple[str, ...]) -> Iterator[str]:
    yield names[0]
    if len(names) > 1 and axis.ordered:
        yield f" to {names[-1]}"
    elif len(names) == 2:
        yield f" + {names[1]}"
    elif len(names) > 2:
        yield f" + {len(names) - 1} more"
