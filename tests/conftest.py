"""Scratch projects, a real command line, and nothing of the user's own machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, NamedTuple, Optional

import pytest
from hypothesis import settings

from cmos.sync import take

# no property is about speed, and a check that lands or stops a change must not depend on chance
settings.register_profile("new examples each time", deadline=None)
settings.register_profile("the same each time", deadline=None, derandomize=True, database=None)
settings.register_profile("a few", deadline=None, derandomize=True, database=None, max_examples=25)
if os.environ.get("CMOS_CI"):
    settings.load_profile("a few" if os.environ.get("CMOS_FEW") else "the same each time")
else:
    settings.load_profile("new examples each time")

# the state machines' projects are small, and must meet what is kept of contents all the same
take._MANY = 1

CHECKOUT = Path(__file__).resolve().parent.parent
CLI = "from cmos.cli.main import main; main()"
SCRIPT = """#!%s
import sys
sys.path.insert(0, %r)
from cmos.__main__ import main
main()
"""

# an allow-list: whatever else is set out there (GIT_DIR of a hook, an agent's own
# variable, a pager) must not decide what a test sees
KEPT = ("PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
KEPT_PREFIXES = ("PYTHON", "PYTEST_", "PYENV_", "HYPOTHESIS_", "COV", "CMOS_SOAK_")


def apart(home: Path) -> Dict[str, str]:
    """Return the environment of every test: an empty home and no git configuration."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith(KEPT_PREFIXES)}
    kept.pop("PYTHONUNBUFFERED", None)  # hardly a user has it, and it hides what is left in a buffer
    if kept.pop("PYTHONDONTWRITEBYTECODE", ""):
        # each of some thousand commands would compile all its modules: four times as long as it needs itself
        kept.setdefault("PYTHONPYCACHEPREFIX", str(home.parent.parent / "compiled"))  # shared by all processes
    kept.update(
        HOME=str(home),
        XDG_CONFIG_HOME=str(home / ".config"),
        LANG="C.UTF-8",
        GIT_CONFIG_GLOBAL=str(home / ".gitconfig"),
        GIT_CONFIG_NOSYSTEM="1",
        GIT_TERMINAL_PROMPT="0",
        GIT_TEMPLATE_DIR=str(home / "template"),  # the samples of hooks are most of the files of a small repository
        GIT_AUTHOR_NAME="Ada",
        GIT_AUTHOR_EMAIL="ada@example.org",
        GIT_COMMITTER_NAME="Ada",
        GIT_COMMITTER_EMAIL="ada@example.org",
    )
    return kept


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of the whole run, so that the real one cannot be touched."""
    folder = tmp_path_factory.mktemp("home")
    (folder / ".gitconfig").write_text("[init]\n\tdefaultBranch = main\n[core]\n\tautocrlf = false\n", "utf-8")
    for name in ("hooks", "info"):
        (folder / "template" / name).mkdir(parents=True)
    environment = apart(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name not in environment]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        yield folder


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The data of a ``--json`` document, its envelope checked."""
        document = json.loads(self.out)
        assert sorted(document) == ["data", "schema_version"]
        assert document["schema_version"] == 1
        return document["data"]


def cmosctl(
    *arguments: str, cwd: Path, stdin: Optional[str] = None, env: Optional[Dict[str, str]] = None, timeout: float = 60
) -> Ran:
    """Run the command in a process of its own, without a terminal."""
    environment = dict(os.environ, PYTHONPATH=str(CHECKOUT), **(env or {}))
    done = subprocess.run(
        [sys.executable, "-c", CLI, *arguments],
        cwd=str(cwd),
        env=environment,
        input=(stdin or "").encode("utf-8"),
        capture_output=True,
        timeout=timeout,
    )
    return Ran(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


@pytest.fixture
def run(project: Path) -> Callable[..., Ran]:
    """``run("mission", "next", cwd=...)``; the folder is the sample project's unless given."""

    def call(*arguments: str, cwd: Path = project, **options: Any) -> Ran:
        return cmosctl(*arguments, cwd=cwd, **options)

    return call


@pytest.fixture
def git(project: Path) -> Callable[..., str]:
    """``git("log", "-1")`` in the sample project; returns what it printed."""

    def call(*arguments: str, cwd: Path = project) -> str:
        return _git(cwd, *arguments)

    return call


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=str(folder), check=True, capture_output=True
    )
    return done.stdout.decode("utf-8")


def commit_all(folder: Path, message: str = "everything") -> None:
    """Make the folder a repository, if it is none yet, and commit all that is in it."""
    if not (folder / ".git").exists():
        _git(folder, "init", "--quiet")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--no-verify", "--message", message)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Path:
    """The sample project, committed once; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(str(CHECKOUT / "tests" / "sample"), str(folder / "cmos"))
    commit_all(folder, "sample project")
    return folder


@pytest.fixture(scope="session")
def _station(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from cmos.setup.setup import set_up

    folder = tmp_path_factory.mktemp("initialised") / "station"
    shutil.copytree(str(sample), str(folder))
    set_up(str(folder))
    return folder


@pytest.fixture
def station(_station: Path, tmp_path: Path) -> Path:
    """The sample project with its database, committed, without hooks."""
    folder = tmp_path / "stätion one"
    shutil.copytree(str(_station), str(folder))
    return folder


@pytest.fixture
def project(sample: Path, tmp_path: Path) -> Path:
    """A scratch repository with two sprints, not yet initialised, at an awkward path."""
    folder = tmp_path / "a projéct"
    shutil.copytree(str(sample), str(folder))
    return folder


@pytest.fixture
def started(project: Path, run: Callable[..., Ran]) -> Path:
    """The sample project after ``cmosctl init --no-hooks``."""
    ran = run("init", "--no-hooks")
    assert ran.code == 0, ran.err
    return project


@pytest.fixture(scope="session")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the console script as an installation has it."""
    folder = tmp_path_factory.mktemp("a bin é")
    (folder / "cmosctl").write_text(SCRIPT % (sys.executable, str(CHECKOUT)), "utf-8")
    (folder / "cmosctl").chmod(0o755)
    return folder


@pytest.fixture
def typed(scripts: Path, tmp_path: Path) -> Callable[[str], str]:
    """``typed("agents.md")`` runs the shell lines of a page in docs in a fresh folder; returns what they say."""

    def run(page: str) -> str:
        text = (CHECKOUT / "docs" / page).read_text("utf-8")
        done = subprocess.run(
            ["sh", "-e"],
            input="".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)).encode("utf-8"),
            cwd=str(tmp_path),
            env=dict(os.environ, PATH=os.pathsep.join((str(scripts), os.environ["PATH"]))),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == 0, done.stdout.decode("utf-8")
        return done.stdout.decode("utf-8")

    return run
