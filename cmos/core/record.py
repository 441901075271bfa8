"""Named tuples that are made fast: each command makes dozens of these classes before it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import namedtuple

    #: What a class has that is no part of the record.
    _OWN = ("__module__", "__qualname__", "__annotations__", "__doc__", "__firstlineno__", "__static_attributes__")

    class _Making(type):
        def __new__(cls, name, bases, names):
            if not bases:
                return super().__new__(cls, name, bases, names)
            fields = list(names.get("__annotations__", ()))
            defaults = [names[field] for field in fields if field in names]
            made = namedtuple(name, fields, defaults=defaults, module=names["__module__"])
            for key, value in names.items():
                if key not in _OWN and key not in fields:
                    setattr(made, key, value)
            made.__annotations__, made.__doc__ = names.get("__annotations__", {}), names.get("__doc__")
            return made

    class NamedTuple(metaclass=_Making):
        """As ``typing.NamedTuple``, which compiles the annotation of each field: a third of a command's start."""
