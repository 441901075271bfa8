"""Times as files write them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Optional

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII
)
_DATE = re.compile(r"(?<![\d-])\d{4}-\d\d-\d\d(?![\d-])", re.ASCII)


def is_time(text: str) -> bool:
    """Say whether a text is a date, or a date and time, of ISO 8601 that exists in the calendar."""
    match = _TIME.fullmatch(text)
    if match is None:
        return False
    try:
        datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type]
    except ValueError:
        return False
    return True


def first_date(text: str) -> Optional[str]:
    """Return the first date that a text names; None if there is none."""
    for match in _DATE.finditer(text):
        if is_time(match.group()):
            return match.group()
    return None
