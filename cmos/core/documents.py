"""A document in pieces, by what kind of file it is."""

from __future__ import annotations

from typing import List

from cmos.core.chunks import Chunk, plain_text, stem
from cmos.core.markdown import split_markdown
from cmos.core.yaml_fields import split_yaml


def split_document(path: str, text: str) -> List[Chunk]:
    """Split a document by its headings, or by its fields if it is YAML."""
    text = plain_text(text)
    if path.lower().endswith((".yaml", ".yml")):
        return split_yaml(text, path)
    return split_markdown(text.split("\n"), name=stem(path))
