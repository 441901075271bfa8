-- what files say of objectives and prerequisites is read anew; what replaces what
UPDATE files SET size = -1 WHERE hash <> '';
UPDATE worktrees SET folders = NULL;
ALTER TABLE decisions ADD COLUMN replaces INTEGER;
ALTER TABLE facts ADD COLUMN replaces INTEGER;
CREATE INDEX decisions_replaced ON decisions (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX facts_replaced ON facts (replaces) WHERE replaces IS NOT NULL;
