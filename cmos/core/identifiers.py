"""Identifiers and the vocabulary: what a text is indexed by beside its words."""

from __future__ import annotations

import re
from typing import Set

from cmos.core.typos import LONGEST, SHORTEST
from cmos.core.words import apart, words

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
