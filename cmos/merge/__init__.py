"""Merging mission files for git."""
