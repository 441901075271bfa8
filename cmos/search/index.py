"""Keeping the index of documents, decisions, facts and sessions up to date."""

from __future__ import annotations

import time
from contextlib import contextmanager
from itertools import starmap
from typing import TYPE_CHECKING, Callable, Iterable, Iterator, List, Optional, Sequence, Set, Tuple

from cmos import clock
from cmos.core.record import NamedTuple
from cmos.db import connection
from cmos.db.lock import writer_lock
from cmos.files.scan import RACY_NS, Stamp, digest
from cmos.git import objects
from cmos.search import documents
from cmos.search import rows as search_rows
from cmos.search.documents import Listing, PassedOver, split_document
from cmos.search.query import identifier_parts
from cmos.search.rank import ARROW
from cmos.search.rows import Piece, Source

if TYPE_CHECKING:
    from cmos.project.project import Project


#: Files, and records, that are taken in between two moments in which others may write.
_FILES = 100
_RECORDS = 2_000
#: Files and records that are a large change.
_LARGE = 50

Progress = Callable[[int, int], None]


class Indexed(NamedTuple):
    """What a run did, and what there is now."""

    #: Files that were read, and those of them that had another content than before.
    read: int
    changed: int
    removed: int
    #: Records that were added.
    records: int
    #: Documents in the index, and its sections, those that stand for records included.
    documents: int
    sections: int
    passed_over: Tuple[PassedOver, ...]


def update(
    project: Project, listing: Optional[Listing] = None, *, again: bool = False, progress: Optional[Progress] = None
) -> Indexed:
    """Index what changed since the last run; with ``again``, everything. ``progress`` counts documents.

    Raises DatabaseProblem when nothing can be written.
    """
    listing = listing or documents.listing(project.layout.root)
    run = _Run(project, again)
    if again or not are_documents_current(project, listing):
        run.documents(listing, progress or (lambda done, of: None))
    run.records(search_rows.RECORDS)
    run.worktrees()
    run.tidy()
    unread = starmap(PassedOver, search_rows.problems(project.db, run.worktree))
    totals = search_rows.totals(project.db, run.worktree)
    passed_over = tuple(sorted([*listing.passed_over, *unread]))
    return Indexed(run.read, run.changed, run.removed, run.added, *totals, passed_over)


def update_records(project: Project, kinds: Sequence[str]) -> None:
    """Index the new records of some kinds and no document. Raises DatabaseProblem."""
    _Run(project).records(kinds)


class _Run:
    """One run over all documents and records, in steps that each hold the lock for a moment."""

    def __init__(self, project: Project, again: bool = False) -> None:
        self.project = project
        self.db = project.db
        self.worktree = project.layout.worktree
        self.again = again
        self.read = self.changed = self.removed = self.added = 0
        self._ignored: Set[str] = set()

    def documents(self, listing: Listing, progress: Progress) -> None:
        began = time.time_ns()
        before = search_rows.sources(self.db, self.worktree)
        stamps = {row[0]: Stamp(*row[1:]) for row in listing.rows}
        due = [path for path, stamp in stamps.items() if self.again or not _is_same(before.get(path), stamp)]
        beside = [path for path in due if documents.is_beside(path)]
        self._ignored = objects.ignored(self.project.layout.root, beside) if self.project.layout.repository else set()
        for start in range(0, len(due), _FILES):
            with self._step():
                search_rows.begin_look(self.db, self.worktree)
                for number, path in enumerate(due[start : start + _FILES], start + 1):
                    self._take(path, stamps[path])
                    progress(number, len(due))
        with self._step():
            self._drop(source for path, source in before.items() if path not in stamps)
            search_rows.put_look(self.db, self.worktree, listing.signature, began)

    def records(self, kinds: Sequence[str]) -> None:
        newest = search_rows.newest(self.db)
        for kind in kinds:
            last = search_rows.indexed(self.db)[kind]
            if last > newest[kind] or (last and self.again):
                with self._step():
                    search_rows.forget_records(self.db, kind)
            while search_rows.indexed(self.db)[kind] < newest[kind]:
                with self._step():
                    self.added += search_rows.take_in_records(self.db, kind, most=_RECORDS, now=clock.now())

    def worktrees(self) -> None:
        """Drop the documents of worktrees that no longer exist."""
        for worktree in search_rows.worktrees(self.db):
            if worktree != self.worktree and self.project.layout.has_lost(worktree):
                with self._step():
                    self._drop(search_rows.sources(self.db, worktree).values())
                    search_rows.drop_look(self.db, worktree)

    def tidy(self) -> None:
        """Merge the pieces of the full-text index after a large change: searches are quicker then."""
        if self.changed + self.removed + self.added >= _LARGE:
            with self._step():
                search_rows.tidy(self.db)

    @contextmanager
    def _step(self) -> Iterator[None]:
        lock = writer_lock(self.project.layout.lock, patience=self.project.patience)
        with lock, connection.translated(self.project.layout.database), connection.immediate(self.db):
            yield

    def _take(self, path: str, stamp: Stamp) -> None:
        """Read a file and index it, unless its content is the same as before."""
        # asked again, under the lock: another search may have been faster
        before = search_rows.source(self.db, self.worktree, path)
        text, content, problem = self._read(path)
        source = Source(before.id if before else 0, path, content, *stamp, time.time_ns(), problem)
        if before and before.hash == content and not self.again:
            search_rows.touch_source(self.db, source)
            return
        self.changed += 1
        number = search_rows.put_source(self.db, self.worktree, documents.kind_of(path), source, now=clock.now())
        search_rows.drop_pieces(self.db, number)
        search_rows.add_pieces(self.db, number, pieces(path, text))

    def _drop(self, gone: Iterable[Source]) -> None:
        for source in gone:
            search_rows.drop_source(self.db, source.id)
            self.removed += 1

    def _read(self, path: str) -> Tuple[str, str, Optional[str]]:
        """Return a file's text, the hash of its bytes, and why there is no text."""
        self.read += 1
        if path in self._ignored:
            return "", "", "git ignores it"
        try:
            data = documents.read_document(self.project.layout.root, path)
        except OSError as error:
            return "", "", "cannot be read: %s" % error.strerror
        text = documents.text_of(data)
        return text or "", digest(data), "not a text" if text is None else None


def pieces(path: str, text: str) -> List[Piece]:
    """Return a document's rows of the index."""
    from cmos.search.chunks import stem

    place = " ".join((stem(path), identifier_parts(stem(path)), path.rpartition("/")[0].rpartition("/")[2]))
    return [
        Piece(
            chunk.heading,
            ARROW.join(chunk.above),
            " ".join(filter(None, (place, identifier_parts(chunk.section), identifier_parts(chunk.text)))),
            chunk.text,
            chunk.line,
        )
        for chunk in (split_document(path, text) if text.strip() else ())
    ]


def _is_same(source: Optional[Source], stamp: Stamp) -> bool:
    """Say whether a file is as it was, by its times and size alone."""
    if source is None or source[3:7] != tuple(stamp):
        return False
    return source.mtime_ns + RACY_NS < source.checked_ns


def is_current(project: Project, found: Listing) -> bool:
    """Say whether the index holds all that is there now."""
    return are_documents_current(project, found) and search_rows.newest(project.db) == search_rows.indexed(project.db)


def are_documents_current(project: Project, found: Listing) -> bool:
    signature, checked_ns = search_rows.last_look(project.db, project.layout.worktree)
    return signature == found.signature and found.newest_ns + RACY_NS < checked_ns
