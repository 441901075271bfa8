"""The database schema as numbered migrations. A released one is never edited."""

from __future__ import annotations

from typing import NamedTuple, Tuple


class Migration(NamedTuple):
    number: int
    name: str
    sql: str


_ORIGINAL = """
CREATE TABLE IF NOT EXISTS missions (
  id TEXT PRIMARY KEY,
  sprint_id TEXT,
  name TEXT,
  status TEXT DEFAULT 'Queued',
  created_at TEXT DEFAULT (datetime('now')),
  completed_at TEXT,
  notes TEXT
);
CREATE TABLE IF NOT EXISTS sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  ts TEXT DEFAULT (datetime('now')),
  mission_id TEXT,
  action TEXT,
  agent TEXT,
  summary TEXT,
  details TEXT
);
CREATE TABLE IF NOT EXISTS project_state (
  key TEXT PRIMARY KEY,
  value TEXT
);
CREATE TABLE IF NOT EXISTS decisions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  ts TEXT DEFAULT (datetime('now')),
  mission_id TEXT,
  title TEXT,
  rationale TEXT
);
CREATE TABLE IF NOT EXISTS facts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  ts TEXT DEFAULT (datetime('now')),
  mission_id TEXT,
  kind TEXT,
  content TEXT
);
CREATE TABLE IF NOT EXISTS kb_sources (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path TEXT UNIQUE,
  last_indexed_ts TEXT
);
CREATE TABLE IF NOT EXISTS kb_chunks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source_id INTEGER REFERENCES kb_sources(id),
  text TEXT
);
CREATE VIRTUAL TABLE IF NOT EXISTS kb_chunks_fts USING fts5(text, content='kb_chunks', content_rowid='id');
"""

_LIFECYCLE = """
ALTER TABLE missions ADD COLUMN objective TEXT;
ALTER TABLE missions ADD COLUMN missing TEXT;
ALTER TABLE missions ADD COLUMN position INTEGER;
ALTER TABLE missions ADD COLUMN sort_key TEXT NOT NULL DEFAULT '';
ALTER TABLE missions ADD COLUMN agent TEXT;
ALTER TABLE missions ADD COLUMN started_at TEXT;
ALTER TABLE missions ADD COLUMN blocked_reason TEXT;
CREATE INDEX missions_by_status ON missions (status, sprint_id, position, sort_key);
CREATE INDEX missions_by_sprint ON missions (sprint_id, status);

CREATE TABLE sprints (
  id TEXT PRIMARY KEY,
  title TEXT,
  focus TEXT,
  status TEXT,
  position REAL
);
CREATE TABLE dependencies (
  source TEXT NOT NULL DEFAULT '',
  place INTEGER NOT NULL,
  from_id TEXT NOT NULL,
  to_id TEXT NOT NULL,
  type TEXT,
  PRIMARY KEY (source, place)
);
CREATE INDEX dependencies_by_from ON dependencies (from_id);
CREATE INDEX dependencies_by_to ON dependencies (to_id);

ALTER TABLE sessions ADD COLUMN origin TEXT NOT NULL DEFAULT 'command';
ALTER TABLE sessions ADD COLUMN key TEXT;
CREATE UNIQUE INDEX sessions_by_key ON sessions (key);
CREATE INDEX sessions_by_mission ON sessions (mission_id);
ALTER TABLE decisions ADD COLUMN key TEXT;
CREATE UNIQUE INDEX decisions_by_key ON decisions (key);
ALTER TABLE facts ADD COLUMN key TEXT;
CREATE UNIQUE INDEX facts_by_key ON facts (key);
"""

_SYNC = """
CREATE TABLE base (
  worktree TEXT NOT NULL,
  folder TEXT NOT NULL,
  path TEXT NOT NULL,
  hash TEXT NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  checked_ns INTEGER NOT NULL,
  PRIMARY KEY (worktree, path)
) WITHOUT ROWID;
CREATE INDEX base_by_folder ON base (worktree, folder);
CREATE TABLE base_records (
  worktree TEXT NOT NULL,
  path TEXT NOT NULL,
  mission_id TEXT NOT NULL,
  file_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT,
  completed_at TEXT,
  name TEXT,
  sprint TEXT,
  notes TEXT,
  link TEXT,
  PRIMARY KEY (worktree, path, mission_id)
) WITHOUT ROWID;
CREATE INDEX base_records_by_mission ON base_records (mission_id);
CREATE INDEX base_records_by_file_id ON base_records (file_id);
CREATE TABLE scans (
  worktree TEXT NOT NULL,
  folder TEXT NOT NULL,
  signature BLOB NOT NULL,
  checked_ns INTEGER NOT NULL,
  PRIMARY KEY (worktree, folder)
) WITHOUT ROWID;
CREATE TABLE seen (
  hash TEXT NOT NULL,
  mission_id TEXT NOT NULL,
  status TEXT,
  PRIMARY KEY (hash, mission_id)
) WITHOUT ROWID;
CREATE TABLE pending (
  worktree TEXT NOT NULL,
  mission_id TEXT NOT NULL,
  field TEXT NOT NULL,
  value TEXT,
  insert_line INTEGER NOT NULL DEFAULT 0,
  refused TEXT NOT NULL DEFAULT '',
  since TEXT NOT NULL,
  PRIMARY KEY (worktree, mission_id, field)
) WITHOUT ROWID;
CREATE TABLE intents (
  worktree TEXT NOT NULL,
  path TEXT NOT NULL,
  old_hash TEXT NOT NULL,
  new_hash TEXT NOT NULL,
  temporary TEXT NOT NULL,
  PRIMARY KEY (worktree, path)
) WITHOUT ROWID;
CREATE TABLE issues (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  worktree TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL,
  path TEXT NOT NULL DEFAULT '',
  line INTEGER,
  mission_id TEXT,
  field TEXT,
  file_value TEXT,
  database_value TEXT,
  why TEXT NOT NULL,
  since TEXT NOT NULL,
  closed_at TEXT
);
CREATE INDEX issues_open ON issues (worktree, kind, path) WHERE closed_at IS NULL;
CREATE INDEX issues_by_mission ON issues (mission_id);
CREATE TABLE texts (
  hash TEXT PRIMARY KEY,
  path TEXT NOT NULL,
  why TEXT NOT NULL,
  ts TEXT NOT NULL,
  size INTEGER NOT NULL,
  content BLOB NOT NULL
);
"""

_HISTORY = """
CREATE TABLE commits (
  sha TEXT PRIMARY KEY,
  session_key TEXT NOT NULL,
  author TEXT NOT NULL,
  authored TEXT NOT NULL,
  subject TEXT NOT NULL,
  ts TEXT NOT NULL,
  patch_id TEXT
) WITHOUT ROWID;
CREATE INDEX commits_by_author ON commits (authored, author);
CREATE INDEX commits_by_session ON commits (session_key);
CREATE TABLE commit_missions (
  mission_id TEXT NOT NULL,
  sha TEXT NOT NULL,
  PRIMARY KEY (mission_id, sha)
) WITHOUT ROWID;
CREATE INDEX commit_missions_by_sha ON commit_missions (sha);
CREATE TABLE heads (
  worktree TEXT PRIMARY KEY,
  head TEXT NOT NULL,
  branch TEXT
) WITHOUT ROWID;
CREATE TABLE floors (
  sha TEXT PRIMARY KEY
) WITHOUT ROWID;
CREATE INDEX sessions_by_action ON sessions (action);
"""

# a column of its own per weight; the triggers keep the index in step with its content, whoever writes it
_SEARCH = """
ALTER TABLE kb_sources ADD COLUMN worktree TEXT NOT NULL DEFAULT '.';
ALTER TABLE kb_sources ADD COLUMN file TEXT;
ALTER TABLE kb_sources ADD COLUMN kind TEXT;
ALTER TABLE kb_sources ADD COLUMN hash TEXT;
ALTER TABLE kb_sources ADD COLUMN size INTEGER;
ALTER TABLE kb_sources ADD COLUMN mtime_ns INTEGER;
ALTER TABLE kb_sources ADD COLUMN ctime_ns INTEGER;
ALTER TABLE kb_sources ADD COLUMN inode INTEGER;
ALTER TABLE kb_sources ADD COLUMN checked_ns INTEGER;
ALTER TABLE kb_sources ADD COLUMN problem TEXT;
CREATE INDEX kb_sources_by_file ON kb_sources (worktree, file);
ALTER TABLE kb_chunks ADD COLUMN heading TEXT NOT NULL DEFAULT '';
ALTER TABLE kb_chunks ADD COLUMN above TEXT NOT NULL DEFAULT '';
ALTER TABLE kb_chunks ADD COLUMN parts TEXT NOT NULL DEFAULT '';
ALTER TABLE kb_chunks ADD COLUMN line INTEGER;
ALTER TABLE kb_chunks ADD COLUMN record_id INTEGER;
ALTER TABLE kb_chunks ADD COLUMN mission_id TEXT;
CREATE INDEX kb_chunks_by_source ON kb_chunks (source_id);
CREATE TABLE kb_words (
  word TEXT PRIMARY KEY,
  chunks INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE kb_looks (
  worktree TEXT PRIMARY KEY,
  signature BLOB NOT NULL,
  checked_ns INTEGER NOT NULL
) WITHOUT ROWID;
DROP TABLE kb_chunks_fts;
CREATE VIRTUAL TABLE kb_chunks_fts USING fts5(text, heading, above, parts, content='kb_chunks', content_rowid='id', tokenize='porter unicode61');
INSERT INTO kb_chunks_fts (kb_chunks_fts) VALUES ('rebuild');
CREATE TRIGGER kb_chunks_added AFTER INSERT ON kb_chunks BEGIN INSERT INTO kb_chunks_fts (rowid, text, heading, above, parts) VALUES (new.id, new.text, new.heading, new.above, new.parts); END;
CREATE TRIGGER kb_chunks_removed AFTER DELETE ON kb_chunks BEGIN INSERT INTO kb_chunks_fts (kb_chunks_fts, rowid, text, heading, above, parts) VALUES ('delete', old.id, old.text, old.heading, old.above, old.parts); END;
CREATE TRIGGER kb_chunks_changed AFTER UPDATE ON kb_chunks BEGIN INSERT INTO kb_chunks_fts (kb_chunks_fts, rowid, text, heading, above, parts) VALUES ('delete', old.id, old.text, old.heading, old.above, old.parts); INSERT INTO kb_chunks_fts (rowid, text, heading, above, parts) VALUES (new.id, new.text, new.heading, new.above, new.parts); END;
"""  # noqa: E501

_STATUS_KNOWN = """
ALTER TABLE missions ADD COLUMN status_known TEXT;
UPDATE missions SET status_known = status;
CREATE INDEX missions_set_by_sql ON missions (id) WHERE status IS NOT status_known;
"""

# where a checkout stood at its last look is the first that is known of the commits looked at
_LOOKS = """
CREATE TABLE looks (
  ref TEXT PRIMARY KEY,
  sha TEXT NOT NULL
) WITHOUT ROWID;
INSERT OR IGNORE INTO looks (ref, sha)
  SELECT coalesce(nullif(substr(told, instr(told, ' ') + 1), ''), 'HEAD ' || worktree),
    substr(told, 1, instr(told, ' ') - 1)
  FROM (SELECT worktree, CAST(signature AS TEXT) AS told FROM scans WHERE folder = 'HEAD') WHERE instr(told, ' ') > 1;
DROP TABLE seen;
ALTER TABLE missions ADD COLUMN worktree TEXT;
CREATE INDEX missions_by_worktree ON missions (worktree) WHERE worktree IS NOT NULL;
"""

MIGRATIONS: Tuple[Migration, ...] = (
    Migration(1, "the tables of the original architecture", _ORIGINAL),
    Migration(2, "sprints, order, dependencies, lifecycle, import keys", _LIFECYCLE),
    Migration(3, "sync: base, seen, pending, intents, issues, texts", _SYNC),
    Migration(4, "history: commits, their missions, how far each worktree was looked at", _HISTORY),
    Migration(5, "search: what is indexed of which file, weights, vocabulary", _SEARCH),
    Migration(6, "a status that was set with SQL shows as one that no command knows of", _STATUS_KNOWN),
    Migration(7, "commits that were looked at, in place of contents; the worktree of a claim", _LOOKS),
)

NEWEST = MIGRATIONS[-1].number
