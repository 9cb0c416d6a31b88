"""A library that a command needs and that is not installed: what to do, depending on how Gatepost was installed."""

from pathlib import Path

from commands.console.command_line import foreign_command
from commands.console.errors import CommandError

_ROOT = Path(__file__).parents[2]


def missing_library(error: ModuleNotFoundError) -> CommandError:
    """The error in words.

    Raises:
        ModuleNotFoundError: it is one of ours, which is a bug.
    """
    library = str(error.name).partition(".")[0]
    if library in {"commands", "shared"}:
        raise error
    message = f"The Python library {library} is missing."
    if not (_ROOT / "requirements.txt").exists():
        help_text = "This command works with Azure. Install Gatepost with the extra `azure`; docs/install.md has the line."
        return CommandError(message, help_text)
    install = foreign_command(
        *("python", "-m", "pip", "install", "-r", "requirements.txt", "-r", "requirements-dev.txt")
    )
    return CommandError(message, "Install what the commands need, in Gatepost's folder:", commands=[install])
