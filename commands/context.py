"""What a command works with: settings from the environment and a file, and the product built from them.

Settings a command has no use for are not asked for: whoever only looks at outcomes needs the storage account's address
and nothing of the connector.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import typer

from commands.probe import ProbeResult, probe
from commands.settings_file import read_settings_file
from shared import app
from shared.delivery.collaborators import Collaborators
from shared.delivery.ports import Queue
from shared.settings import SETTINGS, Settings

SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        metavar="FILE",
        envvar="GATEPOST_SETTINGS",
        help="A file with the app settings: local.settings.json, the Azure CLI's JSON, or NAME=value lines.",
    ),
]

_IDENTITY: Final = ("AZURE_CLIENT_ID", "ExportStorage__credential", "ExportStorage__clientId")
NOTHING: Final[Mapping[str, str]] = {}
_USUAL: Final = {"EXPORTS_QUEUE": "badging-exports", "UPLOAD_SCHEDULE": "0 30 5 * * *"}
_ANY_GUID: Final = "00000000-0000-0000-0000-000000000000"
CONNECTOR: Final = {
    "CONNECTOR_TENANT_ID": _ANY_GUID,
    "CONNECTOR_APP_ID": _ANY_GUID,
    "CONNECTOR_JOB_ID": _ANY_GUID,
}
VAULT: Final = {"KEY_VAULT_URI": "https://no-vault.invalid"}
STORAGE: Final = {"ExportStorage": "UseDevelopmentStorage=true"}
"""These stand in for settings that a command never uses, by what they are about."""


def _poison(settings: Settings) -> Queue:
    from shared.services.identity import own_credential  # noqa: PLC0415  (only `check` needs it)
    from shared.services.storage import MessageQueue  # noqa: PLC0415

    credential = None if settings.storage.connection_string else own_credential(settings.identity_client_id)
    return MessageQueue(settings.storage, credential, f"{settings.exports_queue}-poison")


@dataclass(frozen=True)
class CommandContext:
    """A person's place of work.

    Attributes:
        environment: the environment's variables; a settings file is laid over them.
        build: makes the collaborators out of settings.
        poison: the queue of messages that nobody could handle.
        reach: tries to reach a host.
    """

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    build: Callable[[dict[str, str]], Collaborators] = app.build
    poison: Callable[[Settings], Queue] = _poison
    probe: Callable[[str], ProbeResult] = probe

    def settings(self, file: Path | None) -> dict[str, str]:
        """The settings as texts, from the environment and over it the file.

        In a file the app's identity is only somebody else's: it is passed over unless this machine can be that
        identity, and the Azure CLI's login is used.

        Raises:
            CommandError: the file cannot be used.
        """
        names = {*SETTINGS, "IDENTITY_ENDPOINT"}
        found = {name: value for name, value in self.environment.items() if name in names}
        if file:
            written = read_settings_file(file)
            if "IDENTITY_ENDPOINT" not in found:
                written = {name: value for name, value in written.items() if name not in _IDENTITY}
            found |= {name: value for name, value in written.items() if name in SETTINGS}
        if "AZURE_CLIENT_ID" not in found:
            found = {name: value for name, value in found.items() if name not in _IDENTITY}
        return found

    def collaborators(
        self, file: Path | None, *unused: Mapping[str, str], options: Mapping[str, str | None] = NOTHING
    ) -> Collaborators:
        """Build what a command works with.

        Args:
            file: of settings.
            unused: settings the command never uses, with what stands in for them, however they are set.
            options: settings given on the command line, which win.

        Raises:
            CommandError: the file cannot be used.
            SettingsError: settings are missing or malformed.
        """
        given = {name: value for name, value in self.settings(file).items() if value.strip()}
        _add_queue_address(given)
        settings = _USUAL | given
        for group in unused:
            settings |= group
        return self.build(settings | {name: value for name, value in options.items() if value})


def _add_queue_address(given: dict[str, str]) -> None:
    """The queues' address follows from the blobs'; people are asked for one of the two."""
    blobs = given.get("ExportStorage__blobServiceUri", "")
    if ".blob." in blobs:
        given.setdefault("ExportStorage__queueServiceUri", blobs.replace(".blob.", ".queue.", 1))
    elif not blobs and "ExportStorage" not in given:  # the one that is missing is the other
        given.setdefault("ExportStorage__queueServiceUri", "https://not-asked-for.queue.core.windows.net")


def command_context(context: typer.Context) -> CommandContext:
    """The desk a command was given; tests give one of their own."""
    return context.obj if isinstance(context.obj, CommandContext) else CommandContext()
