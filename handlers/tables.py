"""Reads a table of a TOML file key by key, so that a fault can say where it is and nothing goes unread."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


class Faulty(ValueError):
    """A file cannot be used; the message names file and key, and says what would be right."""


class Table:
    """A table and the path to it. Each key is taken once; `no_more` refuses those that nobody asked for."""

    def __init__(self, values: Mapping[str, Any], path: str) -> None:
        self.values = dict(values)
        self.path = path

    def get(self, key: str, kind: type[T], wanted: str, default: T | None = None) -> T:
        """A value of exactly that type; raises Faulty with what was wanted."""
        value = self.values.pop(key, default)
        right = type(value) is kind  # a datetime is no date here, a truth value no number
        if value is None or not right:
            raise self.fault(key, f"must be {wanted}" if value is not None else f"is missing; it must be {wanted}")
        return value  # type: ignore[no-any-return]

    def text(self, key: str, default: str | None = None) -> str:
        """A text; one that must be there must not be empty."""
        text = self.get(key, str, "a text", default)
        if not text.strip() and default is None:
            raise self.fault(key, "must not be empty")
        return text

    def strings(self, key: str) -> list[str]:
        """A list of texts, none of them empty, at least one."""
        found = self.get(key, list, "a list of texts")
        if not found or not all(isinstance(one, str) and one for one in found):
            raise self.fault(key, "must be a list of texts")
        return found

    def table(self, key: str) -> "Table":
        """A table; an empty one if it is missing."""
        return Table(self.get(key, dict, "a table", {}), f"{self.path}{key}.")

    def tables(self, key: str) -> Iterator["Table"]:
        """A list of tables; none if it is missing."""
        for index, value in enumerate(self.get(key, list, "a list of tables", [])):
            if not isinstance(value, dict):
                raise self.fault(f"{key}[{index}]", "must be a table")
            yield Table(value, f"{self.path}{key}[{index}].")

    def no_more(self) -> None:
        """Raises Faulty for a key that nobody asked for."""
        for key in self.values:
            raise self.fault(key, "is not a key that is known here")

    def fault(self, key: str, what: str) -> Faulty:
        """A fault of one key."""
        return Faulty(f"{self.path}{key}: {what}")
