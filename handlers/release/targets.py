"""Which groups of people no release may size up: hidden cells, and small groups that subtraction would leave."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from handlers.release.audit import Target
from handlers.release.rules import small
from handlers.release.table import ALL, BATCH, EMPLOYER, Crossing, Place, Population, Region, Table, regions


def minimum(population: Population, crossing: Crossing) -> int:
    """The people that a cell of a crossing needs: that of its most delicate axis."""
    return max(population.axis(axis).minimum for axis in crossing.axes)


def targets(population: Population, tables: Collection[Table], others: Iterable[Region] = ()) -> list[Target]:
    """Every group to protect when these tables, and figures about those other regions, are all public.

    Hidden cells of each table; and, as releases overlap in time, groupings and employers, every small group that some
    subtraction could isolate: each original category and margin, in each batch (or batches that always go together),
    at each employer.
    """
    found: dict[tuple[tuple[str, tuple[str, ...]], ...], Target] = {}
    parts = _batches([*(table.crossing.batches for table in tables), *(one[BATCH] for one in others)])
    for table in tables:
        for target in (*_hidden(population, table), *_pieces(population, table.crossing, parts)):
            key = tuple(sorted((axis, tuple(sorted(of))) for axis, of in target.region.items()))
            if key not in found or found[key].minimum < target.minimum:
                found[key] = target
    return list(found.values())


def _batches(together: Collection[frozenset[str]]) -> list[frozenset[str]]:
    """Batches that no release tells apart, together."""
    marks: dict[tuple[bool, ...], set[str]] = {}
    for batch in sorted(frozenset[str]().union(*together)):
        marks.setdefault(tuple(batch in some for some in together), set()).add(batch)
    return [frozenset(some) for some in marks.values()]


def _hidden(population: Population, table: Table) -> Iterator[Target]:
    where = regions(population, table.crossing)
    least = minimum(population, table.crossing)
    yield from (Target(_name(table.crossing, place, "hidden"), where[place], least) for place in table.hidden)


def _pieces(population: Population, crossing: Crossing, parts: Iterable[frozenset[str]]) -> Iterator[Target]:
    """Small groups inside a crossing; where several employers are pooled, every group of each, small or not."""
    least = minimum(population, crossing)
    pooled = len(crossing.employers) > 1
    plain = Crossing(crossing.rows, crossing.columns, crossing.employers, crossing.batches)
    where = {**regions(population, crossing), **regions(population, plain)}
    for batches in (part for part in parts if part <= crossing.batches):
        for employer in sorted(crossing.employers):
            for place, region in where.items():
                piece: Mapping[str, frozenset[str]] = {**region, EMPLOYER: frozenset({employer}), BATCH: batches}
                people = population.count(piece)
                if small(people, least) or (pooled and people):
                    name = _name(crossing, place, f"{employer} {min(batches)}")
                    yield Target(name, piece, least, outsiders=people >= least)


def _name(crossing: Crossing, place: Place, which: str) -> str:
    labels = " / ".join(label if label != ALL else "all" for label in place[: len(crossing.axes)])
    return f"{' by '.join(crossing.axes)}: {labels} ({which})"
