"""When an item is asked: conditions on earlier answers, as data, so that nothing is ever evaluated as code."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

from handlers.tables import Table

Operator = Literal["is", "is not", "has", "has not", "at least", "at most"]


@dataclass(frozen=True, slots=True)
class Condition:
    """An earlier item, how its answer is compared, and the values of which any one will do."""

    item: str
    operator: Operator
    values: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """As it stands in a file."""
        value = self.values[0] if len(self.values) == 1 else list(self.values)
        return {"item": self.item, "operator": self.operator, "value": value}


def holds(condition: Condition, answers: Mapping[str, str]) -> bool:
    """Whether the answers so far fulfil a condition; an item that was not answered is and has nothing."""
    answer = answers.get(condition.item, "")
    match condition.operator:
        case "is":
            return answer in condition.values
        case "is not":
            return answer not in condition.values
        case "has":
            return not set(condition.values).isdisjoint(answer.split(" "))
        case "has not":
            return set(condition.values).isdisjoint(answer.split(" "))
        case "at least":
            return any(_compared(answer, value, 1) for value in condition.values)
        case "at most":
            return any(_compared(answer, value, -1) for value in condition.values)


def read_conditions(table: Table) -> tuple[Condition, ...]:
    """The conditions under `when`, one table or a list of them; raises Faulty."""
    if isinstance(table.values.get("when"), dict):
        table.values["when"] = [table.values["when"]]
    return tuple(_condition(one) for one in table.tables("when"))


def _condition(table: Table) -> Condition:
    item, operator = table.text("item"), table.text("operator", "is")
    known: Operator | None = next((one for one in get_args(Operator) if one == operator), None)
    if known is None:
        raise table.fault("operator", f"must be one of: {', '.join(get_args(Operator))}")
    value = table.values.pop("value", None)
    values = value if isinstance(value, list) else [value]
    if not values or not all(type(one) in (str, int, float) and str(one) for one in values):
        raise table.fault("value", "must be a code, a number, or a list of them")
    table.no_more()
    return Condition(item, known, tuple(str(one) for one in values))


def _compared(answer: str, value: str, way: int) -> bool:
    """Numbers by size, days (YYYY-MM-DD) by date; what was skipped or refused is neither."""
    try:
        return way * (Decimal(answer) - Decimal(value)) >= 0
    except InvalidOperation:
        days = len(answer) == len(value) == 10 and answer[4] == value[4] == "-"
        return days and (answer >= value if way > 0 else answer <= value)
