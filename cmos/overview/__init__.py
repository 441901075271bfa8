"""Where a project stands."""
