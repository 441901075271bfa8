"""What all commands are made of: declarations, options that they share, what they print."""
