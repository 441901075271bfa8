"""The path of headings that leads to a place in a document."""

from __future__ import annotations

#: Between its parts.
ARROW = " \u203a "
