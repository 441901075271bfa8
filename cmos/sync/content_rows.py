"""What contents say that were read before: a cache in the git folder, made anew where it is lost.

A switch of branches, a new worktree and a stash bring contents that some worktree has had.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Dict, Iterable, Iterator, List, Mapping, Tuple

from cmos.missionfile.records import READING, Contents, as_text, from_text

if TYPE_CHECKING:
    from cmos.project.project import Project

#: Characters of what a content says; more than this of one file is read faster than kept.
_LARGEST = 20_000
#: Contents that are kept: so many times as many as there are files in all worktrees.
_TIMES = 3
_MOST_OF_SQL = 500


def known(project: Project, hashes: Iterable[str]) -> Dict[str, Contents]:
    """Return what those of some contents say that are known, by hash."""
    wanted = sorted(set(hashes))
    path = project.layout.contents
    if path is None or not os.path.isfile(path):
        return {}
    found: Dict[str, Contents] = {}
    try:
        with _opened(path) as db:
            for start in range(0, len(wanted), _MOST_OF_SQL):
                some = wanted[start : start + _MOST_OF_SQL]
                marks = ",".join("?" * len(some))
                for hash, text in db.execute("SELECT hash, said FROM contents WHERE hash IN (%s)" % marks, some):
                    contents = from_text(text)
                    if contents is not None:
                        found[hash] = contents
    except sqlite3.Error as error:
        _mend(path, error)
    return found


def keep(project: Project, said: Mapping[str, Contents]) -> None:
    """Remember what contents say, and forget what was remembered longest ago. Whatever goes wrong, nothing is lost."""
    path = project.layout.contents
    if path is None or project.is_trial:
        return
    texts = [(hash, as_text(contents)) for hash, contents in said.items() if not contents.faults]
    rows = [(hash, text) for hash, text in texts if len(text) <= _LARGEST]
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        files = project.db.execute("SELECT count(*) FROM files").fetchone()[0]
        with _opened(path) as db:
            _put(db, rows, most=_TIMES * max(files, len(rows)))
    except OSError:
        pass  # no room, or no right to write: it is a cache
    except sqlite3.Error as error:
        _mend(path, error)


def _put(db: sqlite3.Connection, rows: List[Tuple[str, str]], *, most: int) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.execute("CREATE TABLE IF NOT EXISTS contents (id INTEGER PRIMARY KEY, hash TEXT UNIQUE, said TEXT)")
    db.executemany("INSERT OR IGNORE INTO contents (hash, said) VALUES (?, ?)", rows)
    db.execute("DELETE FROM contents WHERE id <= (SELECT max(id) FROM contents) - ?", (most,))
    db.execute("PRAGMA user_version = %d" % READING)
    db.execute("COMMIT")


@contextmanager
def _opened(path: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0.1)) as db:
        # after a crash of the machine it may be damaged, and is then made anew
        db.execute("PRAGMA synchronous = OFF")
        if db.execute("PRAGMA user_version").fetchone()[0] not in (0, READING):
            db.execute("DROP TABLE IF EXISTS contents")
            db.execute("PRAGMA user_version = 0")
        yield db


def _mend(path: str, error: sqlite3.Error) -> None:
    """Remove a cache that is damaged; one that is merely busy, or cannot be opened, stays."""
    if not isinstance(error, sqlite3.OperationalError):
        with suppress(OSError):
            os.remove(path)
