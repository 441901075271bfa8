"""What to put in by hand where cmosctl must not write: the place, and the exact lines."""

from __future__ import annotations

import shlex
from typing import NamedTuple, Optional

from cmos.core.hook_block import TOOLS, block, script
from cmos.core.hook_call import STOP


class Advice(NamedTuple):
    where: str
    lines: str


def advise(name: str, path: str, *, runs: str, exists: bool, command: Optional[str]) -> Advice:
    """Return what makes a hook call cmosctl; ``runs`` is whose the hook is."""
    called = shlex.quote(command or "cmosctl")
    if "/.husky/" in path or runs == "husky":
        return Advice(".husky/%s, at its beginning" % name, block(name, command))
    if runs == "lefthook":
        return Advice("lefthook.yml", _lefthook(name, called))
    if runs in ("", "sh", *TOOLS):
        if exists:
            return Advice("%s, after its first line" % path, block(name, command))
        return Advice("%s, a new file that is executable" % path, script(name, command))
    return Advice("%s, as a command that it runs" % path, _call(name, called))


def _call(name: str, called: str) -> str:
    fed = "give it the hook's arguments" + (" and standard input" if name in ("post-rewrite", "pre-push") else "")
    stops = "exit code %d: stop the push" % STOP if name == "pre-push" else "pass over its exit code"
    return "%s hook run %s ARGUMENTS...   (%s; %s)\n" % (called, name, fed, stops)


def _lefthook(name: str, called: str) -> str:
    lines = [name + ":", "  commands:", "    cmosctl:"]
    run = "%s hook run %s {0}" % (called, name)
    if name == "pre-push":
        # any other failure is no reason to stop a push
        run += "; test $? -ne %d" % STOP
    else:
        run += " || true"
    lines.append("      run: '%s'" % run.replace("'", "''"))
    if name in ("post-rewrite", "pre-push"):
        lines.append("      use_stdin: true")
    return "\n".join(lines) + "\n"
