import pytest

from campaigns.releases import compared
from handlers.release import view
from handlers.release.audit import Target, exposed
from handlers.release.benchmark import WHY_NOT, Point, benchmark, trend
from handlers.release.published import Release, as_json, facts, from_json
from handlers.release.release import make
from handlers.release.rules import Rules
from handlers.release.table import BATCH, EMPLOYER, Population, Table, cut
from tests.handlers.release.people import A, B, C, city, crossing, population

OWN = {"Pay": (20, 10, 10), "Supervisor": (10, 5, 5), "Move": (20, 5, 5), "Other": (6, 6, 8)}
ALIKE = population(city(A, "Q1", OWN) | city(B, "Q1", OWN) | city(C, "Q1", OWN))


def own_table(people: Population, employer: str) -> Table:
    asked = crossing(employer, "Q1", columns="")
    return make(people, "own", [asked], audience=frozenset({employer})).release.tables[0]


def test_three_equal_cities_see_the_others_in_bands() -> None:
    table = own_table(ALIKE, A)
    found = benchmark(ALIKE, table, frozenset({B, C}), [Release("own", (table,), (), frozenset({A}))])
    assert found is not None
    assert [(line.label, line.own) for line in found.lines] == [
        ("Pay", 36),
        ("Supervisor", 18),
        ("Move", 27),
        ("Other", 18),
    ]
    assert all(line.low <= (line.own or 0) <= line.high for line in found.lines)


def test_each_city_gets_its_benchmark_and_no_two_work_out_the_third() -> None:
    released: list[Release] = []
    for one in (A, B, C):
        table = own_table(ALIKE, one)
        own = Release(one, (table,), (), frozenset({one}))
        found = benchmark(ALIKE, table, frozenset({A, B, C}) - {one}, [*released, own])
        assert found is not None
        released.append(Release(one, (table,), found.bands, frozenset({one})))
    secrets = [
        Target(
            f"{one} {reason}",
            {EMPLOYER: frozenset({one}), BATCH: frozenset({"Q1"}), "reason": frozenset({reason})},
            5,
            outsiders=True,
        )
        for one in (A, B, C)
        for reason in ("Pay", "Supervisor", "Move", "Other")
    ]
    assert exposed(ALIKE, facts(ALIKE, released), secrets, Rules()) == ()


def test_city_under_the_minimum_is_not_among_the_others() -> None:
    people = population(city(A, "Q1", OWN) | city(B, "Q1", OWN) | city(C, "Q1", {"Pay": (4, 0, 0)}))
    assert benchmark(people, own_table(people, A), frozenset({B, C})) is None


def test_city_without_answers_is_not_among_the_others() -> None:
    people = population(city(A, "Q1", OWN) | city(B, "Q1", OWN))
    assert benchmark(people, own_table(people, A), frozenset({B, C})) is None


def test_dominant_city_is_not_shown_through_the_pool() -> None:
    people = population(city(A, "Q1", OWN) | city(B, "Q1", OWN) | city(C, "Q1", {"Pay": (9, 9, 9), "Move": (5, 5, 5)}))
    assert benchmark(people, own_table(people, A), frozenset({B, C})) is None


def test_single_other_city_is_never_shown() -> None:
    assert benchmark(ALIKE, own_table(ALIKE, A), frozenset({B})) is None


def test_few_answers_leave_no_band_wide_enough() -> None:
    few = {"Pay": (3, 1, 1), "Supervisor": (1, 1, 0), "Move": (1, 0, 1), "Other": (1, 0, 0)}
    people = population(city(A, "Q1", OWN) | city(B, "Q1", few) | city(C, "Q1", few))
    assert benchmark(people, own_table(people, A), frozenset({B, C})) is None


def test_refusal_says_the_same_whatever_the_cause_and_no_number() -> None:
    assert not any(letter.isdigit() for letter in WHY_NOT)
    assert "same sentence" in WHY_NOT


def test_own_trend_shows_only_what_was_released() -> None:
    asked = crossing(A, "Q1", columns="")
    tables = [("Q1", cut(ALIKE, asked)), ("Q2", cut(ALIKE, asked, [("Pay", "")]))]
    assert trend(tables, "Pay") == (Point("Q1", 36), Point("Q2", None))


@pytest.mark.parametrize("seed", range(8))
def test_no_random_trio_lets_two_cities_work_out_the_third(seed: int) -> None:
    assert compared(seed)[1] == 0


def test_bands_survive_json_and_tell_their_readers_only() -> None:
    table = own_table(ALIKE, A)
    found = benchmark(ALIKE, table, frozenset({B, C}))
    assert found is not None
    release = Release("r", (table,), found.bands, frozenset({A}))
    assert from_json(as_json(release)) == release
    told = facts(ALIKE, [release])
    assert {fact.audience for fact in told if fact.low != fact.high} == {frozenset({A})}


def test_comparison_that_cannot_be_attacked_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    table = own_table(ALIKE, A)
    monkeypatch.setattr(view, "LARGEST", 3)
    assert benchmark(ALIKE, table, frozenset({B, C})) is None
