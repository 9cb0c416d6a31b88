"""The app's secret is taken from a prompt or a descriptor, and nothing else is taken for it."""

import os
import warnings
from getpass import GetPassWarning

import pytest
import typer

from commands import secret_input
from commands.console.errors import CommandError


def _descriptor(data: bytes) -> int:
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    return reading


@pytest.mark.parametrize("data", [b"s3cr3t~value\n", b"\xef\xbb\xbfs3cr3t~value\r\n", b"s3cr3t~value"])
def test_a_descriptor_gives_the_secret_without_the_line_end(data: bytes) -> None:
    """Editors add line ends and byte order marks; a secret has none."""
    assert secret_input.from_descriptor(_descriptor(data)) == "s3cr3t~value"


@pytest.mark.parametrize("data", [b"", b"\n", b"two words", b"\xff\xfe", b"x" * 5_000])
def test_what_cannot_be_a_secret_is_refused_without_repeating_it(data: bytes) -> None:
    """A wrong file is noticed before Entra ID is asked; its content is not shown."""
    with pytest.raises(CommandError) as raised:
        secret_input.from_descriptor(_descriptor(data))
    assert "two words" not in str(raised.value) + raised.value.help


def test_without_a_terminal_there_is_no_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A prompt that would show what is typed is refused; the help names the descriptor."""
    monkeypatch.setattr(
        typer, "prompt", lambda *_, **__: warnings.warn("shown", GetPassWarning, stacklevel=1)
    )
    with pytest.raises(CommandError, match="no terminal") as raised:
        secret_input.from_prompt()
    assert "--secret-fd" in raised.value.help


def test_a_descriptor_that_is_not_open_says_how_to_open_one() -> None:
    """A forgotten redirection is the usual mistake."""
    with pytest.raises(CommandError, match="not open") as raised:
        secret_input.from_descriptor(987)
    assert "3< secret.txt" in raised.value.help


def test_the_id_of_a_secret_is_not_taken_for_its_value() -> None:
    """The portal shows both, and the ID for ever."""
    with pytest.raises(CommandError, match="Secret ID") as raised:
        secret_input.from_descriptor(_descriptor(b"11111111-2222-3333-4444-555555555555\n"))
    assert "Value" in raised.value.help
