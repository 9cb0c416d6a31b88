"""Every command of a guide is run, and prints what is printed there."""

from pathlib import Path

import pytest

from local.host import ROOT
from tests.support.guide import Example, Incident, SavedFile, examples, normalised, reader, steps
from tests.support.guides import commands, named_commands
from tests.support.storage_accounts import StorageAccounts

pytestmark = pytest.mark.unmeasured

GUIDES = sorted(path for path in (ROOT / "docs").glob("*.md") if examples(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_a_guides_examples_are_real(guide: Path, storage_accounts: StorageAccounts) -> None:
    """In their order, against the stand-ins: the same output but for times, versions and digests."""
    ran: list[tuple[Example, str]] = []
    with reader(storage_accounts.new()) as on_this_computer:
        for step in steps(guide.read_text(encoding="utf-8")):
            if isinstance(step, SavedFile):
                on_this_computer.save(step)
            elif isinstance(step, Incident):
                on_this_computer.happen(step)
            else:
                ran.append((step, on_this_computer.run(step.command)))
    for expected, output in ran:
        assert normalised(output) == normalised(expected.output), expected.command


def test_every_command_has_an_example() -> None:
    """The commands' guide leaves none out."""
    text = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    shown = {name for one in examples(text) for name, _ in named_commands(one.command)}
    assert shown == set(commands())
