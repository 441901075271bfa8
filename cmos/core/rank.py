"""The order of what a search found: how much of the query a place holds, and where."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Sequence

from cmos.core.hit import Match
from cmos.core.words import all_words, beginning

#: What a place of some kinds is worth: a template says what might be written, not what was.
_KINDS: Dict[str, float] = {"template": 0.85}

#: The words of one thing that was asked for; of each, the spellings that will do.
Asked = Sequence[Sequence[str]]


class Weights(NamedTuple):
    """How much each sign adds to what the index says, relative to the best that it says."""

    #: The share of what is asked for that the place holds at all.
    held: float = 2.0
    #: The share of it that its own heading holds, and that its heading and those above hold.
    heading: float = 0.5
    path: float = 0.5
    #: The share of its heading that was asked for: a heading of just these words is the one that is meant.
    exact: float = 0.5
    #: How often the place holds it: an index of its length alone prefers the shortest place.
    often: float = 1.5


WEIGHTS = Weights()


def rank(found: Sequence[Match], asked: Sequence[Asked], weights: Weights = WEIGHTS) -> List[Match]:
    """Return the matches with their scores, the best first."""
    best = max([match.score for match in found] or [0.0]) or 1.0
    scored = [match._replace(score=_score(match, asked, best, weights)) for match in found]
    return sorted(scored, key=lambda match: -match.score)


def _score(match: Match, asked: Sequence[Asked], best: float, weights: Weights) -> float:
    exact = asked
    asked = [[[beginning(one) for one in word] for word in term] for term in asked]
    heading = all_words(match.heading)
    path = heading + all_words(match.above)
    text = match.text.lower() + " " + match.parts.lower()
    in_heading = [term for term in asked if _holds(heading, term)]
    in_path = [term for term in asked if term in in_heading or _holds(path, term)]
    anywhere = [term for term in asked if term in in_path or _is_in(text, term)]
    score = (
        match.score / best
        + weights.held * len(anywhere) / len(asked)
        + weights.heading * len(in_heading) / len(asked)
        + weights.path * len(in_path) / len(asked)
        + weights.exact * _share(heading, in_heading)
        + weights.often * sum(_often(text, term) for term in exact) / len(asked)
    )
    return score * _KINDS.get(match.kind or "", 1.0)


def _holds(words: Sequence[str], term: Asked) -> bool:
    return all(any(one.startswith(start) for one in words for start in word) for word in term)


def _is_in(text: str, term: Asked) -> bool:
    return all(any(start in text for start in word) for word in term)


def _often(text: str, term: Asked) -> float:
    """Return how often a text holds a term, from 0 to 1: ten times and more are one."""
    return min(max(min(text.count(start) for start in word) for word in term), 10) / 10


def _share(words: Sequence[str], terms: Sequence[Asked]) -> float:
    """Return the share of some words that terms speak of."""
    starts = tuple(start for term in terms for word in term for start in word)
    return sum(word.startswith(starts) for word in words) / len(words) if words and starts else 0.0
