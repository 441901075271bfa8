"""Reading plain YAML: maps, lists, texts and numbers, and nothing that YAML can do besides.

Values are taken from the parser's events: an alias, which can blow a small file up to any
size, or a tag is refused. Quoted values are text. Plain ones are a number or null only when
they are spelled as an export spells them; ``yes`` and ``2025-01-01`` stay text.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Optional, Tuple, Union

DEEPEST = 50

_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,18})", re.ASCII)
_REAL = re.compile(r"-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)", re.ASCII)

_Container = Union[Dict[str, Any], List[Any]]


class YamlProblem(Exception):
    """Why a text is not plain YAML, and in which line (from 1) if that is known."""

    def __init__(self, why: str, line: Optional[int] = None) -> None:
        super().__init__(why)
        self.why = why
        self.line = line


def load(text: str) -> Any:
    """Return the value of a YAML text of one document; raises YamlProblem."""
    builder = _Builder()
    for event in _events(text):
        builder.take(event)
    return builder.value


def _events(text: str) -> Iterator[Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        yield from YAML(typ="safe").parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlProblem("not valid YAML: %s" % error.problem, mark.line + 1 if mark else None) from None
    except YAMLError as error:
        raise YamlProblem("not valid YAML: %s" % str(error).splitlines()[0]) from None


class _Builder:
    """Builds the value from events without recursion."""

    def __init__(self) -> None:
        self.value: Any = None
        self._documents = 0
        self._open: List[Tuple[_Container, Optional[str]]] = []

    def take(self, event: Any) -> None:
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                raise _problem("a second document", event)
        elif kind == "AliasEvent":
            raise _problem("an alias", event)
        elif kind == "ScalarEvent":
            self._refuse_tag(event)
            self._scalar(event)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._refuse_tag(event)
            self._start({} if kind == "MappingStartEvent" else [], event)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._open.pop()

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            raise _problem("a tag", event)

    def _start(self, container: _Container, event: Any) -> None:
        if len(self._open) >= DEEPEST:
            raise _problem("nested more than %d deep" % DEEPEST, event)
        self._add(container, event)
        self._open.append((container, None))

    def _scalar(self, event: Any) -> None:
        container, key = self._open[-1] if self._open else ([], None)
        if isinstance(container, dict) and key is None:
            if event.value in container:
                raise _problem("the key %s twice" % event.value[:60], event)
            self._open[-1] = (container, event.value)
        else:
            self._add(_plain(event.value) if not event.style else event.value, event)

    def _add(self, value: Any, event: Any) -> None:
        if not self._open:
            self.value = value
            return
        container, key = self._open[-1]
        if isinstance(container, list):
            container.append(value)
        elif key is None:
            raise _problem("a key that is not a text", event)
        else:
            container[key] = value
            self._open[-1] = (container, None)


def _plain(text: str) -> Any:
    if text in ("", "null", "~"):
        return None
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _REAL.fullmatch(text) else text


def _problem(why: str, event: Any) -> YamlProblem:
    mark = event.start_mark
    return YamlProblem(why, mark.line + 1 if mark else None)
