"""Words of a text and of a query."""

from __future__ import annotations

import re
from typing import List

_WORD = re.compile(r"[^\W_]+")
#: Where a word that was written together comes apart: aB, ABc, abc1. Compiled where a word may be one.
_JOINT = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z]{3})(?=\d)"


def apart(word: str) -> List[str]:
    """Return what a word is written together from: success and Criteria of successCriteria."""
    if len(word) < 4 or (word.isalpha() and word[1:].islower()):
        return [word]
    return re.split(_JOINT, word)


def folded(text: str) -> str:
    """Return a text in lower case and without accents, as the full-text index compares it."""
    if text.isascii():
        return text.lower()
    from unicodedata import combining, normalize

    return "".join(char for char in normalize("NFD", text.lower()) if not combining(char))


def words(text: str) -> List[str]:
    """Return the words of a text in lower case, as the full-text index tells them apart."""
    return _WORD.findall(folded(text))


def all_words(text: str) -> List[str]:
    """Return the words of a text in lower case, those that were written together apart."""
    return [folded(part) for word in _WORD.findall(text) for part in apart(word)]


def beginning(word: str) -> str:
    """Return the part of a word in lower case that its other forms have too, roughly."""
    if len(word) < 5:
        return word
    return word[: len(word) - (3 if len(word) > 7 else 2 if len(word) > 5 else 1)]
