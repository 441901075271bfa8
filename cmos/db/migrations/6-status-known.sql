-- a status that was set with SQL shows as one that no command knows of
ALTER TABLE missions ADD COLUMN status_known TEXT;
UPDATE missions SET status_known = status;
CREATE INDEX missions_set_by_sql ON missions (id) WHERE status IS NOT status_known;
