"""The watcher: passes of the sync when files or the database change (SYNC.md section 4)."""
