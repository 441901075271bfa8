"""Asking git."""
