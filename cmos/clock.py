"""What time it is, and times as files and people write them."""

from __future__ import annotations

import re
import time
from datetime import datetime, timezone
from typing import Optional

from cmos.core.errors import InvalidValue


def now() -> str:
    """Return the present time in UTC, to the second, as ISO 8601 with a Z."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def now_ns() -> int:
    """Return the present time in nanoseconds since 1970, on the clock that files are stamped with."""
    return time.time_ns()


_TIME = r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?"
#: The end of the year 9999.
_LAST = 253_402_300_799
_DATE = r"(?<![\d-])\d{4}-\d\d-\d\d(?![\d-])"


def of_seconds(seconds: int) -> str:
    """Return a time in seconds since 1970 as records spell it, in UTC."""
    return datetime.fromtimestamp(max(0, min(seconds, _LAST)), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_time(text: str) -> bool:
    """Say whether a text is a date, or a date and time, of ISO 8601 that exists in the calendar."""
    if re.fullmatch(_TIME, text, re.ASCII) is None:
        return False
    try:
        _moment(text)
    except ValueError:
        return False
    return True


def days_between(begun: str, ended: str) -> Optional[float]:
    """Return the days between two times, their zones passed over; None when one of them is no time."""
    if not (is_time(begun) and is_time(ended)):
        return None
    return (_moment(ended) - _moment(begun)).total_seconds() / 86400


def first_date(text: str) -> Optional[str]:
    """Return the first date that a text names; None if there is none."""
    for match in re.finditer(_DATE, text, re.ASCII):
        if is_time(match.group()):
            return match.group()
    return None


def _moment(text: str) -> datetime:
    match = re.fullmatch(_TIME, text, re.ASCII)
    assert match is not None
    return datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type]


def since(text: str) -> str:
    """Return a time as records spell it; a year or a month is the beginning of one. Raises InvalidValue."""
    if not any(is_time(text + rest) for rest in ("", "-01", "-01-01")):
        raise InvalidValue("%r is not a time" % text, hint="a time looks like 2026-01-31 or 2026-01-31T09:30:00Z")
    return text.replace(" ", "T")


def age(begun: Optional[str], now: str) -> Optional[str]:
    """Return how long ago a time was, in its largest unit (``2 h``); None for a time that is none, or later."""
    days = days_between(begun or "", now)
    if days is None or days < 0:
        return None
    minutes = int(days * 24 * 60)
    if minutes < 60:
        return "%d min" % minutes if minutes else "less than a minute"
    return "%d h" % (minutes // 60) if days < 2 else "%d days" % days


def how_long(begun: Optional[str], now: str) -> Optional[str]:
    """Return how many days lie between two times, in words; None when a time is none."""
    days = days_between(begun or "", now)
    if days is None or days < 0:
        return None
    return "less than a day" if days < 1 else "1 day" if days < 2 else "%d days" % days
