"""What a new mission may be called."""

from __future__ import annotations

from cmos.core.errors import InvalidValue

#: Bytes in UTF-8: with a slug and an ending, a file's name must stay below 255.
ID_LIMIT = 100
NAME_LIMIT = 500


def check_id(id: str) -> str:
    """Return an id that can also begin a file's name. Raises InvalidValue."""
    why = _what_is_wrong(id)
    if why:
        raise InvalidValue("%r cannot be the id of a mission: %s" % (id, why), hint="an id looks like B1.5")
    return id


def check_line(text: str, what: str) -> str:
    """Return a text that fits on one line, without white space around it. Raises InvalidValue."""
    line = text.strip()
    if not line:
        raise InvalidValue("%s is empty" % what)
    if len(line) > NAME_LIMIT:
        raise InvalidValue("%s is longer than %d characters" % (what, NAME_LIMIT))
    check_text(line, what)
    if any(character in line for character in "\r\n\t"):
        raise InvalidValue("%s has more than one line" % what)
    return line


def check_text(text: str, what: str) -> str:
    """Return a text without control characters but line breaks and tabs. Raises InvalidValue."""
    for character in text:
        if 0xD800 <= ord(character) < 0xE000:
            raise InvalidValue("%s is not valid Unicode" % what)
        if (character < " " or 0x7F <= ord(character) < 0xA0) and character not in "\r\n\t":
            raise InvalidValue("%s has a control character in it (%#04x)" % (what, ord(character)))
    return text


def _what_is_wrong(id: str) -> str:
    if not id:
        return "it is empty"
    if any(character.isspace() or not character.isprintable() for character in id):
        return "it has white space or a control character in it"
    if set(id) & set("/\\"):
        return "it has a slash in it"
    if id[0] in ".-~":
        return "it begins with %r" % id[0]
    if len(id.encode("utf-8", "replace")) > ID_LIMIT:
        return "it is longer than %d bytes" % ID_LIMIT
    return ""
