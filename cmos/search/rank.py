"""The order of what a search found, and the line or two that show it."""

from __future__ import annotations

import re
from typing import Dict, List, Optional, Sequence, Tuple

from cmos.core.record import NamedTuple
from cmos.search.query import all_words, beginning, folded

#: How much each sign adds to what the index says, relative to the best that it says:
#: the share of what is asked for that the place holds at all,
HELD = 2.0
#: that its own heading holds, and that its heading and those above hold,
HEADING, PATH = 0.5, 0.5
#: the share of its heading that was asked for: a heading of just these words is the one that is meant,
EXACT = 0.5
#: and how often it holds it, spelled as it was asked for: the index alone prefers the shortest place.
OFTEN = 1.5
#: Places of one file that come before all other files.
SHARE = 5
#: A template says what might be written, not what was.
_KINDS: Dict[str, float] = {"template": 0.85}

#: One thing that was asked for: its words; of each, the spellings that will do.
Asked = Sequence[Tuple[str, ...]]


def rank(found: Sequence[Match], asked: Sequence[Asked]) -> List[Match]:
    """Return the matches with their scores, the best first."""
    best = max([match.score for match in found] or [0.0]) or 1.0
    starts = [[tuple(map(beginning, word)) for word in term] for term in asked]
    scored = [match._replace(score=_score(match, asked, starts, best)) for match in found]
    return _spread(sorted(scored, key=lambda match: -match.score))


def _spread(ranked: Sequence[Match]) -> List[Match]:
    """Put what exceeds a file's share behind the rest: one mission's fields must not hide all other files."""
    first: List[Match] = []
    rest: List[Match] = []
    counts: Dict[str, int] = {}
    for match in ranked:
        counts[match.file] = counts.get(match.file, 0) + (match.record_id is None)
        (first if counts[match.file] <= SHARE else rest).append(match)
    return first + rest


def _score(match: Match, asked: Sequence[Asked], starts: Sequence[Asked], best: float) -> float:
    words = all_words(match.heading)
    heading, path = " " + " ".join(words), " " + " ".join(all_words(match.above))
    text = folded(match.text + " " + match.parts)
    in_heading = [term for term in starts if _holds(heading, term, " ")]
    in_path = [term for term in starts if term in in_heading or _holds(path + heading, term, " ")]
    anywhere = sum(term in in_path or _holds(text, term) for term in starts)
    shares = HELD * anywhere + HEADING * len(in_heading) + PATH * len(in_path)
    shares += OFTEN * sum(_often(text, term) for term in asked)
    score = match.score / best + shares / len(asked) + EXACT * _share(words, in_heading)
    return score * _KINDS.get(match.kind or "", 1.0)


def _holds(text: str, term: Asked, before: str = "") -> bool:
    """Say whether a text holds each word of a term in some spelling; ``before`` is a space where words begin so."""
    # plain loops: this runs for each word of each place
    for word in term:
        for start in word:
            if before + start in text:
                break
        else:
            return False
    return True


def _often(text: str, term: Asked) -> float:
    """Return how often a text holds a term, from 0 to 1: ten times and more are one."""
    if len(term) == 1 and len(term[0]) == 1:
        return min(text.count(term[0][0]), 10) / 10
    return min(min(max(text.count(one) for one in word) for word in term), 10) / 10


def _share(words: Sequence[str], terms: Sequence[Asked]) -> float:
    """Return the share of some words that terms speak of."""
    starts = tuple(start for term in terms for word in term for start in word)
    return sum(word.startswith(starts) for word in words) / len(words) if starts else 0.0


def mark(text: str, words: Sequence[str]) -> str:
    """Return a text with some words marked wherever they occur, also inside of longer ones."""
    if not words:
        return text

    pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.sub("(?i)(%s)" % pattern, BEGIN + r"\1" + END, text)


def found_words(marked: str) -> List[str]:
    """Return the words that are marked, in lower case."""
    return [piece.partition(END)[0].lower() for piece in marked.split(BEGIN)[1:]]


def snippet(marked: str, *, size: int) -> Tuple[str, int]:
    """Return about ``size`` characters around the densest place of a marked text, and in which of its lines it begins.

    Of a text without marks it is the beginning. Lines without a word, such as rulers, are left out.
    """
    lines = [line if any(map(str.isalnum, line)) else "" for line in marked.split("\n")]
    best = max(range(len(lines)), key=lambda number: (_worth(lines, number, size), -number))
    if BEGIN not in lines[best]:
        best = next((number for number, line in enumerate(lines) if line.strip()), 0)
    line = best
    text = _flat(lines[best])
    # short lines are joined with what follows: an item of a list alone says little
    while best + 1 < len(lines) and _length(text) < size // 2:
        best += 1
        text = (text + " " + _flat(lines[best])).strip()
    return _cut(text, size), line


def _worth(lines: Sequence[str], number: int, size: int) -> float:
    """Return how many different words a line and what would be shown with it hold."""
    if BEGIN not in lines[number]:
        return 0
    here = set(found_words(lines[number]))
    after = set()
    length, following = len(lines[number]), number + 1
    while following < len(lines) and length < size // 2 and lines[following].strip():
        after.update(found_words(lines[following]))
        length += len(lines[following])
        following += 1
    return len(here) + 0.5 * len(after - here)


def _flat(line: str) -> str:
    return " ".join(line.split())


def _length(text: str) -> int:
    return len(text) - text.count(BEGIN) - text.count(END)


def _cut(text: str, size: int) -> str:
    """Cut a line to a window that begins a little before its first mark; no mark is cut open."""
    if _length(text) <= size:
        return text
    first = max(text.find(BEGIN), 0)
    start = 0 if first < size // 2 else max(text.rfind(" ", 0, first - size // 4), 0)
    end, shown = start, 0
    inside = False
    while end < len(text) and (shown < size or inside):
        if text[end] in (BEGIN, END):
            inside = text[end] == BEGIN
        else:
            shown += 1
        end += 1
    middle = text[start:end]
    if end < len(text) and " " in middle and END not in middle.rpartition(" ")[2]:
        middle = middle.rpartition(" ")[0]
    return ("\u2026" if start else "") + middle.strip() + ("\u2026" if end < len(text) else "")


#: What can be searched; ``kb search --kind`` takes these words.
KINDS = ("doc", "mission", "research", "template", "decision", "fact", "session")
#: Between the parts of a section's path.
ARROW = " \u203a "
#: Stand around each word that was found, in a snippet.
BEGIN, END = "\x02", "\x03"


class Hit(NamedTuple):
    """One place that holds what was asked for."""

    #: One of KINDS.
    kind: str
    #: Of a document, relative to the project; of a record its kind and number, such as ``decision 12``.
    path: str
    #: Of the first word that was found, from 1; None for a record.
    line: Optional[int]
    #: The headings or fields that lead to the place, outermost first.
    section: str
    #: The document's own name: its first heading, or its mission's id and name.
    title: str
    #: A line or two of text, each found word between BEGIN and END.
    snippet: str
    #: Larger is better; comparable within one search only.
    score: float
    #: The number of the decision, fact or session.
    id: Optional[int] = None
    #: The mission that a record is about.
    mission_id: Optional[str] = None


class Match(NamedTuple):
    """A row of the index that an expression finds."""

    id: int
    #: As the index gives it; larger is better.
    score: float
    kind: Optional[str]
    file: str
    line: Optional[int]
    record_id: Optional[int]
    mission_id: Optional[str]
    above: str
    heading: str
    parts: str
    text: str
