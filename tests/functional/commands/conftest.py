"""What the tests of commands share."""

from pathlib import Path

import pytest

from tests.support.command_runner import CommandRunner


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are printed for sh, in whichever shell the tests were started."""
    monkeypatch.setenv("SHELL", "/bin/sh")


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandRunner:
    """Runs commands in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return CommandRunner()
