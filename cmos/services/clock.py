"""The one place that asks what time it is."""

from __future__ import annotations

import time


def now() -> str:
    """Return the present time in UTC, to the second, as ISO 8601 with a Z."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def now_ns() -> int:
    """Return the present time in nanoseconds since 1970, on the clock that files are stamped with."""
    return time.time_ns()
