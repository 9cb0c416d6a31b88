"""What the tests of commands share."""

from pathlib import Path

import pytest

from tests.support.command_runner import CommandRunner


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandRunner:
    """Runs commands in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return CommandRunner()
