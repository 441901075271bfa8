"""An editor that never rests, run as ``python editor.py SEED FILE...``.

It saves the files over and over, now by a temporary file and a rename, now by truncating and writing. A line on its
input makes it pause and print what it has saved; the next line lets it go on.
"""

from __future__ import annotations

import json
import os
import random
import re
import select
import sys
import time
from pathlib import Path
from typing import Dict, List, Tuple

STATUS = re.compile(r'(?<=^status: )"[^"]*"', re.MULTILINE)
STATUSES = ('"Queued"', '"Blocked"', '"Completed"')
OBJECTIVE = re.compile(r"^objective: .*$", re.MULTILINE)
LAST = '\nlast: "whole"\n'


def saved(text: str, count: int) -> str:
    """Return a text as the editor saves it, this often by then."""
    return OBJECTIVE.sub('objective: "Saved %d times."' % count, text)


class Editor:
    def __init__(self, dice: random.Random, paths: List[Path]) -> None:
        self.dice = dice
        self.buffers = {path: path.read_text("utf-8") for path in paths}
        #: How often each file was saved, and the saves that somebody else's write took away again.
        self.counts: Dict[str, int] = {path.name: 0 for path in paths}
        self.taken: List[Tuple[str, int]] = []

    def save(self) -> None:
        path = self.dice.choice(list(self.buffers))
        present, count = path.read_text("utf-8"), self.counts[path.name]
        assert present.endswith(LAST), "torn: %s %r" % (path, present)
        if count and saved(present, count) != present:
            self.taken.append((path.name, count))
        if self.dice.random() < 0.5:
            # else what it read a while ago is saved over whatever came since
            self.buffers[path] = present
        if self.dice.random() < 0.3:
            # what belongs to the database: the next sync puts it back
            self.buffers[path] = STATUS.sub(self.dice.choice(STATUSES), self.buffers[path])
        self.counts[path.name] += 1
        self.buffers[path] = saved(self.buffers[path], self.counts[path.name])
        (self._rename if self.dice.random() < 0.5 else self._truncate)(path)

    def _rename(self, path: Path) -> None:
        temporary = path.with_name(".%s.editing" % path.name)
        temporary.write_text(self.buffers[path], "utf-8")
        os.replace(str(temporary), str(path))

    def _truncate(self, path: Path) -> None:
        with open(str(path), "w", encoding="utf-8") as file:
            if self.dice.random() < 0.3:
                time.sleep(0.002)
            file.write(self.buffers[path])


def main() -> None:
    dice = random.Random(int(sys.argv[1]))
    editor = Editor(dice, [Path(name) for name in sys.argv[2:]])
    while True:
        if select.select([sys.stdin], [], [], dice.uniform(0, 0.02))[0]:
            if not sys.stdin.readline():
                return
            print(json.dumps([editor.counts, editor.taken]), flush=True)
            sys.stdin.readline()
        editor.save()


if __name__ == "__main__":
    main()
