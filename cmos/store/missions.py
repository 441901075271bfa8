"""Missions in the database."""

from __future__ import annotations

import sqlite3
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from cmos.core.ids import sort_key
from cmos.core.models import Mission
from cmos.core.status import QUEUED
from cmos.db.sql import Row, fetch, records, texts
from cmos.store.mission_ids import FROM as _FROM
from cmos.store.mission_ids import ORDER as _ORDER
from cmos.store.mission_ids import SPRINT_ORDER as _SPRINT_ORDER
from cmos.store.mission_ids import all_ids as all_ids

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
        some = wanted[start : start + 500]
        marks = ",".join("?" * len(some))
        rows = db.execute("SELECT %s FROM missions m WHERE m.id IN (%s)" % (_COLUMNS, marks), some)
        found.update((mission.id, mission) for mission in _missions(rows))
    return found


def path(db: sqlite3.Connection, worktree: str, mission_id: str) -> Optional[str]:
    """Return the path of the mission's own file, relative to the project; None if this worktree has none."""
    rows = db.execute(
        "SELECT r.path FROM base_records r JOIN base b USING (worktree, path) "
        "WHERE r.mission_id = ? AND worktree = ? AND r.kind = 'file' AND b.hash <> '' ORDER BY r.path",
        (mission_id, worktree),
    )
    return next(iter(texts(rows)), None)


def id_of_file_id(db: sqlite3.Connection, file_id: str) -> Optional[str]:
    """Return the mission whose file spells its id so (``B14.4-20251028`` for ``B14.4``); None if none or several."""
    rows = db.execute("SELECT DISTINCT mission_id FROM base_records WHERE file_id = ? LIMIT 2", (file_id,)).fetchall()
    return str(rows[0][0]) if len(rows) == 1 else None


def listing(
    db: sqlite3.Connection, *, sprints: Optional[Iterable[str]] = None, statuses: Optional[Iterable[str]] = None
) -> List[Mission]:
    """Return missions in order, of the given sprint ids and statuses (all when None)."""
    wheres: List[str] = []
    values: List[str] = []
    for column, wanted in (("m.sprint_id", sprints), ("m.status", statuses)):
        if wanted is not None:
            some = list(wanted)
            wheres.append("%s IN (%s)" % (column, ",".join("?" * len(some))))
            values += some
    where = ("WHERE " + " AND ".join(wheres)) if wheres else ""
    return list(_missions(fetch(db, "SELECT %s %s %s %s" % (_COLUMNS, _FROM, where, _ORDER), values)))


def with_status(db: sqlite3.Connection, *statuses: str) -> Tuple[Mission, ...]:
    """Return the missions of some statuses in order (few rows expected: the open ones)."""
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
        "LEFT JOIN sprints s ON s.id = g.sprint_id ORDER BY " + _SPRINT_ORDER % ("g", "g"),
        (status,),
    )
    return [None if row[0] is None else str(row[0]) for row in rows]


def counts(db: sqlite3.Connection) -> List[SprintCount]:
    """Return how many missions each sprint has of each status, in sprint order; rows without an id do not count."""
    rows = db.execute(
        "SELECT g.sprint_id, g.status, g.n FROM "
        "(SELECT sprint_id, status, count(*) n FROM missions GROUP BY sprint_id, status) g "
        "LEFT JOIN sprints s ON s.id = g.sprint_id ORDER BY " + _SPRINT_ORDER % ("g", "g")
    )
    found: Dict[Tuple[Optional[str], str], int] = {}
    # a status, or a sprint, that is a BLOB counts with the text that it stands for
    for one in records(SprintCount, rows):
        found[one[:2]] = found.get(one[:2], 0) + one.number
    # SQLite sorts NULL before all texts, and BLOBs after them: the key's index finds both
    nameless = db.execute("SELECT sprint_id, status, -1 FROM missions WHERE id IS NULL OR id >= x''")
    for one in records(SprintCount, nameless):
        found[one[:2]] = found.get(one[:2], 0) + one.number
    return [SprintCount(*key, number) for key, number in found.items() if number]


def without_time(db: sqlite3.Connection, status: str) -> List[str]:
    """Return the missions of a status that have no time of completion."""
    sql = "SELECT id FROM missions WHERE status = ? AND coalesce(completed_at, '') = '' ORDER BY sort_key, id"
    return texts(db.execute(sql, (status,)))


def insert(db: sqlite3.Connection, mission: Mission, *, now: str) -> None:
    """Insert a new mission; ``created_at`` is ``now`` unless the mission has one."""
    insert_many(db, [mission], now=now)


def insert_many(db: sqlite3.Connection, missions: Iterable[Mission], *, now: str) -> None:
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


def update(db: sqlite3.Connection, mission: Mission) -> None:
    """Store every column of a mission that exists."""
    update_many(db, [mission])


def update_many(db: sqlite3.Connection, missions: Iterable[Mission]) -> None:
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
