"""Records as JSON knows them."""

from __future__ import annotations

import sys
from typing import Any

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
