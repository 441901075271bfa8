"""What a command does to a mission."""
