import pytest

from handlers.release.rules import (
    Range,
    Rules,
    dominant,
    may_show_comments,
    pay_refusal,
    rolling,
    small,
)

RULES = Rules()


@pytest.mark.parametrize(("count", "hidden"), [(0, False), (1, True), (4, True), (5, False)])
def test_only_nobody_or_five_may_be_shown(count: int, hidden: bool) -> None:
    assert small(count, RULES.metrics) is hidden


@pytest.mark.parametrize(("low", "high", "safe"), [(1, 5, True), (2, 5, False), (0, 4, False), (3, 9, True)])
def test_range_must_be_four_wide_and_reach_five(low: int, high: int, safe: bool) -> None:
    assert Range(low, high).safe(RULES, 5) is safe


def test_comments_need_eight_people() -> None:
    assert (may_show_comments(7, RULES), may_show_comments(8, RULES)) == (False, True)


def test_employer_over_sixty_percent_dominates() -> None:
    assert dominant({"a": 60, "b": 40}, RULES) is None
    assert dominant({"a": 61, "b": 39}, RULES) == "a"


def test_pay_needs_five_employers_and_no_two_with_most_of_it() -> None:
    few, heavy, fair = (pay_refusal(weights, RULES) for weights in ([1] * 4, [50, 40, 5, 3, 2], [30, 25, 20, 15, 10]))
    assert few is not None
    assert few.code == "entities"
    assert heavy is not None
    assert heavy.code == "dominance"
    assert fair is None


def test_rolling_year_ends_with_its_quarter() -> None:
    assert rolling("2026Q2") == ("2025Q3", "2025Q4", "2026Q1", "2026Q2")


@pytest.mark.parametrize("quarter", ["2026", "2026-Q3", "2026Q5", "Q1-2026", ""])
def test_what_is_no_quarter_is_refused(quarter: str) -> None:
    with pytest.raises(ValueError, match="looks like"):
        rolling(quarter)
