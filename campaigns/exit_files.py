"""Exit surveys in the shape of two real ones (open files of Queensland's education department and TAFE institutes)."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from handlers.release.table import BATCH, EMPLOYER, Axis, Crossing, Population

Margin = Mapping[str, int]

# Every margin is the real file's unless said otherwise; how the answers go together is our own, as the seed deals it.
DEPARTMENT = "Department"
INSTITUTES = "Institutes"
YEAR = "2013"

REASONS: Margin = {
    "Age retirement": 285,
    "Resigned, other reasons": 150,
    "Resigned, other employer": 91,
    "Resigned, moved away": 70,
    "Early retirement": 67,
    "Ill health": 61,
    "Other": 49,
    "Contract expired": 34,
    "Termination": 15,
}
# The file has 717 people with a region and 105 without; how the 717 divide is our assumption.
REGIONS: Margin = {
    "Metropolitan": 135,
    "Central": 130,
    "South East": 108,
    "Not stated": 105,
    "Central office": 103,
    "North Coast": 79,
    "Darling Downs": 71,
    "North": 55,
    "Far North": 36,
}
AGES: Margin = {
    "20 or younger": 1,
    "21-25": 40,
    "26-30": 57,
    "31-35": 39,
    "36-40": 51,
    "41-45": 61,
    "46-50": 63,
    "51-55": 103,
    "56-60": 174,
    "61 or older": 222,
    "Not stated": 11,
}
STATUSES: Margin = {
    "Permanent full-time": 434,
    "Permanent part-time": 308,
    "Temporary full-time": 41,
    "Temporary part-time": 24,
    "Casual": 10,
    "Not stated": 5,
}
PLACES: Margin = {
    "Brisbane North": 161,
    "Southern Queensland": 142,
    "Central Queensland": 108,
    "Sunshine Coast": 91,
    "Tropical North": 70,
    "SkillsTech": 57,
    "Southbank": 43,
    "Barrier Reef": 14,
    "Mount Isa": 12,
    "Wide Bay": 2,
    "Metropolitan South": 1,
    "Bremer": 1,
}
CEASING: Margin = {
    "Resignation": 340,
    "Contract expired": 127,
    "Redundancy": 104,
    "Retirement": 82,
    "Transfer": 25,
    "Termination": 23,
    "Not stated": 1,
}
CONTRACTS: Margin = {
    "Permanent full-time": 237,
    "Temporary full-time": 177,
    "Not stated": 106,
    "Contract or casual": 71,
    "Permanent part-time": 59,
    "Temporary part-time": 52,
}
RETIRED = ("Age retirement", "Early retirement", "Ill health")
LIMITED = ("Contract expired",)


@dataclass(frozen=True, slots=True)
class File:
    """A file's people and the crossings that are made of it."""

    name: str
    population: Population
    crossings: tuple[Crossing, ...]


def files(seed: int) -> tuple[File, File]:
    """Both files, each with three crossings; the same seed gives the same people."""
    return _department(Random(seed)), _institutes(Random(seed + 1))  # noqa: S311 - a figure that can be made again


def _department(random: Random) -> File:
    reasons = _dealt(REASONS, random)
    order = {reason: number for number, reason in enumerate(REASONS)}
    old = [2.5 if reason in RETIRED else 0.0 for reason in reasons]
    short = [3.0 if reason in LIMITED else 0.0 for reason in reasons]
    columns = {
        "reason": reasons,
        "region": _linked(REGIONS, [0.08 * order[reason] for reason in reasons], random),
        "age": _linked(AGES, old, random),
        "status": _linked(STATUSES, short, random),
    }
    axes = [_axis("reason", REASONS), _axis("region", REGIONS), _axis("age", AGES, True), _axis("status", STATUSES)]
    pairs = (("reason", "region"), ("reason", "age"), ("region", "status"))
    return _file(DEPARTMENT, axes, columns, pairs)


def _institutes(random: Random) -> File:
    reasons = _dealt(CEASING, random)
    order = {reason: number for number, reason in enumerate(CEASING)}
    limited = [2.8 if reason in LIMITED else 0.0 for reason in reasons]
    columns = {
        "reason": reasons,
        "institute": _linked(PLACES, [0.25 * order[reason] for reason in reasons], random),
        "contract": _linked(CONTRACTS, limited, random),
    }
    axes = [_axis("reason", CEASING), _axis("institute", PLACES), _axis("contract", CONTRACTS)]
    pairs = (("institute", "contract"), ("institute", "reason"), ("reason", "contract"))
    return _file(INSTITUTES, axes, columns, pairs)


def _dealt(margin: Margin, random: Random) -> list[str]:
    people = [name for name, count in margin.items() for _ in range(count)]
    random.shuffle(people)
    return people


def _linked(margin: Margin, leaning: list[float], random: Random) -> list[str]:
    """Categories dealt in their order to people sorted by leaning and chance: the margin is exact, the link loose."""
    order = sorted(range(len(leaning)), key=lambda one: leaning[one] + random.gauss(0, 1))
    dealt = dict(zip(order, (name for name, count in margin.items() for _ in range(count)), strict=True))
    return [dealt[one] for one in range(len(leaning))]


def _axis(name: str, margin: Margin, ordered: bool = False) -> Axis:
    return Axis(name, tuple(margin), ordered)


def _file(name: str, axes: list[Axis], columns: dict[str, list[str]], pairs: tuple[tuple[str, str], ...]) -> File:
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    whole = [Axis(EMPLOYER, (name,)), Axis(BATCH, (YEAR,)), *axes]
    population = Population.of(whole, ({EMPLOYER: name, BATCH: YEAR, **row} for row in rows))
    crossings = tuple(Crossing(*pair, frozenset({name}), frozenset({YEAR})) for pair in pairs)
    return File(name, population, crossings)
