"""When missions were completed that came without a time: the commits that completed them say it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Dict, List, Optional, Tuple

from cmos.core.errors import GitProblem
from cmos.core.status import COMPLETED
from cmos.git import objects
from cmos.git.checkout import head
from cmos.missions import rows as mission_rows
from cmos.sync import rows as sync_rows
from cmos.sync.arriving import Arriving, Key
from cmos.sync.rules import same

if TYPE_CHECKING:
    from cmos.project.project import Workspace

#: Files whose history is asked for unless all of it is wanted.
MOST = 300


def date(ws: Workspace, *, most: Optional[int] = MOST) -> None:
    """Give the time to completed missions that have none, by the history of at most so many files; a backlog is one.

    Inside ``run.change(ws)``. Trouble with git leaves them as they are.
    """
    if ws.layout.repository is None:
        return
    places = _places(ws)
    # a file of many missions goes first: one question answers for all of them
    paths = sorted(places, key=lambda path: (-len(places[path]), path))[:most]
    arriving = Arriving(ws.layout, ws.db, head(ws.layout.repository), most=most)
    try:
        texts = dict(zip(paths, objects.contents(ws.layout.root, ["HEAD:./%s" % path for path in paths])))
    except GitProblem:
        return
    from cmos.missionfile.reader import read

    arriving.contents = {path: (text, read(text)) for path, text in texts.items() if text is not None}
    times: Dict[str, str] = {}
    for number, path in enumerate(paths, 1):
        for mission_id, key in places[path]:
            brought = arriving.brought(path, key) if mission_id not in times else None
            if brought is not None:
                times[mission_id] = brought.ts
        if ws.commit_progress is not None:
            ws.commit_progress(number, len(paths))
    known = mission_rows.get_many(ws.db, times)
    mission_rows.update_many(ws.db, [replace(known[one], completed_at=ts) for one, ts in times.items() if one in known])


def _places(ws: Workspace) -> Dict[str, List[Tuple[str, Key]]]:
    """Return where the files say Completed of missions without a time."""
    places: Dict[str, List[Tuple[str, Key]]] = {}
    for mission_id in mission_rows.without_time(ws.db, COMPLETED):
        for record in sync_rows.live_records(ws.db, ws.layout.worktree, mission_id):
            if same(record.status, COMPLETED):
                places.setdefault(record.path, []).append((mission_id, (record.file_id, record.kind)))
    return places
