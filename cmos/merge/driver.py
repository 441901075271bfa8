"""The merge driver in a repository's own configuration: never in a tracked file.

Git asks it to merge mission files because of lines in ``info/attributes``, and runs it as
``merge.cmos.driver`` says. Linked worktrees share both.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
from typing import TYPE_CHECKING, Optional

from cmos.core.errors import GitProblem
from cmos.files.write import write_whole
from cmos.git.repository import configure

if TYPE_CHECKING:
    from cmos.git.repository import Repo


_SECTION = "merge.cmos"
_NAME = "mission files by key (cmosctl)"
_LINES = ("**/cmos/missions/**/*.yaml merge=cmos", "**/cmos/missions/**/*.yml merge=cmos")
_BEGIN = "# >>> cmosctl merge driver >>>"
# after a file that did not end in a newline, so that it can be given back as it was
_JOINED = _BEGIN + " (the newline before was added)"
_END = "# <<< cmosctl merge driver <<<"
_BLOCK = re.compile(rb"(\n)?%s( \([^\n]*\))?\n.*?%s\n?" % (re.escape(_BEGIN.encode()), re.escape(_END.encode())), re.S)

# git runs it with sh; whatever keeps cmosctl from answering (gone, broken, killed), git's own merge is
# the answer: without markers in the file, "there are conflicts" would hide what theirs has
_DRIVER = (
    'for c in %s; do [ "${CMOSCTL_HOOKS:-1}" != 0 ] || break; '
    'command -v "$c" >/dev/null 2>&1 || continue; '
    '"$c" hook merge-driver %%O %%A %%B %%P --marker-size %%L --labels %%X %%Y; '
    'case $? in 0) exit 0;; 1) grep -q "^<<<<<<<" %%A && exit 1;; esac; done; '
    "git merge-file -q --marker-size=%%L -L ours -L base -L theirs %%A %%O %%B || exit 1"
)


def register(repo: Repo, *, command: str = "cmosctl") -> None:
    """Make git merge the mission files of a repository with cmosctl; ``command`` is tried before the one on the PATH.

    Doing it again changes nothing, or the command. Raises GitProblem, OSError.
    """
    attributes = _attributes(repo)
    for key, value in (("name", _NAME), ("driver", _driver(command))):
        configure(repo, "--replace-all", "%s.%s" % (_SECTION, key), value)
    before = _read(attributes) or b""
    if not _BLOCK.search(before):
        _write(attributes, before + _block(before))


def unregister(repo: Repo) -> None:
    """Take out what ``register`` put in; what else is there stays byte for byte. Raises GitProblem, OSError."""
    attributes = _attributes(repo)
    before = _read(attributes)
    after = _BLOCK.sub(_without, before or b"")
    if before is not None and after != before:
        _write(attributes, after)
    if _is_configured(repo):
        configure(repo, "--remove-section", _SECTION)


def is_registered(repo: Repo) -> bool:
    """Say whether git merges the mission files of the repository with cmosctl. Raises GitProblem."""
    return _is_configured(repo) and bool(_BLOCK.search(_read(_attributes(repo)) or b""))


def _driver(command: str) -> str:
    quoted = [shlex.quote(one).replace("%", "%%") for one in (command, "cmosctl")]
    return _DRIVER % " ".join(dict.fromkeys(quoted))


def _is_configured(repo: Repo) -> bool:
    listed = configure(repo, "--list", "--name-only", "-z")
    return b"%s.driver" % _SECTION.encode() in listed.split(b"\0")


def _attributes(repo: Repo) -> str:
    path = os.path.join(os.path.realpath(repo.common_dir), "info", "attributes")
    if os.path.islink(path):
        hint = "\n".join(("add these lines to what it points to:",) + _LINES)
        raise GitProblem("info/attributes is a symbolic link: %s" % path, hint=hint)
    return path


def _block(before: bytes) -> bytes:
    joined = bool(before) and not before.endswith(b"\n")
    lines = (_JOINED if joined else _BEGIN,) + _LINES + (_END, "")
    return (b"\n" if joined else b"") + "\n".join(lines).encode()


def _without(found: re.Match[bytes]) -> bytes:
    """Return what stays in place of a block: the newline before it, unless that was added with it and ends the file."""
    added = bool(found.group(2)) and found.end() == len(found.string)
    return b"" if added else found.group(1) or b""


def _read(path: str) -> Optional[bytes]:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _write(path: str, data: bytes) -> None:
    """Write a file at once; an empty one is removed, as there is none in a new repository."""
    if not data:
        os.unlink(path)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write_whole(path, data, mode=stat.S_IMODE(os.stat(path).st_mode) if os.path.exists(path) else 0o644)
