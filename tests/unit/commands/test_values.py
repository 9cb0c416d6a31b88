"""What is typed as a value becomes text, a path or a number, or a sentence says what it should be."""

from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from commands.console.help_text import HelpCommand

_GOT: list[object] = []
_app = typer.Typer(add_completion=False, rich_markup_mode=None)


@_app.command(cls=HelpCommand)
def _take(
    files: Annotated[list[Path] | None, typer.Argument()] = None,
    *,
    whole: Annotated[int | None, typer.Option()] = None,
    share: Annotated[float, typer.Option()] = 0.5,
    key: Annotated[list[str] | None, typer.Option()] = None,
    place: Annotated[Path | None, typer.Option(envvar="TAKE_PLACE")] = None,
) -> None:
    _GOT[:] = [files, whole, share, key, place]


def _typed(*words: str, env: dict[str, str] | None = None) -> list[object]:
    result = CliRunner().invoke(_app, list(words), env=env)
    assert result.exit_code == 0, result.output
    return list(_GOT)


def test_values_have_the_kind_that_the_command_asks_for() -> None:
    """Lists, numbers, paths, and what a variable of the environment says."""
    words = ("a.json", "b.json", "--whole", "-7", "--share", "1.5", "--key", "x", "--key", "y")
    assert _typed(*words) == [[Path("a.json"), Path("b.json")], -7, 1.5, ["x", "y"], None]
    assert _typed(env={"TAKE_PLACE": "there"}) == [None, None, 0.5, None, Path("there")]


@pytest.mark.parametrize("typed", ["abc", "1.5", "", "1_000", "\u0663", "9" * 400, "1e3", "nan"])
def test_what_is_no_whole_number_is_said(typed: str) -> None:
    """In words, with an example; also forms that Python alone would take."""
    result = CliRunner().invoke(_app, ["--whole", typed])
    assert result.exit_code == 2
    assert "is not a whole number, such as 10." in result.output


@pytest.mark.parametrize("typed", ["abc", "1,5", "", "nan", "inf", "-Infinity"])
def test_what_is_no_number_is_said(typed: str) -> None:
    """Neither is what is no finite one: no limit would hold it."""
    result = CliRunner().invoke(_app, ["--share", typed])
    assert result.exit_code == 2
    assert "is not a number, such as 2.5." in result.output
