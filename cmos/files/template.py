"""The text of a new mission file, to be filled in."""

from __future__ import annotations

import json
import re
from typing import Optional

_SLUG_LENGTH = 50

_TEXT = """\
missionId: %(id)s
name: %(name)s
%(sprint)sstatus: "Queued"

# What is true when this mission is done, in a sentence.
objective: ""

# Why it is needed, and what one must know to begin.
context: ""

# How to tell that it is done: things that can be checked, one per line, such as
#   - "the readings survive a power cut"
successCriteria: []

# What it leaves behind: files, documents, decisions.
deliverables: []
"""


def mission_text(id: str, name: str, sprint: Optional[str]) -> str:
    """Return the text of a mission file; what is to be filled in is empty, and so counts as missing."""
    line = "sprint: %s\n" % quoted(sprint) if sprint else ""
    return _TEXT % {"id": quoted(id), "name": quoted(name), "sprint": line}


def fields_text(id: str, *, name: Optional[str], sprint: Optional[str], notes: Optional[str]) -> str:
    """Return the fields of a mission that has no file as a small text to edit."""
    lines = ["# %s has no mission file. Its fields:" % id, "missionId: %s" % quoted(id)]
    pairs = (("name", name), ("sprint", sprint), ("notes", notes))
    lines += ["%s: %s" % (key, quoted(value or "")) for key, value in pairs]
    return "\n".join(lines) + "\n"


def file_name(id: str, name: str) -> str:
    """Return ``<id>_<slug>.yaml``."""
    return "%s_%s.yaml" % (id, slug(name))


def slug(text: str) -> str:
    """Return a text as lower-case words of plain letters and digits, joined by hyphens."""
    from unicodedata import normalize

    plain = normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    return "-".join(words)[:_SLUG_LENGTH].strip("-") or "mission"


def quoted(text: str) -> str:
    """Return a YAML double-quoted scalar; characters that YAML does not print are escaped."""
    shown = json.dumps(text, ensure_ascii=False)
    # a JSON string is a YAML one, but for the characters that YAML wants escaped in its own way
    return "".join(one if one.isprintable() else _escaped(ord(one)) for one in shown)


def _escaped(code: int) -> str:
    return "\\U%08x" % code if code > 0xFFFF else "\\u%04x" % code
