"""What a person types to what FTS5 takes. Any text is a valid query."""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from cmos.core.words import all_words, words

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
