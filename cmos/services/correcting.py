"""What a word that is nowhere was meant to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, Optional

from cmos.core.query import Term
from cmos.core.typos import LONGEST, SHORTEST, distance, one_edit_away
from cmos.store import kb_search

if TYPE_CHECKING:
    from cmos.db.connection import Connection

#: Guesses for one word.
_GUESSES = 4
#: Letters of a word from which on two errors are looked for.
_LONG = 7


def corrected(db: Connection, term: Term) -> Optional[Term]:
    """Return what was probably meant by a term that nothing holds; None when there is no guess."""
    guesses = [tuple(_meant(db, word[0])) for word in term.spellings]
    if term.together:
        first = tuple(words[:1] or word for words, word in zip(guesses, term.spellings))
        return None if first == term.spellings else Term(first, together=True)
    known = tuple(words for words in guesses if words)
    return Term(known) if known else None


def _meant(db: Connection, word: str) -> List[str]:
    """Return words of the vocabulary that a word may stand for, the likeliest first.

    That is the word itself if it is one, else words that go on from it, else words that are one
    typing error away, else two.
    """
    if not SHORTEST <= len(word) <= LONGEST or kb_search.known(db, [word]):
        return [word]
    return (
        kb_search.beginning_with(db, word, limit=_GUESSES)
        or kb_search.known(db, set(one_edit_away(word)))[:_GUESSES]
        or (_two_edits_away(db, word) if len(word) >= _LONG else [])
    )


def _two_edits_away(db: Connection, word: str) -> List[str]:
    # two errors leave at least one third of the word as it was
    third = len(word) // 3
    pieces = (word[:third], word[third : 2 * third], word[2 * third :])
    near = kb_search.holding(db, pieces, shortest=len(word) - 2, longest=len(word) + 2)
    return [one for one in near if distance(word, one, limit=2) <= 2][:_GUESSES]
