"""The records of the project, all frozen dataclasses, in one place to import them from.

Each lives in a module of its own: making a dataclass takes half a millisecond, and `mission
next` needs one of the seven. Times are text in UTC, ISO 8601 with seconds
(``2026-01-31T09:30:00Z``); times that came from a file are kept as the file wrote them.
"""

from cmos.core.issue import Issue as Issue
from cmos.core.memory import Decision as Decision
from cmos.core.memory import Fact as Fact
from cmos.core.mission import Mission as Mission
from cmos.core.plan import Dependency as Dependency
from cmos.core.plan import Sprint as Sprint
from cmos.core.session import Session as Session
