"""cmosctl's part in git's hooks."""
