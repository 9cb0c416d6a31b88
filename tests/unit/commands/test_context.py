"""Which settings a command uses, and whose login."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from commands.context import CONNECTOR, STORAGE, VAULT, CommandContext
from shared.errors import SettingsError
from shared.read_settings import read_settings

STORAGE_URI = "https://data.blob.core.windows.net"
CLIENT = "11111111-1111-1111-1111-111111111111"


def _built(
    environment: Mapping[str, str],
    *unused: Mapping[str, str],
    file: Path | None = None,
    options: Mapping[str, str | None] | None = None,
) -> Any:
    """The settings the product would be built from."""
    command = CommandContext(environment, build=read_settings)  # type: ignore[arg-type]
    return command.deployment(file, *unused, options=options or {})._parts


def test_reading_outcomes_needs_the_data_accounts_address_alone() -> None:
    """The connector's and the vault's settings are not asked for, and the queues' address follows."""
    settings = _built({"ExportStorage__blobServiceUri": STORAGE_URI}, CONNECTOR, VAULT)
    assert settings.storage.blob_uri == STORAGE_URI
    assert settings.storage.queue_uri == "https://data.queue.core.windows.net"
    assert settings.identity_client_id is None


def test_settings_a_command_never_uses_may_be_malformed() -> None:
    """A wrong job id does not keep anybody from looking at outcomes."""
    environment = {"ExportStorage__blobServiceUri": STORAGE_URI, "CONNECTOR_JOB_ID": "nonsense"}
    assert _built(environment, CONNECTOR, VAULT).storage.blob_uri == STORAGE_URI
    with pytest.raises(SettingsError, match="CONNECTOR_JOB_ID"):
        _built(environment, VAULT)


def test_the_apps_identity_in_a_file_is_not_used(tmp_path: Path) -> None:
    """The app's settings work on another computer: its identity is left out and the Azure CLI's login used."""
    path = tmp_path / "settings.json"
    identity = {"AZURE_CLIENT_ID": CLIENT, "ExportStorage__clientId": CLIENT}
    written = {"ExportStorage__blobServiceUri": STORAGE_URI, "ExportStorage__credential": "managedidentity"}
    path.write_text(json.dumps({"Values": written | identity}))
    assert _built({}, CONNECTOR, VAULT, file=path).identity_client_id is None
    here = {"IDENTITY_ENDPOINT": "http://127.0.0.1/token"}
    assert _built(here, CONNECTOR, VAULT, file=path).identity_client_id == CLIENT


def test_an_identity_in_the_environment_is_this_machines() -> None:
    """A machine in Azure names its own identity in AZURE_CLIENT_ID."""
    environment = {"ExportStorage__blobServiceUri": STORAGE_URI, "AZURE_CLIENT_ID": CLIENT}
    assert _built(environment, CONNECTOR, VAULT).identity_client_id == CLIENT


def test_a_file_wins_over_the_environment_and_options_over_both(tmp_path: Path) -> None:
    """The nearer a setting is named, the more it counts."""
    path = tmp_path / "settings.env"
    path.write_text(f"CONNECTOR_JOB_ID={CLIENT}\nCONNECTOR_APP_ID={CLIENT}\n")
    environment = dict.fromkeys(CONNECTOR, "22222222-2222-2222-2222-222222222222")
    options = {"CONNECTOR_APP_ID": "33333333-3333-3333-3333-333333333333", "CONNECTOR_CLOUD": None}
    settings = _built(environment, STORAGE, VAULT, file=path, options=options)
    assert (settings.tenant_id[0], settings.job_id[0], settings.app_id[0]) == ("2", "1", "3")
