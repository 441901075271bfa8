"""cmos: a git-native mission tracker for people and AI agents."""

__version__ = "0.1.0"
