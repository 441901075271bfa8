"""The documents say what the command line does: every command, every option, every link."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple, Type

import click
import pytest

from cmos.cli.base.with_click import cli
from cmos.core.errors import CmosError

CHECKOUT = Path(__file__).resolve().parent.parent
COMMANDS = CHECKOUT / "docs" / "commands.md"
PAGES = sorted(CHECKOUT.glob("*.md")) + sorted(CHECKOUT.glob("docs/*.md")) + [CHECKOUT / "benchmarks" / "README.md"]

SECTION = re.compile(r"^### `cmosctl ([a-z -]+?)(?: [^`a-z][^`]*)?`$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CALL = re.compile(r"(?:`|^\$ |^|&& )cmosctl ([^`#|&\n]*)", re.MULTILINE)
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def leaves(group: click.Command, path: Tuple[str, ...] = ()) -> Iterator[Tuple[str, click.Command]]:
    """Yield each command that is not hidden, with its words."""
    if not isinstance(group, click.Group):
        yield " ".join(path), group
        return
    for name in group.list_commands(CONTEXT):
        command = group.get_command(CONTEXT, name)
        assert command is not None
        hidden = getattr(group, "entries", {}).get(name)
        if not command.hidden and not getattr(hidden, "hidden", False):
            yield from leaves(command, (*path, name))


CONTEXT = click.Context(cli)
TREE: Dict[str, click.Command] = dict(leaves(cli))


def sections() -> Dict[str, str]:
    parts = SECTION.split(COMMANDS.read_text("utf-8"))
    return dict(zip(parts[1::2], parts[2::2]))


def options(command: click.Command) -> List[click.Option]:
    return [one for one in command.params if isinstance(one, click.Option) and not one.hidden]


def spellings(command: click.Command) -> List[str]:
    return [name for one in options(command) for name in one.opts + one.secondary_opts]


@pytest.mark.parametrize("name", sorted(TREE))
def test_a_command_and_each_of_its_options_has_help(name: str) -> None:
    assert (TREE[name].help or "").strip()
    assert not [one.name for one in options(TREE[name]) if not (one.help or "").strip()]


@pytest.mark.parametrize("name", sorted(TREE))
def test_a_command_is_documented_with_each_of_its_options(name: str) -> None:
    text = sections()[name]
    long = [max(one.opts, key=len) for one in options(TREE[name])]
    assert not [option for option in long if not re.search(r"`%s\b" % re.escape(option), text)]


@pytest.mark.parametrize("name", sorted(TREE))
def test_the_documents_show_an_example_of_a_command(name: str) -> None:
    assert re.search(r"^(\$ )?cmosctl %s\b" % name, sections()[name], re.MULTILINE)


def test_every_documented_command_exists() -> None:
    assert sorted(sections()) == sorted(TREE)


@pytest.mark.parametrize("name", sorted(TREE))
def test_a_documented_option_exists(name: str) -> None:
    told = re.findall(r"^\| `(--[a-z-]+)", sections().get(name, ""), re.MULTILINE)
    assert not set(told) - set(spellings(TREE[name]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_call_in_a_page_is_one_that_can_be_made(page: Path) -> None:
    wrong = []
    for call in CALL.findall(page.read_text("utf-8")):
        words = call.split()
        command, rest = resolve(words)
        given = [word.split("=")[0] for word in rest if word.startswith("--")]
        known = [*spellings(command), "--help", "--version"] if command else []
        if command is None or set(given) - set(known):
            wrong.append(call)
    assert not wrong


def resolve(words: List[str]) -> Tuple[Optional[click.Command], List[str]]:
    """Return the command that the words begin with and the rest; None when they name none."""
    command: Optional[click.Command] = cli
    while isinstance(command, click.Group) and words and re.match(r"[a-z]+$", words[0]):
        command, words = command.get_command(CONTEXT, words[0]), words[1:]
    return command, words


def kinds(error: Type[CmosError]) -> Iterator[Type[CmosError]]:
    yield error
    for each in error.__subclasses__():
        yield from kinds(each)


@pytest.mark.parametrize("error", list(kinds(CmosError)), ids=lambda error: error.code)
def test_the_exit_code_of_an_error_is_documented(error: Type[CmosError]) -> None:
    assert "\n| %d | `%s` |" % (error.exit_code, error.code) in COMMANDS.read_text("utf-8")


# none ends with a document: a walk to read, lines for as long as it runs, a script for a shell
@pytest.mark.parametrize("name", sorted(set(TREE) - {"demo", "watch run", "completion"}))
def test_a_command_can_print_json(name: str) -> None:
    assert "--json" in spellings(TREE[name])


def anchors(page: Path) -> List[str]:
    heads = re.findall(r"^#+ (.*)$", CODE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_of_a_page_leads_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(CODE.sub("", page.read_text("utf-8"))):
        target, _, anchor = link.partition("#")
        if "://" in target:
            continue
        there = page if not target else page.parent / target
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(link)
    assert not broken


@pytest.mark.parametrize("name, says", [("main", "cmosctl demo"), ("test", "python -m pytest")])
def test_the_readme_holds_its_two_commands_each_on_one_line(name: str, says: str) -> None:
    readme = (CHECKOUT / "README.md").read_text("utf-8")
    found = re.findall(r"^<!-- %s command -->\n```sh\n(.*)\n```$" % name, readme, re.MULTILINE)
    assert len(found) == 1
    assert found[0].startswith("pip install ") and found[0].endswith(says)


def test_the_transcript_in_the_readme_is_what_the_demo_prints(tmp_path: Path) -> None:
    transcript = re.search(r"^```console\n(.*?)^```$", (CHECKOUT / "README.md").read_text("utf-8"), re.M | re.S)
    assert transcript is not None
    environment = dict(os.environ, PYTHONPATH=str(CHECKOUT))
    script = [sys.executable, "-c", "from cmos.cli.main import main; main()", "demo", str(tmp_path / "demo")]
    done = subprocess.run(script, cwd=str(tmp_path), env=environment, capture_output=True, check=True)
    printed = done.stdout.decode("utf-8").splitlines()
    assert [line for line in transcript.group(1).splitlines() if line not in printed] == []


SOURCES = [path for folder in ("cmos", "tests", "benchmarks") for path in sorted((CHECKOUT / folder).rglob("*.py"))]
POINTER = re.compile(r"\b(docs/[a-z]+\.md|benchmarks/README\.md)(?:, (S\d+|I\d+|section \d|[A-Z][a-z ]+))?")
ELSEWHERE = re.compile(r"\b(?:SYNC|DESIGN|GIT|STYLE|HOUSE|ORIGINAL)\.md\b")


def test_a_pointer_from_the_code_leads_to_a_page_and_its_rule() -> None:
    broken = []
    for path in SOURCES:
        comments = [line for line in path.read_text("utf-8").splitlines() if '"""' in line or "#" in line]
        for page, rule in POINTER.findall("\n".join(line for line in comments if "cmos/docs/" not in line)):
            if not rule and "tests" in path.parts:
                continue  # a page of a sample project
            told = (CHECKOUT / page).read_text("utf-8") if (CHECKOUT / page).exists() else ""
            sign = {"S": "**%s " % rule, "I": "| %s " % rule, "s": "\n## %s. " % rule[8:]}
            if not told or (
                rule and sign.get(rule[0] if rule[1:2].isdigit() or rule[0] == "s" else "", rule) not in told
            ):
                broken.append((path.name, page, rule))
    assert broken == []


def test_no_page_is_named_that_the_repository_does_not_have() -> None:
    texts = [*SOURCES, *PAGES, CHECKOUT / ".ci" / "run"]
    assert [path.name for path in texts if path != Path(__file__) and ELSEWHERE.search(path.read_text("utf-8"))] == []
