"""What is typed as an option's value, read into text, path or number.

Typer would read it with pydantic, whose import costs as much as all that a small command does.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args, get_origin

import typer


def _whole(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise ValueError("a whole number, such as 10")
    return int(text)


def _number(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise ValueError("a number, such as 2.5")
    return found


_READ: Final[dict[Any, Callable[[str], Any]]] = {
    str: str,
    Path: Path,
    int: _whole,
    float: _number,
    bool: bool,  # of a flag, which comes as no text
}


@dataclass(frozen=True, slots=True)
class _Value:
    """Reads the values of one option or argument; takes the place of typer's own `RuntimeParam`."""

    read: Callable[[str], Any]
    is_list: bool

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """A value, or all of them, of the option's kind; what is no text already has it."""
        if self.is_list:
            return tuple(self._one(one, param, ctx) for one in value or ())
        return self._one(value, param, ctx)

    def _one(self, value: Any, param: Any, ctx: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self.read(value)
        except ValueError as error:
            raise typer.BadParameter(f"{value!r} is not {error}.", ctx=ctx, param=param) from None


def read_plainly(param: Any) -> None:
    """Let a parameter read its values by itself; one of a kind that is not known here is left to typer."""
    described = getattr(param, "type_descriptor", None)
    if described is None:
        return
    is_list = get_origin(described.annotation) is list
    kind = get_args(described.annotation)[0] if is_list else described.annotation
    read = described.parameter_info.parser or _READ.get(kind)
    if read:
        value = _Value(read, is_list)
        param.get_runtime_param = lambda: value
