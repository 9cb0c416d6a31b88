"""What a command runs with: settings from the environment and a file, and the deployment built from them.

Settings a command does not use are not asked for: reading outcomes needs the storage account's address and nothing of
the connector.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from commands.deployment import (
    Build,
    Deployment,
    ExportVersions,
    PoisonQueue,
    build,
    container_of_sources,
    poison_queue,
    versions_of_exports,
)
from commands.probe import ProbeResult, probe
from commands.settings_file import read_settings_file
from commands.tenant_users import Users, users_of_tenant
from shared.settings import SETTINGS

if TYPE_CHECKING:
    from shared.delivery.ports import Container
    from shared.settings import Settings

IDENTITY: Final = ("AZURE_CLIENT_ID", "ExportStorage__credential", "ExportStorage__clientId")
"""Settings of the app's own identity, which no person is."""
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
"""These replace settings that a command does not use, by what they are about."""


@dataclass(frozen=True)
class CommandContext:
    """What every command is given.

    Attributes:
        environment: the environment's variables; a settings file overrides them.
        build: builds the product from settings.
        poison: the queue of messages that could not be processed.
        probe: tries to reach a host.
        versions: older versions of exports.
        sources: the container of profiles and people files.
        users: the users of the tenant, at an address of Microsoft Graph.
    """

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    build: Build = build
    poison: "Callable[[Settings], PoisonQueue]" = poison_queue
    probe: Callable[[str], ProbeResult] = probe
    versions: "Callable[[Settings], ExportVersions]" = versions_of_exports
    sources: "Callable[[Settings], Container]" = container_of_sources
    users: "Callable[[Settings, str], Users]" = users_of_tenant

    def settings(self, file: Path | None) -> dict[str, str]:
        """The settings as texts, from the environment and over it the file.

        The app's identity in a file is not this person's: it is left out unless this machine can be that identity, and
        the Azure CLI's login is used.

        Raises:
            CommandError: the file cannot be used.
        """
        names = {*SETTINGS, "IDENTITY_ENDPOINT"}
        found = {name: value for name, value in self.environment.items() if name in names}
        if file:
            written = read_settings_file(file, SETTINGS)
            if "IDENTITY_ENDPOINT" not in found:
                written = {name: value for name, value in written.items() if name not in IDENTITY}
            found |= {name: value for name, value in written.items() if name in SETTINGS}
        if "AZURE_CLIENT_ID" not in found:
            found = {name: value for name, value in found.items() if name not in IDENTITY}
        return found

    def deployment(
        self, file: Path | None, *unused: Mapping[str, str], options: Mapping[str, str | None] = NOTHING
    ) -> Deployment:
        """Build what a command works with.

        Args:
            file: of settings.
            unused: settings the command does not use, with what replaces them, even if they are set.
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
        settings |= {name: value for name, value in options.items() if value}
        return Deployment.of(settings, self.build)


def _add_queue_address(given: dict[str, str]) -> None:
    """The queues' address follows from the blobs'; people are asked for one of the two."""
    blobs = given.get("ExportStorage__blobServiceUri", "")
    if ".blob." in blobs:
        given.setdefault("ExportStorage__queueServiceUri", blobs.replace(".blob.", ".queue.", 1))
    elif not blobs and "ExportStorage" not in given:  # the one that is missing is the other
        given.setdefault("ExportStorage__queueServiceUri", "https://not-asked-for.queue.core.windows.net")


def command_context(context: typer.Context) -> CommandContext:
    """What a command was given; tests give one of their own."""
    return context.obj if isinstance(context.obj, CommandContext) else CommandContext()
