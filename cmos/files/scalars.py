"""Writing single YAML values: always read back as the same text."""

from __future__ import annotations

import json
import re

# a letter first: no number, date, null, ~, or indicator begins with one
_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./()+&,' -]*[A-Za-z0-9_./()+&,'-])?", re.ASCII)
#: Words that some YAML reader takes for something else than text.
_WORDS = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity"))
#: What YAML does not allow unescaped or takes for a line break, or what reorders the text around it on a terminal.
_UNSAFE = re.compile("[\x7f-\xa0\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")


def scalar(text: str) -> str:
    """Return a text as a YAML scalar: plain when no reader can misread it, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _WORDS:
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """Return a text in double quotes that are valid JSON and valid YAML."""
    # ensure_ascii would spell other planes as two halves, which YAML reads as two characters
    return harmless(json.dumps(text, ensure_ascii=False))


def harmless(text: str) -> str:
    """Return JSON with escapes for what a terminal, or a reader of YAML, would take for something else than text."""
    return _UNSAFE.sub(lambda match: "\\u%04x" % ord(match.group()), text)
