"""The token by which a database is known to belong to its repository."""

from __future__ import annotations

import sqlite3
from typing import Optional

#: Not among the migrations: an older cmosctl works with a database that has it.
TABLE = "CREATE TABLE repository (token TEXT PRIMARY KEY)"


def read(db: sqlite3.Connection) -> Optional[str]:
    """Return the database's token; None when it has none."""
    try:
        row = db.execute("SELECT token FROM repository").fetchone()
    except sqlite3.OperationalError as error:
        if "no such" in str(error):
            return None
        raise
    except UnicodeDecodeError as error:
        # the first look at the schema, which says something that is no text
        raise sqlite3.DatabaseError("malformed database schema") from error
    return str(row[0]) if row else None


def put(db: sqlite3.Connection, token: str) -> None:
    """Give the database a token in place of the one it has."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'repository'").fetchone():
        db.execute(TABLE)
    db.execute("DELETE FROM repository")
    db.execute("INSERT INTO repository (token) VALUES (?)", (token,))
