"""Every code an outcome's `error` can carry: what becomes of the export, and what a person can do.

One table, so that the guides, the alerts and the code cannot drift apart. The order is that of an export's way:
name, reading, configuration, secret and token, connector, state.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

type Retry = Literal["auto", "person"] | None
"""Who starts the next try: the sweep by itself, only a person who asks, or nobody (the outcome is final)."""


class Status(StrEnum):
    """What became of an export, as its outcome says it."""

    SUCCEEDED = "Succeeded"
    PARTIALLY_SUCCEEDED = "PartiallySucceeded"
    DUPLICATE = "Duplicate"
    REJECTED = "Rejected"
    BLOCKED = "Blocked"
    FAILED = "Failed"
    IN_PROGRESS = "InProgress"

    @property
    def final(self) -> bool:
        """Whether nothing more happens to this version of the export unless a person asks."""
        return self in {Status.SUCCEEDED, Status.PARTIALLY_SUCCEEDED, Status.DUPLICATE, Status.REJECTED}


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """What a code leads to: the outcome's status, who tries again, and what to do."""

    status: Status
    retry: Retry
    help: str


def _rejected(help_text: str) -> ErrorCode:
    return ErrorCode(Status.REJECTED, None, help_text)


def _blocked(help_text: str, retry: Retry = "auto") -> ErrorCode:
    return ErrorCode(Status.BLOCKED, retry, help_text)


def _failed(help_text: str) -> ErrorCode:
    return ErrorCode(Status.FAILED, "auto", help_text)


_CORRECT = "Fix the export where it is made, then upload it again."
_WAIT = "Nothing needs doing: Gatepost tries again by itself."

ERROR_CODES: Final[dict[str, ErrorCode]] = {
    # the name
    "unsafe-name": _rejected(
        "Rename the file: at most 900 bytes, no empty, '.' or '..' folder, no folder or name ending in a dot, "
        "no backslash, no control character. Then upload it again."
    ),
    "not-an-export": _rejected(
        "Name the file .json, .jsonl or .ndjson (each may also end in .gz), then upload it again. A table (CSV, Excel) "
        "must be turned into JSON first; another name is not enough."
    ),
    # reading
    "empty-export": _rejected("A day without events is written as []. " + _CORRECT),
    "too-large": _rejected("Split the export into several files, or raise MAX_EXPORT_BYTES."),
    "broken-gzip": _rejected("Compress the export again and copy it in binary mode, then upload it again."),
    "wrong-encoding": _rejected("Save the export as UTF-8, then upload it again."),
    "not-json": _rejected("The export must be JSON: an array of records, or one record a line. " + _CORRECT),
    "wrong-top-level": _rejected("The export must be an array of records, or one record a line. " + _CORRECT),
    "broken-json": _rejected(_CORRECT),
    "truncated": _rejected(
        "The file ends too early. Let the exporter write to a name ending in .tmp or .part and rename it when it is "
        "complete, then upload it again."
    ),
    "record-too-large": _rejected("A record may have at most 1 MiB. " + _CORRECT),
    "nested-too-deep": _rejected("A record may be nested at most 64 levels deep. " + _CORRECT),
    "too-many-invalid": _rejected(
        "Look at the reasons, fix the exporter, and upload the export again. MAX_INVALID_PERCENT sets the share that "
        "is let pass."
    ),
    # the blob
    "storage-unavailable": _failed(_WAIT),
    "export-gone": _blocked("Upload the export again if its records are still missing.", "person"),
    "export-archived": _blocked(
        "Move the blob back to the hot or cool tier; Gatepost tries again every day."
    ),
    "export-deleted": _blocked(
        "The export was deleted before all of it was sent. Upload it again if it is needed.", "person"
    ),
    "export-overwritten": _blocked(
        "A newer version took the export's place before all of it was sent. The newer version has an outcome of "
        "its own; upload the older one under another name if it is needed.",
        "person",
    ),
    # secret and token
    "vault-firewall": _blocked(
        "Let the function app through the vault's firewall: az keyvault network-rule add, or a private endpoint."
    ),
    "vault-forbidden": _blocked(
        "Give the app's identity the role 'Key Vault Secrets User' on the secret: az role assignment create --role "
        "'Key Vault Secrets User' --assignee-object-id <principal id of the identity> --scope <id of the secret>."
    ),
    "secret-missing": _blocked(
        "Put the app registration's client secret into the vault: az keyvault secret set --vault-name <vault> "
        "--name <APP_SECRET_NAME> --file <file with the secret> --output none. Compare the name with APP_SECRET_NAME."
    ),
    "vault-misconfigured": _blocked("Compare KEY_VAULT_URI with the vault's URI in the portal."),
    "vault-unavailable": _failed(_WAIT),
    "identity-unavailable": _failed(_WAIT),
    "app-unknown": _blocked("Compare CONNECTOR_APP_ID and CONNECTOR_TENANT_ID with the app registration."),
    "tenant-unknown": _blocked(
        "Compare CONNECTOR_TENANT_ID, CONNECTOR_CLOUD and ENTRA_AUTHORITY with the tenant."
    ),
    "app-disabled": _blocked("Enable the app registration's enterprise application in Entra ID."),
    "audience-unknown": _blocked(
        "Compare CONNECTOR_SCOPE with the audience that the connector's page names today."
    ),
    "secret-wrong": _failed(
        "Right after a rotation this passes. If not, put the secret's value (not its ID) into the vault."
    ),
    "secret-refused": _blocked(
        "Make a new client secret for the app registration and put its value into the vault: az keyvault secret set "
        "--output none, which keeps it off the screen."
    ),
    "entra-unavailable": _failed(_WAIT),
    # the connector
    "connector-unavailable": _failed(_WAIT),
    "connector-throttled": _failed(_WAIT),
    "token-refused": _blocked(
        "The connector refused a fresh token. Compare CONNECTOR_SCOPE, CONNECTOR_CLOUD and CONNECTOR_APP_ID with "
        "the connector's page in the Purview portal."
    ),
    "job-mismatch": _blocked(
        "CONNECTOR_JOB_ID and CONNECTOR_APP_ID do not belong together. Copy both from the connector's page in the "
        "Purview portal."
    ),
    "connector-refused": _blocked(
        "Read the reply in the outcome; compare CONNECTOR_URL with the connector's page."
    ),
    "connector-redirects": _blocked(
        "Compare CONNECTOR_URL and CONNECTOR_CLOUD with the connector's page; the connector never redirects."
    ),
    "untrusted-certificate": _blocked(
        "Something between the app and the connector presents a certificate of its own. Exempt the connector's host "
        "from TLS inspection."
    ),
    "reply-unknown": _blocked(
        "The connector answered with a status Gatepost does not know; the batch may have been accepted. Look into "
        "the portal's log, then decide: gatepost.py retry.",
        "person",
    ),
    "too-many-refused": _blocked(
        "The connector refused more than 20 single records. Read the replies in the outcome, fix the exporter, "
        "then: gatepost.py retry.",
        "person",
    ),
    # state
    "ledger-mismatch": _blocked(
        "The export no longer yields the batches its ledger wrote down. Report this; gatepost.py resend sends the "
        "whole export again.",
        "person",
    ),
    "ledger-damaged": _blocked(
        "Restore the ledger's previous version from the state container, then: gatepost.py retry.", "person"
    ),
    "ledger-gone": _blocked(
        "Some of the export was sent and the ledger that says what is gone. Restore it in the state container (soft "
        "delete keeps it 30 days), then: gatepost.py retry. gatepost.py resend sends the whole export again.",
        "person",
    ),
    "newer-ledger": _blocked("A newer Gatepost wrote this ledger. Deploy that version again."),
    "worker-died": _blocked(
        "Ten starts in a row did not come to an end. Look at the app's memory and time limits, then: "
        "gatepost.py retry.",
        "person",
    ),
    "given-up": _blocked("RETRY_DAYS are over. Fix the cause, then: gatepost.py retry.", "person"),
}
