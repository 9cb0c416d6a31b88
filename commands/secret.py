"""The app registration's secret from a person: typed at a prompt, or read from a file descriptor; never an argument."""

import os
import warnings
from getpass import GetPassWarning

import typer

from commands.console.errors import CommandError

_MAX_BYTES = 4_096


def from_prompt() -> str:
    """Ask for the secret without showing it.

    Raises:
        CommandError: nothing was typed, or there is no terminal to type it on.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)  # it would be shown while it is typed
        try:
            given = typer.prompt(
                "Client secret of the app registration", hide_input=True, default="", show_default=False
            )
        except GetPassWarning:
            help_text = "Give it in a file: gatepost.py push ... --secret-fd 3 3< FILE"
            raise CommandError("Nobody can be asked for the secret here.", help_text) from None
    return _checked(given)


def from_descriptor(descriptor: int) -> str:
    """Read the secret from an open file descriptor: `3` after `3< FILE`, or `0` for standard input.

    Raises:
        CommandError: it cannot be read, or holds nothing that could be a secret.
    """
    data = b""
    try:
        while len(data) <= _MAX_BYTES and (piece := os.read(descriptor, _MAX_BYTES)):
            data += piece
    except OSError:
        help_text = "Give the file like this: gatepost.py push ... --secret-fd 3 3< FILE"
        raise CommandError(f"File descriptor {descriptor} is not open for reading.", help_text) from None
    try:
        return _checked(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise CommandError(
            "The secret's file is no text.", "Save it as UTF-8, with the secret alone in it."
        ) from None


def _checked(text: str) -> str:
    secret = text.strip()
    if not secret or not secret.isprintable() or " " in secret or len(secret) > _MAX_BYTES:
        raise CommandError(
            "What was given cannot be a client secret.",
            "It is one word of about 40 characters: the Value (not the Secret ID) that the Azure portal shows once.",
        )
    return secret
