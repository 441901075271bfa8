"""What git cleans away or what is damaged comes back: from the copy, the damaged file, files and history."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Set, Tuple

import pytest
from each_command import call

from cmos.git import process
from cmos.project import lost
from cmos.project.project import find_project, open_project
from cmos.sync import run

SAMPLE = Path(__file__).resolve().parent.parent / "sample"
EXAMPLES = int(os.environ.get("CMOS_SOAK_DATABASES", "300"))
#: Tables whose rows nothing else could bring back.
TABLES = ("missions", "sessions", "decisions", "facts", "project_state", "sprints", "issues", "texts", "dependencies")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return project(tmp_path / "räum one")


def project(root: Path) -> Path:
    shutil.copytree(str(SAMPLE), str(root / "cmos"))
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "files")
    must(root, "init --no-hooks")
    must(root, "fact --kind k --content the-well-runs-dry")
    return root


def git(root: Path, *arguments: str) -> str:
    return process.run(str(root), *arguments).decode("utf-8")


def must(root: Path, line: str) -> str:
    code, told = call(root, line)
    assert code == 0, (line, told)
    return told


def copy_now(root: Path) -> None:
    with open_project(str(root)) as ws:
        assert lost.keep_copy(ws.layout, ws.db, every=0) == []


def database(root: Path) -> Path:
    return root / ".cmos" / "memory.db"


def query(path: Path, sql: str) -> List[Tuple[object, ...]]:
    db = sqlite3.connect(str(path))
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def knows_the_fact(root: Path) -> bool:
    return "the-well-runs-dry" in must(root, "memory list")


# ---- the copy ------------------------------------------------------------------------------------------------


def test_a_writing_command_copies_the_database_once_an_hour(place: Path) -> None:
    copy = place / ".git" / "cmos" / "memory.db.copy"
    first = copy.stat()
    must(place, "fact --kind k --content second")
    assert copy.stat().st_ino == first.st_ino
    os.utime(str(copy), (time.time() - 3700, time.time() - 3700))
    must(place, "mission list")
    assert copy.stat().st_ino == first.st_ino
    must(place, "fact --kind k --content third")
    assert ("third",) in query(copy, "SELECT content FROM facts")
    assert not [name for name in os.listdir(str(copy.parent)) if name.endswith((".tmp", "-journal", "-wal", "-shm"))]


def test_the_copy_is_whole_and_has_no_search_index(place: Path) -> None:
    must(place, "kb index")
    copy_now(place)
    copy = place / ".git" / "cmos" / "memory.db.copy"
    assert query(copy, "PRAGMA integrity_check") == [("ok",)]
    assert query(copy, "SELECT count(*) FROM kb_chunks") == [(0,)]
    schema = "SELECT type, name, sql FROM sqlite_master ORDER BY name"
    assert query(copy, schema) == query(database(place), schema)
    for table in TABLES:
        assert query(copy, "SELECT * FROM %s" % table) == query(database(place), "SELECT * FROM %s" % table)


def test_an_import_copies_first(place: Path) -> None:
    must(place, "fact --kind k --content before")
    (place / "log.jsonl").write_text('{"ts": "2026-01-01T00:00:00Z", "action": "note", "summary": "s"}\n', "utf-8")
    must(place, "db import log.jsonl")
    copy = place / ".git" / "cmos" / "memory.db.copy"
    assert ("before",) in query(copy, "SELECT content FROM facts")
    assert query(copy, "SELECT 1 FROM sessions WHERE summary = 's'") == []


def test_a_damaged_database_replaces_no_copy(place: Path) -> None:
    copy = place / ".git" / "cmos" / "memory.db.copy"
    before = copy.read_bytes()
    with open_project(str(place)) as ws:
        ws.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = ws.db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'facts_by_key'").fetchone()[0]
    data = bytearray(database(place).read_bytes())
    data[(root - 1) * 4096 : root * 4096] = b"\x5a" * 4096
    database(place).write_bytes(bytes(data))
    os.utime(str(copy), (0, 0))
    must(place, "session log --type start --summary x")
    assert copy.read_bytes() == before


# ---- what git cleans -----------------------------------------------------------------------------------------


def test_git_clean(place: Path) -> None:
    git(place, "clean", "-fdxq")
    for line in ("status", "mission next"):
        code, told = call(place, line)
        assert code == 3 and "is gone" in told and "cmosctl db recover" in told
    for line in ("init", "db init"):
        code, told = call(place, line)
        assert code == 8 and "cmosctl db recover" in told
    assert not database(place).exists()
    told = must(place, "db recover")
    assert "the copy in the git folder" in told and "B1.2" in told
    assert knows_the_fact(place) is ("1 of facts" in told)


def test_what_was_recorded_after_the_copy_is_lost_and_what_files_say_is_not(place: Path) -> None:
    copy_now(place)
    must(place, "mission complete B1.2")
    git(place, "commit", "-qam", "B1.2")
    git(place, "clean", "-fdxq")
    must(place, "db recover")
    assert knows_the_fact(place) and "Completed" in must(place, "mission show B1.2")
    code, told = call(place, "sync --check")
    assert code == 0, told


def test_git_stash_all_and_pop(place: Path) -> None:
    copy_now(place)
    git(place, "stash", "-a", "-q")
    for line in ("status", "init"):
        code, told = call(place, line)
        assert code in (3, 8) and "git stash pop" in told
    git(place, "stash", "pop", "-q")
    assert knows_the_fact(place)


def test_a_submodule_that_is_deinitialised_and_comes_back(place: Path, tmp_path: Path) -> None:
    above = tmp_path / "above"
    above.mkdir()
    git(above, "init", "-q")
    git(above, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(place), "mod")
    git(above, "commit", "-qm", "module")
    must(above / "mod", "init --no-hooks")
    must(above / "mod", "fact --kind k --content the-well-runs-dry")
    copy_now(above / "mod")
    git(above, "submodule", "deinit", "-q", "-f", "mod")
    git(above, "-c", "protocol.file.allow=always", "submodule", "update", "-q", "--init")
    code, told = call(above / "mod", "status")
    assert code == 3 and "cmosctl db recover" in told
    must(above / "mod", "db recover")
    assert knows_the_fact(above / "mod")


def test_the_way_to_a_bare_repository(place: Path, tmp_path: Path) -> None:
    copy_now(place)
    linked = tmp_path / "linked"
    git(place, "worktree", "add", "-q", "-b", "other", str(linked))
    bare = tmp_path / "bare.git"
    shutil.move(str(place / ".git"), str(bare))
    shutil.rmtree(str(place))
    git(bare, "config", "core.bare", "true")
    git(bare, "worktree", "repair", str(linked))
    code, told = call(linked, "status")
    assert code == 3 and "cmosctl db recover" in told
    must(linked, "db recover")
    assert knows_the_fact(linked)


def test_fresh_makes_a_new_one_and_removes_nothing(place: Path) -> None:
    git(place, "clean", "-fdxq")
    copy = place / ".git" / "cmos" / "memory.db.copy"
    before = copy.read_bytes()
    must(place, "init --no-hooks --fresh")
    assert before in [one.read_bytes() for one in copy.parent.iterdir() if one.name.startswith("memory.db.copy.")]
    kept = database(place).read_bytes()
    must(place, "init --no-hooks --fresh")
    assert len(kept) <= database(place).stat().st_size and query(database(place), "PRAGMA integrity_check") == [("ok",)]


# ---- what is damaged -----------------------------------------------------------------------------------------


def test_a_database_in_order_is_left_alone(place: Path) -> None:
    before = query(database(place), "SELECT * FROM sessions")
    assert "is in order" in must(place, "db recover")
    assert query(database(place), "SELECT * FROM sessions") == before


def test_moving_the_database_aside_by_hand_loses_nothing_of_its_log(place: Path) -> None:
    """A2: the -wal of the one that was moved away must not get into a new one."""
    copy_now(place)
    with open_project(str(place)):
        # as a watcher does, this keeps the log from being put into the file
        for number in range(5):
            must(place, "fact --kind k --content acknowledged-%d" % number)
        shutil.copy(str(database(place)), str(place / "aside.db"))
        shutil.copy(str(database(place)) + "-wal", str(place / "aside.wal"))
    os.replace(str(place / "aside.db"), str(database(place)) + ".damaged")
    os.replace(str(place / "aside.wal"), str(database(place)) + "-wal")
    database(place).unlink()
    code, told = call(place, "init")
    assert code == 8 and "cmosctl db recover" in told
    told = must(place, "db recover")
    assert all("acknowledged-%d" % number in must(place, "memory list") for number in range(5))
    assert query(database(place), "PRAGMA integrity_check") == [("ok",)]


def test_a_command_that_opened_the_old_one_does_not_write_into_it(place: Path) -> None:
    copy_now(place)
    from cmos.core.errors import DatabaseProblem

    with pytest.raises(DatabaseProblem, match="was replaced"), open_project(str(place)) as ws:
        git(place, "clean", "-fdxq")
        must(place, "db recover")
        with run.change(ws):
            pass


def test_no_database_at_all_is_nothing_to_recover(tmp_path: Path) -> None:
    code, told = call(tmp_path, "db recover")
    assert code == 5 and "cmosctl init" in told and not (tmp_path / ".cmos" / "memory.db").exists()


# ---- every row that can be read ------------------------------------------------------------------------------


def filled(root: Path, chance: random.Random) -> Path:
    """Fill a project until its tables have pages of their own, part of it in the log."""
    project(root)
    db = sqlite3.connect(str(database(root)))
    for number in range(chance.randint(50, 400)):
        key, text = "k%d-%d" % (number, chance.getrandbits(30)), "x" * chance.randint(1, 600)
        db.execute("INSERT INTO facts (ts, kind, content, key) VALUES ('t', 'k', ?, ?)", (text, key))
        db.execute("INSERT INTO sessions (ts, action, summary, key) VALUES ('t', 'note', ?, ?)", (text, key))
        if number % 7 == 0:
            db.execute("INSERT INTO missions (id, name, status) VALUES (?, ?, 'Queued')", ("Z9.%d" % number, text))
    db.execute("UPDATE missions SET status_known = status")
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    log = sqlite3.connect(str(database(root)))
    log.execute("SELECT count(*) FROM facts").fetchone()
    for number in range(chance.randint(0, 60)):
        db.execute("INSERT INTO facts (ts, kind, content, key) VALUES ('t', 'log', ?, ?)", ("y" * 300, "l%d" % number))
        db.commit()
    if chance.random() < 0.5:
        copy_now(root)
    # as kill -9 leaves it: file and log as they are
    parts = {ending: Path(str(database(root)) + ending).read_bytes() for ending in ("", "-wal")}
    log.close()
    db.close()
    for ending in ("", "-wal", "-shm"):
        if os.path.exists(str(database(root)) + ending):
            os.unlink(str(database(root)) + ending)
    for ending, data in parts.items():
        Path(str(database(root)) + ending).write_bytes(data)
    return root


def damage(root: Path, chance: random.Random, other: Optional[bytes]) -> str:
    """Do one kind of damage to the database's files, and return its name."""
    path, log = database(root), Path(str(database(root)) + "-wal")
    data = bytearray(path.read_bytes())
    kind = chance.choice(("page", "pages", "truncated", "swapped log", "torn log", "missing", "header", "bytes"))
    pages = len(data) // 4096
    if kind in ("page", "pages"):
        for _ in range(1 if kind == "page" else chance.randint(2, 6)):
            page = chance.randrange(1, pages)
            data[page * 4096 : (page + 1) * 4096] = bytes(chance.getrandbits(8) for _ in range(4096))
    elif kind == "truncated":
        del data[chance.randrange(4096, len(data)) :]
    elif kind == "header":
        data[:100] = b"\0" * 100
    elif kind == "bytes":
        for _ in range(50):
            data[chance.randrange(100, len(data))] = chance.getrandbits(8)
    path.write_bytes(bytes(data))
    if kind == "swapped log" and other is not None:
        log.write_bytes(other)
    elif kind == "torn log":
        text = bytearray(log.read_bytes())
        for _ in range(20):
            if text:
                text[chance.randrange(len(text))] = chance.getrandbits(8)
        log.write_bytes(bytes(text))
    elif kind == "missing":
        path.unlink()
    return kind


def readable(folder: Path, root: Path) -> Dict[str, Set[Tuple[object, ...]]]:
    """The oracle: each row that SELECT ... WHERE rowid = ? gives, without the log, with it, and of the copy."""
    found: Dict[str, Set[Tuple[object, ...]]] = {table: set() for table in TABLES}
    parts = [(database(root), False), (database(root), True), (root / ".git" / "cmos" / "memory.db.copy", False)]
    for number, (path, with_log) in enumerate(parts):
        if path.exists():
            place = folder / str(number)
            place.mkdir(parents=True)
            shutil.copy(str(path), str(place / "memory.db"))
            if with_log and os.path.exists(str(path) + "-wal"):
                shutil.copy(str(path) + "-wal", str(place / "memory.db-wal"))
            for table, row in _each(place / "memory.db"):
                found[table].add(row)
    return found


def _each(path: Path) -> Iterator[Tuple[str, Tuple[object, ...]]]:
    with closing(sqlite3.connect(str(path))) as db:
        db.text_factory = bytes
        yield from _rows(db)


def _rows(db: sqlite3.Connection) -> Iterator[Tuple[str, Tuple[object, ...]]]:
    keys = {"missions": "id", "project_state": "key", "sprints": "id", "texts": "hash", "dependencies": "source, place"}
    for table in TABLES:
        # of two readings of one record that differ, one counts
        columns = keys.get(table, "key" if table in ("facts", "sessions", "decisions") else "id")
        for number in range(1, 3000):
            try:
                row = db.execute("SELECT %s FROM %s WHERE rowid = ?" % (columns, table), (number,)).fetchone()
            except (sqlite3.Error, UnicodeDecodeError):
                continue
            if row is not None and None not in row[:1]:
                yield table, row


def recovers(folder: Path, seed: int) -> str:
    """Damage a database, recover it, and see that all rows are there; return the kind of damage."""
    chance = random.Random(seed)
    root = filled(folder / "p", chance)
    other = Path(str(database(filled(folder / "q", random.Random(seed + 1)))) + "-wal").read_bytes()
    kind = damage(root, chance, other)
    before = readable(folder / "oracle", root)
    code, told = call(root, "db recover")
    assert code == 0, (seed, kind, told)
    assert query(database(root), "PRAGMA integrity_check") == [("ok",)]
    after = dict(_grouped(database(root)))
    for table, rows in before.items():
        assert rows <= after[table], (seed, kind, table, sorted(rows - after[table], key=str)[:3], told)
    assert call(root, "status")[0] == 0
    return kind


def _grouped(path: Path) -> Iterator[Tuple[str, Set[Tuple[object, ...]]]]:
    rows = list(_each(path))
    for table in TABLES:
        yield table, {row for name, row in rows if name == table}


@pytest.mark.parametrize("seed", range(1))
def test_every_row_that_can_be_read_comes_back(tmp_path: Path, seed: int) -> None:
    recovers(tmp_path, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 1000 + EXAMPLES))
def test_every_row_of_many_damaged_databases_comes_back(tmp_path: Path, seed: int) -> None:
    recovers(tmp_path, seed)
    shutil.rmtree(str(tmp_path))


def test_the_project_that_is_found_knows_where_its_copy_is(place: Path) -> None:
    layout = find_project(str(place))
    assert layout.copy == str(place / ".git" / "cmos" / "memory.db.copy")
