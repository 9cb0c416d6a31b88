"""The app settings, read once into one frozen object; a bad deployment gets one error with everything in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final, get_type_hints
from zoneinfo import ZoneInfo

from shared.errors import SettingsError
from shared.setting_checks import (
    REQUIRED,
    Setting,
    container,
    guid,
    https,
    matching,
    switch,
    time_zone,
    whole,
)
from shared.storage_connection import STORAGE_SETTINGS, StorageConnection, storage_connection

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
class Settings:
    """Everything Gatepost can be told, checked. What is annotated with a `Setting` is the value of that app setting."""

    storage: StorageConnection
    exports_queue: Annotated[
        str, container("EXPORTS_QUEUE", REQUIRED, "The queue that starts the function: badging-exports.")
    ]
    upload_schedule: Annotated[
        str,
        matching(
            "UPLOAD_SCHEDULE",
            REQUIRED,
            r"\S+(?: \S+){5}",
            "a six-field NCRONTAB expression in UTC, such as 0 30 5 * * *",
            "When the daily sweep runs.",
        ),
    ]
    exports_container: Annotated[
        str, container("EXPORTS_CONTAINER", "badging-exports", "Where exports are uploaded to.")
    ]
    results_container: Annotated[
        str,
        container("RESULTS_CONTAINER", "badging-results", "Where outcomes and rejected records are written."),
    ]
    state_container: Annotated[
        str,
        container(
            "STATE_CONTAINER", "gatepost-state", "Where ledgers are kept; only the app may write there."
        ),
    ]
    tenant_id: Annotated[str, guid("CONNECTOR_TENANT_ID", REQUIRED, "The tenant.")]
    app_id: Annotated[str, guid("CONNECTOR_APP_ID", REQUIRED, "The connector's app registration.")]
    job_id: Annotated[str, guid("CONNECTOR_JOB_ID", REQUIRED, "The connector's job.")]
    vault_uri: Annotated[
        str, https("KEY_VAULT_URI", REQUIRED, "The vault with the app registration's client secret.")
    ]
    secret_name: Annotated[
        str,
        matching(
            "APP_SECRET_NAME",
            "badging-app-secret",
            r"[0-9A-Za-z-]{1,127}",
            "a secret's name, not its value or address",
            "The secret's name in the vault.",
        ),
    ]
    cloud: Annotated[
        str,
        matching(
            "CONNECTOR_CLOUD",
            "commercial",
            "|".join(CLOUDS),
            "one of " + ", ".join(CLOUDS),
            "The Microsoft cloud of the tenant.",
        ),
    ]
    connector_url: Annotated[str, https("CONNECTOR_URL", "", "Instead of the cloud's connector.")]
    connector_scope: Annotated[
        str,
        matching(
            "CONNECTOR_SCOPE",
            "",
            r"https://\S+/\.default",
            "an https audience ending in /.default",
            "Instead of the usual audience of the connector's token.",
        ),
    ]
    authority: Annotated[str, https("ENTRA_AUTHORITY", "", "Instead of the cloud's Entra ID.")]
    connector_sending: Annotated[
        bool,
        switch(
            "CONNECTOR_SENDING",
            default=True,
            meaning="off: exports are checked and wait, and nothing is sent, until it is on again.",
        ),
    ]
    batch_max_records: Annotated[
        int, whole("BATCH_MAX_RECORDS", 5_000, 1, 50_000, "Records in one request, at most.")
    ]
    batch_max_bytes: Annotated[
        int, whole("BATCH_MAX_BYTES", 10_000_000, 1_000, 50_000_000, "Bytes of one request, at most.")
    ]
    connector_timeout_seconds: Annotated[
        int, whole("CONNECTOR_TIMEOUT_SECONDS", 400, 1, 2_000, "How long to wait for the connector's reply.")
    ]
    retry_max_seconds: Annotated[
        int, whole("RETRY_MAX_SECONDS", 300, 0, 3_600, "How long to retry within one invocation.")
    ]
    invocation_seconds: Annotated[
        int,
        whole(
            "INVOCATION_SECONDS",
            1_500,
            300,
            2_100,
            "After this no new request; the export goes back on the queue. "
            f"With CONNECTOR_TIMEOUT_SECONDS at most {_MAX_SECONDS:,}.",
        ),
    ]
    retry_days: Annotated[
        int, whole("RETRY_DAYS", 60, 1, 390, "How long an export that fails is tried again.")
    ]
    repeat_days: Annotated[
        int, whole("REPEAT_DAYS", 35, 1, 400, "How long an event that was sent is not sent again.")
    ]
    remap_days: Annotated[
        int,
        whole(
            "REMAP_DAYS",
            14,
            0,
            390,
            "How long rejected records of a source are tried again after its mapping changed; 0: never.",
        ),
    ]
    max_invalid_percent: Annotated[
        int,
        whole(
            "MAX_INVALID_PERCENT",
            50,
            0,
            100,
            "Above this share of invalid records nothing is sent; 0: any invalid record rejects the export.",
        ),
    ]
    max_export_bytes: Annotated[
        int,
        whole(
            "MAX_EXPORT_BYTES",
            500_000_000,
            1,
            5_000_000_000,
            "Larger exports, packed or unpacked, are rejected.",
        ),
    ]
    exports_retention_days: Annotated[
        int,
        whole(
            "EXPORTS_RETENTION_DAYS",
            90,
            8,
            3_650,
            "When storage deletes exports; at least 7 more than RETRY_DAYS and REMAP_DAYS.",
        ),
    ]
    outcomes_retention_days: Annotated[
        int,
        whole(
            "OUTCOMES_RETENTION_DAYS",
            400,
            38,
            3_650,
            "When storage deletes outcomes and ledgers; at least 30 more than EXPORTS_RETENTION_DAYS.",
        ),
    ]
    report_zone: Annotated[
        ZoneInfo, time_zone("REPORT_ZONE", "UTC", "The zone of days in the report and the workbook.")
    ]
    identity_client_id: Annotated[
        str | None,
        guid("AZURE_CLIENT_ID", "", "Required in Azure: the client id of the app's user-assigned identity."),
    ]

    @property
    def custom_authority(self) -> bool:
        """Whether the authority is none of Microsoft's, so that it cannot be looked up there."""
        return self.authority not in _ALLOWED


def _fields() -> dict[str, Setting]:
    """The app setting of each field."""
    hints = get_type_hints(Settings, include_extras=True).items()
    return {
        name: part
        for name, hint in hints
        for part in getattr(hint, "__metadata__", ())
        if isinstance(part, Setting)
    }


_FIELDS: Final = _fields()
SETTINGS: Final = MappingProxyType(
    {setting.name: setting for setting in (*_FIELDS.values(), *STORAGE_SETTINGS)}
)
"""Every app setting the code reads, by its name."""


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
    found = {field: values[setting.name] for field, setting in _FIELDS.items()}
    derived = {
        "storage": storage,
        "identity_client_id": values["AZURE_CLIENT_ID"] or None,
        "connector_url": values["CONNECTOR_URL"] or cloud.connector_url,
        "connector_scope": values["CONNECTOR_SCOPE"] or _SCOPE,
        "authority": values["ENTRA_AUTHORITY"] or cloud.authority,
    }
    return Settings(**(found | derived))


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
    _check_retention(values, problems)


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
