"""One employer beside the others together, in bands so wide that no two employers can work out the third."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers.release.audit import Target, TooLarge, disagree, exposed
from handlers.release.published import Band, Release, facts
from handlers.release.rollup import proposals
from handlers.release.rules import Rules, dominant, small
from handlers.release.table import ALL, BATCH, EMPLOYER, Crossing, Grouping, Population, Region, Table, grouping
from handlers.release.targets import minimum, targets

STEPS = (5, 10, 20, 25)
WHY_NOT = (
    "The other employers are not shown beside you this time: their figures could be traced to one of them. "
    "This is the same sentence whatever the cause. Your own trend is shown instead."
)


@dataclass(frozen=True, slots=True)
class Line:
    """One answer: own share in percent (None if hidden) and the band of the others' share."""

    label: str
    own: int | None
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Own against others: `bands` go into a release whose audience is that employer."""

    lines: tuple[Line, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One release's share of an answer in percent; None where it was hidden."""

    name: str
    share: int | None


def benchmark(
    population: Population,
    own: Table,
    others: frozenset[str],
    history: Sequence[Release] = (),
    rules: Rules | None = None,
) -> Benchmark | None:
    """Compare an employer's released one-way table with the others together; None: show the trend, and say WHY_NOT.

    Each other employer must clear the minimum, none may dominate, and with the finest band that survives the attack
    nobody (any two employers with all their own answers, and each employer's number of people) can size up a third.
    `history` holds everything released before, the own table's release included.
    """
    rules = rules or Rules()
    crossing = Crossing(own.crossing.rows, "", others, own.crossing.batches)
    if not _enough(population, crossing, rules) or disagree(population, facts(population, history)):
        return None
    merged = proposals(population, replace(crossing, groups=own.crossing.groups), rules)[0]
    for step in STEPS:
        bands = _bands(population, merged, step)
        if _safe(population, merged, bands, history, rules, own.crossing.employers):
            lines = (Line(band.label, _share(own, band.label), band.low, band.high) for band in bands)
            return Benchmark(tuple(lines), bands)
    return None


def trend(tables: Sequence[tuple[str, Table]], label: str) -> tuple[Point, ...]:
    """One answer's share over an employer's own releases, earliest first, from what they show and nothing else."""
    return tuple(Point(name, _share(table, label)) for name, table in tables)


def _enough(population: Population, crossing: Crossing, rules: Rules) -> bool:
    people = {one: population.count(_employer(crossing, one)) for one in crossing.employers}
    least = minimum(population, crossing)
    return (
        len(people) > 1
        and not any(small(count or 1, least) for count in people.values())
        and not dominant(people, rules)
    )


def _employer(crossing: Crossing, name: str) -> Region:
    return {EMPLOYER: frozenset({name}), BATCH: crossing.batches}


def _bands(population: Population, crossing: Crossing, step: int) -> tuple[Band, ...]:
    total = population.count(crossing.base)
    return tuple(
        _band(label, region, step, population.count(region), total)
        for label, region in _regions(crossing, grouping(population, crossing, crossing.rows))
    )


def _regions(crossing: Crossing, groups: Grouping) -> list[tuple[str, Region]]:
    return [(label, {**crossing.base, crossing.rows: frozenset(categories)}) for label, categories in groups]


def _band(label: str, region: Region, step: int, people: int, total: int) -> Band:
    """From `low` up to but not including `high` percent; the last band includes 100."""
    low = min(100 * people // total // step * step, 100 - step)
    high = low + step
    most = total if high == 100 else -(-high * total // 100) - 1
    return Band(label, region, low, high, -(-low * total // 100), most)


def _safe(
    population: Population,
    crossing: Crossing,
    bands: tuple[Band, ...],
    history: Sequence[Release],
    rules: Rules,
    audience: frozenset[str],
) -> bool:
    """Whether the attack leaves every answer of every other employer, and every earlier secret, in the dark."""
    released = [*history, Release("", (), bands, audience)]
    earlier = [table for release in history for table in release.tables]
    old = [band.region for release in released for band in release.bands]
    secrets = [*targets(population, earlier, old), *_answers(population, old, minimum(population, crossing))]
    try:
        return not exposed(population, facts(population, released), secrets, rules, audience)
    except TooLarge:
        return False


def _answers(population: Population, old: Sequence[Region], least: int) -> list[Target]:
    """Each answer of each employer in a band, if anybody gave it."""
    found = []
    for region in old:
        for employer in sorted(region[EMPLOYER]):
            one = {**region, EMPLOYER: frozenset({employer})}
            if population.count(one):
                found.append(Target(f"{employer} in a band", one, least, outsiders=True))
    return found


def _share(own: Table, label: str) -> int | None:
    count, total = own.cells.get((label, ALL)), own.cells.get((ALL, ALL))
    return None if count is None or not total else round(100 * count / total)
