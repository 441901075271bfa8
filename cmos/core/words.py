"""Words and the parts of identifiers."""

from __future__ import annotations

import re
from typing import Iterator, List, Set

_WORD = re.compile(r"[^\W_]+")
_NAME = re.compile(r"[^\W_]+(?:[._-][^\W_]+)*")
#: Where a word that was written together comes apart: aB, ABc, abc1.
_JOINT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z]{3})(?=\d)")
#: Words that say nothing about what a text is about.
COMMON = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be by for from has have how in into is it its not of on or should that the their them then "
        "there these this to was what when where which who why will with",
    )
)
#: Characters of the longest word that is kept in the vocabulary.
LONGEST = 40
#: Characters of the shortest one that a typing error is looked up for.
SHORTEST = 4


def words(text: str) -> List[str]:
    """Return the words of a text in lower case, as the full-text index tells them apart."""
    return _WORD.findall(text.lower())


def identifier_parts(text: str) -> str:
    """Return the parts of the identifiers of a text, of each once: success Criteria, memory db, B1 2."""
    found = {name: None for name in _NAME.findall(text) if not name.isalpha() or _JOINT.search(name)}
    return " ".join(" ".join(map(_spaced, _WORD.findall(name))) for name in found)


def _spaced(word: str) -> str:
    return " ".join(_JOINT.split(word))


def all_words(text: str) -> List[str]:
    """Return the words of a text in lower case, those that were written together apart."""
    return [part.lower() for word in _WORD.findall(text) for part in _JOINT.split(word)]


def beginning(word: str) -> str:
    """Return the part of a word in lower case that its other forms have too, roughly."""
    if len(word) < 5:
        return word
    return word[: len(word) - (3 if len(word) > 7 else 2 if len(word) > 5 else 1)]


def vocabulary(text: str) -> Set[str]:
    """Return the words of a text that are worth to be corrected to."""
    return {word for word in words(text) if SHORTEST <= len(word) <= LONGEST and not word.isdigit()}


def one_edit_away(word: str) -> Iterator[str]:
    """Yield what a word may have been before one letter was dropped, added, changed or swapped with the next."""
    letters = "abcdefghijklmnopqrstuvwxyz" + "".join(sorted({c for c in word if not "a" <= c <= "z"}))
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in letters:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]


def distance(one: str, other: str, *, limit: int) -> int:
    """Return how many letters must be dropped, added, changed or swapped; ``limit`` + 1 when it is more."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    earlier: List[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, earlier, row = earlier, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(earlier[j] + 1, row[-1] + 1, earlier[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]
