"""What an attacker puts into a repository. Each way makes it and returns the folders that the victim works in."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Callable, Dict, List

from hostile_grounds import Grounds, git, must

Way = Callable[[Grounds], List[Path]]

WAYS: Dict[str, Way] = {}
#: What stands in `.cmos` while a project is used.
_FILES = (
    "memory.db-wal", "memory.db-shm", "memory.db.new", "lock", "watch.lock", "watch.json", "watch.json.new",
    "watch.log", ".gitignore", "memory.db-journal",
)  # fmt: skip
_THESIS = "../../machine/home/thesis.yaml"
_OUT = (_THESIS, "../machine/home/id_rsa", "/etc/hostname", "cmos/../../x.yaml", "cmos/missions")


def way(make: Way) -> Way:
    WAYS[make.__name__] = make
    return make


@way
def aside_is_a_link(g: Grounds) -> List[Path]:
    g.link(g.evil / ".cmos" / "aside", g.target("folder"))
    return [g.cloned()]


@way
def kept_is_a_link_and_something_lies_aside(g: Grounds) -> List[Path]:
    g.link(g.evil / ".cmos" / g.random.choice(("kept", "rejected", "export")), g.outside / "site")
    (g.evil / ".cmos" / "aside").mkdir(parents=True)
    name = g.random.choice(("evil.pth", "0" * 40 + ".01234567", "x;y", "-rf"))
    (g.evil / ".cmos" / "aside" / name).write_text("import os\n", "utf-8")
    return [g.cloned()]


@way
def a_begun_write_in_the_database(g: Grounds) -> List[Path]:
    temporary = g.random.choice((*_OUT, str(g.outside / "home" / "thesis.yaml")))
    path = g.random.choice((*_OUT, "cmos/missions/sprint-01/x.yaml"))
    g.database("INSERT INTO files VALUES ('.', '', '%s', 'a', 1, 1, 1, 1, 1, '%s', 'b')" % (path, temporary))
    return [g.cloned()]


@way
def a_base_that_leads_out(g: Grounds) -> List[Path]:
    path = g.random.choice(_OUT)
    folder = os.path.dirname(path)
    g.database(
        "UPDATE OR IGNORE files SET path = '%s', folder = '%s' WHERE path LIKE '%%B1.2%%';"
        "UPDATE OR IGNORE records SET path = '%s' WHERE mission_id = 'B1.2'" % (path, folder, path)
    )
    return [g.cloned()]


@way
def a_trigger_in_the_database(g: Grounds) -> List[Path]:
    g.database(
        g.random.choice(
            (
                "CREATE TRIGGER t AFTER INSERT ON sessions BEGIN DELETE FROM facts; END",
                "CREATE VIEW v AS SELECT 1",
                "DROP TABLE facts; CREATE VIEW facts AS SELECT * FROM decisions",
                "CREATE VIRTUAL TABLE z USING fts5(x)",
            )
        )
    )
    return [g.cloned()]


@way
def the_database_is_a_link(g: Grounds) -> List[Path]:
    g.link(g.evil / ".cmos" / "memory.db", g.target("database", "file"))
    return [g.cloned()]


@way
def the_folder_is_a_link(g: Grounds) -> List[Path]:
    g.link(g.evil / ".cmos", g.target("project", "folder"))
    return [g.cloned()]


@way
def a_file_of_cmos_is_a_link(g: Grounds) -> List[Path]:
    if g.random.random() < 0.5:
        g.database("SELECT 1")
    name = g.random.choice(_FILES)
    g.link(g.evil / ".cmos" / name, g.target("file"))
    return [g.random.choice((g.cloned, g.unpacked))()]


@way
def an_export_is_a_link(g: Grounds) -> List[Path]:
    for name in ("backlog.yaml", "SESSIONS.jsonl", "facts.json"):
        g.link(g.evil / ".cmos" / "export" / name, g.target("file"))
    place = g.random.choice((g.cloned, g.unpacked))()
    return [place]


@way
def missions_are_a_link(g: Grounds) -> List[Path]:
    name = g.random.choice(("cmos", "cmos/missions"))
    shutil.rmtree(str(g.evil / name))
    g.link(g.evil / name, g.target("missions"))
    return [g.cloned()]


@way
def a_sprint_folder_is_a_link(g: Grounds) -> List[Path]:
    name = g.random.choice(("sprint-02", "sprint-99", "templates"))
    shutil.rmtree(str(g.evil / "cmos" / "missions" / name), ignore_errors=True)
    g.link(g.evil / "cmos" / "missions" / name, g.target("missions"))
    return [g.cloned()]


@way
def mission_files_are_links(g: Grounds) -> List[Path]:
    missions = g.evil / "cmos" / "missions"
    victim = g.random.choice(sorted(missions.rglob("*.yaml")))
    victim.unlink()
    g.link(victim, g.target("file"))
    g.link(missions / "sprint-01" / (".cmos-%d-0123abcd.tmp" % g.random.randint(1, 99)), g.target("file"))
    return [g.random.choice((g.cloned, g.unpacked))()]


@way
def logs_and_contexts_are_links(g: Grounds) -> List[Path]:
    for name in ("cmos/SESSIONS.jsonl", "cmos/PROJECT_CONTEXT.json", "cmos/context/MASTER_CONTEXT.json"):
        if (g.evil / name).exists():
            (g.evil / name).unlink()
        g.link(g.evil / name, g.target("file"))
    g.link(g.evil / "SESSIONS.jsonl", g.target("file"))
    return [g.random.choice((g.cloned, g.unpacked))()]


@way
def documents_are_links(g: Grounds) -> List[Path]:
    docs = g.evil / "cmos" / "docs"
    g.link(docs / "notes.md", g.target("file"))
    g.link(docs / "more", g.target("folder"))
    g.link(g.evil / "cmos" / "research", g.target("folder"))
    return [g.random.choice((g.cloned, g.unpacked))()]


@way
def a_bare_repository_in_a_subfolder(g: Grounds) -> List[Path]:
    inner = g.evil.joinpath(*[g.word() for _ in range(g.random.randint(1, 2))])
    git(g.evil, "init", "-q", "--bare", str(inner))
    (inner / "refs" / "keep").write_text("", "utf-8")
    (inner / "objects" / "keep").write_text("", "utf-8")
    for name in ("post-commit", "pre-push", "post-merge", "reference-transaction"):
        g.program(inner / "hooks" / name)
    tool = g.marker.parent.parent / "attacker" / "tool"
    g.program(tool)
    for key in ("core.fsmonitor", "filter.f.clean", "filter.f.process", "core.pager", "diff.external"):
        git(inner, "config", key, str(tool))
    git(inner, "config", "core.hooksPath", str(inner / "hooks"))
    git(inner, "config", "core.bare", "false")
    git(inner, "config", "core.worktree", ".")
    (inner / ".gitattributes").write_text("* filter=f diff=f\n", "utf-8")
    if g.random.random() < 0.7:
        shutil.copytree(str(g.evil / "cmos"), str(inner / "cmos"))
    (inner / "below").mkdir()
    (inner / "below" / "keep").write_text("", "utf-8")
    clone = g.cloned()
    there = clone / inner.relative_to(g.evil)
    return [there, there / "below", clone]


@way
def programs_with_the_names_of_tools(g: Grounds) -> List[Path]:
    for name in ("git", "python3", "sqlite3", "cmosctl", "sh", "vi", "hooks/post-commit", ".githooks/pre-push"):
        g.program(g.evil / name)
    (g.evil / "sqlite3.py").write_text("open(%r, 'w')\n" % str(g.marker), "utf-8")
    (g.evil / "click").mkdir()
    (g.evil / "click" / "__init__.py").write_text("open(%r, 'w')\n" % str(g.marker), "utf-8")
    return [g.cloned()]


@way
def a_worktree_of_a_hostile_main(g: Grounds) -> List[Path]:
    g.database("INSERT INTO files VALUES ('.', '', 'cmos/missions/x.yaml', 'a', 1, 1, 1, 1, 1, '%s', 'b')" % _OUT[0])
    clone = g.cloned()
    linked = clone.parent / (clone.name + "-linked")
    git(clone, "worktree", "add", "-q", "-b", "other", str(linked), "HEAD~1" if g.random.random() < 0.5 else "HEAD")
    return [linked]


@way
def in_a_submodule(g: Grounds) -> List[Path]:
    g.random.choice(
        (
            lambda: g.link(g.evil / ".cmos" / "aside", g.target("folder")),
            lambda: g.database("INSERT INTO files VALUES ('.', '', 'x', 'a', 1, 1, 1, 1, 1, '%s', 'b')" % _OUT[1]),
        )
    )()
    g.commit()
    above = g.evil.parent / "above"
    above.mkdir()
    git(above, "init", "-q")
    git(above, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(g.evil), "mod")
    git(above, "commit", "-q", "-m", "with a module")
    protocol = ("-c", "protocol.file.allow=always")
    git(g.root, *protocol, "clone", "-q", "--recurse-submodules", str(above), str(g.clone))
    return [g.clone / "mod", g.clone]


@way
def the_folder_is_a_submodule(g: Grounds) -> List[Path]:
    inner = g.evil.parent / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    g.database("INSERT INTO files VALUES ('.', '', 'x', 'a', 1, 1, 1, 1, 1, '%s', 'b')" % _OUT[1])
    shutil.move(str(g.evil / ".cmos" / "memory.db"), str(inner / "memory.db"))
    shutil.rmtree(str(g.evil / ".cmos"))
    git(inner, "add", "-A", "-f")
    git(inner, "commit", "-q", "-m", "inner")
    protocol = ("-c", "protocol.file.allow=always")
    git(g.evil, *protocol, "submodule", "add", "-q", "-f", str(inner), ".cmos")
    git(g.evil, "commit", "-q", "-m", "module")
    git(g.root, *protocol, "clone", "-q", "--recurse-submodules", str(g.evil), str(g.clone))
    return [g.clone]


@way
def another_case(g: Grounds) -> List[Path]:
    g.link(g.evil / ".CMOS" / "aside", g.target("folder"))
    g.link(g.evil / "CMOS", g.target("folder"))
    return [g.cloned()]


@way
def a_token_from_a_public_fork(g: Grounds) -> List[Path]:
    git(g.root, "clone", "-q", str(g.evil), str(g.clone))
    must(g.clone, "init --no-hooks")
    token = (g.clone / ".git" / "cmos" / "token").read_text("utf-8").strip()
    row = "'.', '', 'cmos/missions/x.yaml', 'a', 1, 1, 1, 1, 1, '%s', 'b'" % _OUT[0]
    g.database("INSERT INTO files VALUES (%s)" % row, token=token)
    g.commit("the token was published")
    git(g.clone, "pull", "-q")
    return [g.clone]


@way
def a_merge_brings_it_later(g: Grounds) -> List[Path]:
    git(g.root, "clone", "-q", str(g.evil), str(g.clone))
    must(g.clone, "init")
    g.link(g.evil / ".cmos" / g.random.choice(("aside", "rejected", "export", "lock")), g.target("folder"))
    (g.evil / "README.md").write_text("harmless update\n", "utf-8")
    g.commit("an update")
    git(g.clone, "pull", "-q")
    return [g.clone]


@way
def a_branch_for_review(g: Grounds) -> List[Path]:
    git(g.root, "clone", "-q", str(g.evil), str(g.clone))
    must(g.clone, "init")
    git(g.evil, "switch", "-q", "-c", "review")
    g.random.choice(
        (
            lambda: g.database("INSERT INTO files VALUES ('.', '', 'x', 'a', 1, 1, 1, 1, 1, '%s', 'b')" % _OUT[1]),
            lambda: g.link(g.evil / ".cmos" / "aside", g.target("folder")),
        )
    )()
    g.commit("please review")
    git(g.clone, "fetch", "-q")
    git(g.clone, "switch", "-q", "review")
    return [g.clone]


@way
def an_archive_with_a_database(g: Grounds) -> List[Path]:
    g.database(
        "INSERT INTO files VALUES ('.', '', 'cmos/missions/x.yaml', 'a', 1, 1, 1, 1, 1, '%s', 'b');"
        "INSERT INTO files VALUES ('.', '', '%s', 'a', 1, 1, 1, 1, 1, 'cmos/missions/.cmos-1-0123abcd.tmp', 'b')"
        % (_OUT[0], _OUT[1])
    )
    return [g.unpacked()]


@way
def an_archive_with_pipes(g: Grounds) -> List[Path]:
    clone = g.unpacked()
    (clone / ".cmos").mkdir(exist_ok=True)
    names = ("cmos/missions/a.yaml", "cmos/missions/.cmos-1-0123abcd.tmp", "cmos/SESSIONS.jsonl", "SESSIONS.jsonl")
    where = [*names, *(".cmos/" + name for name in g.random.sample(("lock", "watch.lock", "memory.db-wal"), 1))]
    for name in where:
        if (clone / name).exists():
            (clone / name).unlink()
        os.mkfifo(str(clone / name))
    return [clone]


@way
def a_git_that_leads_to_another_repository(g: Grounds) -> List[Path]:
    """An archive may hold what git would not: a `.git` that is somebody else's."""
    if g.random.random() < 0.5:
        g.database("SELECT 1")
    clone = g.unpacked()
    other = g.outside / "other" / ".git"
    if g.random.random() < 0.5:
        os.symlink(str(other), str(clone / ".git"))
    else:
        (clone / ".git").write_text("gitdir: %s\n" % other, "utf-8")
    return [clone]


@way
def a_folder_above(g: Grounds) -> List[Path]:
    """The attacker's `.cmos` is in a folder that the victim's project is unpacked into."""
    g.database("INSERT INTO files VALUES ('.', '', 'x', 'a', 1, 1, 1, 1, 1, '%s', 'b')" % _OUT[1])
    clone = g.unpacked()
    shutil.move(str(clone / ".cmos"), str(clone.parent / ".cmos"))
    return [clone]
