"""The app settings, read once into one frozen object; a bad deployment gets one error with everything in it."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Final, Literal, get_type_hints
from zoneinfo import ZoneInfo

from shared.clouds import CLOUDS, MICROSOFT_AUTHORITIES
from shared.setting_checks import (
    REQUIRED,
    Setting,
    choice,
    container,
    guid,
    https,
    matching,
    moment,
    switch,
    time_zone,
    vault_name,
    whole,
)
from shared.storage_connection import STORAGE_SETTINGS, StorageConnection

type CredentialKind = Literal["secret", "certificate", "federated"]
CREDENTIAL_KINDS: Final[tuple[CredentialKind, ...]] = "secret", "certificate", "federated"
MAX_SECONDS: Final = 2_300  # host.json's functionTimeout is 2,400


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
    sources_container: Annotated[
        str,
        container(
            "SOURCES_CONTAINER",
            "gatepost-sources",
            "Where sources are described: profiles and people files; the app only reads them.",
        ),
    ]
    tenant_id: Annotated[str, guid("CONNECTOR_TENANT_ID", REQUIRED, "The tenant.")]
    app_id: Annotated[str, guid("CONNECTOR_APP_ID", REQUIRED, "The connector's app registration.")]
    job_id: Annotated[str, guid("CONNECTOR_JOB_ID", REQUIRED, "The connector's job.")]
    connector_credential: Annotated[
        CredentialKind,
        choice(
            "CONNECTOR_CREDENTIAL",
            CREDENTIAL_KINDS,
            "How the app registration proves itself: a client secret or a certificate in the vault, or the app's managed "
            "identity as federated credential.",
        ),
    ]
    vault_uri: Annotated[
        str,
        https(
            "KEY_VAULT_URI",
            "",
            "Required unless CONNECTOR_CREDENTIAL is federated: the vault with the app registration's client secret or certificate.",
        ),
    ]
    secret_name: Annotated[
        str, vault_name("APP_SECRET_NAME", "badging-app-secret", "The client secret's name in the vault.")
    ]
    certificate_name: Annotated[
        str,
        vault_name("APP_CERTIFICATE_NAME", "badging-app-certificate", "The certificate's name in the vault."),
    ]
    cloud: Annotated[
        str,
        choice("CONNECTOR_CLOUD", tuple(CLOUDS), "The Microsoft cloud of the tenant."),
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
    federated_audience: Annotated[
        str,
        matching(
            "FEDERATED_AUDIENCE",
            "",
            r"api://\S+",
            "an audience such as api://AzureADTokenExchange",
            "Instead of the cloud's audience of the managed identity's token.",
        ),
    ]
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
    connector_parallel_requests: Annotated[
        int, whole("CONNECTOR_PARALLEL_REQUESTS", 1, 1, 8, "Requests of one export on their way at once.")
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
            f"With CONNECTOR_TIMEOUT_SECONDS at most {MAX_SECONDS:,}.",
        ),
    ]
    retry_days: Annotated[
        int, whole("RETRY_DAYS", 60, 1, 390, "How long an export that fails is tried again.")
    ]
    repeat_days: Annotated[
        int,
        whole("REPEAT_DAYS", 35, 1, 400, "How long an event that was sent is not sent again."),
    ]
    remap_days: Annotated[
        int,
        whole(
            "REMAP_DAYS",
            14,
            0,
            390,
            "How long after the end of a source's export its rejected records are tried again whenever the mapping changes; "
            "0: only when a person asks.",
        ),
    ]
    events_not_before: Annotated[
        str,
        moment(
            "EVENTS_NOT_BEFORE",
            "Valid records of earlier events are ignored, for moving over from a script without repeats.",
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
            "EXPORTS_RETENTION_DAYS", 90, 8, 3_650, "When exports are deleted; RETRY_DAYS, REMAP_DAYS + 7."
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
    people_from_entra: Annotated[
        Literal["false", "true"],
        choice("PEOPLE_FROM_ENTRA", ("false", "true"), "Whether the sweep makes /people.csv from Entra ID."),
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
        return self.authority not in MICROSOFT_AUTHORITIES


def _fields() -> dict[str, Setting]:
    """The app setting of each field."""
    hints = get_type_hints(Settings, include_extras=True).items()
    return {
        name: part
        for name, hint in hints
        for part in getattr(hint, "__metadata__", ())
        if isinstance(part, Setting)
    }


FIELDS: Final = _fields()
SETTINGS: Final = MappingProxyType({one.name: one for one in (*FIELDS.values(), *STORAGE_SETTINGS)})
"""Every app setting the code reads, by its name."""
