"""Walks every way through a questionnaire, so far as its branches can tell the answers apart."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain, combinations

from handlers.reading.readings import GIVEN, REFUSED, SKIPPED
from handlers.surveys.branches import Condition, holds
from handlers.surveys.questionnaire import NPS, Item, Questionnaire

Path = tuple[Item, ...]
MOST = 20_000


def paths(questionnaire: Questionnaire) -> Iterator[Path]:
    """The items of each way from top to end, at most `MOST` ways; one answer stands for all that branch alike."""
    conditions = tuple(condition for item in questionnaire.items for condition in item.when)
    stand_ins = {item.id: _stand_ins(item, conditions) for item in questionnaire.items}
    ways = _walk(questionnaire.items, stand_ins, {}, ())
    for _, path in zip(range(MOST), ways, strict=False):
        yield path


def possible(item: Item, value: str) -> bool:
    """Whether an item can have that answer, or a part of it."""
    if value in (SKIPPED, REFUSED):
        return True
    if item.kind in ("choice", "several", "yes_no"):
        return any(one.code == value for one in item.options)
    if item.kind in ("scale", "nps"):
        return value in _steps(item)
    if item.kind == "text":
        return value == GIVEN
    return item.kind != "note" and bool(_near(item, value))


def _walk(
    items: tuple[Item, ...], stand_ins: Mapping[str, tuple[str, ...]], answers: Mapping[str, str], path: Path
) -> Iterator[Path]:
    if not items:
        yield path
        return
    item, rest = items[0], items[1:]
    if not all(holds(condition, answers) for condition in item.when):
        yield from _walk(rest, stand_ins, answers, path)
        return
    for answer in stand_ins[item.id]:
        yield from _walk(rest, stand_ins, {**answers, item.id: answer}, (*path, item))


def _stand_ins(item: Item, conditions: tuple[Condition, ...]) -> tuple[str, ...]:
    """One answer for each way in which the conditions on an item can come out."""
    about = tuple(condition for condition in conditions if condition.item == item.id)
    if not about or item.kind == "note":
        return (GIVEN,)
    found: dict[tuple[bool, ...], str] = {}
    for answer in _answers(item, about):
        found.setdefault(tuple(holds(condition, {item.id: answer}) for condition in about), answer)
    return tuple(found.values())


def _answers(item: Item, about: tuple[Condition, ...]) -> tuple[str, ...]:
    """Answers that can make a difference to the conditions on an item."""
    named = [value for condition in about for value in condition.values]
    if item.kind in ("choice", "yes_no"):
        return (*(one.code for one in item.options), SKIPPED, REFUSED)
    if item.kind == "several":
        codes = [one.code for one in item.options]
        telling = [code for code in codes if code in named] + [code for code in codes if code not in named][:1]
        sets = chain.from_iterable(combinations(telling, size) for size in range(1, len(telling) + 1))
        return (*(" ".join(sorted(one)) for one in sets), SKIPPED, REFUSED)
    if item.kind in ("scale", "nps"):
        return (*_steps(item), SKIPPED, REFUSED)
    if item.kind == "text":
        return (GIVEN, SKIPPED, REFUSED)
    return (*(near for value in named for near in _near(item, value)), SKIPPED, REFUSED)


def _steps(item: Item) -> tuple[str, ...]:
    low, high = NPS if item.kind == "nps" else (int(item.least or 0), int(item.most or 0))
    return tuple(str(step) for step in range(low, high + 1))


def _near(item: Item, value: str) -> tuple[str, ...]:
    """A number or day itself, the one before and the one after, as far as the item allows them."""
    try:
        if item.kind == "date":
            day = date.fromisoformat(value)
            return tuple((day + timedelta(apart)).isoformat() for apart in (-1, 0, 1))
        number = Decimal(value)
    except (ValueError, ArithmeticError):
        return ()
    near = (number - 1, number, number + 1)
    return tuple(str(one) for one in near if _allowed(item, one))


def _allowed(item: Item, number: Decimal) -> bool:
    return not ((item.least is not None and number < item.least) or (item.most is not None and number > item.most))
