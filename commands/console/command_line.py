"""Commands that are printed for people to paste: complete, quoted for the shell, never wrapped or shortened."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Final

CARRIED: Final = ("settings", "state")
"""Options of the running command that a printed command needs as well, if they were typed."""

_MENTIONED: Final = re.compile(r"(?:python )?gatepost\.py ([a-z-]+)")
_NEEDS_NO_SETTINGS: Final = frozenset({"validate", "sample", "schema", "explain"})
_ON_WINDOWS: Final = os.name == "nt"
_given: ContextVar[Mapping[str, str]] = ContextVar("given", default=MappingProxyType({}))


@contextmanager
def typed_options(options: Mapping[str, str]) -> Iterator[None]:
    """Let printed commands carry options of the running one: values by option name, without the hyphens."""
    token = _given.set(options)
    try:
        yield
    finally:
        _given.reset(token)


def command(name: str, *words: str) -> str:
    """A command line to paste.

    Args:
        name: of the command.
        words: its arguments and options; an argument that looks like an option must come last.
    """
    options: list[str] = []
    if name not in _NEEDS_NO_SETTINGS:
        options += _option("settings")
    if name == "push" or "--pushed" in words:
        options += _option("state")
    guarded = [word for word in words if not _is_name_like_option(word)]
    last = [word for word in words if _is_name_like_option(word)]
    return _quoted(["python", "gatepost.py", name, *guarded, *options, *(["--", *last] if last else [])])


def commands_in(help_text: str) -> list[str]:
    """The names of the commands that a help of the product mentions, each once."""
    return list(dict.fromkeys(_MENTIONED.findall(help_text)))


def without_commands(help_text: str) -> str:
    """A help of the product with the names of commands alone: the commands are printed below it, complete."""
    return _MENTIONED.sub(r"`\1`", help_text)


def _option(name: str) -> list[str]:
    value = _given.get().get(name)
    return [f"--{name}", value] if value else []


def _is_name_like_option(word: str) -> bool:
    """Whether a file's or an export's name would be taken for an option."""
    return word.startswith("-") and ("." in word or " " in word)


def _quoted(words: list[str]) -> str:
    if _ON_WINDOWS:
        return subprocess.list2cmdline(words)
    return " ".join(shlex.quote(word) if word.isprintable() else _escaped(word) for word in words)


def _escaped(word: str) -> str:
    """A word with control characters in the form that bash and zsh read, so that a terminal does not obey them."""
    inner = "".join(one if one.isprintable() and one not in "'\\" else f"\\U{ord(one):08x}" for one in word)
    return f"$'{inner}'"
