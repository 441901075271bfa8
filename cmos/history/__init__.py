"""Commits in the log, each once."""
