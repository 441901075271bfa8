"""Bytes on disk, whatever is in them."""
