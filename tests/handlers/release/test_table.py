import pytest

from handlers.release.table import ALL, BATCH, EMPLOYER, Axis, Crossing, Population, cut
from tests.handlers.release.people import A, B, city, crossing, population

PEOPLE = population(city(A, "Q1", {"Pay": (6, 0, 2), "Move": (1, 5, 0)}) | city(B, "Q1", {"Pay": (9, 9, 9)}))


def test_table_has_cells_margins_and_total_of_its_own_employer_only() -> None:
    table = cut(PEOPLE, crossing(A, "Q1"))
    assert table.row("Pay") == {"Police": 6, "Fire": 0, "Parks": 2}
    assert table.cells["Pay", ALL] == 8
    assert table.cells[ALL, "Police"] == 7
    assert table.cells[ALL, ALL] == 14


def test_one_way_table_has_a_total_and_no_columns() -> None:
    table = cut(PEOPLE, crossing(A, "Q1", columns=""))
    assert table.columns == ()
    assert table.inner == {("Pay", ALL): 8, ("Supervisor", ALL): 0, ("Move", ALL): 6, ("Other", ALL): 0}


def test_merged_categories_are_counted_together() -> None:
    groups = {"unit": (("Police", ("Police",)), ("Fire + Parks", ("Fire", "Parks")))}
    table = cut(PEOPLE, Crossing("reason", "unit", frozenset({A}), frozenset({"Q1"}), groups))
    assert table.row("Pay") == {"Police": 6, "Fire + Parks": 2}


def test_hidden_places_have_no_count() -> None:
    table = cut(PEOPLE, crossing(A, "Q1"), [("Pay", "Parks")])
    assert table.cells["Pay", "Parks"] is None
    assert table.hidden == (("Pay", "Parks"),)


def test_person_outside_the_categories_is_refused_by_the_name_of_the_axis() -> None:
    axes = (Axis(EMPLOYER, (A,)), Axis(BATCH, ("Q1",)), Axis("reason", ("Pay",)))
    with pytest.raises(ValueError, match="axis reason"):
        Population.of(axes, [{EMPLOYER: A, BATCH: "Q1", "reason": "secret words"}])
