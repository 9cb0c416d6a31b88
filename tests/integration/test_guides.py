"""Every command of a guide is run, and prints what is printed there."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from commands.program import app
from local.host import ROOT
from tests.support.guide import Example, examples, normalised, reader

GUIDES = sorted(path for path in (ROOT / "docs").glob("*.md") if examples(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_a_guides_examples_are_real(guide: Path) -> None:
    """In their order, against the stand-ins: the same output but for times, versions and digests."""
    written = examples(guide.read_text(encoding="utf-8"))
    with reader() as on_this_computer:
        ran = [Example(example.command, on_this_computer.run(example.command)) for example in written]
    for expected, got in zip(written, ran, strict=True):
        assert normalised(got.output) == normalised(expected.output), expected.command


def test_every_command_has_an_example() -> None:
    """The commands' guide leaves none out."""
    text = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    shown = {name for one in examples(text) for name in re.findall(r"gatepost\.py ([a-z-]+)", one.command)}
    commands = get_command(app).commands  # type: ignore[attr-defined]  # a group has them
    assert shown == {name for name, command in commands.items() if not command.hidden}
