"""A file that goes away while its folder is looked at."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Iterator, List

import pytest

from cmos.files.scan import scan
from cmos.search.documents import listing


class Vanishing:
    """The entries of a folder, where each file named gone goes just before it is looked at."""

    def __init__(self, descriptor: int, scandir=os.scandir) -> None:
        self._descriptor = descriptor
        self._entries = scandir(descriptor)

    def __iter__(self) -> Iterator[os.DirEntry]:
        for entry in self._entries:
            if entry.name.startswith("gone"):
                os.unlink(entry.name, dir_fd=self._descriptor)
            yield entry

    def __enter__(self) -> Vanishing:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._entries.close()


def names_of_documents(root: str) -> List[str]:
    found = listing(root)
    assert found.passed_over == []
    return [row[0] for row in found.rows]


def names_of_missions(root: str) -> List[str]:
    return [folder + "/" + row[0] for folder, one in scan(root).folders.items() for row in one.rows]


@pytest.mark.parametrize("look", [names_of_documents, names_of_missions])
def test_the_others_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, look) -> None:
    folder = tmp_path / "cmos" / "missions"
    folder.mkdir(parents=True)
    for name in ("a.yaml", "gone.yaml", "gone é.yaml", "z.yaml"):
        (folder / name).touch()
    monkeypatch.setattr(os, "scandir", Vanishing)
    assert look(str(tmp_path)) == ["cmos/missions/a.yaml", "cmos/missions/z.yaml"]
    assert sorted(os.listdir(str(folder))) == ["a.yaml", "z.yaml"]
