"""Branches as XLSForm writes them in `relevant`: only the forms that a condition can express."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from handlers.reading.readings import GIVEN, REFUSED, SKIPPED
from handlers.surveys.branches import Condition, Operator

SIGNS: dict[Operator, str] = {"is": "=", "is not": "!=", "at least": ">=", "at most": "<="}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
VALUE = r"""(?:'(?P<one>[^']*)'|"(?P<two>[^"]*)"|(?P<number>-?\d+(?:\.\d+)?)|date\('(?P<day>\d{4}-\d\d-\d\d)'\))"""
COMPARED = re.compile(rf"\$\{{(?P<item>\w+)\}}\s*(?P<sign>!=|>=|<=|=|>|<)\s*{VALUE}")
SELECTED = re.compile(rf"(?P<no>not\s*\(\s*)?selected\s*\(\s*\$\{{(?P<item>\w+)\}}\s*,\s*{VALUE}\s*\)(?(no)\s*\))")
TURNED: dict[Operator, Operator] = {"is": "has", "is not": "has not"}


class Inexpressible(ValueError):
    """A branch that one side knows and the other does not; the message says which."""


def to_relevant(conditions: Iterable[Condition]) -> str:
    """Conditions as an expression; raises Inexpressible for answers that XLSForm does not know."""
    return " and ".join(_written(condition) for condition in conditions)


def from_relevant(expression: str, several: frozenset[str]) -> tuple[Condition, ...]:
    """The conditions of an expression; `several` are the items with several answers. Raises Inexpressible."""
    found: list[Condition] = []
    for term in _split(_unwrapped(expression), "and"):
        condition = _either(term, several)
        before = found[-1] if found else None
        if before and condition.operator in ("is not", "has not") and _alike(before, condition):
            found[-1] = replace(before, values=before.values + condition.values)
        else:
            found.append(condition)
    return tuple(found)


def _written(condition: Condition) -> str:
    if set(condition.values) & {SKIPPED, REFUSED}:
        raise Inexpressible(f"a branch on {condition.item} being skipped or refused has no counterpart")
    name = f"${{{condition.item}}}"
    if condition.operator in ("has", "has not"):
        terms = [f"selected({name}, '{value}')" for value in condition.values]
        terms = [f"not({term})" for term in terms] if condition.operator == "has not" else terms
    else:
        terms = [_comparison(name, condition.operator, value) for value in condition.values]
    if len(terms) == 1:
        return terms[0]
    return " and ".join(terms) if condition.operator in ("is not", "has not") else f"({' or '.join(terms)})"


def _comparison(name: str, operator: Operator, value: str) -> str:
    if value == GIVEN:
        return f"{name} {'!=' if operator == 'is' else '='} ''"
    if DAY.fullmatch(value):
        return f"{name} {SIGNS[operator]} date('{value}')"
    return f"{name} {SIGNS[operator]} {value if NUMBER.fullmatch(value) else repr(value)}"


def _either(term: str, several: frozenset[str]) -> Condition:
    """A term, or several about the same item joined by "or"."""
    found = [_one(part, several) for part in _split(_unwrapped(term), "or")]
    first = found[0]
    if len(found) == 1:
        return first
    if any(not _alike(first, one) for one in found) or first.operator in ("is not", "has not"):
        raise Inexpressible(f"“{term}” joins different conditions by “or”")
    return replace(first, values=tuple(value for one in found for value in one.values))


def _one(term: str, several: frozenset[str]) -> Condition:
    if found := SELECTED.fullmatch(term):
        operator: Operator = "is not" if found["no"] else "is"
        item = found["item"]
        return Condition(item, TURNED[operator] if item in several else operator, (_value(found),))
    found = COMPARED.fullmatch(term)
    if not found:
        raise Inexpressible(f"“{term}” is no comparison of one answer with one value")
    return _compared(found, term, several)


def _compared(found: re.Match[str], term: str, several: frozenset[str]) -> Condition:
    item, sign, value = found["item"], found["sign"], _value(found)
    if value == "" and sign in ("=", "!="):
        return Condition(item, "is" if sign == "!=" else "is not", (GIVEN,))
    if sign in (">", "<"):
        if not re.fullmatch(r"-?\d+", value):
            raise Inexpressible(f"“{term}”: use >= or <=")
        return Condition(
            item, "at least" if sign == ">" else "at most", (str(int(value) + (1 if sign == ">" else -1)),)
        )
    operator = next(operator for operator, written in SIGNS.items() if written == sign)
    return Condition(item, TURNED.get(operator, operator) if item in several else operator, (value,))


def _value(found: re.Match[str]) -> str:
    return next(value for value in (found["one"], found["two"], found["number"], found["day"]) if value is not None)


def _alike(one: Condition, other: Condition) -> bool:
    return (one.item, one.operator) == (other.item, other.operator)


def _split(expression: str, joint: str) -> Iterator[str]:
    """The parts between a word that stands outside all brackets and quotes."""
    depth, quote, start = 0, "", 0
    for place, mark in enumerate(expression):
        if quote:
            quote = "" if mark == quote else quote
        elif mark in "'\"":
            quote = mark
        elif mark in "()":
            depth += 1 if mark == "(" else -1
        elif depth == 0 and re.match(rf"\s{joint}\s", expression[place:]):
            yield expression[start:place].strip()
            start = place + len(joint) + 1
    yield expression[start:].strip()


def _unwrapped(expression: str) -> str:
    """Without a pair of brackets around the whole."""
    bare = expression.strip()
    if not (bare.startswith("(") and bare.endswith(")")):
        return bare
    depth = 0
    for place, mark in enumerate(bare):
        depth += (mark == "(") - (mark == ")")
        if depth == 0 and place < len(bare) - 1:
            return bare
    return _unwrapped(bare[1:-1])
