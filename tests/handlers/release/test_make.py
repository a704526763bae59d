import json
from dataclasses import replace

import pytest

from campaigns.exit_files import files
from campaigns.releases import history, score, solved
from handlers.release import suppress, view
from handlers.release.explain import WHY_HIDDEN, coverage, headline, merged, why_hidden, why_not
from handlers.release.published import Release, as_json, data_hash, facts, from_json
from handlers.release.release import make
from handlers.release.rollup import proposals, published
from handlers.release.rules import Refused, Rules
from handlers.release.suppress import attack, primary, protect
from handlers.release.table import ALL, BATCH, EMPLOYER, Axis, Crossing, Population, cut
from tests.handlers.release.people import QUARTERS, REASONS, UNITS, A, B, C, D, city, crossing, population

RULES = Rules()
GRID = {"Pay": (1, 20, 20), "Supervisor": (20, 20, 20), "Move": (20, 20, 3), "Other": (9, 9, 9)}


def test_small_cells_take_others_with_them_until_nobody_is_found() -> None:
    people = population(city(A, "Q1", GRID))
    (table,) = make(people, "r", [crossing(A, "Q1")]).release.tables
    assert {("Pay", "Police"), ("Move", "Parks")} < set(table.hidden)
    assert all(table.cells[row, ALL] is not None for row in table.rows)
    assert attack(people, [table], RULES) == ()
    assert solved(people, [Release("r", (table,))]) == 0


def test_table_without_small_cells_is_shown_whole() -> None:
    people = population(
        city(A, "Q1", {"Pay": (20, 20, 20), "Move": (20, 20, 20), "Supervisor": (9, 9, 9), "Other": (8, 8, 8)})
    )
    (table,) = make(people, "r", [crossing(A, "Q1")]).release.tables
    assert table.hidden == ()
    assert coverage(table) == "Every cell is shown."


def test_small_units_are_shown_together() -> None:
    people = population(
        city(A, "Q1", {"Pay": (30, 3, 2), "Move": (30, 9, 8), "Supervisor": (30, 3, 4), "Other": (25, 6, 2)})
    )
    (table,) = make(people, "r", [crossing(A, "Q1")]).release.tables
    assert table.columns == ("Police", "Fire + Parks")
    assert merged(table) == ["Fire + Parks: Fire, Parks"]
    assert published(table) == people.count(table.crossing.base)


def test_ordered_categories_are_merged_with_neighbours_only() -> None:
    axes = (Axis(EMPLOYER, (A,)), Axis(BATCH, ("Q1",)), Axis("years", ("0", "1", "2", "3", "4"), ordered=True))
    people = Population(axes, {(A, "Q1", year): count for year, count in zip("01234", (3, 40, 18, 50, 4), strict=True)})
    alone, way = proposals(people, Crossing("years", "", frozenset({A}), frozenset({"Q1"})), RULES)
    assert [label for label, _ in alone.groups["years"]] == ["0", "1", "2", "3", "4"]
    assert way.groups["years"] == (("0 to 2", ("0", "1", "2")), ("3 to 4", ("3", "4")))


def test_open_wave_shows_no_counts() -> None:
    people = population(city(A, "Q1", GRID))
    made = make(people, "r", [crossing(A, "Q1")], open_batches=["Q1"])
    assert made.release.tables == ()
    assert [refused.code for _, refused in made.refused] == ["open"]
    assert why_not(made.refused[0][1]).endswith("Ask again after the lock.")


def test_fewer_than_five_people_are_no_table() -> None:
    people = population(city(A, "Q1", {"Pay": (4, 0, 0)}))
    ((_, refused),) = make(people, "r", [crossing(A, "Q1")]).refused
    assert refused.code == "few"
    assert why_not(refused).endswith("Ask again after the next quarter, when more people have answered.")
    assert not any(letter.isdigit() for letter in why_not(refused))


def test_supervisors_need_ten() -> None:
    people = population(city(A, "Q1", {"Pay": (9, 30, 30), "Move": (30, 30, 30)}), supervisors=True)
    assert primary(people, crossing(A, "Q1")) == {("Pay", "Police")}
    (table,) = make(people, "r", [crossing(A, "Q1")]).release.tables
    assert all(count is None or count == 0 or count >= 10 for count in table.cells.values())


def test_counts_of_three_cities_together_are_refused_for_the_benchmark() -> None:
    people = population(city(A, "Q1", GRID) | city(B, "Q1", GRID) | city(C, "Q1", GRID))
    asked = replace(crossing(A, "Q1"), employers=frozenset({A, B, C}))
    assert make(people, "r", [asked]).refused[0][1].code == "pool"


def test_pool_that_one_city_dominates_is_refused() -> None:
    people = population(
        city(A, "Q1", {"Pay": (90, 0, 0)})
        | city(B, "Q1", {"Pay": (9, 9, 9)})
        | city(C, "Q1", {"Pay": (9, 9, 9)})
        | city(D, "Q1", {})
    )
    asked = replace(crossing(A, "Q1"), employers=frozenset({A, B, C, D}))
    assert make(people, "r", [asked]).refused[0][1].code == "dominance"


def test_next_quarter_does_not_give_the_last_one_away() -> None:
    grids = [city(A, quarter, {"Pay": (7, 1, 4), "Move": (6, 5, number)}) for number, quarter in enumerate(QUARTERS)]
    people = population({key: count for grid in grids for key, count in grid.items()})
    first = make(people, "1", [crossing(A, *QUARTERS[:4])]).release
    second = make(people, "2", [crossing(A, *QUARTERS[1:])], [first])
    assert first.tables
    assert attack(people, [*first.tables, *second.release.tables], RULES) == ()


def test_release_that_adds_three_people_to_an_earlier_one_hides_how_many() -> None:
    people = population(city(A, "Q1", GRID) | city(A, "Q2", {"Pay": (1, 1, 1)}))
    first = make(people, "1", [crossing(A, "Q1")]).release
    (second,) = make(people, "2", [crossing(A, "Q1", "Q2")], [first]).release.tables
    assert (second.cells[ALL, ALL], second.cells["Pay", ALL]) == (None, None)
    assert second.cells["Supervisor", ALL] == 60
    assert attack(people, [*first.tables, second], RULES) == ()


def test_answers_that_changed_since_a_release_stop_the_next_one() -> None:
    first = make(population(city(A, "Q1", GRID)), "1", [crossing(A, "Q1")]).release
    changed = population(city(A, "Q1", GRID | {"Other": (9, 9, 30)}))
    assert make(changed, "2", [crossing(A, "Q1")], [first]).refused[0][1].code == "history"


def test_what_cannot_be_attacked_is_not_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "LARGEST", 3)
    people = population(city(A, "Q1", GRID))
    assert make(people, "r", [crossing(A, "Q1")]).refused[0][1].code == "large"


def test_release_survives_json_and_its_hash_too() -> None:
    release = make(population(city(A, "Q1", GRID)), "r", [crossing(A, "Q1")], audience=frozenset({A})).release
    again = from_json(json.loads(json.dumps(as_json(release))))
    assert again == release
    assert data_hash(again) == data_hash(release)


def test_why_hidden_is_the_same_for_small_cells_and_for_those_beside_them() -> None:
    people = population(city(A, "Q1", GRID))
    (table,) = make(people, "r", [crossing(A, "Q1")]).release.tables
    assert {why_hidden(table, *place) for place in table.hidden} == {WHY_HIDDEN}
    assert why_hidden(table, "Supervisor", ALL) == "This cell is not hidden."


def test_headline_uses_shown_counts_only() -> None:
    people = population(city(A, "Q1", GRID))
    asked = crossing(A, "Q1", columns="")
    assert headline(cut(people, asked)) == "171 people answered; most often “Supervisor” (60 people, 35 %)."
    hidden = [(ALL, ALL)]
    assert headline(cut(people, asked, hidden)) == "Too little may be shown for a headline."


@pytest.mark.parametrize("number", [0, 1])
def test_file_shaped_like_a_real_one_is_open_to_attack_until_we_hide(number: int) -> None:
    file = files(20197)[number]
    asked = file.crossings[0]
    naive = score(file.population, cut(file.population, asked, primary(file.population, asked)))
    ours = score(file.population, make(file.population, "r", [asked]).release.tables[0])
    assert naive.exact >= 4
    assert (ours.exact, ours.exposed) == (0, 0)
    assert ours.cells >= 46
    assert ours.people >= 74


@pytest.mark.parametrize("seed", range(8))
def test_no_history_of_releases_gives_a_small_group_to_algebra(seed: int) -> None:
    one = history(seed)
    assert solved(one.population, one.ours) == 0


def test_units_and_reasons_of_the_tests_are_those_of_the_population() -> None:
    people = population({})
    assert (people.axis("reason").categories, people.axis("unit").categories) == (REASONS, UNITS)
    with pytest.raises(KeyError):
        people.axis("age")


def test_release_that_already_exposed_somebody_stops_the_next_one() -> None:
    people = population(city(A, "Q1", GRID) | city(A, "Q2", {"Pay": (20, 20, 20)}))
    asked = crossing(A, "Q1")
    careless = [Release("1", (cut(people, asked, primary(people, asked)),))]
    refused = protect(people, [asked], RULES, facts(people, careless), careless[0].tables)
    assert isinstance(refused, Refused)
    assert refused.code == "subtraction"
    assert make(people, "2", [crossing(A, "Q2")], careless).release.tables == ()


def test_search_that_ends_without_a_safe_table_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppress, "ROUNDS", 0)
    people = population(city(A, "Q1", GRID))
    assert make(people, "r", [crossing(A, "Q1")]).refused[0][1].code == "effort"
