"""Where outcomes are looked up: in Azure's results container, or in the folder of what was pushed from this computer."""

import os
from pathlib import Path
from typing import Annotated

import typer

from commands.console.errors import CommandError
from commands.context import CONNECTOR, VAULT, CommandContext
from commands.local_store.folder import Folder
from shared.delivery.ports import Container

StateFolder = Annotated[
    Path | None,
    typer.Option(
        "--state",
        metavar="FOLDER",
        envvar="GATEPOST_STATE",
        help="Where pushes are remembered, and records that were rejected are kept; by default a folder of your own.",
    ),
]
PushedHere = Annotated[
    bool,
    typer.Option("--pushed", help="Look at what was pushed from this computer, not at what is in Azure."),
]


def state_folder(state: Path | None) -> Path:
    """The folder of what was pushed from this computer."""
    return state or Path(typer.get_app_dir("gatepost", roaming=False))


def pushed_results(state: Path | None) -> Folder:
    """The results of what was pushed from this computer; none if nothing was pushed yet.

    Raises:
        CommandError: what was named is no folder, or cannot be read.
    """
    folder = state_folder(state)
    try:
        os.scandir(folder).close()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise CommandError(
            f"{folder} cannot be used: {error.strerror}.", "Check --state (or GATEPOST_STATE)."
        ) from None
    return Folder(folder / "results", "results")


def results_for(
    command: CommandContext, settings: Path | None, state: Path | None, *, pushed: bool
) -> Container:
    """The container to look outcomes up in; Azure's needs the address of the data account, and no other setting.

    Raises:
        CommandError: the settings file cannot be used.
        SettingsError: settings are missing or malformed.
    """
    return pushed_results(state) if pushed else command.collaborators(settings, CONNECTOR, VAULT).results
