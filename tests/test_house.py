"""The house stays as small as it is: a change that makes it larger says so by raising a limit here.

``python tests/test_house.py`` prints the figures. Which module may import which is kept by ``lint-imports``.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from pathlib import Path
from typing import Dict, Iterator, List, Set

from cmos.core import schema

PACKAGE = Path(__file__).resolve().parent.parent / "cmos"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
NO_CODE = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)

#: Lines with code in all modules, how many modules there are, in one folder at most, and lines of the longest.
CODE_LINES = 17779
COUNT = 146
IN_ONE_FOLDER = 17
LONGEST = 300
#: Tables of the database, without those that FTS5 makes for itself.
TABLES = 20


def test_there_is_no_more_code_than_before() -> None:
    assert sum(map(code_lines, MODULES)) <= CODE_LINES


def test_there_are_no_more_modules_than_before() -> None:
    assert len(MODULES) <= COUNT


def test_no_folder_has_more_modules_than_before() -> None:
    assert max(in_folders().values()) <= IN_ONE_FOLDER


def test_no_module_is_longer_than_before() -> None:
    assert [path.name for path in MODULES if len(path.read_text("utf-8").splitlines()) > LONGEST] == []


def test_there_are_no_more_tables_than_before() -> None:
    assert len(schema.TABLES) <= TABLES  # tests/db/test_migrations.py compares them with a database


def test_slow_libraries_are_imported_inside_functions() -> None:
    """What needs the YAML parser stands in two modules, which are themselves imported inside functions."""
    slow = {"git", "watchdog", "ruamel", "_ruamel_yaml", "cmos.missionfile.events", "cmos.missionfile.parts"}
    parsing = {PACKAGE / "missionfile" / "events.py", PACKAGE / "missionfile" / "parts.py"}
    found = {path: [name for name in imported_at_once(path) if top(name) & slow] for path in MODULES}
    assert {path.name: names for path, names in found.items() if names and path not in parsing} == {}


def test_every_package_says_what_it_is_for() -> None:
    texts = {path: ast.get_docstring(ast.parse(path.read_text("utf-8"))) for path in PACKAGE.rglob("__init__.py")}
    assert [path.parent.name for path, text in texts.items() if not text and path.parent != PACKAGE] == []


def test_the_count_sees_code_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "one.py"
    head = '"""Words,\n\non lines."""\n\n# a comment\nA = """x\ny"""\n\n\n'
    path.write_text(head + 'def f():\n    """No."""\n    return (\n        1\n    )\n')
    assert code_lines(path) == 6


def code_lines(path: Path) -> int:
    """Return how many lines hold code: no blank line, no comment, no docstring."""
    text = path.read_text("utf-8")
    lines: Set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        body = getattr(node, "body", None)
        is_documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node, False)
        if is_documented and body:
            lines.difference_update(range(body[0].lineno, body[0].end_lineno + 1))
    return len(lines)


def in_folders() -> Dict[str, int]:
    return Counter(path.parent.name for path in MODULES)


def imported_at_once(path: Path) -> Iterator[str]:
    """Yield the modules that a module imports when it is imported, annotations aside."""
    body: List[ast.stmt] = ast.parse(path.read_text("utf-8")).body
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from ("%s.%s" % (node.module, alias.name) for alias in node.names)


def top(name: str) -> Set[str]:
    return {name, name.split(".")[0]}


if __name__ == "__main__":
    print("code lines        %6d" % sum(map(code_lines, MODULES)))
    print("modules           %6d" % len(MODULES))
    print("in one folder     %6d" % max(in_folders().values()))
    print("longest module    %6d" % max(len(path.read_text("utf-8").splitlines()) for path in MODULES))
    print("tables            %6d" % len(schema.TABLES))
