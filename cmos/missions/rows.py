"""Missions, sprints and dependencies in the database."""

from __future__ import annotations

import sqlite3
from typing import Dict, Iterable, Iterator, List, Optional, Tuple

from cmos.core.ids import sort_key
from cmos.core.models import Mission, Sprint
from cmos.core.record import NamedTuple
from cmos.core.status import CURRENT, QUEUED
from cmos.db.sql import Row, fetch, records, texts
from cmos.missions import link_rows

_COLUMNS = (
    "m.id, m.sprint_id, m.name, m.status, m.created_at, m.completed_at, m.notes, m.objective, m.missing, "
    "m.position, m.agent, m.started_at, m.blocked_reason, m.worktree"
)


class SprintCount(NamedTuple):
    sprint_id: Optional[str]
    status: str
    number: int


def _missions(rows: Iterable[Row]) -> Iterator[Mission]:
    return records(Mission, (row if row[8] is None else _with_missing(row) for row in rows), keys=1)


def _with_missing(row: Row) -> Row:
    return (*row[:8], tuple(str(row[8]).split()), *row[9:])


def get(db: sqlite3.Connection, mission_id: str) -> Optional[Mission]:
    rows = db.execute("SELECT %s FROM missions m WHERE m.id = ?" % _COLUMNS, (mission_id,))
    return next(_missions(rows), None)


def get_many(db: sqlite3.Connection, ids: Iterable[str]) -> Dict[str, Mission]:
    """Return the missions that exist among ``ids``, by id."""
    found: Dict[str, Mission] = {}
    wanted = list(ids)
    for start in range(0, len(wanted), 500):
        batch = wanted[start : start + 500]
        marks = ",".join("?" * len(batch))
        rows = db.execute("SELECT %s FROM missions m WHERE m.id IN (%s)" % (_COLUMNS, marks), batch)
        found.update((mission.id, mission) for mission in _missions(rows))
    return found


def place(db: sqlite3.Connection, worktree: str, mission_id: str) -> Optional[Tuple[str, str, str]]:
    """Return where a worktree has a mission: path, how it spells the id, and the kind, its own file before a row."""
    row = db.execute(
        "SELECT r.path, r.file_id, r.kind FROM records r JOIN files b USING (worktree, path) "
        "WHERE r.mission_id = ? AND worktree = ? AND b.hash <> '' ORDER BY r.kind, r.path LIMIT 1",
        (mission_id, worktree),
    ).fetchone()
    return (str(row[0]), str(row[1]), str(row[2])) if row else None


def id_of_file_id(db: sqlite3.Connection, file_id: str) -> Optional[str]:
    """Return the mission whose file spells its id so (``B14.4-20251028`` for ``B14.4``); None if none or several."""
    rows = db.execute("SELECT DISTINCT mission_id FROM records WHERE file_id = ? LIMIT 2", (file_id,)).fetchall()
    return str(rows[0][0]) if len(rows) == 1 else None


def listing(
    db: sqlite3.Connection, *, sprints: Optional[Iterable[str]] = None, statuses: Optional[Iterable[str]] = None
) -> List[Mission]:
    """Return missions in order, of the given sprint ids and statuses (all when None)."""
    wheres: List[str] = []
    values: List[str] = []
    for column, wanted in (("m.sprint_id", sprints), ("m.status", statuses)):
        if wanted is not None:
            given = list(wanted)
            wheres.append("%s IN (%s)" % (column, ",".join("?" * len(given))))
            values += given
    where = ("WHERE " + " AND ".join(wheres)) if wheres else ""
    return list(_missions(fetch(db, "SELECT %s %s %s %s" % (_COLUMNS, FROM, where, ORDER), values)))


def with_status(db: sqlite3.Connection, *statuses: str) -> Tuple[Mission, ...]:
    """Return the missions of some statuses in order; for statuses that few missions have."""
    return tuple(listing(db, statuses=statuses))


def of_sprint(db: sqlite3.Connection, sprint_id: Optional[str], status: str) -> Iterator[Mission]:
    """Yield one sprint's missions of a status in order, from the index, as they are asked for."""
    rows = db.execute(
        "SELECT %s FROM missions m WHERE m.status = ? AND m.sprint_id IS ? "
        "ORDER BY m.position IS NULL, m.position, m.sort_key, m.id" % _COLUMNS,
        (status, sprint_id),
    )
    return _missions(rows)


def sprints_with(db: sqlite3.Connection, status: str) -> List[Optional[str]]:
    """Return the sprint ids that have missions of a status, in order."""
    rows = db.execute(
        "SELECT g.sprint_id FROM (SELECT DISTINCT sprint_id FROM missions WHERE status = ?) g "
        "LEFT JOIN sprints s ON s.id = g.sprint_id ORDER BY " + SPRINT_ORDER % ("g", "g"),
        (status,),
    )
    return [None if row[0] is None else str(row[0]) for row in rows]


def counts(db: sqlite3.Connection) -> List[SprintCount]:
    """Return how many missions each sprint has of each status, in sprint order; rows without an id do not count."""
    rows = db.execute(
        "SELECT g.sprint_id, g.status, g.n FROM "
        "(SELECT sprint_id, status, count(*) n FROM missions GROUP BY sprint_id, status) g "
        "LEFT JOIN sprints s ON s.id = g.sprint_id ORDER BY " + SPRINT_ORDER % ("g", "g")
    )
    found: Dict[Tuple[Optional[str], str], int] = {}
    # SQLite sorts NULL before all texts, and BLOBs after them: the key's index finds both
    nameless = db.execute("SELECT sprint_id, status, -1 FROM missions WHERE id IS NULL OR id >= x''")
    # a status, or a sprint, that is a BLOB counts with the text that it stands for
    for line in records(SprintCount, (*rows, *nameless)):
        found[line[:2]] = found.get(line[:2], 0) + line.number
    return [SprintCount(*key, number) for key, number in found.items() if number]


def without_time(db: sqlite3.Connection, status: str) -> List[str]:
    """Return the missions of a status that have no time of completion."""
    sql = "SELECT id FROM missions WHERE status = ? AND coalesce(completed_at, '') = '' ORDER BY sort_key, id"
    return texts(db.execute(sql, (status,)))


def insert_many(db: sqlite3.Connection, missions: Iterable[Mission], *, now: str) -> None:
    """Insert new missions; ``created_at`` is ``now`` unless a mission has one."""
    db.executemany(
        "INSERT INTO missions (id, sprint_id, name, status, created_at, completed_at, notes, objective, missing, "
        "position, agent, started_at, blocked_reason, worktree, sort_key, status_known) "
        "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            (m.id, m.sprint_id, m.name, m.status, m.created_at or now, m.completed_at, m.notes, m.objective)
            + (_text(m.missing), m.position, m.agent, m.started_at, m.blocked_reason, m.worktree)
            + (sort_key(m.id), m.status)
            for m in missions
        ),
    )


def update_many(db: sqlite3.Connection, missions: Iterable[Mission]) -> None:
    """Store every column of missions that exist."""
    db.executemany(
        "UPDATE missions SET sprint_id=?, name=?, status=?, completed_at=?, notes=?, objective=?, missing=?, "
        "position=?, agent=?, started_at=?, blocked_reason=?, worktree=?, status_known=? WHERE id=?",
        (
            (m.sprint_id, m.name, m.status, m.completed_at, m.notes, m.objective, _text(m.missing))
            + (m.position, m.agent, m.started_at, m.blocked_reason, m.worktree, m.status, m.id)
            for m in missions
        ),
    )


def is_set_by_sql(db: sqlite3.Connection) -> bool:
    """Say whether somebody set a status, or added a mission, with SQL of their own."""
    rows = db.execute("SELECT id FROM missions WHERE status IS NOT status_known")
    return any(type(row[0]) is str for row in rows)


def set_by_sql(db: sqlite3.Connection) -> List[Tuple[Mission, Optional[str]]]:
    """Return the missions with such a status, and the status before; None for one that was added."""
    sql = "SELECT %s, m.status_known FROM missions m WHERE m.status IS NOT m.status_known ORDER BY m.id" % _COLUMNS
    return [(mission, row[-1]) for row in db.execute(sql) for mission in _missions([row[:-1]])]


def acknowledge(db: sqlite3.Connection, mission_id: str) -> None:
    """Make a mission that was added with SQL one like all others."""
    # as a text: a BLOB that says Queued is found by nobody who looks for the queued ones
    status = "CAST(coalesce(status, ?1) AS TEXT)"
    sql = "UPDATE missions SET status = %s, status_known = %s, sort_key = ?2 " % (status, status)
    db.execute(sql + "WHERE id = ?3", (QUEUED, sort_key(mission_id), mission_id))


def _text(missing: Optional[Tuple[str, ...]]) -> Optional[str]:
    # names of fields have no spaces
    return None if missing is None else " ".join(missing)


#: Sprints without a place come after the others, missions without a sprint at the end.
SPRINT_ORDER = "s.position IS NULL, s.position, %s.sprint_id IS NULL, %s.sprint_id"
#: The backlog's order; what no backlog lists comes after, in natural order of ids.
ORDER = "ORDER BY %s, m.position IS NULL, m.position, m.sort_key, m.id" % (SPRINT_ORDER % ("m", "m"))
FROM = "FROM missions m LEFT JOIN sprints s ON s.id = m.sprint_id"


def all_ids(db: sqlite3.Connection) -> List[str]:
    return texts(db.execute("SELECT id FROM missions"))


def maybe_named(db: sqlite3.Connection, text: str) -> List[str]:
    """Return the ids that a text may name: few of all, found without loading them."""
    # SQLite folds the case of ASCII alone; an id with other letters is taken as it is
    query = "SELECT id FROM missions WHERE instr(?, lower(id)) OR length(id) <> length(CAST(id AS BLOB))"
    return texts(db.execute(query, (text.casefold(),)))


def first(db: sqlite3.Connection, *statuses: str) -> Optional[str]:
    """Return the first mission in order that has the first of these statuses that any mission has."""
    for status in statuses:
        for row in db.execute("SELECT m.id %s WHERE m.status = ? %s" % (FROM, ORDER), (status,)):
            if type(row[0]) is str:
                return row[0]
    return None


def of_worktree(db: sqlite3.Connection, worktree: Optional[str], *statuses: str) -> List[str]:
    """Return the missions of some statuses that were claimed or done in a worktree, the last begun at the end."""
    marks = ",".join("?" * len(statuses))
    where, values = ("worktree IS NULL", statuses) if worktree is None else ("worktree = ?", (worktree, *statuses))
    sql = "SELECT id FROM missions WHERE %s AND status IN (%s) ORDER BY started_at, sort_key, id" % (where, marks)
    return texts(db.execute(sql, values))


def leave(db: sqlite3.Connection, worktree: str, *statuses: str) -> None:
    """Let missions of some statuses no longer be a worktree's."""
    marks = ",".join("?" * len(statuses))
    sql = "UPDATE missions SET worktree = NULL WHERE worktree = ? AND status IN (%s)" % marks
    db.execute(sql, (worktree, *statuses))


def all_sprints(db: sqlite3.Connection) -> List[Sprint]:
    """Return all sprints in order."""
    rows = db.execute("SELECT id, title, focus, status, position FROM sprints ORDER BY position IS NULL, position, id")
    return list(records(Sprint, rows, keys=1))


def put_sprint(db: sqlite3.Connection, sprint: Sprint) -> None:
    """Insert a sprint, or store what is now known of it."""
    db.execute(
        "INSERT INTO sprints (id, title, focus, status, position) VALUES (?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET "
        "title=excluded.title, focus=excluded.focus, status=excluded.status, position=excluded.position",
        (sprint.id, sprint.title, sprint.focus, sprint.status, sprint.position),
    )


def blockers(db: sqlite3.Connection, mission_id: str) -> List[Mission]:
    """Return the unfinished missions that a mission waits for, in order."""
    rows = db.execute(
        "SELECT %s %s WHERE m.status <> 'Completed' AND m.id <> ?1 AND m.id IN (SELECT from_id FROM dependencies "
        "WHERE to_id = ?1 AND lower(type) IN ('blocks', 'needed by')) %s" % (_COLUMNS, FROM, ORDER),
        (mission_id,),
    )
    return list(_missions(rows))


def only_waiting_for(db: sqlite3.Connection, mission_id: str) -> List[str]:
    """Return the Queued and Current missions that no other unfinished mission than this one blocks, in order."""
    links = link_rows.dependencies(db, mission_id)
    candidates = [link.to_id for link in links if link.from_id == mission_id and link.blocks]
    waiting_still = link_rows.waiting(db, finished=mission_id)
    found = get_many(db, candidates).values()
    return [one.id for one in found if one.status in (QUEUED, CURRENT) and one.id not in waiting_still]


def paths_of_sprint(db: sqlite3.Connection, worktree: str, sprint_id: str) -> List[str]:
    """Return the paths of the own files of a sprint's missions."""
    rows = db.execute(
        "SELECT r.path FROM missions m JOIN records r ON r.mission_id = m.id "
        "WHERE m.sprint_id = ? AND r.worktree = ? AND r.kind = 'file' ORDER BY r.path",
        (sprint_id, worktree),
    )
    return texts(rows)
