"""The order of what a search found: how much of the query a place holds, and where."""

from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

from cmos.core.hit import Match
from cmos.core.words import all_words, beginning, folded

#: How much each sign adds to what the index says, relative to the best that it says:
#: the share of what is asked for that the place holds at all,
HELD = 2.0
#: that its own heading holds, and that its heading and those above hold,
HEADING, PATH = 0.5, 0.5
#: the share of its heading that was asked for: a heading of just these words is the one that is meant,
EXACT = 0.5
#: and how often it holds it, spelled as it was asked for: the index alone prefers the shortest place.
OFTEN = 1.5
#: A template says what might be written, not what was.
_KINDS: Dict[str, float] = {"template": 0.85}

#: One thing that was asked for: its words; of each, the spellings that will do.
Asked = Sequence[Tuple[str, ...]]


def rank(found: Sequence[Match], asked: Sequence[Asked]) -> List[Match]:
    """Return the matches with their scores, the best first."""
    best = max([match.score for match in found] or [0.0]) or 1.0
    starts = [[tuple(map(beginning, word)) for word in term] for term in asked]
    scored = [match._replace(score=_score(match, asked, starts, best)) for match in found]
    return sorted(scored, key=lambda match: -match.score)


def _score(match: Match, asked: Sequence[Asked], starts: Sequence[Asked], best: float) -> float:
    words = all_words(match.heading)
    heading, path = " " + " ".join(words), " " + " ".join(all_words(match.above))
    text = folded(match.text + " " + match.parts)
    in_heading = [term for term in starts if _begins(heading, term)]
    in_path = [term for term in starts if term in in_heading or _begins(path + heading, term)]
    anywhere = sum(term in in_path or _is_in(text, term) for term in starts)
    shares = HELD * anywhere + HEADING * len(in_heading) + PATH * len(in_path)
    shares += OFTEN * sum(_often(text, term) for term in asked)
    score = match.score / best + shares / len(asked) + EXACT * _share(words, in_heading)
    return score * _KINDS.get(match.kind or "", 1.0)


def _begins(spaced: str, term: Asked) -> bool:
    """Say whether words of a text, each after a space, begin as those of a term do."""
    return all(any(" " + start in spaced for start in word) for word in term)


def _is_in(text: str, term: Asked) -> bool:
    return all(any(start in text for start in word) for word in term)


def _often(text: str, term: Asked) -> float:
    """Return how often a text holds a term, from 0 to 1: ten times and more are one."""
    return min(min(max(text.count(one) for one in word) for word in term), 10) / 10


def _share(words: Sequence[str], terms: Sequence[Asked]) -> float:
    """Return the share of some words that terms speak of."""
    starts = tuple(start for term in terms for word in term for start in word)
    return sum(word.startswith(starts) for word in words) / len(words) if starts else 0.0
