-- sync: base, seen, pending, intents, issues, texts
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
