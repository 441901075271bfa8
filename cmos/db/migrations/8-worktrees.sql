-- one row for a worktree; a write that has begun stands with its file
CREATE TABLE worktrees (
  worktree TEXT PRIMARY KEY,
  head TEXT,
  folders TEXT,
  history_head TEXT,
  search_signature BLOB,
  search_checked_ns INTEGER
) WITHOUT ROWID;
INSERT INTO worktrees (worktree, head, folders, history_head, search_signature, search_checked_ns)
  SELECT name,
    (SELECT CAST(signature AS TEXT) FROM scans WHERE worktree = name AND folder = 'HEAD'),
    (SELECT group_concat(hex(signature) || ':' || checked_ns || ':' || folder, '//')
      FROM scans WHERE worktree = name AND folder <> 'HEAD'),
    (SELECT head FROM heads WHERE worktree = name),
    (SELECT signature FROM kb_looks WHERE worktree = name),
    (SELECT checked_ns FROM kb_looks WHERE worktree = name)
  FROM (SELECT worktree AS name FROM scans UNION SELECT worktree FROM heads UNION SELECT worktree FROM kb_looks);
CREATE TABLE files (
  worktree TEXT NOT NULL,
  folder TEXT NOT NULL,
  path TEXT NOT NULL,
  hash TEXT NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  checked_ns INTEGER NOT NULL,
  temporary TEXT,
  new_hash TEXT,
  PRIMARY KEY (worktree, path)
) WITHOUT ROWID;
INSERT INTO files
  SELECT b.worktree, folder, b.path, hash, size, mtime_ns, ctime_ns, inode, checked_ns, temporary, new_hash
  FROM base b LEFT JOIN intents i ON i.worktree = b.worktree AND i.path = b.path;
CREATE INDEX files_by_folder ON files (worktree, folder);
CREATE INDEX files_being_written ON files (worktree) WHERE temporary IS NOT NULL;
CREATE TABLE records (
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
INSERT INTO records SELECT * FROM base_records;
CREATE INDEX records_by_mission ON records (mission_id);
CREATE INDEX records_by_file_id ON records (file_id);
INSERT OR IGNORE INTO looks (ref, sha) SELECT 'floor ' || sha, sha FROM floors;
DROP TABLE base;
DROP TABLE base_records;
DROP TABLE scans;
DROP TABLE heads;
DROP TABLE intents;
DROP TABLE floors;
DROP TABLE kb_looks;
DROP TABLE kb_words;
