"""Records as JSON knows them."""

from __future__ import annotations

import re
import sys
from typing import Any, Optional

#: Control characters, and the marks that reorder text, but for line breaks: a terminal shows them as what is not there.
UNSAFE_BUT_LINES = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
#: The same with line breaks and tabs.
UNSAFE = "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
_LARGEST = sys.float_info.max


def plain(value: Any) -> Any:
    """Return a value with dataclasses and named tuples as objects with their fields' names.

    A record that has a say in it returns its object from ``as_plain``.
    """
    if hasattr(value, "as_plain"):
        return plain(value.as_plain())
    names = getattr(value, "_fields", None) or getattr(value, "__dataclass_fields__", None)
    if names is not None:
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    # JSON has no infinity and no "not a number"
    return str(value) if isinstance(value, float) and not -_LARGEST <= value <= _LARGEST else value


def visible(text: str, unsafe: str = UNSAFE) -> str:
    """Return a text with escapes for what could steer a terminal."""
    return re.sub(unsafe, _seen, text)


def dumps(value: object, indent: Optional[int] = None) -> str:
    """Return a value as JSON that is safe to print."""
    # json leaves DEL, C1 controls and marks of direction as they are; all of them can only stand in strings
    import json

    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text if text.isascii() and "\x7f" not in text else re.sub(UNSAFE_BUT_LINES, _escaped, text)


def _seen(found: re.Match[str]) -> str:
    code = ord(found.group())
    return ("\\x%02x" if code < 256 else "\\u%04x") % code


def _escaped(found: re.Match[str]) -> str:
    return "\\u%04x" % ord(found.group())
