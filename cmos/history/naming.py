"""Commits, and the missions that one names."""

from __future__ import annotations

import re
from typing import Dict, Iterable, Iterator, List, Optional, Tuple

from cmos.core.record import NamedTuple

#: A line of the message that names missions. Git's rules for trailers are stricter; people are not.
_TRAILER = r"(?im)^[ \t]*missions?[ \t]*:[ \t]*(\S.*)$"

_MISSION_FILE = r"(?:^|/)cmos/missions/(?!templates/)(?:[^/]+/)*([^/_]*\d[^/_]*)_[^/]*\.ya?ml$"


class Commit(NamedTuple):
    """One commit, as far as the log keeps it."""

    sha: str
    parents: Tuple[str, ...]
    #: Name and mail address.
    author: str
    #: Seconds since 1970, as git writes them. A rewritten commit keeps author and time.
    authored: str
    #: When it was committed, in UTC.
    ts: str
    subject: str
    #: The whole message.
    message: str = ""
    #: Paths relative to the top of the checkout; only the first ones if there are many.
    files: Tuple[str, ...] = ()
    file_count: int = 0


class Ids:
    """Finds the ids of missions in texts."""

    def __init__(self, ids: Iterable[str]) -> None:
        # by length too: casefolding changes it, and what is found must not depend on the lengths of other ids
        self._by_fold: Dict[Tuple[int, str], List[str]] = {}
        for one in ids:
            self._by_fold.setdefault((len(one), one.casefold()), []).append(one)
        self._lengths = sorted({length for length, _ in self._by_fold}, reverse=True)

    def within(self, text: str, *, any_case: bool = False) -> Tuple[str, ...]:
        """Return the ids that a text names, each once, in its order.

        The longest one counts: ``B1.1`` is not in ``B1.10``. An id without a digit may be an
        ordinary word: it must be written as it is, unless ``any_case``.
        """
        return tuple(dict.fromkeys(self._matches(text, any_case)))

    def _matches(self, text: str, any_case: bool) -> Iterator[str]:
        place = 0
        while place < len(text):
            found = self._at(text, place, any_case) if _begins(text, place) else None
            if found is None:
                place += 1
            else:
                yield found
                place += len(found)

    def _at(self, text: str, place: int, any_case: bool) -> Optional[str]:
        for length in self._lengths:
            end = place + length
            same = self._by_fold.get((length, text[place:end].casefold())) if end <= len(text) else None
            if same and _ends(text, end):
                written = text[place:end]
                if written in same:
                    return written
                if any_case or any(character.isdigit() for character in written):
                    return same[0]
        return None


def naming(message: str, subject: str) -> Tuple[str, str]:
    """Return the parts of a message that may name missions: its ``Mission:`` lines, and the subject."""
    return ", ".join(re.findall(_TRAILER, message)), subject


def named(message: str, subject: str, ids: Ids) -> Tuple[str, ...]:
    """Return the missions that a message names: in ``Mission:`` lines, else in the subject."""
    trailers, subject = naming(message, subject)
    return ids.within(trailers, any_case=True) or ids.within(subject)


def touches(commit: Commit, inside: str) -> bool:
    """Say whether a commit changes something in the folder of a project; if in doubt, it does.

    ``inside`` is relative to the top of the checkout: of a project at the top, each commit is its own.
    """
    is_cut = commit.file_count > len(commit.files)
    return inside == "." or is_cut or any(path.startswith(inside + "/") for path in commit.files)


def spoken_of(
    commit: Commit, ids: Ids, *, branch: Optional[str] = None, at_work: Tuple[str, ...] = ()
) -> Tuple[str, ...]:
    """Return the missions of a commit: those it names, else those in the branch's name, else those at work."""
    return (
        named(commit.message, commit.subject, ids) or (ids.within(branch, any_case=True) if branch else ()) or at_work
    )


def coming_ids(files: Iterable[str]) -> List[str]:
    """Return the ids that mission files of a commit are named after: the commit that adds one may speak of it."""
    return [match.group(1) for match in (re.search(_MISSION_FILE, file) for file in files) if match]


def _begins(text: str, place: int) -> bool:
    """Say whether an id may begin here: not within a word or a number with dots."""
    if place == 0:
        return True
    before = text[place - 1]
    return not before.isalnum() and not (before == "." and place > 1 and text[place - 2].isalnum())


def _ends(text: str, end: int) -> bool:
    after = text[end : end + 2]
    return not after[:1].isalnum() and not (after[:1] == "." and after[1:].isalnum())
