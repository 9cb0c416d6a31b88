"""The app registration's client secret: typed at a prompt, or read from a file descriptor; never an argument."""

import os
import re
import warnings
from getpass import GetPassWarning
from typing import Final

import typer

from commands.console.errors import CommandError

_MAX_BYTES: Final = 4_096
_GUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_VALUE: Final = "Use the secret's Value: one word of about 40 characters, which the Azure portal shows once."

_NO_IDENTITY: Final = (
    "This computer has no managed identity. Give --secret-prompt, --credential secret, or --credential certificate; the last two "
    "read from the vault that KEY_VAULT_URI names."
)


def credential_kind(option: str | None, in_settings: str, *, given: bool) -> str | None:
    """The kind of credential that a push uses; `None`: as the settings say.

    Args:
        option: what --credential says.
        in_settings: what CONNECTOR_CREDENTIAL says.
        given: whether a client secret is given.

    Raises:
        CommandError: it is one that this computer cannot have, or not the one that was given.
    """
    if option not in {None, "secret", "certificate"}:
        raise CommandError("--credential must be secret or certificate.", _NO_IDENTITY)
    if given and option == "certificate":
        raise CommandError(
            "A client secret and --credential certificate are both given.", "Give one of them."
        )
    if given:
        return "secret"
    if option is None and in_settings.strip() == "federated":
        message = "CONNECTOR_CREDENTIAL is federated: the function app's managed identity is the proof."
        raise CommandError(message, _NO_IDENTITY)
    return option


def how_to_give_a_file() -> str:
    """How a secret in a file is given on this system."""
    if os.name == "nt":
        return "To read it from a file, write `type secret.txt |` before the command and `--secret-fd 0` after it."
    return "To read it from a file, write `--secret-fd 3 3< secret.txt` after the command."


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
            message = "There is no terminal to type the secret on."
            raise CommandError(message, how_to_give_a_file()) from None
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
        message = f"File descriptor {descriptor} is not open for reading."
        raise CommandError(message, how_to_give_a_file()) from None
    try:
        return _checked(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        message = "The file with the secret is not a text file."
        raise CommandError(message, "Save it as UTF-8, with nothing but the secret in it.") from None


def _checked(text: str) -> str:
    secret = text.strip()
    if _GUID.fullmatch(secret):
        raise CommandError("This is the Secret ID of a client secret, not its value.", _VALUE)
    if not secret or not secret.isprintable() or " " in secret or len(secret) > _MAX_BYTES:
        raise CommandError("This cannot be a client secret.", _VALUE)
    return secret
