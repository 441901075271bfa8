"""What git's merge driver does with one file."""

from __future__ import annotations

from cmos.files.merging import Merged, Style, Texts, merge
from cmos.files.write import write_whole
from cmos.vcs.merge_file import merge_lines


def merge_files(base: str, ours: str, theirs: str, style: Style) -> bool:
    """Merge three files into ``ours``; True if no conflict is left. Raises GitProblem, OSError."""

    def by_lines(texts: Texts) -> Merged:
        labels = (style.ours, style.base, style.theirs)
        return Merged(*merge_lines(*texts, size=style.size, labels=labels))

    texts = Texts(*map(_bytes, (base, ours, theirs)))
    merged = merge(texts, by_lines, style)
    if merged.data != texts.ours:
        write_whole(ours, merged.data)
    return not merged.conflicts


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
