"""git and cmosctl as a user runs them, and what a folder holds."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

from cmos.journal import rows as journal_rows
from cmos.project.project import open_project


class Shell:
    """Runs git and cmosctl as a user does, with the console script on the PATH."""

    def __init__(self, folder: Path, scripts: Path) -> None:
        self.folder = folder
        self.script = scripts / "cmosctl"

    def __call__(self, *words: str, cwd: Optional[Path] = None, check: bool = True, **env: str) -> Any:
        path = "%s:%s" % (self.script.parent, os.environ["PATH"])
        environment = dict(os.environ, **dict({"PATH": path}, **env))
        where = str(cwd or self.folder)
        done: Any = subprocess.run(
            words, cwd=where, env=environment, capture_output=True, timeout=60, stdin=subprocess.DEVNULL
        )
        done.out, done.err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        assert not check or done.returncode == 0, done.out + done.err
        return done

    def git(self, *words: str, **options: Any) -> str:
        return str(self("git", *words, **options).out)

    def commits(self, cwd: Optional[Path] = None) -> Dict[str, int]:
        """Return how often each subject is in the log."""
        with open_project(str(cwd or self.folder)) as ws:
            found = journal_rows.list_sessions(ws.db, journal_rows.SessionFilter(action="commit"))
        return dict(Counter(str(one.summary) for one in found))


def snapshot(folder: Path) -> Dict[str, Tuple[bytes, int]]:
    """Return the bytes and the mode of each file in a folder."""
    files = [path for path in folder.rglob("*") if path.is_file() or path.is_symlink()]
    return {
        str(path.relative_to(folder)): (
            os.readlink(str(path)).encode() if path.is_symlink() else path.read_bytes(),
            path.lstat().st_mode,
        )
        for path in files
    }
