"""Counts of people by employer, batch and answer, and the tables with margins that are cut from them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

EMPLOYER = "employer"
BATCH = "batch"
ALL = ""

Region = Mapping[str, frozenset[str]]
"""A group of people: the categories it holds on each axis; an axis that is missing is not restricted."""

Place = tuple[str, str]
"""Where a cell stands: the labels of its row and its column; ALL is the margin."""

Grouping = tuple[tuple[str, tuple[str, ...]], ...]
"""How an axis is shown: each label with the categories that it stands for, in order."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A question or a trait with all its categories ("no answer" is one); `minimum` is 10 for supervisors.

    Ordered categories (years, ages) are only ever merged with their neighbours. A category that was ever in a release
    stays in its axis, or that release can no longer be attacked.
    """

    name: str
    categories: tuple[str, ...]
    ordered: bool = False
    minimum: int = 5


@dataclass(frozen=True, slots=True)
class Population:
    """How many people have each combination of categories, in the order of `axes` (employer and batch among them)."""

    axes: tuple[Axis, ...]
    counts: Mapping[tuple[str, ...], int]
    _counted: dict[frozenset[tuple[str, frozenset[str]]], int] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, axes: Iterable[Axis], people: Iterable[Mapping[str, str]]) -> "Population":
        """Count people, each a mapping from axis to category; ValueError names the axis of an unknown category."""
        axes = tuple(axes)
        counts = Counter(tuple(person[axis.name] for axis in axes) for person in people)
        for position, axis in enumerate(axes):
            if any(key[position] not in axis.categories for key in counts):
                raise ValueError(f"The axis {axis.name} has a person outside its categories.")
        return cls(axes, dict(counts))

    def axis(self, name: str) -> Axis:
        """The axis of that name; KeyError if there is none."""
        for axis in self.axes:
            if axis.name == name:
                return axis
        raise KeyError(name)

    def count(self, region: Region) -> int:
        """How many people are in a region; counted once."""
        key = frozenset(region.items())
        if key not in self._counted:
            self._counted[key] = self._count(region)
        return self._counted[key]

    def _count(self, region: Region) -> int:
        tests = [(at, region[axis.name]) for at, axis in enumerate(self.axes) if axis.name in region]
        return sum(people for key, people in self.counts.items() if all(key[at] in wanted for at, wanted in tests))


@dataclass(frozen=True, slots=True)
class Crossing:
    """A table that is asked for: its axes (one or two), whose people, from which batches, and what is shown together.

    A batch is what was locked at one time: a quarter, or the late answers to it; so a later release can be subtracted
    from an earlier one batch by batch, which is just what the attacker does.
    """

    rows: str
    columns: str
    employers: frozenset[str]
    batches: frozenset[str]
    groups: Mapping[str, Grouping] = field(default_factory=dict)

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of the axes that are crossed."""
        return (self.rows, self.columns) if self.columns else (self.rows,)

    @property
    def base(self) -> Region:
        """Everybody in the table."""
        return {EMPLOYER: self.employers, BATCH: self.batches}


@dataclass(frozen=True, slots=True)
class Table:
    """A crossing as it is published: the count of each place, or None where it is hidden (then it is at least 1)."""

    crossing: Crossing
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[Place, int | None]

    @property
    def inner(self) -> dict[Place, int | None]:
        """The cells without the margins."""
        return {place: count for place, count in self.cells.items() if is_inner(self.crossing, place)}

    @property
    def hidden(self) -> tuple[Place, ...]:
        """The places whose count is not shown."""
        return tuple(place for place, count in self.cells.items() if count is None)

    def row(self, label: str) -> dict[str, int | None]:
        """A row's counts by column, without its margin."""
        return {column: self.cells[label, column] for column in self.columns}


def grouping(population: Population, crossing: Crossing, axis: str) -> Grouping:
    """How the crossing shows an axis: each category by itself unless it says otherwise."""
    return crossing.groups.get(axis) or tuple((one, (one,)) for one in population.axis(axis).categories)


def regions(population: Population, crossing: Crossing) -> dict[Place, Region]:
    """Who is counted at each place of a crossing, margins and total included."""
    return {
        (row, column): {**crossing.base, **_part(crossing.rows, row_of), **_part(crossing.columns, column_of)}
        for row, row_of in _lines(population, crossing, crossing.rows)
        for column, column_of in _lines(population, crossing, crossing.columns)
    }


def is_inner(crossing: Crossing, place: Place) -> bool:
    """Whether a place is a cell and not a margin."""
    return place[0] != ALL and (place[1] != ALL or not crossing.columns)


def cut(population: Population, crossing: Crossing, hidden: Iterable[Place] = ()) -> Table:
    """Count a crossing and hide those places."""
    hidden = frozenset(hidden)
    cells = {
        place: None if place in hidden else population.count(region)
        for place, region in regions(population, crossing).items()
    }
    names = [
        tuple(label for label, _ in _lines(population, crossing, axis) if label != ALL)
        for axis in (crossing.rows, crossing.columns)
    ]
    return Table(crossing, names[0], names[1], cells)


def _lines(population: Population, crossing: Crossing, axis: str) -> Grouping:
    return (*grouping(population, crossing, axis), (ALL, ())) if axis else ((ALL, ()),)


def _part(axis: str, categories: tuple[str, ...]) -> Region:
    return {axis: frozenset(categories)} if categories else {}
