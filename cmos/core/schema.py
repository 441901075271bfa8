"""The newest schema of the database: its number, and what each table is for. ``migrations`` makes the tables."""

from __future__ import annotations

from typing import Dict

NEWEST = 9

#: Each table of the newest schema, and what it is for. ``repository`` is no part of a migration.
TABLES: Dict[str, str] = {
    "missions": "the missions: status, claim, and the fields that their files share",
    "sprints": "the sprints, in their order",
    "dependencies": "which mission blocks which, by the file that says so",
    "sessions": "the log: who did what to which mission, and each commit",
    "decisions": "what was decided, and why",
    "facts": "what was learned",
    "project_state": "values of the project: the current mission and sprint, settings",
    "worktrees": "each checkout: where it stood, and how far it was looked at, logged and indexed",
    "files": "each mission file as it was at the last sync; a write that has begun",
    "records": "what each file said of each mission at the last sync",
    "looks": "commits whose files were taken in, by branch; commits before which nothing is logged",
    "pending": "values that are to be written into files",
    "issues": "what a person should know: drift, conflicts, broken files; values that lost",
    "texts": "texts of files that lost, and the newest that a command replaced",
    "commits": "the commits that are logged, and the session of each",
    "commit_missions": "the missions that a commit is of",
    "kb_sources": "the documents and records that are indexed",
    "kb_chunks": "their sections",
    "kb_chunks_fts": "the full-text index of the sections",
    "repository": "the token that says which repository the database belongs to",
}
