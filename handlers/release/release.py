"""A release is made table by table: merged, hidden, attacked together with all that went out before; or refused."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from handlers.release.audit import Fact, TooLarge, disagree
from handlers.release.published import Release, facts, table_facts
from handlers.release.rollup import proposals, published
from handlers.release.rules import Refused, Rules, dominant, small
from handlers.release.suppress import attack, protect
from handlers.release.table import BATCH, EMPLOYER, Crossing, Population, Table
from handlers.release.targets import minimum

POOL = 4


@dataclass(frozen=True, slots=True)
class Made:
    """What may go out, and why each other crossing that was asked for may not."""

    release: Release
    refused: tuple[tuple[Crossing, Refused], ...]


def make(
    population: Population,
    name: str,
    crossings: Sequence[Crossing],
    history: Sequence[Release] = (),
    rules: Rules | None = None,
    open_batches: Collection[str] = (),
    audience: frozenset[str] = frozenset(),
    told: Callable[[str, int, int], None] = lambda *_: None,
) -> Made:
    """Make the release of that name after those of `history`, which must all still be true of the population.

    Each table is protected knowing the ones before it; at the end everything is attacked once more, from its published
    form alone, and the last tables are left out until that finds nobody. `audience` holds the employers whose staff may
    read it (empty: everybody); an employer's own tables are for itself. `told` hears step, done, of how many.
    """
    rules = rules or Rules()
    known = facts(population, history)
    if disagree(population, known):
        return _nothing(name, crossings, Refused("history", "The answers no longer agree with what was released."))
    tables: list[Table] = []
    refused: list[tuple[Crossing, Refused]] = []
    earlier = [table for release in history for table in release.tables]
    for done, crossing in enumerate(crossings):
        told("tables", done, len(crossings))
        table = _table(population, crossing, rules, known, [*earlier, *tables], open_batches, audience)
        if isinstance(table, Refused):
            refused.append((crossing, table))
        else:
            tables.append(table)
            known = [*known, *table_facts(population, table, audience)]
    told("attack", 0, 1)
    before = facts(population, history)
    while tables and attack(population, tables, rules, before, earlier, audience):
        refused.append(
            (tables.pop().crossing, Refused("attack", "With the other tables it would expose a small group."))
        )
    return Made(Release(name, tuple(tables), (), audience), tuple(refused))


def _nothing(name: str, crossings: Sequence[Crossing], why: Refused) -> Made:
    return Made(Release(name), tuple((crossing, why) for crossing in crossings))


def _table(
    population: Population,
    crossing: Crossing,
    rules: Rules,
    known: Sequence[Fact],
    earlier: Sequence[Table],
    open_batches: Collection[str],
    audience: frozenset[str],
) -> Table | Refused:
    """The table that shows the most people of all ways to merge it."""
    refusal = _refusal(population, crossing, rules, open_batches)
    if refusal:
        return refusal
    try:
        ways = proposals(population, crossing, rules)
        tries = [protect(population, [one], rules, known, earlier, audience) for one in ways]
    except TooLarge:
        return Refused("large", "These answers are crossed with too many others to be checked.")
    made = [one[0] for one in tries if not isinstance(one, Refused)]
    worth = [table for table in made if any(table.inner.values())]
    if worth:
        return max(worth, key=lambda table: (published(table), len(table.inner) - len(table.hidden)))
    return next(
        (one for one in tries if isinstance(one, Refused)),
        Refused("small", "So few people stand in each part that all would be hidden."),
    )


def _refusal(population: Population, crossing: Crossing, rules: Rules, open_batches: Collection[str]) -> Refused | None:
    if not crossing.batches.isdisjoint(open_batches):
        return Refused("open", "These interviews are still going on; counts are shown when they are locked.")
    if small(population.count(crossing.base) or 1, minimum(population, crossing)):
        return Refused("few", "Too few people answered so far.")
    return _pool_refusal(population, crossing, rules) if len(crossing.employers) > 1 else None


def _pool_refusal(population: Population, crossing: Crossing, rules: Rules) -> Refused | None:
    """Of three employers, any two could subtract themselves from a count; only a benchmark in bands can be shown."""
    if len(crossing.employers) < POOL:
        return Refused("pool", "Counts of so few employers together would show each of them; see the benchmark.")
    people = {
        one: population.count({EMPLOYER: frozenset({one}), BATCH: crossing.batches}) for one in crossing.employers
    }
    return Refused("dominance", "One employer makes up too much of this figure.") if dominant(people, rules) else None
