"""``cmosctl watch start|run|stop|status``: files and database in step while people work."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Dict, List, Optional

from cmos.cli.base import output
from cmos.cli.base.declare import Float, command, option
from cmos.cli.base.options import here, json_option

if TYPE_CHECKING:
    from cmos.project.layout import Layout
    from cmos.watch.daemon import Flag, Watcher

#: Minutes after which a watcher that was started and forgotten ends.
_FORGOTTEN = 24 * 60.0


@command()
@option(
    "--idle", type=Float(min=0), default=0.0, metavar="MINUTES",
    help="Stop after so many idle minutes; 0, the default, means never.",
)  # fmt: skip
def run(idle: float) -> int:
    """Watch in the foreground and print a line for each pass, until Ctrl-C (exit code 130) or SIGTERM (0)."""
    from cmos import clock
    from cmos.watch import daemon, loop
    from cmos.watch.daemon import Flag

    layout = _project()
    log = daemon.places(layout).log

    def say(line: str) -> None:
        text = "%s  %s" % (clock.now(), output.clean(line))
        output.put(text)
        daemon.note_line(log, text)

    flag = Flag()
    got = _stop_on_signals(flag)
    loop.run(layout, flag=flag, say=say, idle=idle * 60 or None)
    return 130 if signal.SIGINT in got else 0


@command()
@option(
    "--idle", type=Float(min=0), default=_FORGOTTEN, metavar="MINUTES", show_default=True,
    help="Stop after so many idle minutes; 0 means never.",
)  # fmt: skip
@json_option
def start(idle: float, as_json: bool) -> None:
    """Watch in the background. Return once it is watching; do nothing if a watcher is running."""
    from cmos.cli.hook import script as own_script
    from cmos.core.errors import FileProblem
    from cmos.watch import daemon

    layout = _project()
    script = own_script()
    if script is None:
        raise FileProblem("no installed cmosctl is found to start", hint="run it here: cmosctl watch run")
    pid = daemon.start(layout, [script, "watch", "run", "--idle", "%g" % idle])
    if as_json:
        output.print_json({"started": pid is not None, "pid": pid or daemon.running(layout)})
    elif pid is None:
        output.say("a watcher runs already (process %s)" % daemon.running(layout))
    else:
        output.say("watching %s (process %d); to stop it: cmosctl watch stop" % (output.clean(layout.missions), pid))


@command()
@json_option
def stop(as_json: bool) -> None:
    """Stop the watcher of this worktree."""
    from cmos.watch import daemon

    pid = daemon.stop(_project())
    if as_json:
        output.print_json({"stopped": pid is not None, "pid": pid})
    else:
        output.say("no watcher runs" if pid is None else "the watcher has ended (process %d)" % pid)


@command()
@json_option
def status(as_json: bool) -> int:
    """Show whether a watcher is running in this worktree and what it has done. Exit code 1 if none is."""
    from cmos.watch import daemon

    layout = _project()
    pid, watcher, log = daemon.running(layout), daemon.described(layout), daemon.places(layout).log
    data = {"running": pid is not None, "watcher": watcher, "log": log}
    output.answer(data, _lines(pid, watcher, log), as_json=as_json)
    return 0 if pid is not None else 1


def _project() -> Layout:
    from cmos.project.project import find_project

    return find_project(here())


def _stop_on_signals(flag: Flag) -> List[int]:
    """Let Ctrl-C and the like end the waiting; return the list that takes what came."""
    got: List[int] = []

    def stop_soon(number: int, _frame: object) -> None:
        got.append(number)
        # not from here: this thread may be in the middle of the flag
        threading.Thread(target=flag.stop).start()

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # nohup, and a script that starts it with &, ask for one to be ignored
        if signal.getsignal(name) != signal.SIG_IGN:
            signal.signal(name, stop_soon)
    return got


def _lines(pid: Optional[int], told: Optional[Watcher], log: str) -> List[str]:
    if told is None:
        return ["running (process %d); its state is unknown" % pid if pid else "not running"]
    state = "running" if pid else "not running; the last watcher:"
    pairs = [
        ("process", "%d, version %s, since %s" % (told.pid, told.version, told.since)),
        ("events", "from the system" if told.mode == "events" else "none (polling every few seconds)"),
        ("files", str(told.files)),
        ("last event", told.last_event or "none"),
        ("last pass", told.last_pass or "none"),
        ("so far", "%d events, %d looks, %d passes, %d writes" % (told.events, told.looks, told.passes, told.writes)),
        ("log", output.clean(log)),
    ]
    return [output.strong(state), *output.fields(pairs), *_trouble(told.trouble)]


def _trouble(trouble: Dict[str, str]) -> List[str]:
    return ["%s: %s" % (output.status_style("Blocked", what), output.clean(why)) for what, why in trouble.items()]
