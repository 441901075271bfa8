"""A victim's machine: what a hostile clone may not touch, and how it is seen whether it did."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
import stat
import subprocess
from pathlib import Path
from typing import Dict, List, Tuple

from each_command import call

SAMPLE = Path(__file__).resolve().parent.parent / "sample"
#: What a clone may change of itself.
OWN = ("cmos", ".cmos", ".git")

Snapshot = Dict[str, Tuple[object, ...]]


class Grounds:
    """One machine with an attacker's repository, a place for the victim's clone, and things that are nobody's business.

    Names, depth and kind of what the attacker makes come from the seed.
    """

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.random = random.Random(seed)
        self.secret = "SECRET-%08x" % self.random.getrandbits(32)
        self.evil = root / "attacker" / "evil"
        self.clone = root.joinpath(*["work"] * self.random.randint(1, 3)) / self.word()
        self.outside = root / "machine"
        self.marker = root / "machine" / "RAN"
        self.clone.parent.mkdir(parents=True)
        self._furnish()
        self.evil.mkdir(parents=True)
        shutil.copytree(str(SAMPLE), str(self.evil / "cmos"))
        git(self.evil, "init", "-q")
        (self.evil / "README.md").write_text("harmless\n", "utf-8")
        self.commit("harmless")

    def word(self) -> str:
        return self.random.choice(("x", "a b", "é", "-n", "sub", "Z.z")) + "%03x" % self.random.getrandbits(12)

    def _furnish(self) -> None:
        """Put precious things outside of the clone."""
        for name in ("home", "home/conf.d", "site", "nested", "nested/folder"):
            (self.outside / name).mkdir(parents=True)
        for name in ("home/thesis.yaml", "home/id_rsa", "home/.bashrc", "site/a.pth", "nested/folder/deep.yaml"):
            (self.outside / name).write_text("missionId: X9.9\nname: %s\nstatus: Queued\n" % self.secret, "utf-8")
        db = sqlite3.connect(str(self.outside / "app.sqlite"))
        db.execute("CREATE TABLE precious (x)")
        db.execute("INSERT INTO precious VALUES (?)", (self.secret,))
        db.commit()
        db.close()
        other = self.outside / "other"
        shutil.copytree(str(SAMPLE), str(other / "cmos"))
        git(other, "init", "-q")
        must(other, "init --no-hooks")
        must(other, "fact --kind k --content %s" % self.secret)

    # ---- the attacker's tools ------------------------------------------------------------------------------

    def target(self, *kinds: str) -> Path:
        """Return one of the precious things."""
        names = {
            "folder": ["home", "site", "nested", "home/conf.d"],
            "file": ["home/thesis.yaml", "home/id_rsa", "home/.bashrc", "site/a.pth", "missing.yaml"],
            "database": ["app.sqlite", "other/.cmos/memory.db"],
            "project": ["other/.cmos"],
            "missions": ["other/cmos/missions", "home", "nested"],
        }
        return self.outside / self.random.choice([name for kind in kinds for name in names[kind]])

    def link(self, place: Path, target: Path) -> None:
        """Make a link in one of the ways that git keeps: absolute, relative to the clone, or by way of another."""
        place.parent.mkdir(parents=True, exist_ok=True)
        there = str(target)
        if self.random.random() < 0.6:
            inside = os.path.relpath(str(place.parent), str(self.evil))
            there = os.path.relpath(str(target), os.path.join(str(self.clone), inside))
        if self.random.random() < 0.3:
            via = place.parent / (".via%x" % self.random.getrandbits(16))
            os.symlink(there, str(via))
            there = via.name
        os.symlink(there, str(place))

    def program(self, place: Path) -> None:
        """Make a program that tells that it ran."""
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("#!/bin/sh\necho %s >> '%s'\ncat\n" % (place.name.replace("'", ""), self.marker), "utf-8")
        place.chmod(0o755)

    def database(self, script: str, *, token: str = "") -> Path:
        """Make a real database in the attacker's ``.cmos`` and run a script in it."""
        must(self.evil, "init --no-hooks")
        path = self.evil / ".cmos" / "memory.db"
        db = sqlite3.connect(str(path))
        db.executescript(script)
        if token:
            db.execute("UPDATE repository SET token = ?", (token,))
        elif self.random.random() < 0.5:
            db.execute("DROP TABLE IF EXISTS repository")
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        for ending in ("-wal", "-shm"):
            Path(str(path) + ending).unlink() if os.path.exists(str(path) + ending) else None
        (self.evil / ".cmos" / ".gitignore").unlink()
        return path

    def commit(self, message: str = "harmless too") -> None:
        git(self.evil, "add", "-A", "-f")
        git(self.evil, "commit", "-q", "-m", message)

    def cloned(self) -> Path:
        self.commit()
        git(self.root, "clone", "-q", str(self.evil), str(self.clone))
        return self.clone

    def unpacked(self) -> Path:
        """Give the victim an archive of the attacker's files, without a repository."""
        shutil.copytree(str(self.evil), str(self.clone), symlinks=True, ignore=shutil.ignore_patterns(".git"))
        return self.clone

    # ---- what the victim sees afterwards -------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Return all that is outside of what the clone owns."""
        found: Snapshot = {}
        for folder, names, files in os.walk(str(self.root)):
            inside = os.path.relpath(folder, str(self.clone)).split(os.sep)
            names[:] = [name for name in names if not self._is_own(inside, name)]
            for name in names + files:
                path = os.path.join(folder, name)
                if not self._is_own(inside, name):
                    found[path] = _described(path)
        return found

    def _is_own(self, inside: List[str], name: str) -> bool:
        return inside[0] != ".." and name in OWN

    def leaks(self) -> List[str]:
        """Return the files in the clone's own folders that hold the secret: something was read through a link."""
        found = []
        for folder, _, files in os.walk(str(self.clone)):
            for name in files:
                path = os.path.join(folder, name)
                if stat.S_ISREG(os.lstat(path).st_mode):
                    with open(path, "rb") as file:
                        if self.secret.encode() in file.read():
                            found.append(path)
        return found


def _described(path: str) -> Tuple[object, ...]:
    info = os.lstat(path)
    kind = stat.S_IFMT(info.st_mode)
    if stat.S_ISLNK(info.st_mode):
        return kind, os.readlink(path)
    if not stat.S_ISREG(info.st_mode):
        return kind, info.st_mode
    with open(path, "rb") as file:
        return kind, info.st_mode, info.st_ino, hashlib.sha256(file.read()).hexdigest()


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=str(folder), capture_output=True, check=False)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout.decode("utf-8", "replace")


def must(folder: Path, line: str) -> None:
    code, told = call(folder, line)
    assert code == 0, (line, told)
