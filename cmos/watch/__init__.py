"""The watcher: passes of the sync when files or the database change (docs/sync.md, section 4)."""
