"""What a command says when it cannot go on: a sentence, what to do, and the exit code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from commands.console.exit_codes import Exit, exit_of
from commands.local_store.errors import FolderError
from shared.errors import (
    ConditionError,
    GatepostError,
    MissingBlobError,
    OutcomeError,
    SettingsError,
    StorageError,
    StorageTrouble,
)


class CommandError(GatepostError):
    """An expected failure of a command.

    Attributes:
        help: what to do next, as a sentence; may be empty.
        exit: how the command ends.
    """

    def __init__(self, message: str, help_text: str = "", exit_code: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.help = help_text
        self.exit = exit_code


@dataclass(frozen=True, slots=True)
class Explanation:
    """A failure in words for a person who has never seen Azure."""

    message: str
    help: str
    exit: Exit


LOGIN_HELP: Final = (
    "Install the Azure CLI if it is missing, run `az login`, choose the right subscription, and try again."
)
_STORAGE: Final[dict[StorageTrouble, Explanation]] = {
    "login": Explanation("You are not logged in to Azure on this computer.", LOGIN_HELP, Exit.BLOCKED),
    "permission": Explanation(
        "The storage account does not let you do this.",
        "Ask its owner for a role on the container or queue: 'Storage Blob Data Reader' to look, 'Storage Blob Data "
        "Contributor' to upload exports or to write outcomes, 'Storage Queue Data Message Sender' to retry and resend. "
        "A new role takes some minutes. A storage firewall answers the same: then ask to be let through it.",
        Exit.BLOCKED,
    ),
    "missing": Explanation(
        "The storage account has no container or queue of that name.",
        "Compare EXPORTS_CONTAINER, RESULTS_CONTAINER, STATE_CONTAINER and EXPORTS_QUEUE in your settings with the "
        "storage account.",
        Exit.BLOCKED,
    ),
    "unreachable": Explanation(
        "The storage account cannot be reached from this computer.",
        "Check the network, the proxy, and the address in ExportStorage__blobServiceUri; then try again.",
        Exit.LATER,
    ),
    "unknown": Explanation("Storage refuses the request.", "Try again in some minutes.", Exit.LATER),
}


def explained(error: GatepostError) -> Explanation:
    """Put any failure of ours into words."""
    return next(explain(error) for kind, explain in _WORDS if isinstance(error, kind))


def _storage(error: StorageError) -> Explanation:
    words = _STORAGE[error.why]
    return Explanation(f"{words.message} ({error})", words.help, words.exit)


def _settings(error: SettingsError) -> Explanation:
    lines = "\n".join(f"  {problem}" for problem in error.problems)
    return Explanation(
        f"Some settings are missing or malformed:\n{lines}",
        "Write them into a file and name it with --settings, or set them as environment variables. Whoever deployed "
        "Gatepost gets them all with: az functionapp config appsettings list --resource-group GROUP --name APP > "
        "settings.json",
        Exit.USAGE,
    )


_WORDS: Final[tuple[tuple[type[GatepostError], Callable[..., Explanation]], ...]] = (
    (CommandError, lambda error: Explanation(str(error), error.help, error.exit)),
    (SettingsError, _settings),
    (
        FolderError,
        lambda error: Explanation(
            f"The folder where pushes are remembered cannot be used: {error}.",
            "Check --state (or GATEPOST_STATE), that you may write there, and that the disk is not full.",
            Exit.BLOCKED,
        ),
    ),
    (StorageError, _storage),
    (
        OutcomeError,
        lambda error: Explanation(error.message, error.code.help, exit_of(error.code.status)),
    ),
    (
        ConditionError,
        lambda _: Explanation(
            "Somebody else changed this at the same moment.", "Look at it again, then retry.", Exit.LATER
        ),
    ),
    (
        MissingBlobError,
        lambda _: Explanation("That is not there any more.", "Look with: gatepost.py list", Exit.NOT_FOUND),
    ),
    (GatepostError, lambda error: Explanation(str(error), "Please report this.", Exit.BUG)),
)
