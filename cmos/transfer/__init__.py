"""In and out: logs, context files, backlogs, exports of the database."""
