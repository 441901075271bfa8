"""Who is working: the agent that the environment variables reveal."""

from __future__ import annotations

from typing import Mapping, Optional, Tuple

HUMAN = "human"
GIT_HOOK = "GitHook"
#: What a person or a script sets to say who it is.
OWN_VARIABLE = "CMOS_AGENT"
#: What some agents set to their own name, with a version after ``@``.
NAMING_VARIABLE = "AI_AGENT"

#: Characters of a name.
LONGEST = 200

#: A variable that an agent sets for the commands it runs, and the agent's name. The first
#: one found counts. Variables that an editor sets in every terminal (CURSOR_TRACE_ID,
#: TERM_PROGRAM) or that a person sets to configure an agent are no signs: a human has them too.
SIGNS: Tuple[Tuple[str, str], ...] = (
    ("CLAUDECODE", "claude"),
    ("CLAUDE_CODE", "claude"),
    ("CLAUDE_CODE_ENTRYPOINT", "claude"),
    ("CLAUDE_CODE_SESSION_ID", "claude"),
    ("CODEX_SANDBOX", "codex"),
    ("CODEX_SANDBOX_NETWORK_DISABLED", "codex"),
    ("CODEX_THREAD_ID", "codex"),
    ("CODEX_CI", "codex"),
    ("GEMINI_CLI", "gemini"),
    ("QWEN_CODE", "qwen"),
    ("COPILOT_CLI", "copilot"),
    ("OPENCODE", "opencode"),
    ("OPENCODE_CLIENT", "opencode"),
    ("AMP_CURRENT_THREAD_ID", "amp"),
    ("AUGMENT_AGENT", "augment"),
    ("ANTIGRAVITY_AGENT", "antigravity"),
    ("CLINE_ACTIVE", "cline"),
    ("ROO_ACTIVE", "roo"),
    ("GOOSE_TERMINAL", "goose"),
    ("CURSOR_AGENT", "cursor"),
)
#: Variables that hold an id of the agent's session.
RUNS = ("CLAUDE_CODE_SESSION_ID", "CODEX_THREAD_ID", "AMP_CURRENT_THREAD_ID")
_OFF = ("", "0", "false", "no", "off")


def detect(environment: Mapping[str, str], *, given: Optional[str] = None) -> str:
    """Return the agent's name: the one given, else CMOS_AGENT, else what other variables reveal, else ``human``."""
    for name in (given, environment.get(OWN_VARIABLE)):
        if name and name.strip():
            return _name(name)
    for variable, agent in SIGNS:
        if environment.get(variable, "").strip().casefold() not in _OFF:
            return agent
    return _name(environment.get(NAMING_VARIABLE, "").split("@")[0]) or HUMAN


def run_of(environment: Mapping[str, str]) -> Optional[str]:
    """Return what tells this run of an agent from others of its name; None where the environment does not say."""
    found = (environment.get(variable, "").strip() for variable in RUNS)
    return next((_name(value) for value in found if value), None)


def _name(text: str) -> str:
    """Return a name that can be stored: bytes that are not UTF-8 and control characters become question marks."""
    name = text.strip()
    if not name.isprintable():
        name = "".join(char if char.isprintable() or char == "\u00a0" else "?" for char in name)
    return name[:LONGEST]
