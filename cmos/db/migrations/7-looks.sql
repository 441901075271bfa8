-- commits that were looked at, in place of contents; the worktree of a claim
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
