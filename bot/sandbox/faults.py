"""What is to go wrong with the calls of a stand-in, planned ahead per call and in order."""

from asyncio import Event
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Kind = TypeVar("Kind")


class Faults(Generic[Kind]):
    """Each spoils one call. `kind` makes one of what is said of it; of nothing, one that spoils nothing."""

    def __init__(self, kind: Callable[..., Kind]) -> None:
        self.released = Event()
        self._kind = kind
        self._next: dict[str, deque[Kind]] = {}

    def next(self, name: str, **how: Any) -> None:
        """Spoil the next call of that name."""
        self._next.setdefault(name, deque()).append(self._kind(**how))

    def take(self, name: str) -> Kind:
        waiting = self._next.get(name)
        return waiting.popleft() if waiting else self._kind()

    def release(self) -> None:
        """Let hanging calls be answered."""
        self.released.set()
        self.released = Event()
