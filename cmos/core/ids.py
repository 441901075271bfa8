"""Mission ids, sprint names and paths of mission files: their order, numbers, nearest spellings and limits."""

from __future__ import annotations

import re
from typing import Dict, Iterable, List, Optional, Sequence, Tuple

from cmos.core.errors import InvalidValue


def sort_key(text: str) -> str:
    """Return a string whose plain order is the natural order of ids.

    ``B1.2`` sorts before ``B1.10``; free-form ids sort without error. Each run of
    digits is written with its length before it, so that text order is number order.
    """
    parts = []
    for run in re.findall(r"\d+|\D+", text):
        if run.isdecimal() and run.isascii():
            digits = run.lstrip("0") or "0"
            parts.append("0%04d%s" % (len(digits), digits))
        else:
            parts.append(run.casefold())
    return "".join(parts)


def sprint_number(text: Optional[str]) -> Optional[int]:
    """Return the number that a sprint's name carries.

    ``35``, ``'09'``, ``Sprint 13`` and ``sprint-08`` all carry one (docs/files.md).
    None if there is no number, or more than one.
    """
    if text is None:
        return None
    numbers = re.findall(r"\d+", text)
    # int() of very long digit strings is refused by newer Pythons
    if len(numbers) != 1 or len(numbers[0]) > 9:
        return None
    return int(numbers[0])


def same_sprint(one: Optional[str], other: Optional[str]) -> bool:
    """Say whether two sprint names mean one sprint: equal text, or equal number."""
    if one == other:
        return True
    number = sprint_number(one)
    return number is not None and number == sprint_number(other)


def nearest(wanted: str, known: Iterable[str], *, limit: int = 3) -> List[str]:
    """Return the known ids that are spelled most like the wanted one, best first."""
    from difflib import get_close_matches

    by_fold = {name.casefold(): name for name in known}
    close = get_close_matches(wanted.casefold(), list(by_fold), n=limit, cutoff=0.5)
    return [by_fold[name] for name in close]


#: Smaller than any step between two sprints of a backlog, however far apart their numbers are.
_STEP = 1e-7


def positions(listed: Sequence[str], others: Iterable[str]) -> Dict[str, Optional[float]]:
    """Return a position for each sprint: listed ones in their order, others next to their number's predecessor."""
    placed: Dict[str, Optional[float]] = {sprint: float(place) for place, sprint in enumerate(listed, 1)}
    for sprint in others:
        if sprint not in placed:
            placed[sprint] = between(sprint, [(name, place) for name, place in placed.items() if name in listed])
    return placed


def between(sprint: str, placed: Iterable[Tuple[str, Optional[float]]]) -> Optional[float]:
    """Return where a sprint belongs among placed ones by its number; None when it has none."""
    number = sprint_number(sprint)
    if number is None:
        return None
    pairs = ((sprint_number(name), place) for name, place in placed)
    numbered = [(other, place) for other, place in pairs if other is not None and place is not None]
    if not numbered:
        return float(number)
    before = [pair for pair in numbered if pair[0] <= number]
    nearest, place = max(before) if before else min(numbered)
    return place + (number - nearest) * _STEP


#: Bytes in UTF-8: with a slug and an ending, a file's name must stay below 255.
ID_LIMIT = 100
NAME_LIMIT = 500


def check_id(id: str) -> str:
    """Return an id that can also begin a file's name. Raises InvalidValue."""
    why = _fault(id)
    if why:
        raise InvalidValue("%r cannot be the id of a mission: %s" % (id, why), hint="an id looks like B1.5")
    return id


def check_line(text: str, what: str) -> str:
    """Return a text that fits on one line, without white space around it. Raises InvalidValue."""
    line = text.strip()
    if not line:
        raise InvalidValue("%s is empty" % what)
    if len(line) > NAME_LIMIT:
        raise InvalidValue("%s is longer than %d characters" % (what, NAME_LIMIT))
    check_text(line, what)
    if any(character in line for character in "\r\n\t"):
        raise InvalidValue("%s has more than one line" % what)
    return line


def check_text(text: str, what: str) -> str:
    """Return a text without control characters but line breaks and tabs. Raises InvalidValue."""
    found = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]", text)
    if found is None:
        return text
    if found.group() >= "\ud800":
        raise InvalidValue("%s is not valid Unicode" % what)
    raise InvalidValue("%s has a control character in it (%#04x)" % (what, ord(found.group())))


def _fault(id: str) -> str:
    if not id:
        return "it is empty"
    if any(character.isspace() or not character.isprintable() for character in id):
        return "it has white space or a control character in it"
    if set(id) & set("/\\"):
        return "it has a slash in it"
    if id[0] in ".-~":
        return "it begins with %r" % id[0]
    if len(id.encode("utf-8", "replace")) > ID_LIMIT:
        return "it is longer than %d bytes" % ID_LIMIT
    return ""


FOLDER = "cmos/missions"


def parts(path: object) -> Optional[List[str]]:
    """Return the names of a path below ``cmos/missions``; None for a path that is not in there."""
    if not isinstance(path, str) or not path.startswith(FOLDER + "/") or "\0" in path:
        return None
    names = path[len(FOLDER) + 1 :].split("/")
    return None if any(name in ("", ".", "..") for name in names) else names
