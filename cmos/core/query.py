"""What a person types to what FTS5 takes. Any text is a valid query."""

from __future__ import annotations

import re
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from cmos.core.words import COMMON, parts, words

#: More different words than this are not looked for; FTS5 has a limit too.
MOST = 48

_QUOTED = re.compile(r'"([^"]*)"|(\S+)')
# a part shorter than this, such as the 2 of B1.2, says nothing by itself
_SHORT = 3


class Term(NamedTuple):
    """One thing to look for: a word, an identifier or a phrase."""

    #: Its words in lower case.
    words: Tuple[str, ...]
    #: True where the words must stand in this order, one after the other.
    together: bool = False

    @property
    def match(self) -> str:
        """The FTS5 expression that finds it."""
        phrase = quoted(" ".join(self.words))
        if self.together or len(self.words) == 1:
            return phrase
        # also where they stand apart, but better where they are together
        return "(%s OR (%s))" % (phrase, " AND ".join(map(quoted, self.words)))


def terms(query: str) -> List[Term]:
    """Return what to look for; nothing for a text without a letter or a digit.

    Words that are in every text are left out if there are others.
    """
    found: Dict[Term, None] = {}
    for given, plain in _QUOTED.findall(query):
        term = _term(given or plain, is_phrase=bool(given))
        if term is not None:
            found[term] = None
    telling = [term for term in found if term.words[0] not in COMMON or len(term.words) > 1]
    return (telling or list(found))[:MOST]


def _term(text: str, *, is_phrase: bool) -> Term | None:
    if is_phrase:
        inside = words(text)
        return Term(tuple(inside), together=True) if inside else None
    pieces = tuple(part.lower() for word in re.findall(r"[^\W_]+", text) for part in parts(word))
    if not pieces:
        return None
    return Term(pieces, together=any(len(piece) < _SHORT or piece.isdigit() for piece in pieces))


def quoted(text: str) -> str:
    """Return a text as FTS5 takes it literally."""
    return '"%s"' % text.replace('"', '""')


def all_of(expressions: Iterable[str]) -> str:
    return " AND ".join(expressions)


def any_of(expressions: Iterable[str]) -> str:
    return " OR ".join(expressions)


def either(words_: Sequence[str]) -> str:
    """Return the expression that finds any of some words."""
    return "(%s)" % any_of(map(quoted, words_))
