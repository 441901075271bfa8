"""The sync: files and database brought in step (SYNC.md)."""
