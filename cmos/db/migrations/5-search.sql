-- search: what is indexed of which file, weights, vocabulary
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
