"""The arrows between the layers: cli, then watch, then services, then store | files | vcs, then core."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Iterator, List, NamedTuple

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "cmos"
MODULES = sorted(PACKAGE.rglob("*.py"))

#: What each layer may import of the package besides itself.
BELOW = {
    "cli": {"watch", "services", "store", "files", "vcs", "core"},
    "watch": {"services", "store", "files", "vcs", "core"},
    "services": {"store", "files", "vcs", "core"},
    "store": {"core"},
    "files": {"core"},
    "vcs": {"core"},
    "core": set(),
}
IO = {"sqlite3", "os", "pathlib", "subprocess", "time", "datetime", "click", "git", "ruamel", "watchdog"}
#: Who alone may import what.
KEEPERS = {
    "sqlite3": {"store"},
    "git": {"vcs"},
    "ruamel": {"files"},
    "_ruamel_yaml": {"files"},
    "click": {"cli"},
    "watchdog": {"watch"},
}


class Import(NamedTuple):
    name: str
    line: int
    #: Inside ``if TYPE_CHECKING``.
    typing: bool
    #: Not inside a function.
    top: bool


def imports(path: Path, tree: ast.AST) -> Iterator[Import]:
    """Yield each module that the file imports, relative imports made absolute."""
    here = ("cmos",) + path.relative_to(PACKAGE).parent.parts
    typing, inside = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            typing.update(map(id, ast.walk(node)))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inside.update(map(id, ast.walk(node)))
    for node in ast.walk(tree):
        for name in _names(node, here):
            yield Import(name, node.lineno, id(node) in typing, id(node) not in inside)


def _names(node: ast.AST, here: tuple) -> List[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    above = list(here[: len(here) - node.level + 1]) if node.level else []
    base = ".".join(above + ([node.module] if node.module else []))
    # `from cmos import store` names the module in the alias
    return [base] + ["%s.%s" % (base, alias.name) for alias in node.names if base in ("cmos", "cmos.services")]


def layer(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def found(path: Path) -> List[Import]:
    return list(imports(path, ast.parse(path.read_text("utf-8"), str(path))))


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_imports_only_its_own_layer_and_those_below(path: Path) -> None:
    here = layer(path)
    allowed = BELOW.get(here, set()) | {here, "__version__"}
    wrong = [
        "line %d imports %s" % (one.line, one.name)
        for one in found(path)
        if one.name.startswith("cmos.") and one.name.split(".")[1] not in allowed
    ]
    assert not wrong


@pytest.mark.parametrize("path", [path for path in MODULES if layer(path) == "core"], ids=name)
def test_core_does_no_io(path: Path) -> None:
    assert not {one.name.split(".")[0] for one in found(path)} & IO


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_library_is_imported_by_its_keeper_alone(path: Path) -> None:
    wrong = [
        "line %d imports %s" % (one.line, one.name)
        for one in found(path)
        if not one.typing and layer(path) not in KEEPERS.get(one.name.split(".")[0], {layer(path)})
    ]
    assert not wrong


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_slow_libraries_are_imported_inside_functions(path: Path) -> None:
    slow = {"git", "ruamel", "_ruamel_yaml", "watchdog"}
    # the modules of files that do nothing but parse are themselves imported late; test_imports.py sees to it
    watched = slow - {"ruamel", "_ruamel_yaml"} if layer(path) == "files" else slow
    assert not [one for one in found(path) if one.top and not one.typing and one.name.split(".")[0] in watched]


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_has_at_most_three_hundred_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 300


def test_the_reading_of_imports_sees_what_it_must() -> None:
    source = "from cmos import store\nfrom ..core import ids\nimport git.repo\ndef f():\n    import sqlite3\n"
    seen = list(imports(PACKAGE / "files" / "x.py", ast.parse(source)))
    assert [one.name for one in seen] == ["cmos", "cmos.store", "cmos.core", "git.repo", "sqlite3"]
    assert [one.top for one in seen] == [True, True, True, True, False]
