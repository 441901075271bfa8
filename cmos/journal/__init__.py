"""Sessions, decisions and facts."""
