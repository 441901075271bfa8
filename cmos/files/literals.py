"""How a text is written as a YAML scalar, as near to the old spelling as it allows."""

from __future__ import annotations

import re
from typing import Optional

# what other readers of YAML take for something else than a text
_KINDS = (
    ("null", re.compile(r"~|null|Null|NULL|")),
    ("bool", re.compile(r"(?i:true|false|yes|no|on|off|y|n)")),
    ("number", re.compile(r"[-+]?(?:\.?[0-9][0-9_,.:]*(?:[eE][-+]?[0-9]+)?|0[xo][0-9a-fA-F_]+|\.(?i:inf|nan))")),
    ("time", re.compile(r"\d{4}-\d\d?-\d\d?(?:[Tt \t].*)?")),
    ("special", re.compile(r"=|<<")),
)
_PLAIN = re.compile(r"(?!---|\.\.\.)[^\s\-?:,\[\]{}#&*!|>'\"%@`](?:[^\s:#]|:(?=\S)|(?<=\S)#| +(?=[^\s#]))*")
_NOT_IN_FLOW = re.compile(r"[,\[\]{}:?#]")
# breaks of YAML 1.1 and the byte order mark: only an escape is read alike by all parsers
_ODD = {"\x85": "\\N", "\u2028": "\\L", "\u2029": "\\P", "\ufeff": "\\uFEFF"}
_ESCAPES = dict(_ODD, **{"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})
_ESCAPED = re.compile("[%s]" % re.escape("".join(_ESCAPES)))
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


class Unwritable(ValueError):
    """A value that a YAML file cannot hold."""


def spell(value: str, old: str, old_value: Optional[str], *, in_flow: bool) -> str:
    """Return a value as YAML, in the quotes that the old spelling has if they can hold it.

    A plain value stays plain only if nobody can take it for anything else than the old
    one was: no number in place of a word. Line breaks and tabs become escapes in double
    quotes; other control characters are Unwritable.
    """
    if _UNWRITABLE.search(value):
        raise Unwritable("the value holds a control character")
    simple = not any(char in value for char in "\n\t") and not any(char in value for char in _ODD)
    if simple and old.startswith("'"):
        return "'%s'" % value.replace("'", "''")
    if simple and not old.startswith('"') and _plain(value, old_value, in_flow):
        return value
    return '"%s"' % _ESCAPED.sub(lambda match: _ESCAPES[match.group()], value)


def _plain(value: str, old_value: Optional[str], in_flow: bool) -> bool:
    if not _PLAIN.fullmatch(value) or (in_flow and _NOT_IN_FLOW.search(value)):
        return False
    kind = _kind(value)
    return kind == "text" or (kind in ("bool", "number", "time") and old_value is not None and kind == _kind(old_value))


def _kind(value: str) -> str:
    """Return what a plain scalar would be read as."""
    return next((name for name, pattern in _KINDS if pattern.fullmatch(value)), "text")
