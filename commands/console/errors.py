"""What a command says when it cannot go on: what happened, what to do, commands to paste, and the exit code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from commands.console import screen
from commands.console.command_line import command, foreign_command
from commands.console.exit_codes import Exit, exit_of
from commands.local_store.errors import ExportFileError, FolderError, JobBusyError, SharedFolderError
from shared.errors import (
    ConditionError,
    CredentialRefusedError,
    DirectoryError,
    DirectoryTrouble,
    GatepostError,
    LoginError,
    LoginTrouble,
    MissingBlobError,
    OutcomeError,
    SettingsError,
    StorageError,
    StorageTrouble,
)
from shared.printable import escaped


class CommandError(GatepostError):
    """An expected failure of a command.

    Attributes:
        help: what to do next, as a sentence; may be empty.
        exit: how the command ends.
        commands: to paste, if any.
    """

    def __init__(
        self, message: str, help_text: str = "", exit_code: Exit = Exit.USAGE, commands: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.help = help_text
        self.exit = exit_code
        self.commands = tuple(commands)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A failure in words for people who have never used Azure."""

    message: str
    help: str
    exit: Exit
    commands: tuple[str, ...] = ()


NOT_LOGGED_IN: Final = Explanation(
    "You are not logged in to Azure on this computer.",
    "Install the Azure CLI if it is missing, log in, and choose the right subscription. Then try again.",
    Exit.BLOCKED,
    ("az login",),
)
_LOGIN: Final[dict[LoginTrouble, Explanation]] = {
    "none": NOT_LOGGED_IN,
    "no-cli": Explanation(
        "The Azure CLI is not installed on this computer, or `az` is not in the PATH.",
        "Install it, open a new terminal, and log in.",
        Exit.BLOCKED,
        ("az login",),
    ),
    "slow": Explanation(
        "The Azure CLI gave no token within a minute.",
        "You may be logged in: it is `az` that is slow here. See how long it takes by itself; if as long, update it, or try "
        "again when the computer has less to do.",
        Exit.LATER,
        ("az account get-access-token --output none",),
    ),
    "expired": Explanation("Your login to Azure has expired.", "Log in again.", Exit.BLOCKED, ("az login",)),
    "more-proof": Explanation(
        "Entra ID wants more proof for your login: a second factor, or a device that your organization knows.",
        "Log in again and confirm it. If that does not help, ask who manages Conditional Access.",
        Exit.BLOCKED,
        ("az login",),
    ),
    "offline": Explanation(
        "The Azure CLI cannot reach Entra ID.",
        "Check the network, the proxy (HTTPS_PROXY) and its certificate (REQUESTS_CA_BUNDLE). See what `az` says:",
        Exit.LATER,
        ("az account get-access-token --output none",),
    ),
    "unclear": Explanation(
        "The Azure CLI gives no token, and its answer is not one that Gatepost knows.",
        "See what it says by itself, and log in again:",
        Exit.BLOCKED,
        ("az account get-access-token --output none", "az login"),
    ),
}
_STORAGE: Final[dict[StorageTrouble, Explanation]] = {
    "login": NOT_LOGGED_IN,
    "permission": Explanation(
        "You do not have permission to do this in the storage account.",
        "Ask its owner for a role on the container or queue: 'Storage Blob Data Reader' to read, 'Storage Blob Data "
        "Contributor' to upload exports or to write outcomes, 'Storage Queue Data Message Sender' to retry and resend. "
        "A new role takes some minutes. A storage firewall gives the same answer: then ask for access through it.",
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
        "Check the network, the proxy, and the address in ExportStorage__blobServiceUri. Then try again.",
        Exit.LATER,
    ),
    "unknown": Explanation(
        "The storage account refused the request.", "Try again in a few minutes.", Exit.LATER
    ),
}


def explained(error: GatepostError) -> Explanation:
    """Put any failure of ours into words."""
    return next(explain(error) for kind, explain in _WORDS if isinstance(error, kind))


def tell_error(error: GatepostError) -> Exit:
    """Print a failure on standard error; gives the exit code."""
    said = explained(error)
    screen.tell(f"Error: {said.message}", "red")
    if said.help:
        screen.tell(said.help)
    screen.tell_commands(said.commands)
    return said.exit


def _storage(error: StorageError) -> Explanation:
    words = _LOGIN[error.trouble] if error.why == "login" else _STORAGE[error.why]
    return Explanation(f"{words.message} ({error})", words.help, words.exit, words.commands)


def _directory(error: DirectoryError) -> Explanation:
    help_text, exit_code = _DIRECTORY[error.why]
    return Explanation(str(error), help_text, exit_code)


_DIRECTORY: Final[dict[DirectoryTrouble, tuple[str, Exit]]] = {
    "permission": (
        "Listing users needs User.Read.All in Entra ID: ask an administrator. A guest cannot have it.",
        Exit.BLOCKED,
    ),
    "attribute": ("Check the names after --key; employeeId is usual. Capitals matter.", Exit.USAGE),
    "unreachable": ("Try again later. Behind a proxy, set HTTPS_PROXY.", Exit.LATER),
    "unknown": ("Is --graph or CONNECTOR_CLOUD the right cloud? Then try again later.", Exit.LATER),
}


def _settings(error: SettingsError) -> Explanation:
    lines = "\n".join(f"  {problem}" for problem in error.problems)
    return Explanation(
        f"Some settings are missing or malformed:\n{lines}",
        "Write them into a file and name it with --settings, or set them as environment variables. The person who "
        "deployed Gatepost can get all of them with:",
        Exit.USAGE,
        ("az functionapp config appsettings list --resource-group GROUP --name APP > settings.json",),
    )


def _folder(error: FolderError) -> Explanation:
    return Explanation(
        f"The folder for pushes cannot be used: {error}.",
        "Check --state (or GATEPOST_STATE), your permission to write there, and the space on the disk.",
        Exit.BLOCKED,
    )


def _shared_folder(error: SharedFolderError) -> Explanation:
    return Explanation(
        f"The folder for pushes is not yours alone: {error}.",
        "It holds personal data, and what others write there would decide what is sent. Name a folder of your own with "
        "--state, or take it for yourself:",
        Exit.BLOCKED,
        (foreign_command("chmod", "-R", "go-w", "--", str(error.path)),),
    )


def _export_file(error: ExportFileError) -> Explanation:
    name = escaped(str(error.path))
    if error.is_held:
        help_text = "Try again when the exporter, or whichever program it is, has closed it."
        return Explanation(f"{name} is open in another program.", help_text, Exit.LATER)
    if not error.reason:
        help_text = "It was moved or deleted just now. Check the name and the folder you are in."
        return Explanation(f"File not found: {name}", help_text, Exit.NOT_FOUND)
    return Explanation(f"{name} cannot be read: {error.reason}.", "Check that you may read it.", Exit.BLOCKED)


def _outcome(error: OutcomeError) -> Explanation:
    return Explanation(error.message, error.code.help, exit_of(error.code.status))


def _secret(error: CredentialRefusedError) -> Explanation:
    """No rotation is on its way while a command runs: the secret is wrong or has expired."""
    return Explanation(error.message, error.code.help, Exit.BLOCKED)


def _login(error: LoginError) -> Explanation:
    words = _LOGIN[error.trouble]
    return Explanation(
        f"{words.message} ({error.message.rstrip('.')})", words.help, words.exit, words.commands
    )


def _busy(_: JobBusyError) -> Explanation:
    return Explanation(
        "Another push to the same connector job is running on this computer.",
        "Run the same command again when it has ended.",
        Exit.LATER,
    )


def _changed(_: ConditionError) -> Explanation:
    return Explanation(
        "Another program changed this at the same moment.",
        "Check what is there now, then try again.",
        Exit.LATER,
    )


def _missing(_: MissingBlobError) -> Explanation:
    return Explanation("It is no longer there.", "See what there is:", Exit.NOT_FOUND, (command("list"),))


_WORDS: Final[tuple[tuple[type[GatepostError], Callable[..., Explanation]], ...]] = (
    (CommandError, lambda error: Explanation(str(error), error.help, error.exit, error.commands)),
    (SettingsError, _settings),
    (SharedFolderError, _shared_folder),
    (FolderError, _folder),
    (ExportFileError, _export_file),
    (StorageError, _storage),
    (CredentialRefusedError, _secret),
    (LoginError, _login),
    (DirectoryError, _directory),
    (OutcomeError, _outcome),
    (JobBusyError, _busy),
    (ConditionError, _changed),
    (MissingBlobError, _missing),
    (GatepostError, lambda error: Explanation(str(error), "Please report this.", Exit.BUG)),
)
