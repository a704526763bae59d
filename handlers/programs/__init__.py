"""Programs: one file each, found by its place in this folder."""

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handlers.program import Program

NAMES = frozenset(module.name for module in iter_modules(__path__))


def find(name: str) -> "Program":
    """The program of that name; KeyError if there is none."""
    if name not in NAMES:
        raise KeyError(name)
    program: Program = import_module(f"{__name__}.{name}").PROGRAM
    return program
