"""Answers as they are kept when nobody stands behind them: by metric, or metric and item, with two kinds of blank."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

TICKED = "1"
ASKED = "-"

Comparable = Literal["same", "rescaled", "own"]
"""Whether a metric may be set beside other cities': as it is, with a word on the scale, or never."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What one response says, and of which quarter, such as 2026Q4; `weight` is how many people said it.

    A key is a metric, or metric/item where several may be ticked. The code is that of an option, a number, TICKED, or
    ASKED: asked, but not ticked or not answered. What was not asked has no key. `comparable` names the metrics that
    are not the "same" everywhere.
    """

    quarter: str
    answers: Mapping[str, str]
    weight: int = 1
    comparable: Mapping[str, Comparable] = field(default_factory=dict)


def ticks(metric: str, chosen: Collection[str], offered: Iterable[str]) -> dict[str, str]:
    """A question with several answers, as it is kept: every item that was offered, ticked or not."""
    return {f"{metric}/{item}": TICKED if item in chosen else ASKED for item in offered}
