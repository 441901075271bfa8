"""A folder made a project, and the demo."""
