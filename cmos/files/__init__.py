"""Reading and splicing a project's files."""
