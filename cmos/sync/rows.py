"""The base: the files at the last sync, in the database (docs/sync.md, section 2). Texts that lost."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING, Dict, Iterable, List, Optional, Set, Tuple

from cmos.core.record import NamedTuple
from cmos.db.sql import raw, records, texts, whole
from cmos.files.scan import digest
from cmos.project.rows import put_worktree, worktree_value

if TYPE_CHECKING:
    from cmos.project.project import Project

#: The hash of a file that is gone; its records keep its last values.
GONE = ""


class BaseFile(NamedTuple):
    """One file as it was at the last sync. Times in nanoseconds since 1970."""

    path: str
    hash: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    checked_ns: int


class BaseRecord(NamedTuple):
    """The values of one mission at one place in a file at the last sync."""

    path: str
    mission_id: str
    file_id: str
    kind: str
    status: Optional[str]
    completed_at: Optional[str]
    name: Optional[str]
    sprint: Optional[str]
    notes: Optional[str]
    link: Optional[str]


_RECORD = "path, mission_id, file_id, kind, status, completed_at, name, sprint, notes, link"


def files_in(project: Project, folder: str) -> Dict[str, BaseFile]:
    """Return the files of one folder by path, including those that are gone."""
    rows = project.db.execute(
        "SELECT path, hash, size, mtime_ns, ctime_ns, inode, checked_ns FROM files WHERE worktree = ? AND folder = ?",
        (project.worktree, folder),
    )
    return {file.path: file for file in records(BaseFile, rows, keys=1)}


def put_files(project: Project, files: Iterable[BaseFile]) -> None:
    project.db.executemany(
        "INSERT OR REPLACE INTO files (worktree, folder, path, hash, size, mtime_ns, ctime_ns, inode, checked_ns) "
        "VALUES (?,?,?,?,?,?,?,?,?)",
        ((project.worktree, file.path.rpartition("/")[0], *file) for file in files),
    )


def count_files(db: sqlite3.Connection, worktree: str) -> int:
    """Return how many files exist."""
    sql = "SELECT count(*) FROM files WHERE worktree = ? AND hash <> ?"
    return int(db.execute(sql, (worktree, GONE)).fetchone()[0])


def stamp_of(project: Project, path: str) -> Optional[Tuple[int, int, int, int]]:
    """Return size, mtime, ctime and inode of a file that was there at the last sync; None for any other."""
    sql = "SELECT size, mtime_ns, ctime_ns, inode FROM files WHERE worktree = ? AND path = ? AND hash <> ?"
    row = project.db.execute(sql, (project.worktree, path, GONE)).fetchone()
    if row is None:
        return None
    size, mtime_ns, ctime_ns, inode = (whole(value) or 0 for value in row)
    return size, mtime_ns, ctime_ns, inode


def hash_of(project: Project, path: str) -> Optional[str]:
    sql = "SELECT hash FROM files WHERE worktree = ? AND path = ?"
    row = project.db.execute(sql, (project.worktree, path)).fetchone()
    return row[0] if row else None


def records_of(project: Project, paths: Iterable[str]) -> List[BaseRecord]:
    found: List[BaseRecord] = []
    sql = "SELECT %s FROM records WHERE worktree = ? AND path = ?" % _RECORD
    for path in paths:
        found += records(BaseRecord, project.db.execute(sql, (project.worktree, path)), keys=2)
    return found


def live_records(project: Project, mission_id: str, *, are_gone: bool = False) -> List[BaseRecord]:
    """Return the records of a mission in existing files (or in files that are gone), mission files first."""
    rows = project.db.execute(
        "SELECT %s FROM records r WHERE worktree = ? AND mission_id = ? AND EXISTS (SELECT 1 FROM files b "
        "WHERE b.worktree = r.worktree AND b.path = r.path AND (b.hash = '') = ?) ORDER BY kind, path" % _RECORD,
        (project.worktree, mission_id, are_gone),
    )
    return list(records(BaseRecord, rows, keys=2))


def put_records(project: Project, records: Iterable[BaseRecord]) -> None:
    project.db.executemany(
        "INSERT OR REPLACE INTO records (worktree, %s) VALUES (?,?,?,?,?,?,?,?,?,?,?)" % _RECORD,
        ((project.worktree, *record) for record in records),
    )


def drop_records(project: Project, places: Iterable[Tuple[str, str]]) -> None:
    """Forget records, given as (path, mission id)."""
    project.db.executemany(
        "DELETE FROM records WHERE worktree = ? AND path = ? AND mission_id = ?",
        ((project.worktree, *place) for place in places),
    )


def listed_ids(db: sqlite3.Connection, mission_id: str) -> bool:
    """Say whether a backlog or a plan lists the id."""
    row = db.execute("SELECT 1 FROM records WHERE mission_id = ? AND kind = 'row' LIMIT 1", (mission_id,))
    return row.fetchone() is not None


def links_of(project: Project) -> Dict[str, str]:
    """Return the mission ids by the path that a backlog gives for their file."""
    rows = project.db.execute(
        "SELECT link, mission_id FROM records WHERE worktree = ? AND kind = 'row' AND link IS NOT NULL",
        (project.worktree,),
    )
    return {row[0]: row[1] for row in rows}


def live_missions(project: Project) -> int:
    """Return how many missions the existing files mention."""
    row = project.db.execute(
        "SELECT count(DISTINCT r.mission_id) FROM files b JOIN records r USING (worktree, path) "
        "WHERE b.worktree = ? AND b.hash <> ''",
        (project.worktree,),
    ).fetchone()
    return int(row[0])


def put_value(project: Project, record: BaseRecord, field: str, value: Optional[str]) -> None:
    """Store one field of a record. ``field`` is a column of BaseRecord."""
    if field not in BaseRecord._fields:
        raise ValueError(field)
    project.db.execute(
        "UPDATE records SET %s = ? WHERE worktree = ? AND path = ? AND mission_id = ?" % field,
        (value, project.worktree, record.path, record.mission_id),
    )


def paths_of_rows(project: Project) -> List[str]:
    """Return the files here that list missions."""
    rows = project.db.execute(
        "SELECT DISTINCT path FROM records r JOIN files b USING (worktree, path) "
        "WHERE worktree = ? AND r.kind = 'row' AND b.hash <> '' ORDER BY path",
        (project.worktree,),
    )
    return texts(rows)


def listed_elsewhere(project: Project) -> Set[str]:
    """Return the missions that files of other worktrees name, those aside that git has no longer."""
    rows = project.db.execute(
        "SELECT DISTINCT worktree, mission_id FROM records r JOIN files b USING (worktree, path) "
        "WHERE worktree <> ? AND b.hash <> ''",
        (project.worktree,),
    ).fetchall()
    here = {worktree for worktree in {row[0] for row in rows} if not project.layout.has_lost(worktree)}
    return {id for worktree, id in rows if worktree in here}


def statuses(db: sqlite3.Connection, mission_id: str) -> List[Tuple[str, str, Optional[str]]]:
    """Return the status of a mission in the files of all worktrees: (worktree, path, status)."""
    return db.execute(
        "SELECT worktree, path, status FROM records r WHERE mission_id = ? AND status IS NOT NULL AND EXISTS "
        "(SELECT 1 FROM files b WHERE b.worktree = r.worktree AND b.path = r.path AND b.hash <> '')",
        (mission_id,),
    ).fetchall()


#: Stands between folders, each with its signature in hexadecimal, the time of it (ns since 1970) and its path.
_BETWEEN = "//"


def signatures(project: Project) -> Dict[str, Tuple[bytes, int]]:
    """Return the signature of each folder, and the time it was taken."""
    stored = str(worktree_value(project.db, project.worktree, "folders") or "")
    folders = [folder.split(":", 2) for folder in stored.split(_BETWEEN)]
    try:
        return {name: (bytes.fromhex(signature), int(ns)) for signature, ns, name in folders}
    except ValueError:
        return {}  # nothing was stored, or SQL has stored something else: every folder is compared anew


def put_signatures(project: Project, folders: Dict[str, Tuple[bytes, int]]) -> None:
    """Store the signatures of all folders."""
    entries = ("%s:%d:%s" % (signature.hex(), ns, name) for name, (signature, ns) in folders.items())
    put_worktree(project.db, project.worktree, folders=_BETWEEN.join(entries))


def is_waiting(project: Project) -> bool:
    """Say whether a write is pending, or one that began has to be cleared up."""
    row = project.db.execute(
        "SELECT 1 FROM pending WHERE worktree = ? AND refused = '' UNION ALL "
        "SELECT 1 FROM files WHERE worktree = ? AND temporary IS NOT NULL LIMIT 1",
        (project.worktree, project.worktree),
    ).fetchone()
    return row is not None


def last_head(project: Project) -> str:
    """Return the commit and branch that the checkout was at, as ``Head.text`` gives them; empty if never looked at."""
    return str(worktree_value(project.db, project.worktree, "head") or "")


#: SQL may have stored something else.
_SHA = r"[0-9a-f]{40}(?:[0-9a-f]{24})?"


def looked_at(db: sqlite3.Connection, ref: str) -> Optional[str]:
    """Return the commit that a branch was at when it was last looked at; None if it never was."""
    row = db.execute("SELECT sha FROM looks WHERE ref = ?", (ref,)).fetchone()
    return row[0] if row and re.fullmatch(_SHA, str(row[0])) else None


def looked_commits(db: sqlite3.Connection) -> List[str]:
    """Return the newest commits that were looked at: all others are ancestors of these."""
    sql = "SELECT DISTINCT sha FROM looks WHERE ref NOT LIKE 'floor %' ORDER BY sha"
    return [sha for sha in texts(db.execute(sql)) if re.fullmatch(_SHA, sha)]


def left_commits(db: sqlite3.Connection) -> List[str]:
    """Return the commits that branches have left since."""
    return texts(db.execute("SELECT sha FROM looks WHERE ref = sha ORDER BY sha"))


def put_look(db: sqlite3.Connection, ref: str, sha: str) -> None:
    """Store the commit of a branch; the one before it stays known."""
    left = "INSERT OR IGNORE INTO looks (ref, sha) SELECT sha, sha FROM looks WHERE ref = ? AND sha <> ?"
    db.execute(left, (ref, sha))
    db.execute("INSERT OR REPLACE INTO looks (ref, sha) VALUES (?,?)", (ref, sha))


def forget_looks(db: sqlite3.Connection, some: Iterable[str]) -> None:
    """Forget commits that branches have left."""
    db.executemany("DELETE FROM looks WHERE ref = ? AND sha = ref", ((sha,) for sha in some))


#: How many replaced texts are kept; each differs from the next by one value.
REPLACED_KEPT = 200

REPLACED = "replaced"
LOST = "lost"


class KeptText(NamedTuple):
    hash: str
    path: str
    why: str
    ts: str
    size: int


def keep_text(project: Project, content: bytes, *, path: str, why: str) -> None:
    """Keep a text: for good if it lost, else among the newest that a command replaced."""
    import zlib

    project.db.execute(
        "INSERT INTO texts (hash, path, why, ts, size, content) VALUES (?,?,?,?,?,?) ON CONFLICT (hash) DO UPDATE SET "
        "ts = excluded.ts, why = CASE WHEN why = 'lost' THEN why ELSE excluded.why END",
        (digest(content), path, why, project.now, len(content), zlib.compress(content)),
    )
    project.db.execute(
        "DELETE FROM texts WHERE why = ? AND hash NOT IN "
        "(SELECT hash FROM texts WHERE why = ? ORDER BY ts DESC, hash LIMIT ?)",
        (REPLACED, REPLACED, REPLACED_KEPT),
    )


def list_texts(db: sqlite3.Connection, why: Optional[str] = None) -> List[KeptText]:
    query = "SELECT hash, path, why, ts, size FROM texts WHERE ?1 IS NULL OR why = ?1 ORDER BY ts, hash"
    return list(records(KeptText, db.execute(query, (why,))))


def text_content(db: sqlite3.Connection, content_hash: str) -> Optional[bytes]:
    """Return a kept text; None if there is none, or if SQL has put something else in its place."""
    import zlib

    row = raw(db, "SELECT content FROM texts WHERE hash = ?", (content_hash,)).fetchone()
    try:
        return zlib.decompress(row[0]) if row else None
    except (zlib.error, TypeError):
        return None
