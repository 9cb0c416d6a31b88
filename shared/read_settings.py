"""Reads and checks the app settings; a bad deployment gets one error with everything in it."""

from collections.abc import Mapping
from typing import Any

from shared.clouds import CLOUDS, CONNECTOR_SCOPE
from shared.errors import SettingsError
from shared.setting_checks import (
    Setting,
)
from shared.settings import FIELDS, MAX_SECONDS, SETTINGS, Settings
from shared.storage_connection import storage_connection


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Check the app settings.

    Raises:
        SettingsError: with a line for each setting that is missing or malformed; values are never repeated.
    """
    problems: list[str] = []
    values = {name: _read(setting, environment, problems) for name, setting in SETTINGS.items()}
    storage = storage_connection(values, problems)
    _check_together(values, problems)
    if problems:
        raise SettingsError(problems)
    cloud = CLOUDS[values["CONNECTOR_CLOUD"]]
    found = {field: values[setting.name] for field, setting in FIELDS.items()}
    derived = {
        "storage": storage,
        "identity_client_id": values["AZURE_CLIENT_ID"] or None,
        "connector_url": values["CONNECTOR_URL"] or cloud.connector_url,
        "connector_scope": values["CONNECTOR_SCOPE"] or CONNECTOR_SCOPE,
        "authority": values["ENTRA_AUTHORITY"] or cloud.authority,
        "federated_audience": values["FEDERATED_AUDIENCE"] or cloud.federated_audience,
    }
    return Settings(**(found | derived))


def _check_together(values: Mapping[str, Any], problems: list[str]) -> None:
    """What each setting by itself cannot say."""
    containers = [values[f"{which}_CONTAINER"] for which in ("EXPORTS", "RESULTS", "STATE", "SOURCES")]
    if all(containers) and len(set(containers)) < len(containers):
        problems.append(
            "EXPORTS_CONTAINER, RESULTS_CONTAINER, STATE_CONTAINER and SOURCES_CONTAINER must be four containers"
        )
    seconds = [values["INVOCATION_SECONDS"], values["CONNECTOR_TIMEOUT_SECONDS"]]
    if all(seconds) and sum(seconds) > MAX_SECONDS:
        problems.append(
            f"INVOCATION_SECONDS and CONNECTOR_TIMEOUT_SECONDS together must be at most {MAX_SECONDS}: "
            "the host ends a function after 40 minutes"
        )
    _check_vault(values, problems)
    _check_retention(values, problems)


def _check_vault(values: Mapping[str, Any], problems: list[str]) -> None:
    """A secret or a certificate lies in a vault; the app's identity needs none."""
    told = {problem.partition(" ")[0] for problem in problems}
    needed = values["CONNECTOR_CREDENTIAL"] != "federated" and not values["KEY_VAULT_URI"]
    if needed and "KEY_VAULT_URI" not in told:
        problems.append("KEY_VAULT_URI is missing: the vault's https address")


def _check_retention(values: Mapping[str, Any], problems: list[str]) -> None:
    """An export must outlive what is done with it, and what is known of it must outlive the export."""
    tried, remapped, exports, outcomes = (
        values[name]
        for name in ("RETRY_DAYS", "REMAP_DAYS", "EXPORTS_RETENTION_DAYS", "OUTCOMES_RETENTION_DAYS")
    )
    if "" not in {tried, remapped, exports} and exports < max(tried, remapped) + 7:
        problems.append("EXPORTS_RETENTION_DAYS must be at least 7 more than RETRY_DAYS and than REMAP_DAYS")
    if "" not in {exports, outcomes} and outcomes < exports + 30:
        problems.append("OUTCOMES_RETENTION_DAYS must be at least 30 more than EXPORTS_RETENTION_DAYS")


def _read(setting: Setting, environment: Mapping[str, str], problems: list[str]) -> Any:
    text = environment.get(setting.name, "").strip() or setting.default
    if text is None:
        problems.append(f"{setting.name} is missing")
    elif text:
        try:
            return setting.read(text)
        except ValueError as error:
            problems.append(f"{setting.name} {error}")
    return ""
