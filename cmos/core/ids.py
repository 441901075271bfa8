"""Mission ids and sprint names: order, numbers, nearest spellings."""

from __future__ import annotations

import re
from typing import Iterable, List, Optional

_RUNS = re.compile(r"\d+|\D+")
_NUMBER = re.compile(r"\d+")


def sort_key(text: str) -> str:
    """Return a string whose plain order is the natural order of ids.

    ``B1.2`` sorts before ``B1.10``; free-form ids sort without error. Each run of
    digits is written with its length before it, so that text order is number order.
    """
    parts = []
    for run in _RUNS.findall(text):
        if run.isdecimal() and run.isascii():
            digits = run.lstrip("0") or "0"
            parts.append("0%04d%s" % (len(digits), digits))
        else:
            parts.append(run.casefold())
    return "".join(parts)


def sprint_number(text: Optional[str]) -> Optional[int]:
    """Return the number that a sprint's name carries.

    ``35``, ``'09'``, ``Sprint 13`` and ``sprint-08`` are one thing in different
    clothes (DESIGN.md, section 7). None if there is no number, or more than one.
    """
    if text is None:
        return None
    numbers = _NUMBER.findall(text)
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
    """Return the known ids that look most like the wanted one, best first."""
    from difflib import get_close_matches

    by_fold = {name.casefold(): name for name in known}
    close = get_close_matches(wanted.casefold(), list(by_fold), n=limit, cutoff=0.5)
    return [by_fold[name] for name in close]
