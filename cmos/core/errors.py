"""The errors a user can meet, each with its exit code and a stable name.

The class owns exit code and code; the raise site gives the facts. The entry point of the
command line catches them, and nothing else does.
"""

from __future__ import annotations


class CmosError(Exception):
    """Something a user can cause. ``hint`` is the one command or step that helps."""

    code = "error"
    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidValue(CmosError):
    """An option or argument has a value that means nothing here."""

    code = "usage"
    exit_code = 2


class NotAProject(CmosError):
    """No cmos project at or above the folder."""

    code = "not_a_project"
    exit_code = 3


class UnknownRecord(CmosError):
    """A mission, session or other record that does not exist."""

    code = "not_found"
    exit_code = 4


class NeedsPerson(CmosError):
    """Two truths that no rule may choose between."""

    code = "conflict"
    exit_code = 5


class FileProblem(CmosError):
    """A file that cannot be read or written."""

    code = "file"
    exit_code = 6


class GitProblem(CmosError):
    """Git is missing or refused."""

    code = "git"
    exit_code = 7


class DatabaseProblem(CmosError):
    """The database is busy, damaged, read-only or newer than this cmosctl."""

    code = "database"
    exit_code = 8


class DatabaseFull(DatabaseProblem):
    """The disk is full. Readers go on; for them it is a DatabaseProblem like any other."""

    code = FileProblem.code
    exit_code = FileProblem.exit_code
