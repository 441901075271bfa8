"""A document that fits a budget: the most important parts first, and counts of what was cut."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Sequence, Tuple

#: An estimate that holds for English text and JSON: a token is about four characters.
CHARACTERS_PER_TOKEN = 4
#: The lengths that texts of the fixed part are cut to, until it fits.
_LENGTHS = (600, 240, 100, 40)

Json = Dict[str, Any]


def tokens(document: Json) -> int:
    """Estimate the tokens of a document as ``dumps`` writes it."""
    return -(-len(dumps(document)) // CHARACTERS_PER_TOKEN)


def dumps(document: Json) -> str:
    return json.dumps(document, ensure_ascii=False)


def fit(fixed: Json, lists: Sequence[Tuple[str, List[Any]]], *, budget: int) -> Json:
    """Return the fixed part with as much of the lists as the budget of tokens allows.

    Lists come in the order of their importance, and so do their items. Each list gets a
    first share before any gets more, so that a long one does not push out the others.
    ``cut`` says how many items of each list were left out. Texts of the fixed part are
    shortened if it is too long by itself; the fixed part is never left out.
    """
    document = _shortened(fixed, lists, budget)
    kept = {name: 0 for name, _ in lists}
    for share in (3, None):
        for name, items in lists:
            wanted = len(items) if share is None else min(share, len(items))
            kept[name] += _more(document, name, items[kept[name] : wanted], budget)
    document["cut"] = {name: len(items) - kept[name] for name, items in lists if kept[name] < len(items)}
    return document


def shorten(value: Any, length: int) -> Any:
    """Return a JSON value with all its texts cut to a length."""
    if isinstance(value, str):
        return value if len(value) <= length else value[: length - 1] + "\u2026"
    if isinstance(value, list):
        return [shorten(one, length) for one in value]
    if isinstance(value, dict):
        return {key: shorten(one, length) for key, one in value.items()}
    return value


def _shortened(fixed: Json, lists: Sequence[Tuple[str, List[Any]]], budget: int) -> Json:
    empty: Json = {name: [] for name, _ in lists}
    # as long as it can get: the counts of what was cut are not known yet
    cut = {name: len(items) for name, items in lists}
    for length in _LENGTHS:
        document = dict(shorten(fixed, length), **empty, cut=cut)
        if tokens(document) <= budget:
            break
    return document


def _more(document: Json, name: str, items: List[Any], budget: int) -> int:
    """Append items to a list of the document until one does not fit; return how many did."""
    left = (budget * CHARACTERS_PER_TOKEN) - len(dumps(document))
    for number, item in enumerate(items):
        # the separator takes two characters
        left -= len(json.dumps(item, ensure_ascii=False)) + 2
        if left < 0:
            return number
        document[name].append(item)
    return len(items)
