"""One city's release of a quarter: the tables of a plan over twelve months, then bands beside the other employers."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from handlers.release.benchmark import Benchmark, Line, Point, benchmark, trend
from handlers.release.plan import Free, Measure, Plan
from handlers.release.published import Band, Release
from handlers.release.release import Made, make
from handlers.release.rules import Refused, Rules, rolling, small
from handlers.release.table import ALL, BATCH, EMPLOYER, Axis, Crossing, Place, Population, Table, cut
from handlers.surveys.answers import Comparable

Told = Callable[[str, int, int], None]
FEW = Refused("few", "Too few people answered so far.")


@dataclass(frozen=True, slots=True)
class Person:
    """One stored response: whose, of which batch ("2026Q3", or "2026Q3+1" for what came later), what it says."""

    employer: str
    batch: str
    answers: Mapping[str, str]
    comparable: Mapping[str, Comparable] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which release is wanted: a city's quarter, after those of `history`.

    `others` are the employers it may be compared with: those whose quarters are all locked; nobody if one's are not.
    """

    city: str
    quarter: str
    history: tuple[Release, ...] = ()
    others: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What may go out, with the lines of the comparison; without tables, `refused` says why."""

    release: Release
    lines: tuple[Line, ...] = ()
    not_shown: tuple[tuple[str, Refused], ...] = ()
    refused: Refused | None = None


def quarter_of(batch: str) -> str:
    """The quarter that a batch belongs to."""
    return batch.partition("+")[0]


def release(plan: Plan, people: Sequence[Person], asked: Asked, told: Told = lambda *_: None) -> Outcome:
    """Make a release and attack it together with all earlier ones; `told` hears step, done, of how many."""
    window = [person for person in people if quarter_of(person.batch) in rolling(asked.quarter)]
    own = [person for person in window if person.employer == asked.city]
    name = f"{asked.city} {asked.quarter}"
    if len(own) < Rules().metrics:
        return Outcome(Release(name), refused=FEW)
    counted = population(plan, people, asked.history)
    if counted is None:
        return Outcome(Release(name), refused=Refused("history", "What was released before has labels that are gone."))
    batches = frozenset(person.batch for person in window)
    crossings = _crossings(plan, own, asked.city, batches)
    made = make(counted, name, crossings, asked.history, audience=frozenset({asked.city}), told=told)
    if not made.release.tables:
        return Outcome(made.release, refused=made.refused[0][1] if made.refused else FEW)
    return _compared(plan, counted, window, asked, made, told)


def population(plan: Plan, people: Iterable[Person], history: Sequence[Release]) -> Population | None:
    """Everybody by employer, batch and each measure; None if a release holds a label that the plan has no more."""
    people = list(people)
    axes = _axes(plan, people, history)
    if not _all_known(axes, history):
        return None
    return Population.of(axes, (_categories(plan, person) for person in people))


def shown_tables(plan: Plan, released: Release, hidden: Collection[str] = ()) -> tuple[Table, ...]:
    """The tables of a release under the titles that people read; those of one question together as one.

    `hidden` are titles of what may not be shown: an answer among several then is a hidden row.
    """
    found: dict[str, list[Table]] = {}
    for table in released.tables:
        found.setdefault(_group(plan, table), []).append(table)
    return tuple(_joined(plan, title, tables, hidden) for title, tables in found.items())


def recounted(plan: Plan, people: Sequence[Person], released: Release, history: Sequence[Release]) -> bool:
    """Whether the tables of a release come out again when the answers are counted again."""
    counted = population(plan, people, history)
    return counted is not None and all(cut(counted, table.crossing, table.hidden) == table for table in released.tables)


def followed(plan: Plan, releases: Sequence[tuple[str, Release]]) -> tuple[Point, ...]:
    """The share that the plan follows, over a city's own releases, earliest first."""
    label = plan.measure(plan.trend).labels[0]
    found = [(quarter, _one_way(one, plan.trend)) for quarter, one in releases]
    return trend([(quarter, table) for quarter, table in found if table], label)


def _axes(plan: Plan, people: Sequence[Person], history: Sequence[Release]) -> tuple[Axis, ...]:
    tables = [table for one in history for table in one.tables]
    old = frozenset(
        category
        for table in tables
        for _, categories in table.crossing.groups.get(plan.free.key, ())
        for category in categories
    )
    employers = {person.employer for person in people} | {name for one in tables for name in one.crossing.employers}
    batches = {person.batch for person in people} | {name for one in tables for name in one.crossing.batches}
    departments = {_department(plan.free, person.answers) for person in people} | old
    return (
        Axis(EMPLOYER, tuple(sorted(employers))),
        Axis(BATCH, tuple(sorted(batches))),
        Axis(plan.free.key, tuple(sorted(departments))),
        *(Axis(one.key, one.labels, one.ordered, one.minimum) for one in plan.measures),
    )


def _all_known(axes: Sequence[Axis], history: Sequence[Release]) -> bool:
    known = {axis.name: frozenset(axis.categories) for axis in axes}
    return all(
        axis in known and frozenset(categories) <= known[axis]
        for one in history
        for table in one.tables
        for axis in table.crossing.axes
        for _, categories in table.crossing.groups.get(axis, ())
    )


def _categories(plan: Plan, person: Person) -> dict[str, str]:
    found = {one.key: one.codes.get(person.answers.get(one.key, ""), one.rest) for one in plan.measures}
    return {
        EMPLOYER: person.employer,
        BATCH: person.batch,
        plan.free.key: _department(plan.free, person.answers),
        **found,
    }


def _department(free: Free, answers: Mapping[str, str]) -> str:
    """However it was typed, one department has one label."""
    words = " ".join(answers.get(free.key, "").split()).casefold()
    return words[:1].upper() + words[1:] or free.none


def _crossings(plan: Plan, own: Sequence[Person], city: str, batches: frozenset[str]) -> list[Crossing]:
    """What was asked at all; what of several could be named is never merged."""
    keys = {key for person in own for key in person.answers}
    whose = frozenset({city})
    singles = [
        Crossing(one.key, "", whose, batches, _separate(one) if one.part_of else {})
        for one in plan.measures
        if one.key in keys
    ]
    pairs = [
        Crossing(rows, columns, whose, batches, _separate(plan.measure(rows)) if plan.measure(rows).part_of else {})
        for rows, columns in plan.crossings
        if {rows, columns} <= keys
    ]
    return [*singles, *pairs]


def _separate(measure: Measure) -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    return {measure.key: tuple((label, (label,)) for label in measure.labels)}


def _compared(
    plan: Plan, counted: Population, window: Sequence[Person], asked: Asked, made: Made, told: Told
) -> Outcome:
    """One measure after the other, each knowing the bands of those before it."""
    bands: list[Band] = []
    lines: list[Line] = []
    for done, key in enumerate(plan.compared):
        told("beside the others", done, len(plan.compared))
        so_far = replace(made.release, bands=tuple(bands))
        found = _beside(plan, counted, window, asked, so_far, key)
        title = plan.title_of(key)
        bands += [replace(band, label=f"{title}: {band.label}") for band in (found.bands if found else ())]
        lines += [replace(line, label=f"{title}: {line.label}") for line in (found.lines if found else ())]
    refused = tuple((_title(plan, crossing), why) for crossing, why in made.refused)
    return Outcome(replace(made.release, bands=tuple(bands)), tuple(lines), refused)


def _beside(
    plan: Plan, counted: Population, window: Sequence[Person], asked: Asked, so_far: Release, key: str
) -> Benchmark | None:
    table = _one_way(so_far, key)
    if table is None or not _may_pool(window, {asked.city, *asked.others}, plan.measure(key)):
        return None
    return benchmark(counted, table, asked.others, [*asked.history, so_far])


def _may_pool(window: Sequence[Person], employers: Collection[str], measure: Measure) -> bool:
    """Whether most people of each employer were asked this, in words that can be set beside the others'."""
    for employer in employers:
        people = [person for person in window if person.employer == employer]
        heard = [person for person in people if measure.key in person.answers]
        if 2 * len(heard) <= len(people) or small(len(heard) or 1, measure.minimum):
            return False
        if any(person.comparable.get(measure.metric) == "own" for person in people):
            return False
    return True


def _one_way(released: Release, key: str) -> Table | None:
    return next((one for one in released.tables if one.crossing.axes == (key,)), None)


def _group(plan: Plan, table: Table) -> str:
    rows = table.crossing.rows
    if not table.crossing.columns and rows != plan.free.key and plan.measure(rows).part_of:
        return plan.measure(rows).part_of
    return _title(plan, table.crossing)


def _title(plan: Plan, crossing: Crossing) -> str:
    return " by ".join(plan.title_of(axis) for axis in crossing.axes)


def _joined(plan: Plan, title: str, tables: Sequence[Table], hidden: Collection[str]) -> Table:
    first = tables[0]
    if first.crossing.columns or not plan.measure(first.crossing.rows).part_of:
        axes = [plan.title_of(axis) for axis in first.crossing.axes]
        names = dict(zip(first.crossing.axes, axes, strict=True))
        groups = {names[axis]: groups for axis, groups in first.crossing.groups.items()}
        columns = axes[1] if len(axes) > 1 else ""
        return replace(first, crossing=replace(first.crossing, rows=axes[0], columns=columns, groups=groups))
    return _ticks(plan, title, tables, hidden)


def _ticks(plan: Plan, title: str, tables: Sequence[Table], hidden: Collection[str]) -> Table:
    """One row for each answer that could be named: how many did."""
    whole = {table.cells[ALL, ALL] for table in tables}
    by_key = {table.crossing.rows: table for table in tables}
    cells: dict[Place, int | None] = {}
    for measure in plan.measures:
        if measure.key in by_key:
            cells[measure.item, ALL] = by_key[measure.key].cells.get((measure.labels[0], ALL))
        elif measure.part_of == title and plan.title_of(measure.key) in hidden:
            cells[measure.item, ALL] = None
    crossing = replace(tables[0].crossing, rows=title, groups={})
    rows = tuple(row for row, _ in cells)
    return Table(crossing, rows, (), {**cells, (ALL, ALL): whole.pop() if len(whole) == 1 else None})
