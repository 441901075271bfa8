-- history: commits, their missions, how far each worktree was looked at
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
