"""How commands are declared: what each takes, as data that costs nothing to import.

Plain arguments are read here, and all others by click (``with_click``), which takes longer to
import than most commands take to run. Both give the same call, and ``perform`` makes it.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple, Union

from cmos.core.errors import InvalidValue
from cmos.core.record import NamedTuple


class Choice(NamedTuple):
    """One of some words."""

    words: Tuple[str, ...]


class Integer(NamedTuple):
    """A whole number within limits."""

    min: Optional[int] = None
    max: Optional[int] = None


class Float(NamedTuple):
    """A number within limits."""

    min: Optional[float] = None
    max: Optional[float] = None


class Parameter(NamedTuple):
    """What a command takes; click knows the settings by the same names."""

    #: Of the function's parameter.
    name: str
    #: An option as it is typed: ``-v``, ``--verbose``; none for an argument.
    spellings: Tuple[str, ...]
    type: Union[Choice, Integer, Float, None] = None
    default: Any = None
    is_flag: bool = False
    multiple: bool = False
    required: bool = False
    #: -1: any number.
    nargs: int = 1
    metavar: Optional[str] = None
    help: str = ""
    show_default: bool = False

    @property
    def is_list(self) -> bool:
        return self.multiple or self.nargs == -1

    @property
    def unset(self) -> Any:
        """The value where nothing is given."""
        return () if self.is_list and self.default is None else False if self.is_flag else self.default


class Command(NamedTuple):
    """A function, what it takes and what it is for."""

    run: Callable[..., Any]
    parameters: Tuple[Parameter, ...]
    help: str
    #: What looks like an option and is none is an argument.
    is_loose: bool = False


class Call(NamedTuple):
    """A command with its arguments."""

    command: Command
    arguments: Dict[str, Any]
    #: The words that led to it: ``cmosctl mission next``.
    path: str
    #: What --color says; None: as the terminal has it.
    colour: Optional[bool] = None


class UsageError(InvalidValue):
    """Arguments that do not go together."""


class Exit(Exception):
    """The end of a command that has said all that there is to say."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


# ---- declaring -----------------------------------------------------------------------------------------------


def option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    """Add an option; a name without dashes is that of the function's parameter."""
    spellings = tuple(name for name in names if name.startswith("-"))
    own = [name for name in names if not name.startswith("-")]
    name = own[0] if own else max(spellings, key=len).lstrip("-").replace("-", "_")
    return _adding(Parameter(name, spellings, **settings))


def argument(name: str, *, required: Optional[bool] = None, nargs: int = 1, **settings: Any) -> Callable[[Any], Any]:
    """Add an argument, behind those that are declared above it; it is required unless it is one of any number."""
    required = nargs == 1 if required is None else required
    return _adding(Parameter(name, (), required=required, nargs=nargs, **settings))


def _adding(parameter: Parameter) -> Callable[[Any], Any]:
    def add(function: Any) -> Any:
        function.parameters = [parameter, *getattr(function, "parameters", ())]
        return function

    return add


def command(*, is_loose: bool = False) -> Callable[[Any], Command]:
    """Make a command of a function and the parameters that are declared below."""

    def make(function: Any) -> Command:
        return Command(function, tuple(getattr(function, "parameters", ())), function.__doc__ or "", is_loose)

    return make


# ---- reading plain arguments ---------------------------------------------------------------------------------


def read(command: Command, words: Sequence[str]) -> Optional[Dict[str, Any]]:
    """Return the arguments of a command, as click would; None for what only click can read, or refuse."""
    options = {spelling: one for one in command.parameters for spelling in one.spellings}
    found: Dict[str, Any] = {one.name: one.unset for one in command.parameters}
    rest: List[str] = []
    left = iter(words)
    try:
        for word in left:
            if not word.startswith("-") or word == "-":
                rest.append(word)
                continue
            spelling, equals, text = word.partition("=")
            one = options[spelling]
            if one.nargs != 1 or (equals and (one.is_flag or not spelling.startswith("--"))):
                return None
            text = text if equals or one.is_flag else next(left)
            if text.startswith("-") and text != "-" and not equals:
                return None
            value = True if one.is_flag else _converted(one, text)
            found[one.name] = (*found[one.name], value) if one.multiple else value
        return found if _take(rest, [one for one in command.parameters if not one.spellings], found) else None
    except (KeyError, StopIteration, ValueError):
        return None


def _take(words: List[str], arguments: Iterable[Parameter], found: Dict[str, Any]) -> bool:
    """Give the arguments their words; False if there are too few or too many."""
    for one in arguments:
        if one.required and not words:
            return False
        if one.nargs == -1:
            found[one.name], words = tuple(_converted(one, word) for word in words), []
        elif words:
            found[one.name], words = _converted(one, words[0]), words[1:]
    return not words


def _converted(one: Parameter, text: str) -> Any:
    """Return the value that a text stands for. Raises ValueError where click has something to say."""
    if one.type is None:
        return text
    if isinstance(one.type, Choice):
        return one.type.words[one.type.words.index(text)]
    digits = text.replace(".", "", 1) if isinstance(one.type, Float) else text
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(text)
    number = float(text) if isinstance(one.type, Float) else int(text)
    least, most = one.type
    if (least is not None and number < least) or (most is not None and number > most):
        raise ValueError(text)
    return number


# ---- performing ----------------------------------------------------------------------------------------------

_calls: List[Call] = []


def perform(call: Call) -> int:
    """Run a command and return its exit code. Raises what the command raises."""
    _calls.append(call)
    try:
        result = call.command.run(**call.arguments)
    except Exit as leave:
        return leave.code
    except UsageError as error:
        error.hint = error.hint or "see: %s --help" % call.path
        raise
    finally:
        _calls.pop()
    return result if isinstance(result, int) else 0


def at_work() -> Optional[Call]:
    """Return the call that is being made: the inner one, where a command makes others."""
    return _calls[-1] if _calls else None
