"""Attack releases: naive hiding and ours, on two files shaped like real ones and on random histories of releases."""

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from random import Random

from campaigns.exit_files import File, files
from handlers.release.audit import Fact, ranges
from handlers.release.benchmark import benchmark
from handlers.release.published import Band, Release, facts, table_facts
from handlers.release.release import make
from handlers.release.rollup import published
from handlers.release.rules import Rules
from handlers.release.suppress import attack, primary
from handlers.release.table import BATCH, EMPLOYER, Axis, Crossing, Population, Region, Table, cut
from handlers.release.targets import targets

NOBODY: frozenset[str] = frozenset()
CITIES = ("Blue Springs", "Independence", "Lee's Summit")


@dataclass(frozen=True, slots=True)
class Score:
    """One table: cells hidden, worked out exactly, to within one, and found too well; the share shown in percent."""

    hidden: int
    exact: int
    within_one: int
    exposed: int
    cells: float
    people: float


@dataclass(frozen=True, slots=True)
class History:
    """Releases of one random population, one after another, each knowing the earlier ones."""

    population: Population
    naive: tuple[Release, ...]
    ours: tuple[Release, ...]


def score(population: Population, table: Table) -> Score:
    """Attack one table by itself."""
    told = list(table_facts(population, table, NOBODY))
    hidden = [target for target in targets(population, [table]) if target.name.endswith("(hidden)")]
    found = list(ranges(population, told, hidden).values())
    cells = [count for count in table.inner.values() if count != 0]
    return Score(
        len(hidden),
        sum(one.width == 0 for one in found),
        sum(one.width == 1 for one in found),
        sum(not one.safe(Rules(), 5) for one in found),
        100 * sum(count is not None for count in cells) / len(cells),
        100 * published(table) / population.count(table.crossing.base),
    )


def scores(file: File) -> Iterator[tuple[Crossing, Score, Score | None]]:
    """Each crossing of a file by itself, hidden naively and by us (None: refused)."""
    for crossing in file.crossings:
        naive = score(file.population, cut(file.population, crossing, primary(file.population, crossing)))
        made = make(file.population, "alone", [crossing]).release.tables
        yield crossing, naive, score(file.population, made[0]) if made else None


def history(seed: int) -> History:
    """Three releases, naive and ours, of a random population: windows of batches overlap, tables change."""
    random = Random(seed)  # noqa: S311 - a figure that can be made again
    population = _population(random)
    naive: list[Release] = []
    ours: list[Release] = []
    for number in range(3):
        crossings = _asked(population, random, number)
        tables = tuple(cut(population, one, primary(population, one)) for one in crossings)
        naive.append(Release(str(number), tables))
        ours.append(make(population, str(number), crossings, ours).release)
    return History(population, tuple(naive), tuple(ours))


def solved(population: Population, releases: Sequence[Release]) -> int:
    """Small groups that plain algebra finds in all released tables together: a second attacker, of another kind.

    It looks at each category of each table in each batch, and solves the released sums as equations; it knows neither
    the rules nor that people are whole and never negative, only what is 0.
    """
    import numpy

    told = [fact for fact in facts(population, releases) if fact.high is not None]
    wanted = [target.region for target in targets(population, [table for one in releases for table in one.tables])]
    atoms = _atoms(population, [fact for fact in told if fact.high == 0])
    sums = [_indicator(fact.region, atoms) for fact in told if fact.high]
    groups = [_indicator(region, atoms) for region in wanted]
    if not sums or not groups:
        return 0
    known, asked = numpy.array(sums).T, numpy.array(groups).T
    weights = numpy.linalg.lstsq(known, asked)[0]
    missed: list[float] = numpy.abs(known @ weights - asked).max(axis=0).tolist()
    return sum(one < 1e-8 for one in missed)


def main() -> None:
    """Print the figures of docs/proof.md; exit 1 if anything of ours was found."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=20197)
    arguments.add_argument("--populations", type=int, default=20)
    chosen = arguments.parse_args()
    # One process for each core is enough; threads inside each would only wait for one another.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    print(f"seed {chosen.seed}")
    bad = sum(_print_file(file) for file in files(chosen.seed))
    bad += _print_histories(chosen.seed, chosen.populations)
    bad += _print_benchmarks(chosen.seed, chosen.populations)
    raise SystemExit(1 if bad else 0)


def _print_file(file: File) -> int:
    bad = 0
    for crossing, naive, ours in scores(file):
        print(f"{file.name}: {crossing.rows} by {crossing.columns}")
        print(
            f"  naive: {naive.hidden} hidden, {naive.exact} exact, {naive.within_one} within 1, {naive.exposed} exposed"
        )
        if ours is None:
            print("  ours:  refused")
            continue
        print(f"  ours:  {ours.hidden} hidden, {ours.exact} exact, {ours.exposed} exposed; ", end="")
        print(f"shown {ours.cells:.0f} % of cells, {ours.people:.0f} % of people")
        bad += ours.exposed
    return bad + _print_together(file)


def _print_together(file: File) -> int:
    begun = time.perf_counter()
    made = make(file.population, "together", file.crossings)
    tables = made.release.tables
    found = attack(file.population, tables, Rules())
    print(
        f"{file.name}: all together: {len(tables)} of {len(file.crossings)} tables, {len(found)} groups exposed, ",
        end="",
    )
    print(f"{solved(file.population, [made.release])} by algebra, {time.perf_counter() - begun:.0f} s")
    return len(found)


def _print_histories(seed: int, populations: int) -> int:
    begun = time.perf_counter()
    with ProcessPoolExecutor() as workers:
        every = list(workers.map(_walked, range(seed, seed + populations)))
    naive, ours, exposed, tables, people, of = (sum(one[at] for one in every) for at in range(6))
    print(f"{populations} random histories of 3 releases: {tables} tables, {100 * people / of:.0f} % of people shown")
    print(f"  small groups solved by algebra: naive {naive}, ours {ours}; exposed to the attack: {exposed}")
    print(f"  {time.perf_counter() - begun:.0f} s")
    return ours + exposed


def _walked(seed: int) -> tuple[int, int, int, int, int, int]:
    """Groups solved naively and in ours, exposed in ours; our tables, the people shown, and of how many."""
    one = history(seed)
    made = [table for release in one.ours for table in release.tables]
    asked = [table for release in one.naive for table in release.tables]
    return (
        solved(one.population, one.naive),
        solved(one.population, one.ours),
        len(attack(one.population, made, Rules())),
        len(made),
        sum(published(table) for table in made),
        sum(one.population.count(table.crossing.base) for table in asked),
    )


def _print_benchmarks(seed: int, populations: int) -> int:
    begun = time.perf_counter()
    with ProcessPoolExecutor() as workers:
        every = list(workers.map(compared, range(seed, seed + populations)))
    shown, found, exact = (sum(one[at] for one in every) for at in range(3))
    print(f"{populations} random trios of cities: {shown} of {3 * populations} benchmarks shown; answers of the third")
    print(f"  that the two others work out to within 3 people: {found} (were the pool's counts exact: {exact})")
    print(f"  {time.perf_counter() - begun:.0f} s")
    return found


def compared(seed: int) -> tuple[int, int, int]:
    """Benchmarks that three random cities get, and the third's answers that subtracting one's own narrows to 3 people.

    A second attacker again: it takes each band by itself and subtracts what the colluding city knows. The last number
    is how many answers it would have from exact counts.
    """
    random = Random(seed)  # noqa: S311 - a figure that can be made again
    population = _trio(random)
    released: list[Release] = []
    bands: list[Band] = []
    for city in CITIES:
        asked = Crossing("reason", "", frozenset({city}), frozenset({"year"}))
        own = make(population, city, [asked], released, audience=frozenset({city})).release
        rest = frozenset(CITIES) - {city}
        made = benchmark(population, own.tables[0], rest, [*released, own]) if own.tables else None
        released.append(replace(own, bands=made.bands if made else ()))
        bands += made.bands if made else ()
    found = sum(_narrow(population, band, third) for band in bands for third in band.region[EMPLOYER])
    return sum(bool(one.bands) for one in released), found, sum(2 for _ in bands)


def _narrow(population: Population, band: Band, third: str) -> bool:
    """Whether the other city in the band, which knows its own people, can tell the third's to within 3."""
    region = {**band.region, EMPLOYER: frozenset({third})}
    other = population.count({**band.region, EMPLOYER: band.region[EMPLOYER] - {third}})
    total = population.count({EMPLOYER: frozenset({third}), BATCH: band.region[BATCH]})
    low, high = max(0, band.fewest - other), min(total, band.most - other)
    return population.count(region) > 0 and high - low <= 3


def _trio(random: Random) -> Population:
    names = tuple(f"reason {number}" for number in range(random.randint(3, 8)))
    axes = [Axis(EMPLOYER, CITIES), Axis(BATCH, ("year",)), Axis("reason", names)]
    weights = [random.gammavariate(1.5, 1) + 0.05 for _ in names]
    people = (
        {EMPLOYER: city, BATCH: "year", "reason": random.choices(names, weights)[0]}
        for city in CITIES
        for _ in range(random.randint(10, 150))
    )
    return Population.of(axes, people)


def _population(random: Random) -> Population:
    axes = [
        Axis(EMPLOYER, ("City",)),
        Axis(BATCH, tuple(f"Q{number}" for number in range(1, 7))),
        Axis("reason", tuple(f"reason {number}" for number in range(random.randint(3, 6)))),
        Axis("unit", tuple(f"unit {number}" for number in range(random.randint(2, 5)))),
        Axis("age", tuple(f"age {number}" for number in range(random.randint(2, 4))), ordered=True),
    ]
    weights = [[random.gammavariate(0.8, 1) + 0.02 for _ in axis.categories] for axis in axes]
    people = (
        {axis.name: random.choices(axis.categories, some)[0] for axis, some in zip(axes, weights, strict=True)}
        for _ in range(random.randint(25, 400))
    )
    return Population.of(axes, people)


def _asked(population: Population, random: Random, number: int) -> list[Crossing]:
    """Rolling windows mostly, else all so far, which is how a later release adds a few to an earlier one."""
    last = number + 4
    first = random.choice((0, number))
    batches = frozenset(population.axis(BATCH).categories[first:last])
    pairs = (("reason", "unit"), ("reason", "age"), ("unit", "age"), ("reason", ""))
    return [Crossing(*pair, frozenset({"City"}), batches) for pair in random.sample(pairs, random.randint(1, 2))]


def _atoms(population: Population, empty: Sequence[Fact]) -> list[dict[str, str]]:
    """Every combination of the population's axes that no released zero rules out."""
    from itertools import product

    names = [axis.name for axis in population.axes]
    every = (dict(zip(names, key, strict=True)) for key in product(*(axis.categories for axis in population.axes)))
    return [atom for atom in every if not any(_inside(atom, fact.region) for fact in empty)]


def _indicator(region: Region, atoms: Sequence[dict[str, str]]) -> list[float]:
    return [float(_inside(atom, region)) for atom in atoms]


def _inside(atom: dict[str, str], region: Region) -> bool:
    return all(atom[axis] in categories for axis, categories in region.items())


if __name__ == "__main__":
    main()
