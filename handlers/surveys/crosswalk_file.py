"""Reads a crosswalk from its TOML file and checks it, alone and against the questionnaire that it fills."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from handlers.reading.readings import REFUSED, SKIPPED
from handlers.surveys.answers import Comparable
from handlers.surveys.cells import key
from handlers.surveys.crosswalk import ALL, DUPLICATES, REPAIRS, Count, Crosswalk, When
from handlers.surveys.meanings import Band, Blanks, Column
from handlers.surveys.questionnaire import NPS, Item, Questionnaire
from handlers.tables import Faulty, Table

KINDS = ("values", "scale", "ticked", "number")
RULES = ("linear", "pairs")
ENCODINGS = ("auto", "utf-8", "utf-16", "cp1252", "mac-roman", "cp437")
ORDERS = ("", "mdy", "dmy")
BEGINS = (1, 4, 7, 10)
WIDEST = 100
DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
ALWAYS = frozenset({REFUSED, SKIPPED})
QUARTER = re.compile(r"\d{4}Q[1-4]")


@dataclass(frozen=True, slots=True)
class Target:
    """A metric of the questionnaire: its codes, whether several may be ticked, or that it is a number, date or text."""

    kind: Literal["one", "several", "number", "date", "text"]
    codes: frozenset[str] = frozenset()


def read_crosswalk(name: str, parsed: Mapping[str, Any]) -> Crosswalk:
    """The crosswalk of `<name>`, from its parsed content; raises Faulty with the first key that is wrong."""
    table = Table(parsed, f"{name}: ")
    blanks = _blanks(table, "blanks")
    if blanks is None:
        raise table.fault("blanks", 'is missing; it must say what an empty cell means: asked = [] and not_asked = [""]')
    scales = dict(_scales(table.table("scales")))
    counts = tuple(_count(one) for one in table.tables("counts"))
    crosswalk = Crosswalk(
        questionnaire=table.text("questionnaire"),
        when=_when(table.table("quarter"), counts),
        columns=tuple(_column(one, blanks, scales) for one in table.tables("columns")),
        counts=counts,
        long=_long(table),
        id=table.text("id", ""),
        duplicates=_one_of(table, "duplicates", DUPLICATES),
        suppressed=_keys(table, "suppressed"),
        ignored=_keys(table, "ignored"),
        repairs=_repairs(table),
        encoding=_one_of(table, "encoding", ENCODINGS),
        sheet=table.text("sheet", ""),
    )
    table.text("about", "")
    table.no_more()
    _check(crosswalk, table)
    return crosswalk


def targets(questionnaire: Questionnaire) -> dict[str, Target]:
    """Its metrics by name."""
    return {item.metric: _as_target(item) for item in questionnaire.items if item.metric}


def check_targets(name: str, crosswalk: Crosswalk, targets: Mapping[str, Target]) -> None:
    """Raises Faulty with the first metric or code that the questionnaire does not have."""
    table = Table({}, f"{name}: ")
    for index, column in enumerate(crosswalk.columns):
        target = _target(table, f"columns[{index}]", column.metric, targets)
        _check_kind(table, f"columns[{index}]", column, target)
        for code in _codes(column):
            _check_code(table, f"columns[{index}]", code, target)
    for index, count in enumerate(crosswalk.counts):
        if count.metric:
            metric, _, item = count.metric.partition("/")
            target = _target(table, f"counts[{index}]", metric, targets)
            _check_code(table, f"counts[{index}]", item or count.code, target)


def _as_target(item: Item) -> Target:
    match item.kind:
        case "several":
            return Target("several", frozenset(option.code for option in item.options))
        case "number" | "date":
            return Target(item.kind)
        case "text" | "note":
            return Target("text")
        case "scale" | "nps":
            low, high = (int(item.least or 0), int(item.most or 0)) if item.kind == "scale" else NPS
            return Target("one", frozenset(str(step) for step in range(low, high + 1)))
        case _:
            return Target("one", frozenset(option.code for option in item.options))


def _blanks(table: Table, name: str) -> Blanks | None:
    if name not in table.values:
        return None
    inner = table.table(name)
    blanks = Blanks(_keys(inner, "asked"), _keys(inner, "not_asked"))
    inner.no_more()
    if both := blanks.asked & blanks.not_asked:
        raise table.fault(name, f'"{min(both)}" is in both lists; it can mean one thing only')
    if "" not in blanks.asked | blanks.not_asked:
        raise table.fault(name, 'must say what an empty cell means: put "" into asked or into not_asked')
    return blanks


def _scales(table: Table) -> Iterator[tuple[str, dict[str, str]]]:
    for name in tuple(table.values):
        scale = table.table(name)
        yield name, _steps(scale) if "from" in scale.values else _words(scale)


def _words(table: Table) -> dict[str, str]:
    """Their words, as they are looked up, and our codes."""
    words: dict[str, str] = {}
    for theirs in tuple(table.values):
        code = table.text(theirs)
        if words.setdefault(key(theirs), code) != code:
            raise table.fault(theirs, "is there twice, but for case, spaces and dashes")
    if not words:
        raise Faulty(f"{table.path.rstrip('.')}: must say at least one word of theirs and our code for it")
    return words


def _steps(table: Table) -> dict[str, str]:
    """Every number of their scale and ours, by the rule: `linear` keeps the ends and rounds halves up; `pairs` puts
    as many of their steps into each of ours (1-2 is 1, 3-4 is 2)."""
    theirs, ours = _ends(table, "from"), _ends(table, "to")
    rule = _one_of(table, "rule", RULES, required=True)
    table.no_more()
    steps = abs(theirs[1] - theirs[0]) + 1, abs(ours[1] - ours[0]) + 1
    if rule == "pairs" and steps[0] % steps[1]:
        raise table.fault("rule", f"cannot be pairs: {steps[0]} steps cannot be shared out among {steps[1]}")
    down = -1 if theirs[1] < theirs[0] else 1
    up = -1 if ours[1] < ours[0] else 1
    places = (_placed(place, *steps, rule) for place in range(steps[0]))
    return {str(theirs[0] + down * place): str(ours[0] + up * step) for place, step in enumerate(places)}


def _placed(place: int, theirs: int, ours: int, rule: str) -> int:
    """The step of ours (from 0) that their step falls on."""
    if rule == "pairs":
        return place * ours // theirs
    return (2 * place * (ours - 1) + theirs - 1) // (2 * (theirs - 1))


def _ends(table: Table, name: str) -> tuple[int, int]:
    ends = table.get(name, list, "two numbers, such as [1, 10]")
    whole = len(ends) == 2 and all(type(end) is int for end in ends)
    if not whole or not 1 <= abs(ends[1] - ends[0]) <= WIDEST:
        raise table.fault(name, "must be two different whole numbers, such as [1, 10]")
    return ends[0], ends[1]


def _when(table: Table, counts: tuple[Count, ...]) -> When:
    when = When(
        column=table.text("column", ""),
        fixed=_quarter(table, "fixed"),
        order=_one_of(table, "order", ORDERS),
        begins=table.get("year_begins", int, "a month", 1),
        year_only=table.get("year_only", int, "a quarter from 1 to 4", 0),
        lenient=_lenient(table, "unknown"),
    )
    table.no_more()
    if when.begins not in BEGINS:
        raise table.fault("year_begins", "must be 1, 4, 7 or 10: the month in which their year begins")
    if when.year_only not in range(5):
        raise table.fault("year_only", "must be a quarter from 1 to 4")
    dated = bool(counts) and all(count.quarter for count in counts)
    if sum((bool(when.column), bool(when.fixed), dated)) != 1:
        raise table.fault("column", 'give one: the column of the date, or fixed = "2026Q4", or a quarter in each count')
    return when


def _quarter(table: Table, name: str) -> str:
    quarter = table.text(name, "")
    if quarter and not QUARTER.fullmatch(quarter):
        raise table.fault(name, "must be a quarter such as 2026Q4")
    return quarter


def _long(table: Table) -> tuple[str, str] | None:
    if "long" not in table.values:
        return None
    inner = table.table("long")
    long = inner.text("question"), inner.text("answer", "")
    inner.no_more()
    return long


def _column(table: Table, blanks: Blanks, scales: Mapping[str, Mapping[str, str]]) -> Column:
    name, metric = table.text("name"), table.text("metric")
    kinds = [kind for kind in KINDS if kind in table.values]
    if len(kinds) != 1:
        raise table.fault(kinds[1] if kinds else "values", f"give one of {', '.join(KINDS)}")
    rescaled = _is_steps(table, scales)
    parts = READ[kinds[0]](table, scales)
    column = Column(
        name=name,
        metric=metric,
        comparable=_comparable(table),
        blanks=_blanks(table, "blanks") or blanks,
        left_out=_keys(table, "left_out"),
        lenient=_lenient(table, "otherwise"),
        **parts,
    )
    table.no_more()
    if rescaled and column.comparable == "same":
        raise table.fault("comparable", 'must be "rescaled" or "own": numbers of another scale are not the same')
    return column


def _is_steps(table: Table, scales: Mapping[str, Mapping[str, str]]) -> bool:
    scale = scales.get(str(table.values.get("scale")), {})
    numbers = {theirs: ours for theirs, ours in scale.items() if theirs.lstrip("-").isdigit()}
    return len(numbers) == len(scale) and any(theirs != ours for theirs, ours in numbers.items())


def _values(table: Table, scales: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    return {"values": _words(table.table("values")), "separator": table.text("separator", "")}


def _scale(table: Table, scales: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    name = table.text("scale")
    if name not in scales:
        raise table.fault("scale", f"must be one of [scales]: {', '.join(scales) or 'there are none'}")
    return {"values": scales[name]}


def _ticked(table: Table, scales: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    return {"item": table.text("item"), "ticked": frozenset(map(key, table.strings("ticked")))}


def _number(table: Table, scales: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    inner = table.table("number")
    unit, into = inner.text("unit", ""), inner.text("into", "")
    bands = tuple(_band(band) for band in inner.tables("bands"))
    inner.no_more()
    if bool(unit) != bool(into) or not {unit, into} <= {"", *DAYS}:
        raise inner.fault("into", f"unit and into go together, and are of {', '.join(DAYS)}")
    limits = [band.below for band in bands]
    firm = [limit for limit in limits if limit is not None]
    if firm != sorted(set(firm)) or None in limits[:-1]:
        raise inner.fault("bands", "must rise; only the last may be without `below`")
    return {"factor": DAYS[unit] / DAYS[into] if unit else 1.0, "bands": bands}


READ: dict[str, Callable[[Table, Mapping[str, Mapping[str, str]]], dict[str, Any]]] = {
    "values": _values, "scale": _scale, "ticked": _ticked, "number": _number,
}  # fmt: skip


def _band(table: Table) -> Band:
    below = table.values.pop("below", None)
    if below is not None and type(below) not in (int, float):
        raise table.fault("below", "must be a number")
    band = Band(below, table.text("code"))
    table.no_more()
    return band


def _count(table: Table) -> Count:
    count = Count(
        column=table.text("column"),
        quarter=_quarter(table, "quarter"),
        answer=table.text("answer", ""),
        metric=table.text("metric", ""),
        code=table.text("code", ""),
        comparable=_comparable(table) if "metric" in table.values or "comparable" in table.values else "same",
    )
    table.no_more()
    if bool(count.metric) != bool(count.code):
        raise table.fault("code", "metric and code go together")
    return count


def _comparable(table: Table) -> Comparable:
    found = table.text("comparable")
    if found not in get_args(Comparable):
        raise table.fault("comparable", f"must be one of {', '.join(get_args(Comparable))}")
    return cast("Comparable", found)


def _lenient(table: Table, name: str) -> bool:
    return _one_of(table, name, ("refuse", "leave_out")) == "leave_out"


def _repairs(table: Table) -> frozenset[str]:
    repairs = frozenset(table.get("repairs", list, "a list of texts", []))
    if wrong := repairs - set(REPAIRS):
        raise table.fault("repairs", f"{min(map(str, wrong))} is not one of {', '.join(REPAIRS)}")
    return repairs


def _one_of(table: Table, name: str, allowed: tuple[str, ...], required: bool = False) -> str:
    """One of those; the first is what holds where it is not said."""
    found = table.text(name, None if required else allowed[0])
    if found not in allowed:
        raise table.fault(name, f"must be one of {', '.join(filter(None, allowed))}")
    return found


def _keys(table: Table, name: str) -> frozenset[str]:
    words = table.get(name, list, "a list of texts", [])
    if not all(isinstance(word, str) for word in words):
        raise table.fault(name, "must be a list of texts")
    return frozenset(map(key, words))


def _check(crosswalk: Crosswalk, table: Table) -> None:
    if not crosswalk.columns and not any(count.metric for count in crosswalk.counts):
        raise table.fault("columns", "must map at least one column")
    if crosswalk.long and not crosswalk.counts:
        raise table.fault("long", "needs [[counts]]: rows of one question each are read as counts, not as people")
    for index, count in enumerate(crosswalk.counts):
        if count.answer and not (crosswalk.long and not crosswalk.long[1]):
            raise table.fault(f"counts[{index}].answer", "goes with [long] that has a question and no answer")
        if crosswalk.long and not crosswalk.long[1] and not count.answer:
            raise table.fault(f"counts[{index}].answer", "is missing: [long] has no column of answers")
    _check_once(table, "columns", [(key(column.name),) for column in crosswalk.columns], "name")
    _check_once(table, "columns", [] if crosswalk.long else [column.fills for column in crosswalk.columns], "metric")
    if not crosswalk.long and ALL not in crosswalk.ignored:
        _check_once(table, "ignored", [tuple(map(key, crosswalk.wanted)), tuple(crosswalk.ignored)], "")


def _check_once(table: Table, path: str, groups: list[tuple[str, ...]], name: str) -> None:
    seen: set[str] = set()
    for index, group in enumerate(groups):
        for one in group:
            if one in seen:
                raise table.fault(f"{path}[{index}].{name}" if name else path, f'"{one}" is there twice')
        seen |= set(group)


def _target(table: Table, path: str, metric: str, targets: Mapping[str, Target]) -> Target:
    if metric not in targets:
        raise table.fault(f"{path}.metric", f"the questionnaire has no {metric}; it has {', '.join(sorted(targets))}")
    if targets[metric].kind in ("text", "date"):
        raise table.fault(f"{path}.metric", f"{metric} is free text or a date, which may tell who it was: not imported")
    return targets[metric]


def _check_kind(table: Table, path: str, column: Column, target: Target) -> None:
    several = bool(column.item or column.separator)
    if several != (target.kind == "several"):
        wanted = "`item` and `ticked`, or a `separator`" if target.kind == "several" else "one answer"
        raise table.fault(f"{path}.metric", f"{column.metric} takes {wanted}")
    if target.kind == "number" and (column.factor is None or column.bands):
        raise table.fault(f"{path}.metric", f"{column.metric} takes a number without bands")


def _codes(column: Column) -> list[str]:
    codes = [column.item] if column.item else [*column.values.values(), *(band.code for band in column.bands)]
    return sorted(set(codes))


def _check_code(table: Table, path: str, code: str, target: Target) -> None:
    if target.codes and code not in target.codes | ALWAYS:
        raise table.fault(
            path, f'the questionnaire has no code "{code}" there; it has {", ".join(sorted(target.codes))}'
        )
