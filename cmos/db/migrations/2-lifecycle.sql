-- sprints, order, dependencies, lifecycle, import keys
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
