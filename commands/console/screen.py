"""Prints: results to standard output, progress and errors to standard error.

Text is wrapped on a terminal (or where COLUMNS is set) and left in whole lines in a pipe. Commands are never wrapped.
Whatever a text holds, a terminal only shows it (`shared.printable`).
"""

import errno
import os
import re
import textwrap
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from shared.printable import escaped, escaped_json

_PIPE_WIDTH: Final = 200
"""How wide a table may be where no terminal limits it."""

_NARROWEST: Final = 20
_SHORTEST_LINE: Final = 10
_ROOM_BESIDE: Final = 30
"""Columns a text needs beside its margin; with fewer it goes below."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Let the program end as with every other output that cannot be written."""
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")


def out() -> Console:
    """Standard output as it is now."""
    return _console(stderr=False)


def err() -> Console:
    """Standard error as it is now."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    console = _Console(stderr=stderr, highlight=False, emoji=False, width=_asked_columns())
    if not _is_wrapped(console):
        console.width = _PIPE_WIDTH
    elif console.width < _NARROWEST:
        console.width = _NARROWEST
    return console


def _is_wrapped(console: Console) -> bool:
    """Whether lines end at a width: a terminal's, or the one that COLUMNS asks for."""
    return console.is_terminal or _asked_columns() is not None


def _asked_columns() -> int | None:
    """What COLUMNS asks for; `None` for 0, which some programs set where there is no terminal, or for no number."""
    asked = os.environ.get("COLUMNS", "")
    return int(asked) if re.fullmatch("[0-9]{1,6}", asked) and int(asked) else None


def say(text: str = "", style: str = "") -> None:
    """Print a text of the result."""
    _print(out(), text, style)


def tell(text: str, style: str = "") -> None:
    """Print a text about the work."""
    _print(err(), text, style)


def say_commands(commands: Sequence[str], indent: int = 2) -> None:
    """Print commands of the result, each whole on a line of its own."""
    _print_commands(out(), commands, indent)


def tell_commands(commands: Sequence[str]) -> None:
    """Print commands that belong to an error, each whole on a line of its own."""
    _print_commands(err(), commands, 2)


def say_aside(margin: str, text: str, style: str = "") -> None:
    """Print a text beside its margin, or below it where there is little room."""
    console = out()
    if console.width - len(margin) < _ROOM_BESIDE:
        if margin.strip():
            _print(console, margin.rstrip(), style)
        margin = "  "
    _print(console, text, style, margin)


def show_json(value: object) -> None:
    """Print a value as JSON for programs: UTF-8 whatever the code page is."""
    document = escaped_json(msgspec.json.format(_encoded(value), indent=2))
    stream = typer.get_binary_stream("stdout")
    stream.write(document + b"\n")
    stream.flush()


def _encoded(value: object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:  # the name of a file may be any bytes, and JSON may not
        return msgspec.json.encode(_with_text_only(msgspec.to_builtins(value)))


def _with_text_only(value: Any) -> Any:
    match value:
        case dict():
            return {name: _with_text_only(one) for name, one in value.items()}
        case list():
            return [_with_text_only(one) for one in value]
        case str() if any("\ud800" <= one <= "\udfff" for one in value):
            return escaped(value)
        case _:
            return value


def _print(console: Console, text: str, style: str, margin: str = "") -> None:
    """Print a text after its margin; further lines begin below its first word."""
    for part in text.split("\n"):
        words = escaped(part.lstrip(" "))
        begin = margin + " " * (len(part) - len(words))
        lines = [words]
        if _is_wrapped(console) and words:
            room = max(_SHORTEST_LINE, console.width - 1 - len(begin))
            lines = textwrap.wrap(words, room, break_long_words=False, break_on_hyphens=False)
        for line in lines:
            console.print(Text((begin + line).rstrip(), style=style), soft_wrap=True)
            begin = " " * len(begin)


def _print_commands(console: Console, commands: Sequence[str], indent: int) -> None:
    for one in commands:
        console.print(Text(" " * indent + escaped(one)), soft_wrap=True)
