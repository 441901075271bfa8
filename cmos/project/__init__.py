"""Where a project is, whether it may be trusted, and an open one."""
