"""Four folders are four layers, and imports only go down."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "handlers": {"handlers"},
    "storage": {"handlers", "storage"},
    "scheduler": {"handlers", "scheduler"},
    "bot": {"handlers", "storage", "scheduler", "bot"},
}
# Data about the world, and arithmetic: no clock, dice or network. All else from outside is refused in the core.
CORE_LIBRARIES = {"holidays", "numpy", "phonenumbers", "scipy"}
IMPURE = {"asyncio", "http", "io", "logging", "os", "pathlib", "random", "secrets", "shutil", "socket", "sqlite3"} | {
    *("ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid"),
}
# What a library is called where it is installed, if that differs from what it is imported as.
INSTALLED_AS = {"jwt": "pyjwt", "nacl": "pynacl", "PIL": "pillow"}


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_imports_only_go_down(layer: str) -> None:
    wrong = [
        f"{module} imports {name}"
        for module in _modules(layer)
        for name in _imports(module)
        if _top(name) in MAY_IMPORT and _top(name) not in MAY_IMPORT[layer]
    ]
    assert wrong == []


def test_the_core_has_no_clock_no_dice_no_network_and_no_client_library() -> None:
    wrong = [
        f"{module} imports {name}"
        for module in _modules("handlers")
        for name in _imports(module)
        if _top(name) in IMPURE or (_is_library(name) and _top(name) not in CORE_LIBRARIES)
    ]
    assert wrong == []


def test_the_core_waits_for_nothing() -> None:
    waiting = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)
    wrong = [module for module in _modules("handlers") if any(isinstance(node, waiting) for node in _nodes(module))]
    assert wrong == []


def test_the_core_asks_no_clock() -> None:
    wrong = [
        f"{module}:{node.lineno}"
        for module in _modules("handlers")
        for node in _nodes(module)
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "utcnow", "today")
        and isinstance(node.value, ast.Name)
        if node.value.id in ("datetime", "date")
    ]
    assert wrong == []


def test_there_is_no_import_cycle() -> None:
    graph = {module: _ours(module, at_start=True) for layer in MAY_IMPORT for module in _modules(layer)}
    while free := [module for module, wanted in graph.items() if not wanted & graph.keys() - {module}]:
        for module in free:
            del graph[module]
    assert sorted(graph) == []


def test_every_library_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    declared = {_bare(line) for line in [*project["dependencies"], *extras["teams"]]}
    wrong = {
        f"{module} imports {name}"
        for layer in MAY_IMPORT
        for module in _modules(layer)
        for name in _imports(module)
        if _is_library(name) and not _names_of(name) & declared
    }
    assert sorted(wrong) == []


def test_every_module_says_in_one_sentence_what_it_is() -> None:
    documents = {module: ast.get_docstring(_tree(module)) for layer in MAY_IMPORT for module in _modules(layer)}
    assert [module for module, words in documents.items() if not words or "\n" in words or words[-1] != "."] == []


def _modules(layer: str) -> list[str]:
    files = sorted((ROOT / layer).rglob("*.py"))
    return [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files]


@cache
def _tree(module: str) -> ast.Module:
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text("utf-8"))


def _nodes(module: str) -> Iterator[ast.AST]:
    return ast.walk(_tree(module))


def _imports(module: str, at_start: bool = False) -> Iterator[str]:
    """Names of what a module imports; with `at_start`, only what it imports when it is itself imported."""
    for node in _when_imported(_tree(module)) if at_start else _nodes(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _when_imported(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if not inside and not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from _when_imported(node)


def _ours(module: str, at_start: bool) -> set[str]:
    """Our modules that a module imports: `from a.b import c` is the module a.b.c, where there is one, else a.b."""
    known = {one for layer in MAY_IMPORT for one in _modules(layer)}
    found = set()
    for name in _imports(module, at_start):
        if _top(name) in MAY_IMPORT:
            found.add(name if name in known else name.rpartition(".")[0])
    return found


def _top(name: str) -> str:
    return name.partition(".")[0]


def _is_library(name: str) -> bool:
    return _top(name) not in MAY_IMPORT and _top(name) not in sys.stdlib_module_names


def _names_of(name: str) -> set[str]:
    """What may be declared for an import: microsoft_teams.apps is microsoft-teams-apps."""
    parts = name.replace("_", "-").split(".")
    return {INSTALLED_AS.get(parts[0], parts[0]), "-".join(parts[:2])}


def _bare(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9_.-]", requirement)[0].lower()
