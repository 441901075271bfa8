"""Files and database in step."""
