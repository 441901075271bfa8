"""The index follows the files, and reads no more than it must."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Iterator, List

import pytest

from cmos.core.models import Fact
from cmos.db import connection, migrate
from cmos.db.migrate import migrations
from cmos.journal import rows as journal_rows
from cmos.project.project import Project, open_project
from cmos.search import index
from cmos.search.search import recall, search
from cmos.sync import run

OPENED: List[str] = []
LISTENING = False


def _listen(event: str, arguments: tuple) -> None:
    if LISTENING and event == "open" and isinstance(arguments[0], str) and arguments[1] == "r":
        OPENED.append(arguments[0])


@pytest.fixture
def reads() -> Iterator[List[str]]:
    """The paths of all files that Python opens for reading, as they are opened."""
    global LISTENING
    if not getattr(sys, "_cmos_listens", False):
        sys.addaudithook(_listen)
        sys._cmos_listens = True  # type: ignore[attr-defined]  # a hook cannot be taken out again
    OPENED.clear()
    LISTENING = True
    yield OPENED
    LISTENING = False


def settle() -> None:
    """Wait until files are safely older than the next look at them."""
    time.sleep(0.03)


def documents(opened: List[str]) -> List[str]:
    return sorted(os.path.basename(path) for path in opened if path.endswith((".md", ".yaml", ".txt")))


def found(ws: Project, query: str) -> List[str]:
    return [hit.path for hit in search(ws, query)]


def test_of_a_thousand_documents_only_the_touched_one_is_read_again(ws: Project, write, reads: List[str]) -> None:
    for number in range(1000):
        write("docs/n/%d.md" % number, "# Page %d\n\n" % number + "some words of text\n" * 20)
    settle()
    index.update(ws)
    assert len(documents(reads)) == 1001
    settle()
    reads.clear()
    assert found(ws, "page 7") and documents(reads) == []
    write("docs/n/7.md", "# Page 7\n\nxylophone\n")
    assert found(ws, "xylophone") == ["cmos/docs/n/7.md"] and documents(reads) == ["7.md"]


def test_a_file_with_new_times_and_its_old_content_changes_no_row(ws: Project, write) -> None:
    search(ws, "uplink")
    before = ws.db.execute("SELECT id FROM kb_chunks").fetchall()
    settle()
    os.utime(os.path.join(ws.layout.root, "cmos", "docs", "guide.md"))
    assert index.update(ws)[:2] == (1, 0)
    assert ws.db.execute("SELECT id FROM kb_chunks").fetchall() == before


def test_what_is_removed_leaves_the_index(ws: Project, write) -> None:
    path = write("docs/a.md", "# Gone soon\n\nplatypus\n")
    assert found(ws, "platypus") == ["cmos/docs/a.md"]
    path.unlink()
    assert found(ws, "platypus") == []
    assert found(ws, "platypos") == []
    shutil.rmtree(os.path.join(ws.layout.root, "cmos", "docs"))
    assert found(ws, "uplink") == []


def test_a_change_of_one_word_within_the_clocks_tick_is_seen(ws: Project, write) -> None:
    for number in range(5):
        write("docs/a.md", "tick%d\n" % number)
        assert found(ws, "tick%d" % number) == ["cmos/docs/a.md"]


def test_a_file_that_was_read_within_the_clocks_tick_is_read_again(ws: Project, write) -> None:
    write("docs/a.md", "bettong")
    settle()
    index.update(ws)
    write("docs/b.md", "new")
    assert index.update(ws).read == 1
    # as if the first look had been in the tick in which it was written
    ws.db.execute("UPDATE kb_sources SET checked_ns = mtime_ns + 1 WHERE file LIKE '%/a.md'")
    write("docs/b.md", "newer")
    assert index.update(ws).read == 2
    settle()
    index.update(ws)
    ws.db.execute("UPDATE worktrees SET search_checked_ns = (SELECT max(mtime_ns) FROM kb_sources) + 1")
    before = ws.db.total_changes
    search(ws, "bettong")
    assert ws.db.total_changes > before


def test_after_a_large_change_the_full_text_index_is_one_piece(ws: Project, write) -> None:
    for number in range(150):
        write("docs/%d.md" % number, "numbat %d\n" % number)
    index.update(ws)
    assert ws.db.execute("SELECT count(DISTINCT segid) FROM kb_chunks_fts_idx").fetchone() == (1,)


def test_the_index_agrees_with_its_content_after_changes(ws: Project, write) -> None:
    for number in range(4):
        write("docs/%d.md" % (number % 2), "# Word%d\n\nlorem ipsum %d\n" % (number, number))
        search(ws, "lorem")
    ws.db.execute("INSERT INTO kb_chunks_fts (kb_chunks_fts, rank) VALUES ('integrity-check', 1)")
    assert ws.db.execute("SELECT count(*) FROM kb_chunks WHERE text LIKE '%lorem%'").fetchone() == (2,)


def test_what_is_no_document_is_passed_over_and_said(ws: Project, write, tmp_path: Path) -> None:
    docs = Path(ws.layout.root, "cmos", "docs")
    (tmp_path / "secret.md").write_text("kangaroo", "utf-8")
    (docs / "out.md").symlink_to(tmp_path / "secret.md")
    (docs / "out").symlink_to(tmp_path)
    (docs / "lost.md").symlink_to("nowhere.md")
    (docs / "binary.md").write_bytes(b"kangaroo\0")
    (docs / "huge.md").write_text("kangaroo " * 120_000, "utf-8")
    (docs / "picture.png").write_bytes(b"kangaroo")
    os.mkfifo(str(docs / "pipe.md"))
    (docs / "loop").symlink_to(".")
    (docs / ".hidden.md").write_text("kangaroo", "utf-8")
    (docs / ".git").mkdir()
    (docs / ".git" / "a.md").write_text("kangaroo", "utf-8")
    done = index.update(ws)
    assert {one.path[len("cmos/docs/") :]: one.why for one in done.passed_over} == {
        "out.md": "a symbolic link out of the project",
        "out": "a symbolic link out of the project",
        "lost.md": "a symbolic link to nothing",
        "binary.md": "not a text",
        "huge.md": "larger than 1 MB",
        "picture.png": "not Markdown, text or YAML",
        "pipe.md": "not a regular file",
    }
    assert found(ws, "kangaroo") == [] and done.documents == 1


def test_an_ending_may_be_in_capitals(ws: Project, write) -> None:
    write("docs/NOTES.MD", "# Wallaroo\n")
    write("missions/B1.YAML", "missionId: B1\nname: Wings\nobjective: %s\n" % ("a wallaroo that flies " * 10))
    assert sorted(hit.section for hit in search(ws, "wallaroo")) == ["B1 Wings \u203a objective", "Wallaroo"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_said(ws: Project, write) -> None:
    write("docs/a.md", "kangaroo").chmod(0)
    assert [one.why for one in index.update(ws).passed_over] == ["cannot be read: Permission denied"]


def test_a_link_inside_of_the_project_is_followed(ws: Project) -> None:
    root = Path(ws.layout.root)
    (root / "notes").mkdir()
    (root / "notes" / "a.md").write_text("bandicoot", "utf-8")
    (root / "cmos" / "research").symlink_to("../notes")
    (root / "cmos" / "docs" / "link.md").symlink_to("../../notes/a.md")
    assert sorted(found(ws, "bandicoot")) == ["cmos/docs/link.md", "cmos/research/a.md"]


def test_bytes_that_are_not_utf8_are_no_obstacle(ws: Project) -> None:
    docs = Path(ws.layout.root, "cmos", "docs")
    (docs / "latin.md").write_bytes("# Gr\xfc\xdfe\n\nwallaby".encode("latin-1"))
    (docs / "wide.txt").write_text("echidna", "utf-16")
    (docs / os.fsdecode(b"na\xefve.md")).write_text("numbat", "utf-8")
    assert found(ws, "wallaby") == ["cmos/docs/latin.md"] and found(ws, "echidna") == ["cmos/docs/wide.txt"]
    assert found(ws, "numbat") == []
    assert [one.why for one in index.update(ws).passed_over] == ["a name that is not UTF-8"]


def test_a_folder_whose_name_is_not_utf8_is_passed_over(ws: Project) -> None:
    folder = Path(ws.layout.root, "cmos", "docs", os.fsdecode(b"na\xefve"))
    folder.mkdir()
    (folder / "a.md").write_text("numbat", "utf-8")
    assert found(ws, "numbat") == [] and found(ws, "uplink") == ["cmos/docs/guide.md"]
    told = [(one.path, one.why) for one in index.update(ws).passed_over]
    assert told == [("cmos/docs/na\\udcefve", "a name that is not UTF-8")]


def test_only_new_records_are_indexed_unless_there_are_fewer_than_before(ws: Project) -> None:
    with run.change(ws) as db:
        for number in range(3):
            journal_rows.add_fact(db, Fact("possum %d" % number, "x", None, ws.now))
    assert index.update(ws).records == 3 and index.update(ws).records == 0
    with run.change(ws) as db:
        journal_rows.add_fact(db, Fact("possum 3", "x", None, ws.now))
    assert index.update(ws).records == 1 and len(found(ws, "possum")) == 4
    ws.db.execute("DELETE FROM facts WHERE id > 2")
    assert sorted(found(ws, "possum")) == ["fact 1", "fact 2"]


def test_where_nothing_changed_nothing_is_written(ws: Project) -> None:
    settle()
    search(ws, "uplink")
    before = ws.db.total_changes
    search(ws, "uplink")
    index.update(ws)
    assert ws.db.total_changes == before


def test_indexing_everything_anew_gives_the_same(ws: Project, write) -> None:
    write("missions/sprint-01/B1.1_x.yaml", "missionId: B1.1\nname: Wings\nobjective: fly higher\n")
    rows = "SELECT text, heading, above, parts, line FROM kb_chunks ORDER BY text, line"
    index.update(ws)
    before = ws.db.execute(rows).fetchall()
    index.update(ws, again=True)
    assert ws.db.execute(rows).fetchall() == before


def test_indexing_everything_anew_mends_what_was_indexed_wrongly(ws: Project, write) -> None:
    with run.change(ws) as db:
        journal_rows.add_fact(db, Fact("possum", "x", None, ws.now))
    search(ws, "possum uplink")
    ws.db.execute("UPDATE kb_chunks SET text = 'wrong'")
    index.update(ws)
    assert found(ws, "possum") == [] and found(ws, "retries") == []
    index.update(ws, again=True)
    assert found(ws, "possum") == ["fact 1"] and found(ws, "retries") == ["cmos/docs/guide.md"]


@pytest.fixture
def other(ws: Project, tmp_path: Path) -> Path:
    """A second worktree."""
    for command in ("add --all", "commit -q -m x", "worktree add -q -b x ../other"):
        subprocess.run(["git", *command.split()], cwd=ws.layout.root, check=True)
    return tmp_path / "other"


def test_each_worktree_finds_its_own_documents(ws: Project, other: Path) -> None:
    (other / "cmos" / "docs" / "guide.md").write_text("# Only here\n\nquoll\n", "utf-8")
    with open_project(str(other)) as there:
        assert found(there, "quoll") == ["cmos/docs/guide.md"] and found(there, "uplink") == []
    assert found(ws, "quoll") == [] and found(ws, "uplink") == ["cmos/docs/guide.md"]


def test_the_documents_of_a_removed_worktree_leave_the_index(ws: Project, other: Path) -> None:
    rows = "SELECT count(*) FROM kb_chunks WHERE text LIKE '%uplink%'"
    search(ws, "uplink")
    with open_project(str(other)) as there:
        search(there, "uplink")
    assert index.update(ws).removed == 0 and ws.db.execute(rows).fetchone() == (2,)
    subprocess.run(["git", "worktree", "remove", "--force", str(other)], cwd=ws.layout.root, check=True)
    assert index.update(ws).removed == 1 and ws.db.execute(rows).fetchone() == (1,)
    assert ws.db.execute("SELECT worktree FROM worktrees WHERE search_signature IS NOT NULL").fetchall() == [(".",)]


def test_a_linked_worktree_keeps_the_documents_of_the_main_one(ws: Project, other: Path) -> None:
    search(ws, "uplink")
    with open_project(str(other)) as there:
        search(there, "uplink")
        assert index.update(there).removed == 0
    assert found(ws, "uplink") == ["cmos/docs/guide.md"]


def test_what_an_interrupted_run_indexed_of_another_worktree_is_not_found_here(ws: Project, other: Path) -> None:
    def interrupt(done: int, of: int) -> None:
        if done == 150:
            raise KeyboardInterrupt

    search(ws, "uplink")
    for number in range(200):
        (other / "cmos" / "docs" / ("%d.md" % number)).write_text("quoll\n", "utf-8")
    with open_project(str(other)) as there, pytest.raises(KeyboardInterrupt):
        index.update(there, progress=interrupt)
    assert ws.db.execute("SELECT count(*) FROM kb_chunks WHERE text LIKE 'quoll%'").fetchone() == (100,)
    assert found(ws, "quoll") == []


def test_a_locked_database_is_searched_as_it_is(ws: Project, write) -> None:
    search(ws, "uplink")
    write("docs/new.md", "koala")
    other = connection.connect(ws.layout.database)
    other.execute("BEGIN IMMEDIATE")
    ws.db.execute("PRAGMA busy_timeout = 50")
    assert found(ws, "uplink") == ["cmos/docs/guide.md"]
    assert len(ws.notices) == 1 and "out of date" in ws.notices[0]
    other.close()
    assert found(ws, "koala") == ["cmos/docs/new.md"]


def test_on_a_full_disk_is_searched_what_is_indexed(ws: Project, write) -> None:
    search(ws, "uplink")
    write("docs/new.md", "koala " * 20_000)
    pages = ws.db.execute("PRAGMA page_count").fetchone()[0]
    ws.db.execute("PRAGMA max_page_count = %d" % pages)
    assert found(ws, "uplink") == ["cmos/docs/guide.md"]
    assert len(ws.notices) == 1 and "full" in ws.notices[0]
    ws.db.execute("PRAGMA max_page_count = %d" % (pages + 10_000))
    assert found(ws, "koala")[0] == "cmos/docs/new.md"


def test_of_a_full_disk_the_new_records_are_recalled_later(ws: Project) -> None:
    with run.change(ws) as db:
        journal_rows.add_fact(db, Fact("koala " * 20_000, "x", None, ws.now))
    pages = ws.db.execute("PRAGMA page_count").fetchone()[0]
    ws.db.execute("PRAGMA max_page_count = %d" % pages)
    assert recall(ws, "koala", limit=5, kinds=("decision", "fact")) == [] and "full" in ws.notices[0]
    ws.db.execute("PRAGMA max_page_count = %d" % (pages + 10_000))
    assert [hit.path for hit in recall(ws, "koala", limit=5, kinds=("decision", "fact"))] == ["fact 1"]


def test_two_searches_at_once_index_each_file_once(ws: Project, write) -> None:
    for number in range(150):
        write("docs/%d.md" % number, "# Page %d\n\nbilby\n" % number)

    def one_search() -> None:
        with open_project(ws.layout.root) as other:
            search(other, "bilby")

    threads = [threading.Thread(target=one_search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ws.db.execute("SELECT count(*) FROM kb_chunks WHERE text LIKE '%bilby%'").fetchone() == (150,)


def test_rows_that_a_person_made_for_a_document_give_way_to_its_own(ws: Project) -> None:
    ws.db.execute("INSERT INTO kb_sources (id, path) VALUES (1, 'cmos/docs/guide.md'), (2, 'elsewhere.md')")
    ws.db.execute("INSERT INTO kb_chunks (source_id, text) VALUES (1, 'old galah'), (2, 'a galah elsewhere')")
    assert found(ws, "galah") == ["elsewhere.md"] and found(ws, "uplink") == ["cmos/docs/guide.md"]


def test_rows_that_a_person_made_before_are_still_found_by_sql(tmp_path: Path) -> None:
    path = str(tmp_path / "memory.db")
    db = connection.connect(path)
    db.executescript("".join(one.sql for one in migrations()[:4]) + "PRAGMA user_version=4;")
    db.execute("INSERT INTO kb_sources (path) VALUES ('a.md')")
    db.execute("INSERT INTO kb_chunks (source_id, text) VALUES (1, 'emus run')")
    db.close()
    migrate.migrate(path, stamp="x")
    db = connection.connect(path)
    assert db.execute("SELECT rowid FROM kb_chunks_fts WHERE kb_chunks_fts MATCH 'emu'").fetchall() == [(1,)]
    db.execute("INSERT INTO kb_chunks (source_id, text) VALUES (1, 'two lyrebirds')")
    db.execute("DELETE FROM kb_chunks WHERE id = 1")
    db.execute("UPDATE kb_chunks SET text = 'three lyrebirds' WHERE id = 2")
    rows = db.execute("SELECT rowid FROM kb_chunks_fts WHERE kb_chunks_fts MATCH 'emu OR three'").fetchall()
    db.close()
    assert rows == [(2,)]


def test_what_stands_beside_the_usual_folders_is_searched_unless_git_ignores_it(ws: Project, write) -> None:
    write("agents.md", "The lighthouse keeper")
    write("archive/old/plan.md", "The lighthouse plan")
    write("cache/made.md", "The lighthouse cache")
    write("db/notes.md", "The lighthouse database")
    write("SESSIONS.jsonl", "{}")
    Path(ws.layout.root, ".gitignore").write_text("cmos/cache/\n", "utf-8")
    found = [hit.path for hit in search(ws, "lighthouse", limit=9)]
    assert sorted(found) == ["cmos/agents.md", "cmos/archive/old/plan.md"]
    assert [one.why for one in index.update(ws).passed_over if one.path == "cmos/cache/made.md"] == ["git ignores it"]
    write("cache/made.md", "The lighthouse cache, made anew")
    assert len(search(ws, "lighthouse", limit=9)) == 2
    subprocess.run(["git", "add", "--force", "cmos/cache/made.md"], cwd=ws.layout.root, check=True)
    write("cache/made.md", "The lighthouse cache, tracked")
    assert len(search(ws, "lighthouse", limit=9)) == 3
