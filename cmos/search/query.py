"""What a person types to what FTS5 takes: words, identifiers and typing errors. Any text is a valid query."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Dict, Iterable, Iterator, List, Optional, Sequence, Set, Tuple

from cmos.core.record import NamedTuple

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


_SEPARATOR = re.compile("[._-]")
_NAME = re.compile(r"[^\W_]+(?:[._-][^\W_]+)*")


def identifier_parts(text: str) -> str:
    """Return the parts of the identifiers of a text, of each once: success Criteria, memory db, B1 2."""
    return " ".join(filter(None, map(_spaced, dict.fromkeys(_NAME.findall(text)))))


@lru_cache(maxsize=1 << 16)
def _spaced(name: str) -> str:
    """Return the parts of an identifier; empty for an ordinary word."""
    if name.isalpha() and name[1:].islower():
        return ""
    parts = " ".join(" ".join(apart(word)) for word in _SEPARATOR.split(name))
    return parts if " " in parts else ""


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


#: Letters of the shortest and of the longest word that is corrected, or corrected to.
_SHORTEST, _LONGEST = 4, 40
#: Guesses for one word, and letters of a word from which on two errors are looked for.
_GUESSES, _LONG = 4, 7


def vocabulary(tokens: Iterable[str]) -> Set[str]:
    """Return the words of some texts that are worth correcting to."""
    text = " ".join(tokens)
    known = {*words(text), *all_words(" ".join(set(_WORD.findall(text))))}
    return {word for word in known if _SHORTEST <= len(word) <= _LONGEST and not word.isdigit()}


def corrected(term: Term, known: Set[str]) -> Optional[Term]:
    """Return what was probably meant by a term that nothing holds; None when there is no guess."""
    guesses = [tuple(_near(word[0], known)) for word in term.spellings]
    if term.together:
        first = tuple(words[:1] or word for words, word in zip(guesses, term.spellings))
        return None if first == term.spellings else Term(first, together=True)
    likely = tuple(filter(None, guesses))
    return Term(likely) if likely else None


def _near(word: str, known: Set[str]) -> List[str]:
    """Return the word itself if it is known, else known words that begin with it, else the most alike."""
    if not _SHORTEST <= len(word) <= _LONGEST or word in known:
        return [word]
    longer = sorted(other for other in known if other.startswith(word))
    if longer:
        return sorted(longer, key=len)[:_GUESSES]
    from difflib import get_close_matches

    for errors in (1, 2) if len(word) >= _LONG else (1,):
        # so alike are two words that differ in so many letters; a little less, for what rounding takes
        close = get_close_matches(word, known, _GUESSES, 1 - 1.01 * errors / len(word))
        if close:
            return close
    return []


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
