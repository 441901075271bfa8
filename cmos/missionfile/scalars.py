"""Texts as YAML scalars, and the text of a new mission file."""

from __future__ import annotations

import json
import re
from typing import Optional, Sequence

from cmos.core.models import Words
from cmos.core.status import QUEUED
from cmos.core.text import DIRECTION, escape

# Patterns are compiled where they are used first: every command that changes something imports this.

# a letter first: no number, date, null, ~, or indicator begins with one
_SURELY_PLAIN = r"[A-Za-z](?:[A-Za-z0-9_./()+&,' -]*[A-Za-z0-9_./()+&,'-])?"
#: Words that some YAML reader takes for something other than text.
_NO_TEXTS = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity"))
#: What YAML does not allow unescaped or takes for a line break, or what reorders the text around it on a terminal.
_UNSAFE = "[\x7f-\xa0\ufeff\ufffe\uffff\ud800-\udfff%s]" % DIRECTION


def scalar(text: str) -> str:
    """Return a text as a YAML scalar: plain when no reader can misread it, else in double quotes."""
    if re.fullmatch(_SURELY_PLAIN, text, re.ASCII) and text.casefold() not in _NO_TEXTS:
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """Return a text in double quotes that are valid JSON and valid YAML."""
    # ensure_ascii would spell other planes as two halves, which YAML reads as two characters
    return harmless(json.dumps(text, ensure_ascii=False))


def harmless(text: str) -> str:
    """Return JSON with escapes for characters that a terminal or a reader of YAML would not take as text."""
    return re.sub(_UNSAFE, escape, text)


# what other readers of YAML take for something other than text
_KINDS = (
    ("null", r"~|null|Null|NULL|"),
    ("bool", r"(?i:true|false|yes|no|on|off|y|n)"),
    ("number", r"[-+]?(?:\.?[0-9][0-9_,.:]*(?:[eE][-+]?[0-9]+)?|0[xo][0-9a-fA-F_]+|\.(?i:inf|nan))"),
    ("time", r"\d{4}-\d\d?-\d\d?(?:[Tt \t].*)?"),
    ("special", r"=|<<"),
)
_PLAIN = r"(?!---|\.\.\.)[^\s\-?:,\[\]{}#&*!|>'\"%@`](?:[^\s:#]|:(?=\S)|(?<=\S)#| +(?=[^\s#]))*"
_NOT_IN_FLOW = r"[,\[\]{}:?#]"
# breaks of YAML 1.1 and the byte order mark: only an escape is read alike by all parsers
_ODD = {"\x85": "\\N", "\u2028": "\\L", "\u2029": "\\P", "\ufeff": "\\uFEFF"}
_ESCAPES = dict(_ODD, **{"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})
_ESCAPED = "[%s]" % re.escape("".join(_ESCAPES))
_UNWRITABLE = "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"


class Unwritable(ValueError):
    """A value that a YAML file cannot hold."""


def spell(value: str, old: str, old_value: Optional[str], *, in_flow: bool) -> str:
    """Return a value as YAML, in the quotes that the old spelling has if they can hold it.

    A plain value stays plain only if every reader takes it for the kind of value that the
    old one was: no number in place of a word. Line breaks and tabs become escapes in double
    quotes; other control characters are Unwritable.
    """
    if re.search(_UNWRITABLE, value):
        raise Unwritable("the value holds a control character")
    simple = not any(char in value for char in ("\n", "\t", *_ODD))
    if simple and old.startswith("'"):
        return "'%s'" % value.replace("'", "''")
    if simple and not old.startswith('"') and _plain(value, old_value, in_flow):
        return value
    return '"%s"' % re.sub(_ESCAPED, lambda match: _ESCAPES[match.group()], value)


def _plain(value: str, old_value: Optional[str], in_flow: bool) -> bool:
    if not re.fullmatch(_PLAIN, value) or (in_flow and re.search(_NOT_IN_FLOW, value)):
        return False
    kind = _kind(value)
    return kind == "text" or (kind in ("bool", "number", "time") and old_value is not None and kind == _kind(old_value))


def _kind(value: str) -> str:
    """Return what a plain scalar would be read as."""
    return next((name for name, pattern in _KINDS if re.fullmatch(pattern, value)), "text")


#: What stands in the lines of a block as it is; the first one begins with no white space.
_BLOCK = (
    r"(?!\s)[^\x00-\x09\x0b-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]"
    r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]*"
)


def block(text: str, indent: str, line_break: str) -> Optional[str]:
    """Return several lines as a literal block; None for one line, and for what only quotes can hold."""
    lines = text.split("\n")
    is_ended = len(lines) > 1 and not lines[-1]
    if is_ended:
        lines.pop()
    if len(lines) < 2 or not re.fullmatch(_BLOCK, text) or lines[-1] != lines[-1].strip() or not lines[-1]:
        return None
    return line_break.join(["|" if is_ended else "|-", *((indent + line if line else "") for line in lines)])


_SLUG_LENGTH = 50

_TEXT = """\
missionId: %(id)s
name: %(name)s
%(sprint)sstatus: %(status)s
%(depends_on)s
# What is true when this mission is done, in a sentence.
objective: %(objective)s

# Why it is needed, and what one must know to begin.
context: %(context)s

# How to tell that it is done: things that can be checked, one per line, such as
#   - "the readings survive a power cut"
successCriteria:%(criteria)s

# What it leaves behind: files, documents, decisions.
deliverables:%(deliverables)s
"""


def mission_text(
    id: str, name: str, sprint: Optional[str], words: Words = Words(), *, status: str = QUEUED  # noqa: B008
) -> str:
    """Return the text of a mission file; what is to be filled in is empty, and so counts as missing."""
    return _TEXT % {
        "id": quoted(id),
        "name": quoted(name),
        "sprint": "sprint: %s\n" % quoted(sprint) if sprint else "",
        "status": quoted(status),
        "depends_on": "dependsOn:%s\n" % _items(words.depends_on) if words.depends_on else "",
        "objective": quoted(words.objective),
        "context": quoted(words.context),
        "criteria": _items(words.criteria),
        "deliverables": _items(words.deliverables),
    }


def _items(texts: Sequence[str]) -> str:
    return "".join("\n  - %s" % quoted(text) for text in texts) or " []"


def fields_text(id: str, *, name: Optional[str], sprint: Optional[str], notes: Optional[str]) -> str:
    """Return the fields of a mission that has no file as a small text to edit."""
    lines = ["# %s has no mission file. Its fields:" % id, "missionId: %s" % quoted(id)]
    pairs = (("name", name), ("sprint", sprint), ("notes", notes))
    lines += ["%s: %s" % (key, quoted(value or "")) for key, value in pairs]
    return "\n".join(lines) + "\n"


def file_name(id: str, name: str) -> str:
    """Return ``<id>_<slug>.yaml``."""
    return "%s_%s.yaml" % (id, slug(name))


def slug(text: str) -> str:
    """Return a text as lower-case words of plain letters and digits, joined by hyphens."""
    if not text.isascii():
        from unicodedata import normalize

        text = normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", text.lower().replace("'", ""))
    return "-".join(words)[:_SLUG_LENGTH].strip("-") or "mission"
