"""What a report shows, read from one file: measures with their labels, crossings, what is compared and followed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from handlers.release.rules import Rules
from handlers.surveys.answers import TICKED
from handlers.tables import Table


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is counted: the label of each answer code, and the one for every other answer and for none.

    `scale` draws it as one bar; `ordered` labels are merged with their neighbours only. `part_of` is the title of a
    question that several answers could be given to, `item` the name of this one.
    """

    key: str
    title: str
    labels: tuple[str, ...]
    codes: Mapping[str, str]
    rest: str
    scale: bool = False
    ordered: bool = False
    minimum: int = 5
    part_of: str = ""
    item: str = ""

    @property
    def metric(self) -> str:
        """What it measures, by the name that is the same in every city."""
        return self.key.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Free:
    """A trait whose labels are those that occur; `none` is the label of who has none."""

    key: str
    title: str
    none: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Measures in the order in which they are protected, and the crossings (rows, columns) after them."""

    title: str
    measures: tuple[Measure, ...]
    free: Free
    crossings: tuple[tuple[str, str], ...]
    compared: tuple[str, ...]
    trend: str

    def measure(self, key: str) -> Measure:
        """The measure of that key; KeyError if there is none."""
        for measure in self.measures:
            if measure.key == key:
                return measure
        raise KeyError(key)

    def title_of(self, key: str) -> str:
        """What a measure or trait is called where it is shown."""
        if key == self.free.key:
            return self.free.title
        measure = self.measure(key)
        return f"{measure.part_of}: {measure.item}" if measure.part_of else measure.title


def read_plan(parsed: Mapping[str, Any], name: str) -> Plan:
    """The plan of a parsed file; raises Faulty with the first key that is wrong."""
    table = Table(parsed, f"{name}: ")
    measures = (*_several(table.table("several")), *map(_measure, table.tables("measures")))
    free = _free(table.table("free"))
    known = {measure.key for measure in measures} | {free.key}
    plan = Plan(
        table.text("title"),
        measures,
        free,
        tuple(_crossing(one, known) for one in table.tables("crossings")),
        tuple(_known(table, "compared", key, known) for key in table.strings("compared")),
        _known(table, "trend", table.text("trend"), known),
    )
    table.no_more()
    return plan


def _several(table: Table) -> Iterator[Measure]:
    metric, title = table.text("metric"), table.text("title")
    named, rest = table.text("named"), table.text("not_named")
    items = table.table("items")
    table.no_more()
    for item in list(items.values):
        name = items.text(item)
        yield Measure(f"{metric}/{item}", title, (named, rest), {TICKED: named}, rest, part_of=title, item=name)


def _measure(table: Table) -> Measure:
    key, title = table.text("key"), table.text("title")
    labels, codes, rest = _groups(table)
    scale = table.get("scale", bool, "true or false", False)
    ordered = table.get("ordered", bool, "true or false", scale)
    of_supervisors = table.get("supervisor", bool, "true or false", False)
    table.no_more()
    minimum = Rules().supervisor if of_supervisors else Rules().metrics
    return Measure(key, title, labels, codes, rest, scale, ordered, minimum)


def _groups(table: Table) -> tuple[tuple[str, ...], dict[str, str], str]:
    labels: list[str] = []
    codes: dict[str, str] = {}
    rest = ""
    for group in table.tables("groups"):
        label = group.text("label")
        labels.append(label)
        if group.get("rest", bool, "true or false", False):
            rest = label
        else:
            codes |= dict.fromkeys(group.strings("answers"), label)
        group.no_more()
    if not rest or len(set(labels)) < len(labels):
        raise table.fault("groups", "must have labels of their own, and one group with rest = true")
    return tuple(labels), codes, rest


def _free(table: Table) -> Free:
    free = Free(table.text("key"), table.text("title"), table.text("none"))
    table.no_more()
    return free


def _crossing(table: Table, known: set[str]) -> tuple[str, str]:
    crossing = tuple(_known(table, axis, table.text(axis), known) for axis in ("rows", "columns"))
    table.no_more()
    return crossing[0], crossing[1]


def _known(table: Table, key: str, value: str, known: set[str]) -> str:
    if value not in known:
        raise table.fault(key, f"must name measures of this file, and {value} is none")
    return value
