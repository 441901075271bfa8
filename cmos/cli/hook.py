"""``cmosctl hook install|uninstall|status``, and the merge driver that git runs."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Optional, Sequence, Tuple

from cmos.cli.base import output
from cmos.cli.base.declare import Choice, Integer, argument, command, option
from cmos.cli.base.options import here, json_option

if TYPE_CHECKING:
    from cmos.hooks.install import Hook, Hooks


_STATES = {"installed": "green", "outdated": "yellow", "refused": "red"}


@command()
@option(
    "--method",
    type=Choice(("files", "config")),
    help="Install as hook files (the default) or in git's config (git 2.54 or newer).",
)
@json_option
def install(method: Optional[str], as_json: bool) -> int:
    """Add cmosctl to git's hooks. Exit code 7 if a hook cannot be changed; stderr then shows the lines to add."""
    from cmos.hooks import install as hook_install

    hooks = hook_install.install(here(), command=script(), method=method)
    _print(hooks, as_json=as_json)
    if not hooks.is_refused:
        return 0
    if not as_json:
        _say_lines(hooks)
    return 7


@command()
@json_option
def uninstall(as_json: bool) -> int:
    """Restore git's hooks as they were before."""
    from cmos.hooks import install as hook_install

    _print(hook_install.uninstall(here()), as_json=as_json)
    return 0


@command()
@json_option
def status(as_json: bool) -> int:
    """Show which hooks git runs, and whether cmosctl is in them. Exit code 1 if it is missing from any."""
    from cmos.hooks import install as hook_install

    hooks = hook_install.hook_status(here(), command=script())
    _print(hooks, as_json=as_json)
    if os.environ.get("CMOSCTL_HOOKS") == "0":
        output.say("CMOSCTL_HOOKS=0 is set: the hooks do nothing")
    return 0 if hooks.is_complete else 1


@command(is_loose=True)
@argument("name")
@argument("arguments", nargs=-1)
def run(name: str, arguments: Sequence[str]) -> int:
    """Run cmosctl's part of a hook. The hooks call this."""
    from cmos.hooks.run import run_hook

    return run_hook([name, *arguments], lambda line: output.say("cmosctl: %s" % line))


def script() -> Optional[str]:
    """Return the path of cmosctl that hooks are to call; None when none will last."""
    from cmos.hooks.spots import find

    return find(sys.argv[0], os.environ.get("PATH", ""))


def install_for_init(folder: str) -> None:
    """Install the hooks for ``cmosctl init``; print a line where one cannot be installed."""
    from cmos.core.errors import CmosError
    from cmos.hooks import install as hook_install

    if not hook_install.is_in_git(folder):
        return
    try:
        hooks = hook_install.install(folder, command=script())
    except CmosError as problem:
        output.say("git's hooks were not changed: %s" % problem.message)  # the project is there all the same
        return
    if any(hook.done for hook in hooks.hooks):
        output.say("git hooks installed in %s (to remove them: cmosctl hook uninstall)" % hooks.folder)
    refused = [hook.name for hook in hooks.hooks if hook.state == "refused"]
    if refused and hooks.configured != os.devnull:
        output.say("hooks not installed: %s; see: cmosctl hook install" % ", ".join(refused))


def _print(hooks: Hooks, *, as_json: bool) -> None:
    head = output.faint("hooks in %s" % ("git's config" if hooks.method == "config" else hooks.folder))
    merging = "merging       %s" % ("by cmosctl, for mission files" if hooks.merge_driver else "git's own")
    output.answer(hooks, [head, *map(_line, hooks.hooks), merging], as_json=as_json)


def _line(hook: Hook) -> str:
    state = hook.done or hook.state
    coloured = output.painted(state.ljust(9), _STATES.get(hook.state))
    through = hook.runs if hook.runs not in ("", "cmosctl") else ""
    notes = "; ".join(filter(None, (through and "git runs: %s" % through, hook.note)))
    return ("%s  %s  %s" % (hook.name.ljust(12), coloured, output.clean(notes))).rstrip()


def _say_lines(hooks: Hooks) -> None:
    for hook in hooks.hooks:
        if hook.state == "refused":
            output.say("\n%s is not touched: %s. By hand, in %s:\n" % (hook.name, hook.note, hook.where))
            output.say(hook.lines)


@command()
@argument("base")
@argument("ours")
@argument("theirs")
@argument("path")
@option("--marker-size", type=Integer(min=1), default=7, help="Length of the conflict markers.")
@option("--labels", nargs=2, help="Names of ours and theirs in the markers.")
def merge_driver(
    base: str, ours: str, theirs: str, path: str, marker_size: int, labels: Optional[Tuple[str, str]]
) -> int:
    """Merge BASE, OURS and THEIRS of the mission file PATH into OURS. Exit code 1 if conflicts remain."""
    from cmos.merge.merge import Style, merge_files

    style = Style(marker_size)
    # git before 2.44 hands on the placeholders as they are
    if labels and not any(label in ("", "%X", "%Y") for label in labels):
        style = style._replace(ours=labels[0], theirs=labels[1])
    return 0 if merge_files(base, ours, theirs, style) else 1
