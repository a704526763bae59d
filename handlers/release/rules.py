"""The minimums of a release: how many people, how wide a range, how large a share, and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

QUARTERS = 4
YEAR = 4


@dataclass(frozen=True, slots=True)
class Rules:
    """What must hold before anything is shown; counts are people, shares are of a pooled figure.

    Five for metrics is what Culture Amp, Lattice and Aon use; (2, 85 %) and five entities for pay are the defaults of
    sdcLog and sdcTable. "<5" is never shown: it tells that a range does not reach five.
    """

    metrics: int = 5
    comments: int = 8
    supervisor: int = 10
    width: int = 4
    margin: int = 20
    dominance: float = 0.60
    pay_entities: int = 5
    pay_largest: int = 2
    pay_share: float = 0.85


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing is released; `code` says why for programs, `reason` is a sentence that tells no count."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the most that an attacker must think possible."""

    low: int
    high: int

    @property
    def width(self) -> int:
        """How many apart the ends are; 0 is a count that was worked out."""
        return self.high - self.low

    def safe(self, rules: Rules, minimum: int) -> bool:
        """Wide enough, and reaching a count that could have been shown."""
        return self.width >= rules.width and self.high >= minimum


def small(count: int, minimum: int) -> bool:
    """Whether a count may not be shown by itself: somebody is in it, and too few."""
    return 0 < count < minimum


def may_show_comments(respondents: int, rules: Rules) -> bool:
    """Whether a group has enough people for their comments, redacted and read by a person before."""
    return respondents >= rules.comments


def dominant(people: Mapping[str, int], rules: Rules) -> str | None:
    """The employer that makes up more than its share of a pooled exit figure."""
    total = sum(people.values())
    return next((name for name, count in sorted(people.items()) if count > rules.dominance * total), None)


def pay_refusal(weights: Iterable[float], rules: Rules) -> Refused | None:
    """Whether a pooled pay figure must stay unpublished: too few entities, or (n, k) of them dominate it.

    `weights` is what each entity adds to the figure.
    """
    largest = sorted(weights, reverse=True)
    if len(largest) < rules.pay_entities:
        return Refused("entities", f"A pay figure needs at least {rules.pay_entities} employers.")
    if sum(largest[: rules.pay_largest]) > rules.pay_share * sum(largest):
        return Refused("dominance", "Too few employers make up most of this pay figure.")
    return None


def rolling(quarter: str) -> tuple[str, ...]:
    """The twelve months that end with a quarter ("2026Q3"), earliest first; ValueError if it is not one."""
    year, _, number = quarter.partition("Q")
    if not (year.isdecimal() and len(year) == YEAR) or number not in ("1", "2", "3", "4"):
        raise ValueError("A quarter looks like 2026Q3.")
    last = int(year) * QUARTERS + int(number) - 1
    return tuple(f"{one // QUARTERS:04d}Q{one % QUARTERS + 1}" for one in range(last - QUARTERS + 1, last + 1))
