"""Whether a project that belongs to another user may be used: as git decides (git-config, ``safe.directory``)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cmos.core.errors import DatabaseProblem
from cmos.vcs import plain

if TYPE_CHECKING:
    from cmos.services.layout import Layout
    from cmos.vcs.repository import Repository

#: Values of core.sharedRepository that share nothing.
_NOT_SHARED = (None, "umask", "false", "0", "no", "off")


def check_owner(layout: Layout, path: str, uid: int) -> None:
    """Refuse what belongs to a user whom git would not accept here. Raises DatabaseProblem, GitProblem."""
    if layout.repository is None:
        safe = (plain.ask(os.sep, "config", "--get-all", "safe.directory") or "").splitlines()
        if "*" not in safe and layout.root not in safe:
            hint = "if you trust it: git config --global --add safe.directory %s" % layout.root
            raise DatabaseProblem("%s belongs to another user" % path, hint=hint)
        return
    # git says itself what it thinks of its own folder
    plain.run(layout.repository.top, "rev-parse", "--git-dir")
    if uid != os.stat(layout.repository.common_dir).st_uid and not _is_shared(layout.repository):
        hint = "if you share this repository: git config core.sharedRepository group"
        raise DatabaseProblem("%s belongs to another user than the repository" % path, hint=hint)


def _is_shared(repository: Repository) -> bool:
    return plain.ask(repository.top, "config", "--get", "core.sharedRepository") not in _NOT_SHARED
