import pytest

from handlers.release.response import Dispositions, con1, coop1, eligible, rates, ref1, rr1, rr2, rr3, rr4, shown
from handlers.release.rules import Rules

# I 50, P 10, R 5, NC 20, O 5, UH 6, UO 4; 10 of the known were not eligible: e = 90 / 100.
COUNTS = Dispositions(50, 10, 5, 20, 5, 6, 4, 10)


def test_rates_follow_the_published_formulas() -> None:
    assert rr1(COUNTS) == 50 / 100
    assert rr2(COUNTS) == 60 / 100
    assert eligible(COUNTS) == 0.9
    assert rr3(COUNTS) == pytest.approx(50 / 99)
    assert rr4(COUNTS) == pytest.approx(60 / 99)
    assert coop1(COUNTS) == 50 / 70
    assert ref1(COUNTS) == 5 / 100
    assert con1(COUNTS) == 70 / 100


def test_wave_that_nobody_was_asked_in_has_rates_of_nothing() -> None:
    nothing = Dispositions(0, 0, 0, 0)
    assert [rate(nothing) for rate in (rr1, rr2, rr3, rr4, coop1, ref1, con1)] == [0.0] * 7


def test_few_refusals_are_hidden_together_with_others() -> None:
    found = shown(Dispositions(50, 20, 2, 9), Rules())
    assert found == {
        **dict.fromkeys(("other", "unknown_household", "unknown_other", "not_eligible"), 0),
        "complete": 50,
        "partial": 20,
        "refusal": None,
        "non_contact": None,
    }


def test_hidden_counts_leave_a_wide_range_to_who_knows_the_total() -> None:
    for counts in (Dispositions(50, 1, 1, 1), Dispositions(50, 4, 4, 9), Dispositions(7, 1, 0, 0)):
        found = shown(counts, Rules())
        hidden = [getattr(counts, name) for name, count in found.items() if count is None]
        assert sum(hidden) - len(hidden) >= 4


def test_rate_that_would_give_a_hidden_count_away_is_hidden() -> None:
    assert rates(Dispositions(50, 20, 2, 28), Rules()) == {
        "RR1": 50,
        "RR2": None,
        "COOP1": None,
        "REF1": None,
        "CON1": None,
    }
    assert rates(COUNTS, Rules())["RR2"] is None
    assert rates(Dispositions(50, 10, 5, 20, 5, 10), Rules()) == {
        "RR1": 50,
        "RR2": 60,
        "COOP1": 71,
        "REF1": 5,
        "CON1": 70,
    }


def test_of_fewer_than_five_invitations_no_count_is_read_not_even_none() -> None:
    for counts in (Dispositions(1, 0, 0, 0), Dispositions(0, 0, 1, 0), Dispositions(2, 1, 0, 1)):
        assert set(shown(counts, Rules()).values()) == {None}
