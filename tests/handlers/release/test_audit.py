from dataclasses import replace
from random import Random

import pytest

from handlers.release import view
from handlers.release.audit import Fact, Target, TooLarge, attackers, disagree, exposed, ranges
from handlers.release.published import Release, facts, table_facts
from handlers.release.rules import Range, Rules
from handlers.release.suppress import attack, primary
from handlers.release.table import BATCH, EMPLOYER, Axis, Crossing, Population, Table, cut, regions
from handlers.release.targets import targets
from handlers.release.view import View
from tests.handlers.release.people import UNITS, A, B, C, city, crossing, population

RULES = Rules()
NOBODY: frozenset[str] = frozenset()
GRID = city(A, "Q1", {"Pay": (1, 20, 20), "Supervisor": (20, 20, 20), "Move": (20, 20, 3)})


def naive(people: Population, *batches: str) -> Table:
    asked = crossing(A, *batches)
    return cut(people, asked, primary(people, asked))


def test_lone_hidden_cell_is_worked_out_from_its_row() -> None:
    people = population(GRID)
    table = naive(people, "Q1")
    found = ranges(people, list(table_facts(people, table, NOBODY)), targets(people, [table]))
    assert found["reason by unit: Pay / Police (hidden)"] == Range(1, 1)
    assert found["reason by unit: Move / Parks (hidden)"] == Range(3, 3)


def test_four_hidden_corners_leave_a_range() -> None:
    people = population(GRID)
    asked = crossing(A, "Q1")
    corners = [("Pay", "Police"), ("Pay", "Parks"), ("Move", "Police"), ("Move", "Parks")]
    table = cut(people, asked, corners)
    found = ranges(people, list(table_facts(people, table, NOBODY)), targets(people, [table]))
    assert found["reason by unit: Pay / Police (hidden)"] == Range(1, 20)
    assert attack(people, [table], RULES) == ()


def test_later_release_that_adds_few_answers_is_found_by_subtraction() -> None:
    people = population(
        city(A, "Q1", {"Pay": (20, 20, 20), "Move": (20, 20, 20)})
        | city(A, "Q2", {"Pay": (1, 0, 2), "Move": (5, 7, 9)})
    )
    first, second = cut(people, crossing(A, "Q1")), cut(people, crossing(A, "Q1", "Q2"))
    assert attack(people, [first], RULES) == ()
    assert {finding.target.name for finding in attack(people, [first, second], RULES)} == {
        "reason by unit: Pay / Police (Blue Springs Q2)",
        "reason by unit: Pay / Parks (Blue Springs Q2)",
        "reason by unit: Pay / all (Blue Springs Q2)",
    }


def test_overlapping_groups_are_subtracted_from_each_other() -> None:
    people = population(city(A, "Q1", {"Pay": (20, 2, 20), "Move": (20, 20, 20)}))
    left = (("Police + Fire", UNITS[:2]), ("Parks", UNITS[2:]))
    right = (("Police", UNITS[:1]), ("Fire + Parks", UNITS[1:]))
    tables = [cut(people, replace(crossing(A, "Q1"), groups={"unit": units})) for units in (left, right)]
    assert [attack(people, [table], RULES) for table in tables] == [(), ()]
    (found,) = attack(people, tables, RULES)
    assert (found.target.name, found.range) == ("reason by unit: Pay / Fire (Blue Springs Q1)", Range(2, 2))


def test_two_cities_together_work_out_the_third_from_an_exact_pool() -> None:
    everyone = (
        city(A, "Q1", {"Pay": (20, 0, 0)}) | city(B, "Q1", {"Pay": (20, 0, 0)}) | city(C, "Q1", {"Pay": (30, 0, 0)})
    )
    people = population(everyone)
    pool = {EMPLOYER: frozenset({A, B, C}), BATCH: frozenset({"Q1"})}
    secret = Target("third", {EMPLOYER: frozenset({C}), BATCH: frozenset({"Q1"})}, 5, outsiders=True)
    (found,) = exposed(people, [Fact(pool, 70, 70)], [secret], RULES)
    assert (found.telling, found.range) == (frozenset({A, B}), Range(30, 30))


def test_staff_may_read_their_own_large_figures() -> None:
    people = population(city(A, "Q1", {"Pay": (20, 0, 0)}))
    own = {EMPLOYER: frozenset({A}), BATCH: frozenset({"Q1"})}
    assert exposed(people, [Fact(own, 20, 20, frozenset({A}))], [Target("own", own, 5, outsiders=True)], RULES) == ()


def test_reader_of_a_figure_colludes_though_not_in_it() -> None:
    pool = {EMPLOYER: frozenset({B, C}), BATCH: frozenset({"Q1"})}
    assert frozenset({A, B}) in attackers([Fact(pool, 10, 20, frozenset({A}))])


def test_employers_that_share_no_figure_attack_alone() -> None:
    own = [Fact({EMPLOYER: frozenset({one}), BATCH: frozenset({"Q1"})}, 9, 9) for one in (A, B)]
    assert attackers(own) == (frozenset({A}), frozenset({B}))


def test_attack_that_is_too_large_is_not_taken_for_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "LARGEST", 3)
    people = population(GRID)
    with pytest.raises(TooLarge):
        View(people, list(regions(people, crossing(A, "Q1")).values()))


def test_data_that_changed_after_a_release_is_noticed() -> None:
    people = population(GRID)
    released = [Release("r", (naive(people, "Q1"),))]
    assert not disagree(people, facts(people, released))
    fewer = population(GRID | {(A, "Q1", "Pay", "Fire"): 19})
    assert disagree(fewer, facts(fewer, released))


@pytest.mark.parametrize("seed", range(12))
def test_dividing_the_unknowns_loses_nothing(seed: int) -> None:
    random = Random(seed)  # noqa: S311 -- the same each time
    axes = [Axis(EMPLOYER, (A,)), Axis(BATCH, ("Q1", "Q2"))]
    axes += [Axis(name, ("0", "1", "2")) for name in ("pay", "boss", "unit")]
    people = Population.of(
        axes, ({axis.name: random.choice(axis.categories) for axis in axes} for _ in range(random.randint(8, 40)))
    )
    asked = [
        Crossing("pay", "unit", frozenset({A}), frozenset({"Q1", "Q2"})),
        Crossing("boss", "unit", frozenset({A}), frozenset({"Q1"})),
        Crossing("boss", "", frozenset({A}), frozenset({"Q1", "Q2"})),
    ]
    tables = [cut(people, one, primary(people, one)) for one in asked]
    told = [fact for table in tables for fact in table_facts(people, table, NOBODY)]
    wanted = [target for target in targets(people, tables) if target.name.endswith("(hidden)")]
    whole = Fact({axis.name: frozenset(axis.categories) for axis in axes}, 0, None)  # ties all axes together
    assert ranges(people, told, wanted) == ranges(people, [*told, whole], wanted)
