"""Measure what a search finds, and how fast: ``python benchmarks/search.py``.

Nothing here fails; whoever reads the tables decides.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sqlite3
import subprocess
import tempfile
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path
from typing import Callable, Dict, Iterable, Iterator, List, NamedTuple, Set, Tuple

from search_queries import (
    Place,
    Query,
    by_one_part,
    headings,
    identifiers,
    one_left_out,
    one_misspelt,
)

HERE = Path(__file__).resolve().parent.parent
CORPUS = HERE.parent / "shared" / "corpus"
FIRST = 5
#: Decisions, facts and sessions are in no file: the other two would not know them.
KINDS = ("doc", "mission", "research", "template")
PARTS = ("one part, any identifier with it: ", "one part, just this identifier: ")

Finder = Callable[[str], List[Place]]


class Section(NamedTuple):
    path: str
    line: int
    text: str


class Sections:
    """The pieces that the index has made of a project's documents; all three searches look through the same."""

    def __init__(self, database: Path) -> None:
        rows = sqlite3.connect(str(database)).execute(
            "SELECT s.file, c.line, c.text FROM kb_chunks c JOIN kb_sources s ON s.id = c.source_id "
            "WHERE c.line IS NOT NULL ORDER BY s.file, c.line, c.id"
        )
        self.all = [Section(*row) for row in rows]
        self._lines: Dict[str, List[int]] = {}
        for section in self.all:
            self._lines.setdefault(section.path, []).append(section.line)

    def begin(self, place: Place) -> Place:
        """Return where the section begins that holds a place."""
        lines = self._lines.get(place[0], [1])
        return place[0], lines[max(bisect_right(lines, place[1]) - 1, 0)]


# ---- three ways to search -------------------------------------------------------------------------------------


def ours(root: Path) -> Iterator[Finder]:
    from cmos.project.project import open_project
    from cmos.search.search import search

    with open_project(str(root)) as ws:
        yield lambda text: [(hit.path, hit.line or 1) for hit in search(ws, text, limit=FIRST, kinds=KINDS)]


def plain_fts5(sections: Sections) -> Finder:
    """Return FTS5 as it is: its own tokenizer, all words must be there, its own order."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5(text)")
    db.executemany("INSERT INTO t (rowid, text) VALUES (?,?)", enumerate(one.text for one in sections.all))

    def find(text: str) -> List[Place]:
        words = " ".join('"%s"' % word for word in text.split())
        rows = db.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?", (words, FIRST))
        return [sections.all[row[0]][:2] for row in rows]

    return find


def grep(sections: Sections) -> Finder:
    """Return a grep that counts how often the words occur in each section, in any case, and sorts by that."""
    lowered = [one.text.lower() for one in sections.all]

    def find(text: str) -> List[Place]:
        pattern = re.compile("|".join(map(re.escape, text.lower().split())))
        counts = [(-len(pattern.findall(whole)), number) for number, whole in enumerate(lowered)]
        return [sections.all[number][:2] for count, number in sorted(counts)[:FIRST] if count]

    return find


# ---- the tables -----------------------------------------------------------------------------------------------


def groups(root: Path, sections: Sections) -> Iterator[Tuple[str, List[Query]]]:
    parts: Dict[str, List[Query]] = {}
    found = headings(root)
    for kind, some in found.items():
        yield "one word left out: " + kind, list(one_left_out(some))
    for kind, some in found.items():
        yield "one word misspelt: " + kind, list(one_misspelt(some))
    whole = [one.text.lower() for one in sections.all]
    rows = lru_cache(None)(lambda part: sum(part in text for text in whole))
    for kind, any_place, own_place in by_one_part(identifiers(root), rows):
        parts.setdefault(PARTS[0] + kind, []).append(any_place)
        parts.setdefault(PARTS[1] + kind, []).append(own_place)
    for group in sorted(parts):
        yield group, parts[group]


def right(finder: Finder, query: Query, sections: Sections) -> bool:
    meant: Set[Place] = {sections.begin(place) for place in query.places}
    return any(sections.begin(place) in meant for place in finder(query.text))


def project(source: Path, work: Path) -> Path:
    """Copy a project's documents to a folder of its own and index them."""
    root = work / source.name
    shutil.copytree(str(source), str(root))
    for path in [root, *root.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o200)
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    from cmos.project.project import open_project
    from cmos.search import index
    from cmos.setup.setup import set_up

    set_up(str(root))
    with open_project(str(root)) as ws:
        index.update(ws)
    return root


def own_docs(work: Path) -> Path:
    """Lay this checkout's own pages out as a project: Markdown, which the corpus has little of."""
    root = work / "own-docs" / "cmos" / "docs"
    root.mkdir(parents=True)
    for path in [*HERE.glob("*.md"), *HERE.glob("docs/*.md"), *HERE.glob("benchmarks/*.md")]:
        shutil.copy(str(path), str(root / ("benchmarks.md" if path.parent.name == "benchmarks" else path.name)))
    return root.parent.parent


def quality(sources: Iterable[Path], work: Path, misses: bool) -> None:
    names = ("cmosctl", "plain FTS5", "grep -c")
    totals: Dict[str, List[int]] = {}
    for source in sources:
        root = project(source, work)
        sections = Sections(root / ".cmos" / "memory.db")
        for finder in ours(root):
            finders = (finder, plain_fts5(sections), grep(sections))
            for group, queries in groups(root, sections):
                row = totals.setdefault(group, [0] * (1 + len(finders)))
                row[0] += len(queries)
                for place, find in enumerate(finders, 1):
                    good = [right(find, query, sections) for query in queries]
                    row[place] += sum(good)
                    if misses and place == 1:
                        for query, ok in zip(queries, good):
                            if not ok:
                                print("MISS", group, query.text, sorted(query.places)[:2], finder(query.text)[:2])
    print("%-46s %8s %10s %10s %10s" % ("found among the first five", "queries", *names))
    for prefix in ("one word left out", "one word misspelt", *PARTS):
        rows = {group: row for group, row in totals.items() if group.startswith(prefix)}
        rows[prefix.rstrip(": ") + ": all"] = [sum(column) for column in zip(*rows.values())]
        for group, row in rows.items():
            if row[0]:
                print("%-46s %8d" % (group, row[0]) + "".join(" %8.1f %%" % (100 * n / row[0]) for n in row[1:]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="a folder of projects")
    parser.add_argument("--misses", action="store_true", help="print each query that found nothing right")
    given = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="cmos-search-"))
    try:
        projects = [path for path in sorted(given.corpus.glob("*")) if path.is_dir()]
        quality([*projects, own_docs(work / "own")], work, given.misses)
    finally:
        shutil.rmtree(str(work))


if __name__ == "__main__":
    main()
