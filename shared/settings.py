"""The app settings, read once into one frozen object; a bad deployment gets one error with everything in it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from shared.errors import SettingsError

_ALLOWED: Final = "https://login.microsoftonline.com", "https://login.microsoftonline.us"
_MAX_SECONDS: Final = 2_300  # host.json's functionTimeout is 2,400
_SCOPE: Final = "https://microsoft.onmicrosoft.com/86dfdabb-5089-4a0c-880a-cfa5a790c5b1/.default"


@dataclass(frozen=True, slots=True)
class Cloud:
    """Where a Microsoft cloud keeps the connector and its Entra ID."""

    connector_url: str
    authority: str


CLOUDS: Final = {
    "commercial": Cloud("https://webhook.ingestion.office.com", _ALLOWED[0]),
    "gcc": Cloud("https://webhook-gcc.ingestion.office365.us", _ALLOWED[0]),
    "gcc-high": Cloud("https://webhook-itarl4.ingestion.office365.us", _ALLOWED[1]),
    "dod": Cloud("https://webhook-itarl5.ingestion.apps.mil", _ALLOWED[1]),
}
"""Read from Microsoft's sample scripts for the four clouds; the audience (the scope) is the same in all of them."""


@dataclass(frozen=True, slots=True)
class StorageConnection:
    """How to reach the data account: two service URIs with the app's identity, or Azurite's connection string."""

    blob_uri: str = ""
    queue_uri: str = ""
    connection_string: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything Gatepost can be told, checked. `SETTINGS` has the names, defaults and ranges."""

    storage: StorageConnection
    identity_client_id: str | None
    exports_queue: str
    exports_container: str
    results_container: str
    state_container: str
    tenant_id: str
    app_id: str
    job_id: str
    vault_uri: str
    secret_name: str
    connector_url: str
    connector_scope: str
    authority: str
    batch_max_records: int
    batch_max_bytes: int
    connector_timeout_seconds: int
    retry_max_seconds: int
    invocation_seconds: int
    retry_days: int
    max_invalid_percent: int
    max_export_bytes: int

    @property
    def custom_authority(self) -> bool:
        """Whether the authority is none of Microsoft's, so that it cannot be looked up there."""
        return self.authority not in _ALLOWED


@dataclass(frozen=True, slots=True)
class Setting:
    """One app setting: its default (`None`: required) and the check that turns its text into a value."""

    default: str | None
    read: Callable[[str], Any]


def _matching(pattern: str, should_be: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(should_be)
        return text

    return read


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def _https(text: str) -> str:
    should_be = "must be an https address without a user, a query or a fragment"
    try:
        parts = urlsplit(text)
        bad = parts.scheme != "https" or not parts.hostname or parts.port == 0
    except ValueError:  # its text repeats the value
        raise ValueError(should_be) from None
    if bad or re.search(r"[\s\\@?#]", text):
        raise ValueError(should_be)
    return text.rstrip("/")


_guid: Final = _matching(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", "must be a GUID")
_container: Final = _matching(
    r"(?=.{3,63}\Z)[a-z0-9]+(?:-[a-z0-9]+)*", "must be 3 to 63 lower-case letters, digits and single hyphens"
)

SETTINGS: Final[dict[str, Setting]] = {
    "EXPORTS_QUEUE": Setting(None, _container),
    "UPLOAD_SCHEDULE": Setting(
        None,
        _matching(r"\S+(?: \S+){5}", "must be a six-field NCRONTAB expression in UTC, such as 0 30 5 * * *"),
    ),
    "EXPORTS_CONTAINER": Setting("badging-exports", _container),
    "RESULTS_CONTAINER": Setting("badging-results", _container),
    "STATE_CONTAINER": Setting("gatepost-state", _container),
    "CONNECTOR_TENANT_ID": Setting(None, _guid),
    "CONNECTOR_APP_ID": Setting(None, _guid),
    "CONNECTOR_JOB_ID": Setting(None, _guid),
    "KEY_VAULT_URI": Setting(None, _https),
    "APP_SECRET_NAME": Setting(
        "badging-app-secret",
        _matching(r"[0-9A-Za-z-]{1,127}", "must be a secret's name, not its value or address"),
    ),
    "CONNECTOR_CLOUD": Setting(
        "commercial", _matching("|".join(CLOUDS), "must be one of " + ", ".join(CLOUDS))
    ),
    "CONNECTOR_URL": Setting("", _https),
    "CONNECTOR_SCOPE": Setting(
        "", _matching(r"https://\S+/\.default", "must be an https audience ending in /.default")
    ),
    "ENTRA_AUTHORITY": Setting("", _https),
    "BATCH_MAX_RECORDS": Setting("5000", _whole(1, 50_000)),
    "BATCH_MAX_BYTES": Setting("10000000", _whole(1_000, 100_000_000)),
    "CONNECTOR_TIMEOUT_SECONDS": Setting("400", _whole(1, 3_600)),
    "RETRY_MAX_SECONDS": Setting("300", _whole(0, 3_600)),
    "INVOCATION_SECONDS": Setting("1500", _whole(1, 2_100)),
    "RETRY_DAYS": Setting("60", _whole(1, 390)),
    "MAX_INVALID_PERCENT": Setting("50", _whole(0, 100)),
    "MAX_EXPORT_BYTES": Setting("500000000", _whole(1, 5_000_000_000)),
    "AZURE_CLIENT_ID": Setting("", _guid),
    "ExportStorage__blobServiceUri": Setting("", _https),
    "ExportStorage__queueServiceUri": Setting("", _https),
    "ExportStorage__credential": Setting("", _matching("managedidentity", "must be managedidentity")),
    "ExportStorage__clientId": Setting("", _guid),
    "ExportStorage": Setting("", str),
}
"""Every app setting the code reads; an empty default means that it may be left out."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Check the app settings.

    Raises:
        SettingsError: with a line for each setting that is missing or malformed; values are never repeated.
    """
    problems: list[str] = []
    values = {name: _read(name, setting, environment, problems) for name, setting in SETTINGS.items()}
    storage = _storage(values, problems)
    _check_together(values, problems)
    if problems:
        raise SettingsError(problems)
    cloud = CLOUDS[values["CONNECTOR_CLOUD"]]
    return Settings(
        storage=storage,
        identity_client_id=values["AZURE_CLIENT_ID"] or None,
        exports_queue=values["EXPORTS_QUEUE"],
        exports_container=values["EXPORTS_CONTAINER"],
        results_container=values["RESULTS_CONTAINER"],
        state_container=values["STATE_CONTAINER"],
        tenant_id=values["CONNECTOR_TENANT_ID"],
        app_id=values["CONNECTOR_APP_ID"],
        job_id=values["CONNECTOR_JOB_ID"],
        vault_uri=values["KEY_VAULT_URI"],
        secret_name=values["APP_SECRET_NAME"],
        connector_url=values["CONNECTOR_URL"] or cloud.connector_url,
        connector_scope=values["CONNECTOR_SCOPE"] or _SCOPE,
        authority=values["ENTRA_AUTHORITY"] or cloud.authority,
        batch_max_records=values["BATCH_MAX_RECORDS"],
        batch_max_bytes=values["BATCH_MAX_BYTES"],
        connector_timeout_seconds=values["CONNECTOR_TIMEOUT_SECONDS"],
        retry_max_seconds=values["RETRY_MAX_SECONDS"],
        invocation_seconds=values["INVOCATION_SECONDS"],
        retry_days=values["RETRY_DAYS"],
        max_invalid_percent=values["MAX_INVALID_PERCENT"],
        max_export_bytes=values["MAX_EXPORT_BYTES"],
    )


def _check_together(values: Mapping[str, Any], problems: list[str]) -> None:
    """What each setting by itself cannot say."""
    containers = [values[f"{which}_CONTAINER"] for which in ("EXPORTS", "RESULTS", "STATE")]
    if all(containers) and len(set(containers)) < len(containers):
        problems.append("EXPORTS_CONTAINER, RESULTS_CONTAINER and STATE_CONTAINER must be three containers")
    seconds = [values["INVOCATION_SECONDS"], values["CONNECTOR_TIMEOUT_SECONDS"]]
    if all(seconds) and sum(seconds) > _MAX_SECONDS:
        problems.append(
            f"INVOCATION_SECONDS and CONNECTOR_TIMEOUT_SECONDS together must be at most {_MAX_SECONDS}: "
            "the host ends a function after 40 minutes"
        )


def _read(name: str, setting: Setting, environment: Mapping[str, str], problems: list[str]) -> Any:
    text = environment.get(name, "").strip() or setting.default
    if text is None:
        problems.append(f"{name} is missing")
    elif text:
        try:
            return setting.read(text)
        except ValueError as error:
            problems.append(f"{name} {error}")
    return ""


def _storage(values: Mapping[str, Any], problems: list[str]) -> StorageConnection:
    text: str = values["ExportStorage"]
    if text:
        if not _is_azurite(text):
            problems.append(
                "ExportStorage may hold a connection string for Azurite only; use ExportStorage__blobServiceUri"
            )
        return StorageConnection(connection_string=text)
    for part in ("blobServiceUri", "queueServiceUri"):
        name = f"ExportStorage__{part}"
        if not values[name] and not _told(name, problems):
            problems.append(f"{name} is missing: the data account's https address")
    _check_identity(values, problems)
    return StorageConnection(
        values["ExportStorage__blobServiceUri"], values["ExportStorage__queueServiceUri"]
    )


def _check_identity(values: Mapping[str, Any], problems: list[str]) -> None:
    host_uses, we_use = values["ExportStorage__clientId"], values["AZURE_CLIENT_ID"]
    if _told("ExportStorage__clientId", problems) or _told("AZURE_CLIENT_ID", problems):
        return
    if values["ExportStorage__credential"] and not we_use:
        problems.append("AZURE_CLIENT_ID is missing: the client id of the app's identity")
    elif (values["ExportStorage__credential"] or host_uses) and host_uses.lower() != we_use.lower():
        problems.append("ExportStorage__clientId must be the same identity as AZURE_CLIENT_ID")


def _told(name: str, problems: list[str]) -> bool:
    return any(problem.startswith(f"{name} ") for problem in problems)


def _is_azurite(connection_string: str) -> bool:
    """Whether it leads to this machine, or to a host without a domain (a container beside us) and Azurite's account."""
    pairs = {
        key.lower(): value for key, _, value in (part.partition("=") for part in connection_string.split(";"))
    }
    if pairs.get("usedevelopmentstorage") == "true" and "developmentstorageproxyuri" not in pairs:
        return True
    try:
        hosts = {urlsplit(uri).hostname or "" for key, uri in pairs.items() if key.endswith("endpoint")}
    except ValueError:
        return False
    if hosts and hosts <= {"127.0.0.1", "localhost", "::1"}:
        return True
    beside_us = all(re.fullmatch(r"[0-9a-z_-]+", host) for host in hosts)
    return bool(hosts) and beside_us and pairs.get("accountname") == "devstoreaccount1"
