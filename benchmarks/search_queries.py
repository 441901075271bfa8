"""The rules that make queries from a project's own documents: nothing is picked by hand.

Headings and identifiers are looked for in the files with rules of this module's own, which share
nothing with those that split the documents for the index.
"""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Callable, Dict, Iterator, List, NamedTuple, Set, Tuple

FOLDERS = ("cmos/docs", "cmos/missions", "cmos/research")
WORD = re.compile(r"\w+(?:[.'\u2019/-]\w+)*")
#: Letters of a word from which on it gets a typing error.
LONG = 7
IDENTIFIERS = {
    "snake_case": re.compile(r"\b[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+\b"),
    "camelCase": re.compile(r"\b(?:[a-z]+|[A-Z][a-z0-9]+)(?:[A-Z][a-z0-9]+)+\b"),
    "kebab-case": re.compile(r"\b[a-z]+(?:-[a-z0-9]+)+\b"),
    "dotted.path": re.compile(r"\b[A-Za-z]\w*(?:\.\w+)+\b"),
}
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Za-z]+\d+|\d+")

#: A file and a line in it, from 1.
Place = Tuple[str, int]


class Query(NamedTuple):
    text: str
    #: Any of these places is what was meant.
    places: Set[Place]


class Heading(NamedTuple):
    words: Tuple[str, ...]
    place: Place


def files(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".md", ".txt", ".yaml", ".yml") and path.is_file():
                yield path


# ---- headings ------------------------------------------------------------------------------------------------


def headings(root: Path) -> Dict[str, List[Heading]]:
    """Return the headings of Markdown, the titles of missions, and fields with the title of their mission."""
    found: Dict[str, List[Heading]] = {"headings of Markdown": [], "titles of missions": [], "fields of missions": []}
    for path in files(root):
        name, text = path.relative_to(root).as_posix(), path.read_text("utf-8")
        if path.suffix in (".yaml", ".yml"):
            for kind, words, line in mission_headings(text):
                found[kind].append(Heading(words, (name, line)))
        for words, line in markdown_headings(text, only_below=path.suffix in (".yaml", ".yml")):
            found["headings of Markdown"].append(Heading(words, (name, line)))
    return found


def markdown_headings(text: str, *, only_below: bool) -> Iterator[Tuple[Tuple[str, ...], int]]:
    """Yield headings with number signs; in YAML, where one sign begins a comment, those with two or more."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        sign = re.match(r"(#{2,6}) (.*\w.*)" if only_below else r"(#{1,6}) (.*\w.*)", line)
        if sign and not fenced:
            yield tuple(WORD.findall(sign.group(2))), number


def mission_headings(text: str) -> Iterator[Tuple[str, Tuple[str, ...], int]]:
    """Yield kind, words and line of each document's title and of its fields that hold more than a short value."""
    from cmos.missionfile.parts import read_trees
    from cmos.missionfile.tree import Mapping, Sequence

    for document in read_trees(text).documents:
        root = document.root
        if not isinstance(root, Mapping):
            continue
        named = root.mapping("metadata") or root
        title = next(((named, key) for key in ("name", "title") if named.text(key)), None)
        if title is None or title[0].text("schema"):
            continue  # a pack header
        words = tuple(WORD.findall(title[0].text(title[1])))
        yield "titles of missions", words, text.count("\n", 0, title[0].key_start(title[1])) + 1
        for body in filter(None, (root, root.mapping("spec"))):
            for key in body.names():
                node = body.node(key)
                if isinstance(node, (Mapping, Sequence)) and key not in ("metadata", "spec"):
                    own = tuple(part.lower() for part in PART.findall(key))
                    yield "fields of missions", words + own, text.count("\n", 0, body.key_start(key)) + 1


def same(some: List[Heading]) -> Dict[Tuple[str, ...], Set[Place]]:
    """Return the places of each heading, spelled in lower case: where many have the same words, any will do."""
    places: Dict[Tuple[str, ...], Set[Place]] = {}
    for heading in some:
        places.setdefault(tuple(word.lower() for word in heading.words), set()).add(heading.place)
    return places


def one_left_out(some: List[Heading]) -> Iterator[Query]:
    """Yield a query for each word of each heading of two words or more: all the others."""
    for words, places in same(some).items():
        for number in range(len(words) if len(words) > 1 else 0):
            yield Query(" ".join(words[:number] + words[number + 1 :]), places)


def one_misspelt(some: List[Heading]) -> Iterator[Query]:
    """Yield four queries for each word of LONG letters in a heading: with one typing error of each sort."""
    for words, places in same(some).items():
        for number, word in enumerate(words):
            for wrong in typing_errors(word) if len(word) >= LONG and word.isalpha() else ():
                yield Query(" ".join((*words[:number], wrong, *words[number + 1 :])), places)


def typing_errors(word: str) -> Iterator[str]:
    """Yield a word with two letters swapped, one left out, one doubled and one replaced, somewhere in it."""
    chance = random.Random(word)
    place = chance.choice([n for n in range(len(word) - 1) if word[n] != word[n + 1]])
    yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    place = chance.randrange(len(word))
    yield word[:place] + word[place + 1 :]
    place = chance.randrange(len(word))
    yield word[:place] + word[place] + word[place:]
    place = chance.randrange(len(word))
    other = chance.choice([letter for letter in "etaoinshr" if letter != word[place]])
    yield word[:place] + other + word[place + 1 :]


# ---- identifiers ---------------------------------------------------------------------------------------------


class Identifier(NamedTuple):
    kind: str
    #: Of three letters or more, in lower case.
    parts: Set[str]
    places: Set[Place]


def identifiers(root: Path) -> List[Identifier]:
    """Return all identifiers that have parts, each with the places where it stands."""
    found: Dict[Tuple[str, str], Set[Place]] = {}
    for path in files(root):
        name = path.relative_to(root).as_posix()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for kind, pattern in IDENTIFIERS.items():
                for identifier in pattern.findall(line):
                    found.setdefault((kind, identifier), set()).add((name, number))
    parts = {word: {part.lower() for part in PART.findall(word) if len(part) > 2} for _, word in found}
    return [Identifier(kind, parts[word], places) for (kind, word), places in found.items() if parts[word]]


def by_one_part(some: List[Identifier], rows: Callable[[str], int]) -> Iterator[Tuple[str, Query, Query]]:
    """Yield for each identifier how it is written and two queries of its most telling part.

    That is the part that is in the fewest rows, as ``rows`` counts them. To the first query any place of an
    identifier with that part is right: a part says no more than this, two identifiers that share it are one to it,
    as two headings of the same words are. To the second one only the places of just this identifier are.
    """
    places: Dict[str, Set[Place]] = {}
    for one in some:
        for part in one.parts:
            places.setdefault(part, set()).update(one.places)
    for one in some:
        part = min(one.parts, key=lambda part: (rows(part), -len(part), part))
        yield one.kind, Query(part, places[part]), Query(part, one.places)
