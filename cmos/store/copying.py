"""A copy of the database in another place, whole and checked before it takes the place of the last one."""

from __future__ import annotations

import os
import sqlite3
import stat

from cmos.store import connection as connections

#: What is rebuilt from files and records; the tables stay, without rows.
_INDEX = ("kb_chunks", "kb_sources", "kb_words", "kb_looks")


def copy(db: sqlite3.Connection, source: str, path: str) -> None:
    """Copy a database without its search index to ``path``; ``source`` is its file, for the mode.

    Raises DatabaseProblem for a damaged one, which then replaces no copy; OSError.
    """
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = "%s.%d-%s.tmp" % (path, os.getpid(), os.urandom(4).hex())
    try:
        with connections.translated(source):
            _write(db, temporary)
        os.chmod(temporary, stat.S_IMODE(os.stat(source).st_mode))
        _to_disk(temporary)
        os.replace(temporary, path)
    finally:
        for left in (temporary, temporary + "-journal"):
            if os.path.lexists(left):
                os.unlink(left)


def _write(db: sqlite3.Connection, temporary: str) -> None:
    # made by us first: a database is for no more eyes than the one it is a copy of
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    target = sqlite3.connect(temporary, isolation_level=None)
    try:
        db.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
        _drop_index(target)
        found = str(target.execute("PRAGMA quick_check(1)").fetchone()[0])
        if found != "ok":
            raise sqlite3.DatabaseError("malformed: %s" % found)
    finally:
        target.close()


def _drop_index(target: sqlite3.Connection) -> None:
    triggers = target.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    there = {row[0] for row in target.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for name, _ in triggers:
        target.execute('DROP TRIGGER "%s"' % name)
    if "kb_chunks_fts" in there:
        target.execute("INSERT INTO kb_chunks_fts (kb_chunks_fts) VALUES ('delete-all')")
    for table in filter(there.__contains__, _INDEX):
        target.execute("DELETE FROM %s" % table)
    for _, sql in triggers:
        target.execute(sql)
    target.execute("VACUUM")


def _to_disk(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
