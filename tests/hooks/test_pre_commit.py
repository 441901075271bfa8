"""Together with pre-commit: its manifest, its hooks before and after ours, and ours through it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest
from hook_world import Shell, snapshot
from ruamel.yaml import YAML

from cmos.hooks import install as hook_install
from cmos.hooks.block import NAMES

CHECKOUT = Path(__file__).resolve().parent.parent.parent
#: What pre-commit knows; it takes other keys in silence.
KNOWN = {
    "id", "name", "description", "entry", "language", "files", "exclude", "types", "types_or", "exclude_types",
    "stages", "always_run", "pass_filenames", "require_serial", "minimum_pre_commit_version", "args", "verbose",
}  # fmt: skip


def manifest() -> List[Dict[str, Any]]:
    hooks: List[Dict[str, Any]] = YAML(typ="safe").load((CHECKOUT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    return hooks


@pytest.mark.parametrize("hook", manifest(), ids=lambda hook: hook["id"])
def test_the_manifest_has_only_keys_that_pre_commit_knows(hook: Dict[str, Any]) -> None:
    assert set(hook) <= KNOWN
    assert hook["language"] == "python" and hook["entry"].startswith("cmosctl ")
    assert len(hook["stages"]) == 1 and hook["minimum_pre_commit_version"] == "3.2.0"
    if "files" not in hook:
        assert (hook["always_run"], hook["pass_filenames"], hook["require_serial"]) == (True, False, True)
        assert hook["entry"] == "cmosctl hook run " + hook["stages"][0]


def test_the_manifest_offers_every_hook() -> None:
    ids = [hook["id"] for hook in manifest()]
    assert ids == ["cmos-verify", *("cmos-" + name for name in NAMES)]


@pytest.mark.parametrize(
    "path, checked",
    [
        ("cmos/missions/backlog.yaml", True),
        ("cmos/missions/sprint-01/B1.1_x.yml", True),
        ("cmos/missions/templates/mission.yaml", False),
        ("cmos/docs/x.yaml", False),
        ("other/cmos/missions/x.yaml", False),
    ],
)
def test_which_files_cmos_verify_gets(path: str, checked: bool) -> None:
    hook = manifest()[0]
    assert bool(re.search(hook["files"], path) and not re.search(hook["exclude"], path)) is checked


def test_the_documents_show_the_whole_configuration() -> None:
    text = (CHECKOUT / "docs" / "git.md").read_text("utf-8")
    shown = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert shown is not None
    config = YAML(typ="safe").load(shown.group(1))
    assert [hook["id"] for hook in config["repos"][0]["hooks"]] == [hook["id"] for hook in manifest()]
    stages = [hook["stages"][0] for hook in manifest()]
    assert config["default_install_hook_types"] == stages


# ---- with the real one ---------------------------------------------------------------------------------------


@pytest.fixture
def pre_commit(sh: Shell) -> Callable[..., Any]:
    """Run pre-commit in the station, which has a configuration with our hooks."""
    pytest.importorskip("pre_commit")
    hooks = [dict(hook, language="system") for hook in manifest()]
    config = {
        "default_install_hook_types": [hook["stages"][0] for hook in hooks],
        "repos": [{"repo": "local", "hooks": hooks}],
    }
    with open(str(sh.folder / ".pre-commit-config.yaml"), "w", encoding="utf-8") as file:
        YAML(typ="safe").dump(config, file)
    sh.git("add", "--all")
    sh.git("commit", "-q", "-m", "configuration", CMOSCTL_HOOKS="0")
    return lambda *words: sh(sys.executable, "-m", "pre_commit", *words)


def test_through_pre_commit_alone_a_commit_is_logged_and_a_bad_file_stopped(
    sh: Shell, pre_commit: Callable[..., Any], tmp_path: Path
) -> None:
    pre_commit("install")
    sh.git("commit", "--allow-empty", "-m", "B1.2: through pre-commit")
    assert sh.commits()["B1.2: through pre-commit"] == 1
    path = sorted((sh.folder / "cmos" / "missions" / "sprint-01").glob("B1.1*"))[0]
    path.write_text(path.read_text("utf-8") + 'broken: "no end\n', "utf-8")
    sh.git("add", "--all")
    done = sh("git", "commit", "-m", "broken", check=False)
    assert done.returncode == 1 and re.search(r"%s:\d+" % re.escape(path.name), done.out + done.err)
    sh.git("commit", "--no-verify", "-m", "broken all the same")
    sh.git("init", "-q", "--bare", str(tmp_path / "remote.git"))
    sh.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    sh.git("push", "-q", "--no-verify", "origin", "HEAD~1:refs/heads/main")
    done = sh("git", "push", "origin", "main", check=False)
    assert done.returncode == 1 and "no longer valid" in done.out + done.err


def test_pre_commit_before_us(sh: Shell, pre_commit: Callable[..., Any], install: Callable[..., Any]) -> None:
    pre_commit("install")
    hooks = sh.folder / ".git" / "hooks"
    before = snapshot(hooks)
    assert {hook.runs for hook in install().hooks} == {"pre-commit"}
    assert {hook.done for hook in install().hooks} == {""}
    sh.git("commit", "--allow-empty", "-m", "through both")
    assert sh.commits()["through both"] == 1
    # what pre-commit does again leaves our part in place
    pre_commit("install")
    assert hook_install.hook_status(str(sh.folder)).is_complete
    for _ in range(2):
        hook_install.uninstall(str(sh.folder))
        assert snapshot(hooks) == before


def test_pre_commit_after_us(
    sh: Shell, pre_commit: Callable[..., Any], install: Callable[..., Any], tmp_path: Path
) -> None:
    hooks = sh.folder / ".git" / "hooks"
    (hooks / "post-commit").write_bytes(b"#!/bin/sh\necho mine >> mine\n")
    (hooks / "post-commit").chmod(0o744)
    before = snapshot(hooks)
    install()
    for _ in range(2):
        pre_commit("install")
    assert hook_install.hook_status(str(sh.folder)).is_complete
    sh.git("commit", "--allow-empty", "-m", "moved aside")
    assert sh.commits()["moved aside"] == 1 and (sh.folder / "mine").read_text("utf-8") == "mine\n"
    # and its way out, with ours after it
    pre_commit("uninstall")
    assert hook_install.hook_status(str(sh.folder)).is_complete
    hook_install.uninstall(str(sh.folder))
    assert snapshot(hooks) == before


def test_pre_commit_after_us_and_ours_taken_out_from_behind_it(
    sh: Shell, pre_commit: Callable[..., Any], install: Callable[..., Any]
) -> None:
    hooks = sh.folder / ".git" / "hooks"
    (hooks / "post-commit").write_bytes(b"#!/bin/sh\necho mine >> mine\n")
    (hooks / "post-commit").chmod(0o744)
    before = snapshot(hooks)
    for step in (install, lambda: pre_commit("install"), lambda: hook_install.uninstall(str(sh.folder))):
        step()
        once = snapshot(hooks)
        step()
        assert snapshot(hooks) == once
    for _ in range(2):
        pre_commit("uninstall")
    assert snapshot(hooks) == before


def test_pre_push_reads_what_pre_commit_passes_on(
    sh: Shell, pre_commit: Callable[..., Any], install: Callable[..., Any], tmp_path: Path
) -> None:
    sh.git("init", "-q", "--bare", str(tmp_path / "remote.git"))
    sh.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    pre_commit("install")
    install()
    (sh.folder / ".pre-commit-config.yaml").write_text("repos: []\n", "utf-8")
    path = sorted((sh.folder / "cmos" / "missions" / "sprint-01").glob("B1.1*"))[0]
    path.write_text(path.read_text("utf-8") + "notes: |\n<<<<<<< a\n=======\n>>>>>>> b\n", "utf-8")
    sh.git("add", "--all")
    sh.git("commit", "-q", "--no-verify", "-m", "conflicted")
    done = sh("git", "push", "origin", "main", check=False)
    assert done.returncode == 1 and "conflict markers" in done.out + done.err
