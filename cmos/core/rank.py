"""The order of what a search found: how much of the query a place holds, and where."""

from __future__ import annotations

from typing import List, NamedTuple, Sequence, Set

from cmos.core.hit import BEGIN, END, Match
from cmos.core.query import Term
from cmos.core.snippet import found_words
from cmos.core.words import words

#: What a place is worth in other folders than the project's own documents.
_KINDS = {"template": 0.5}


class Weights(NamedTuple):
    """How much each sign adds to the score that the index gives, relative to the best of those."""

    #: The share of what is asked for that the place holds.
    held: float = 1.0
    #: The share of it that its own heading, and the headings with those above, hold.
    heading: float = 0.5
    path: float = 0.5
    #: The share of the heading that was asked for: a heading of just these words is the one that is meant.
    exact: float = 0.5


def rank(found: Sequence[Match], asked: Sequence[Term], weights: Weights = Weights()) -> List[Match]:  # noqa: B008
    """Return the matches with their scores, the best first."""
    best = max([match.score for match in found] or [1.0]) or 1.0
    scored = [match._replace(score=_score(match, asked, best, weights)) for match in found]
    return sorted(scored, key=lambda match: -match.score)


def _score(match: Match, asked: Sequence[Term], best: float, weights: Weights) -> float:
    heading, above = _marked(match.heading), _marked(match.above)
    text = _marked(match.text)
    whole = match.text.lower()
    in_heading = sum(_holds(heading, term) for term in asked)
    in_path = sum(_holds(heading | above, term) for term in asked)
    anywhere = sum(_holds(heading | above | text, term) or _inside(whole, term) for term in asked)
    number = len(asked)
    score = (
        match.score / best
        + weights.held * anywhere / number
        + weights.heading * in_heading / number
        + weights.path * in_path / number
        + weights.exact * _share(match.heading)
    )
    return score * _KINDS.get(match.kind or "", 1.0)


def _marked(text: str) -> Set[str]:
    return {word for marked in found_words(text) for word in words(marked)}


def _share(marked: str) -> float:
    """Return the share of a text's words that are marked."""
    all_of = len(words(marked))
    return sum(len(words(one)) for one in found_words(marked)) / all_of if all_of else 0.0


def _holds(found: Set[str], term: Term) -> bool:
    """Say whether found words, which the index may have stemmed, are those of a term."""
    return all(any(_alike(word, one) for one in found) for word in term.words)


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    length = max(min(len(one), len(other)) - 2, 3)
    return one[:length] == other[:length]


def _inside(text: str, term: Term) -> bool:
    return all(len(word) > 2 and word in text for word in term.words)


def bare(marked: str) -> str:
    """Return a text without its marks."""
    return marked.replace(BEGIN, "").replace(END, "")
