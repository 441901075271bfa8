"""A value that SQL of somebody's own has put where it does not belong."""

from __future__ import annotations

from typing import NamedTuple, Optional

#: What may be wrong with a value.
MISSING, BLOB, NOT_UTF8, NO_NUMBER = "missing", "a BLOB", "not UTF-8", "no number"


class OddValue(NamedTuple):
    """One kind of odd value in one column."""

    table: str
    column: str
    what: str
    #: How many rows have it.
    rows: int
    #: A condition, as SQL, that the first of them meets.
    where: str
    #: The rows' key; every command passes them over.
    in_key: bool
    #: What the first of them is called.
    name: Optional[str] = None

    @property
    def mend(self) -> str:
        """A statement that mends it or, where nobody can know what it was to say, shows it."""
        if self.what == MISSING:
            return "UPDATE %s SET %s = 'B9.9' WHERE %s" % (self.table, self.column, self.where)
        if self.what == BLOB:
            column = self.column
            sql = "UPDATE %s SET %s = CAST(%s AS TEXT) WHERE typeof(%s) = 'blob'"
            return sql % (self.table, column, column, column)
        return "SELECT %s FROM %s WHERE %s" % (self.column, self.table, self.where)
