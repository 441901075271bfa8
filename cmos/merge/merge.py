"""Merges three texts of a mission file: by key what the reader locates, by lines all else.

The values that are decided are written into all three texts first, so that the merge by
lines sees no difference there. What comes out is read again before it is believed.
"""

from __future__ import annotations

import os
import subprocess
from tempfile import TemporaryDirectory
from typing import Callable, List, Sequence

from cmos.core.errors import GitProblem
from cmos.core.record import NamedTuple
from cmos.files.write import write_whole
from cmos.merge import rules
from cmos.merge.rules import Decisions, Mark
from cmos.missionfile.reader import read
from cmos.missionfile.records import Contents
from cmos.missionfile.splice import Edit, Refused, apply


class Merged(NamedTuple):
    """The bytes of the merged file; with ``conflicts`` a person has to look at it."""

    data: bytes
    conflicts: bool


class Style(NamedTuple):
    """How conflicts are marked."""

    size: int = 7
    ours: str = "ours"
    base: str = "base"
    theirs: str = "theirs"


class Texts(NamedTuple):
    """The three texts of a merge."""

    base: bytes
    ours: bytes
    theirs: bytes


#: An ordinary merge by lines.
ByLines = Callable[[Texts], Merged]


def merge(texts: Texts, by_lines: ByLines, style: Style = Style()) -> Merged:  # noqa: B008  # a constant
    """Merge three texts; what is not decided comes with ordinary conflict markers.

    A result without conflicts is valid if the sides are, has each record once, and says of each
    field what was decided. Where that is not to be had, the sides are merged by lines alone.
    """
    said = [read(data) for data in texts]
    if any(contents.faults for contents in said):
        return _of_broken(texts, said, by_lines, style)
    decisions = rules.decide(*said)
    merged = by_lines(Texts(*(_decided(data, one, decisions) for data, one in zip(texts, said))))
    if merged.conflicts or rules.holds(decisions, read(merged.data)):
        return merged
    merged = by_lines(texts)
    if merged.conflicts or rules.holds(decisions, read(merged.data)):
        return merged
    return Merged(side_by_side(texts.ours, texts.theirs, style), True)


def _of_broken(texts: Texts, said: List[Contents], by_lines: ByLines, style: Style) -> Merged:
    """Merge by lines; two valid sides never give an invalid file."""
    merged = by_lines(texts)
    _, ours, theirs = said
    if merged.conflicts or ours.faults or theirs.faults or not read(merged.data).faults:
        return merged
    return Merged(side_by_side(texts.ours, texts.theirs, style), True)


def _decided(data: bytes, contents: Contents, decisions: Decisions) -> bytes:
    """Return a text with all decided values that can be written into it."""
    edits = list(_edits(contents, decisions))
    try:
        return apply(data, edits, contents)
    except Refused:
        return _one_by_one(data, edits)


def _edits(contents: Contents, decisions: Decisions) -> List[Edit]:
    edits = []
    for record in contents.records:
        for name, value in decisions.records.get((record.id, record.kind), {}).items():
            field = record.fields.get(name)
            if field is None or field.locked or isinstance(value, Mark) or field.value == value:
                continue
            edits.append(Edit(record.id, record.kind, name, value))
    return edits


def _one_by_one(data: bytes, edits: List[Edit]) -> bytes:
    for edit in edits:
        try:
            data = apply(data, [edit])
        except Refused:
            continue  # the merge by lines sees the difference then
    return data


def side_by_side(ours: bytes, theirs: bytes, style: Style) -> bytes:
    """Return both texts as one conflict, without the lines that they begin and end with alike."""
    mine, other = ours.splitlines(True), theirs.splitlines(True)
    shorter = min(len(mine), len(other))
    head = next((n for n in range(shorter) if mine[n] != other[n]), shorter)
    tail = next((n for n in range(shorter - head) if mine[-1 - n] != other[-1 - n]), shorter - head)
    end = b"\r\n" if ours.splitlines(True)[:1] and ours.splitlines(True)[0].endswith(b"\r\n") else b"\n"
    parts = [
        b"".join(mine[:head]),
        b"<" * style.size + b" " + style.ours.encode() + end,
        _ended(mine[head : len(mine) - tail], end),
        b"=" * style.size + end,
        _ended(other[head : len(other) - tail], end),
        b">" * style.size + b" " + style.theirs.encode() + end,
        b"".join(mine[len(mine) - tail :]),
    ]
    return b"".join(parts)


def _ended(lines: List[bytes], end: bytes) -> bytes:
    text = b"".join(lines)
    return text if not text or text.endswith((b"\n", b"\r")) else text + end


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


_NAMES = ("ours", "base", "theirs")


class Lines(NamedTuple):
    """What git made of three texts."""

    data: bytes
    conflicts: bool


def merge_lines(base: bytes, ours: bytes, theirs: bytes, *, size: int, labels: Sequence[str]) -> Lines:
    """Merge three texts; ``labels`` name ours, base and theirs in the markers, which are ``size`` long.

    What git does not merge (a binary file) stays as ours has it, as a conflict. Raises GitProblem.
    """
    with TemporaryDirectory(prefix="cmos-merge-") as folder:
        paths = [os.path.join(folder, name) for name in _NAMES]
        for path, data in zip(paths, (ours, base, theirs)):
            with open(path, "wb") as file:
                file.write(data)
        named = [part for label in labels for part in ("-L", label)]
        done = _run(["merge-file", "-p", "-q", "--marker-size=%d" % size, *named, *paths])
    # the exit code is the number of conflicts, and 128 or more if git cannot merge at all
    if done.returncode < 0 or done.returncode >= 128:
        return Lines(ours, True)
    return Lines(done.stdout, done.returncode > 0)


def _run(arguments: List[str]) -> subprocess.CompletedProcess[bytes]:
    # the environment stays as it is: a merge driver runs in the repository that it is asked about
    try:
        return subprocess.run(["git", *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise GitProblem("git cannot be run", hint="install git and see that it is on the PATH") from error
