"""One use case per function; the only place that orders and commits."""
