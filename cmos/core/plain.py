"""Records as JSON knows them."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """Return a value with dataclasses and named tuples as objects with their fields' names."""
    names = getattr(value, "_fields", None) or getattr(value, "__dataclass_fields__", None)
    if names is not None:
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value
