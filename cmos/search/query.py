"""What a person types to what FTS5 takes: words, identifiers and typing errors. Any text is a valid query."""

from __future__ import annotations

import re
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

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


_SEPARATOR = re.compile("[._-]")
_NAME = re.compile(r"[^\W_]+(?:[._-][^\W_]+)*")


def identifier_parts(text: str) -> str:
    """Return the parts of the identifiers of a text, of each once: success Criteria, memory db, B1 2."""
    # most words are none: they are all letters, and small ones after the first
    names = dict.fromkeys(name for name in _NAME.findall(text) if not (name.isalpha() and name[1:].islower()))
    spaced = (" ".join(" ".join(apart(word)) for word in _SEPARATOR.split(name)) for name in names)
    return " ".join(parts for parts in spaced if " " in parts)


def vocabulary(text: str) -> Set[str]:
    """Return the words of a text that are worth to be corrected to."""
    return {word for word in words(text) if SHORTEST <= len(word) <= LONGEST and not word.isdigit()}


#: More different words than this are not looked for; FTS5 has a limit too.
MOST = 48

# a part shorter than this, such as the 2 of B1.2, says nothing by itself
_SHORT = 3
# words that say nothing about what a text is about
_COMMON = frozenset(
    (
        *("a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "has", "have", "how"),
        *("i", "in", "into", "is", "it", "its", "not", "of", "on", "or", "should", "that", "the", "their", "them"),
        *("then", "there", "these", "this", "to", "was", "we", "what", "when", "where", "which", "who", "why"),
        *("will", "with", "you"),
    )
)


class Term(NamedTuple):
    """One thing to look for: a word, an identifier or a phrase."""

    #: Its words in lower case, each with the spellings that will do.
    spellings: Tuple[Tuple[str, ...], ...]
    #: True where the words must stand in this order, one after the other.
    together: bool = False

    @property
    def match(self) -> str:
        """The FTS5 expression that finds it."""
        if len(self.spellings) == 1:
            return _either(self.spellings[0])
        first = [word[0] for word in self.spellings]
        phrase = "(%s OR %s)" % (quoted(" ".join(first)), quoted("".join(first)))
        if self.together:
            return phrase
        # also where they stand apart, but better where they are together
        return "(%s OR (%s))" % (phrase, all_of(map(_either, self.spellings)))


def terms(query: str) -> List[Term]:
    """Return what to look for; nothing for a text without a letter or a digit.

    Words that are in every text are left out if there are others.
    """
    found: Dict[Term, None] = {}
    for text, is_phrase in _pieces(query):
        term = _term(text, is_phrase=is_phrase)
        if term is not None:
            found[term] = None
    telling = [term for term in found if len(term.spellings) > 1 or term.spellings[0][0] not in _COMMON]
    return (telling or list(found))[:MOST]


def _pieces(query: str) -> Iterator[Tuple[str, bool]]:
    """Yield the words between white space, and what stands in quotes as one."""
    pieces = query.split('"')
    for number, piece in enumerate(pieces):
        # a quote that is not closed quotes nothing
        if number % 2 and number < len(pieces) - 1:
            yield piece, True
        else:
            yield from ((word, False) for word in piece.split())


def _term(text: str, *, is_phrase: bool) -> Optional[Term]:
    pieces = words(text) if is_phrase else all_words(text)
    if not pieces:
        return None
    together = is_phrase or any(len(piece) < _SHORT or piece.isdigit() for piece in pieces)
    return Term(tuple((piece,) for piece in pieces), together)


def quoted(text: str) -> str:
    """Return a text as FTS5 takes it literally."""
    return '"%s"' % text.replace('"', '""')


def all_of(expressions: Iterable[str]) -> str:
    return " AND ".join(expressions)


def any_of(expressions: Iterable[str]) -> str:
    return " OR ".join(expressions)


def _either(some: Sequence[str]) -> str:
    """Return the expression that finds any of some words."""
    return quoted(some[0]) if len(some) == 1 else "(%s)" % any_of(map(quoted, some))
