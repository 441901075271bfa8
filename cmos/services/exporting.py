"""Writing the flat files that people know from what the database holds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Dict, List, Optional

from cmos.core.errors import FileProblem
from cmos.files import export
from cmos.files.write import write_whole
from cmos.journal import rows as journal_rows
from cmos.missions import rows as mission_rows
from cmos.project import rows as project_rows
from cmos.store.dump import snapshot
from cmos.sync import run

if TYPE_CHECKING:
    from cmos.project.project import Workspace


def export_backlog(ws: Workspace) -> str:
    """Return the missions as a backlog.yaml."""
    run.refresh(ws)
    with snapshot(ws.db):
        return _backlog(ws)


def export_sessions(ws: Workspace) -> str:
    """Return the session log as a SESSIONS.jsonl."""
    run.refresh(ws)
    return "".join(export.sessions_jsonl(journal_rows.each_session(ws.db)))


def export_all(ws: Workspace, folder: Optional[str]) -> List[str]:
    """Write everything in readable files into a folder, ``.cmos/export`` unless given; return their paths.

    Raises FileProblem.
    """
    run.refresh(ws)
    with snapshot(ws.db):
        texts = _texts(ws)
    # of the two only the user's own folder may hold links
    place, follow = folder or os.path.join(ws.layout.home, "export"), folder is not None
    return [write_text(os.path.join(place, name), text, follow=follow) for name, text in texts.items()]


def write_text(path: str, text: str, *, follow: bool = True) -> str:
    """Write a text to a file, its folder made if need be; return the path. Raises FileProblem."""
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        write_whole(path, text.encode("utf-8"), follow=follow)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise FileProblem("%s cannot be written: %s" % (path, why), hint="choose another place with --output") from None
    return path


def _texts(ws: Workspace) -> Dict[str, str]:
    return {
        "backlog.yaml": _backlog(ws),
        "SESSIONS.jsonl": "".join(export.sessions_jsonl(journal_rows.each_session(ws.db))),
        "decisions.json": export.decisions_json(journal_rows.decisions(ws.db)),
        "facts.json": export.facts_json(journal_rows.facts(ws.db)),
        "state.json": export.state_json(project_rows.all_state(ws.db)),
    }


def _backlog(ws: Workspace) -> str:
    return export.backlog_yaml(
        mission_rows.listing(ws.db), mission_rows.all_sprints(ws.db), mission_rows.dependencies(ws.db)
    )
