"""Commands that are printed for people to paste: complete, quoted for the shell, never wrapped or shortened."""

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import PurePath
from types import MappingProxyType
from typing import Final

from commands.console.shells import current_shell, quoted

CARRIED: Final = ("settings", "state", "source")
"""Options of the running command that a printed command needs as well, if they were typed; `--env` stands before it."""

_MENTIONED: Final = re.compile(r"(?:python )?gatepost\.py ([a-z-]+)")
_NEEDS_NO_SETTINGS: Final = frozenset(
    {
        "validate",
        "sample",
        "schema",
        "explain",
        "source new",
        "source try",
        "source check",
        "source schema",
        "env add",
    }
)
_given: ContextVar[Mapping[str, str]] = ContextVar("given", default=MappingProxyType({}))


@contextmanager
def typed_options(options: Mapping[str, str]) -> Iterator[None]:
    """Let printed commands carry options of the running one: values by option name, without the hyphens."""
    token = _given.set(options)
    try:
        yield
    finally:
        _given.reset(token)


def program() -> list[str]:
    """The words with which the running program was started, as people type them again."""
    started = sys.argv[0]
    name = PurePath(started).name.removesuffix(".exe")
    if name == "gatepost":
        return [name]
    return ["python", started if name.endswith(".pyz") else "gatepost.py"]


def command(name: str, /, *names: str, env: str = "", **options: str | bool) -> str:
    """A command line to paste.

    Args:
        name: of the command; `source try` for one below another.
        names: of exports or files: data, which stands behind `--` and is never taken for an option.
        env: the environment whose settings it needs, if not the running command's.
        options: by their names, with `_` for a hyphen; `True` for a flag, `False` or an empty text for none.
    """
    carried: dict[str, str] = {}
    if name not in _NEEDS_NO_SETTINGS:
        carried |= _typed("settings")
    if name in {"push", "validate"}:
        carried |= _typed("source")
    if name == "push" or options.get("pushed"):
        carried |= _typed("state")
    given = [word for option, value in (options | carried).items() for word in _option(option, value)]
    chosen = "" if name in _NEEDS_NO_SETTINGS else env or _given.get().get("env", "")
    words = [*program(), *_option("env", chosen), *name.split(), *given, *(["--", *names] if names else [])]
    return quoted(words, current_shell())


def foreign_command(*words: str) -> str:
    """A command line of another program to paste."""
    return quoted(words, current_shell())


def commands_in(help_text: str) -> list[str]:
    """The names of the commands that a help of the product mentions, each once."""
    return list(dict.fromkeys(_MENTIONED.findall(help_text)))


def without_commands(help_text: str) -> str:
    """A help of the product with the names of commands alone: the commands are printed below it, complete."""
    return _MENTIONED.sub(r"`\1`", help_text)


def _typed(name: str) -> dict[str, str]:
    value = _given.get().get(name)
    return {name: value} if value else {}


def _option(name: str, value: str | bool) -> list[str]:  # noqa: FBT001  (a flag's value)
    word = f"--{name.replace('_', '-')}"
    if not isinstance(value, str):
        return [word] if value else []
    if not value:
        return []
    return [f"{word}={value}"] if value.startswith("-") else [word, value]
