"""Small populations for the tests of releases."""

from collections.abc import Mapping

from handlers.release.table import BATCH, EMPLOYER, Axis, Crossing, Population

A, B, C, D, E = "Blue Springs", "Independence", "Lee's Summit", "Grandview", "Raytown"
CITIES = (A, B, C, D, E)
QUARTERS = ("Q1", "Q2", "Q3", "Q4", "Q5")
REASONS = ("Pay", "Supervisor", "Move", "Other")
UNITS = ("Police", "Fire", "Parks")

Cells = Mapping[tuple[str, str, str, str], int]
"""People by employer, batch, reason and unit."""


def population(cells: Cells, supervisors: bool = False) -> Population:
    axes = (
        Axis(EMPLOYER, CITIES),
        Axis(BATCH, QUARTERS),
        Axis("reason", REASONS),
        Axis("unit", UNITS, minimum=10 if supervisors else 5),
    )
    return Population(axes, {key: count for key, count in cells.items() if count})


def city(employer: str, batch: str, table: Mapping[str, tuple[int, int, int]]) -> dict[tuple[str, str, str, str], int]:
    """A city's answers in one batch: for each reason, the people of each unit."""
    return {
        (employer, batch, reason, unit): count
        for reason, counts in table.items()
        for unit, count in zip(UNITS, counts, strict=True)
    }


def crossing(employer: str, *batches: str, columns: str = "unit") -> Crossing:
    return Crossing("reason", columns, frozenset({employer}), frozenset(batches))
