"""Times as a person gives them, and how long ago they are."""

from __future__ import annotations

from typing import Optional

from cmos.core.errors import InvalidValue
from cmos.files.times import days_between, is_time


def since(text: str) -> str:
    """Return a time as records spell it; a year or a month is the beginning of one. Raises InvalidValue."""
    if not any(is_time(text + rest) for rest in ("", "-01", "-01-01")):
        raise InvalidValue("%r is not a time" % text, hint="a time looks like 2026-01-31 or 2026-01-31T09:30:00Z")
    return text.replace(" ", "T")


def how_long(begun: Optional[str], now: str) -> Optional[str]:
    """Return how many days lie between two times, in words; None when a time is none."""
    days = days_between(begun or "", now)
    if days is None or days < 0:
        return None
    return "less than a day" if days < 1 else "1 day" if days < 2 else "%d days" % days
