"""Typing errors: what a word may have been meant to be."""

from __future__ import annotations

from typing import Iterator, List

#: Letters of the shortest and of the longest word that is corrected, or corrected to.
SHORTEST, LONGEST = 4, 40


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
    return min(row[-1], limit + 1)
