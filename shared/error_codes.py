"""Every code an outcome's `error` can carry: what happened, what to do, and what becomes of the export.

One table, so that the reference, the alerts and the code cannot disagree. A code's kind decides the outcome's status;
`shared.errors` has one exception for each kind and takes no other, so a code cannot end with a status that is not its own.
Within a kind the order is that of an export's way: name, reading, configuration, secret and token, connector, state.
"""

from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal, Self

type Retry = Literal["auto", "person"] | None
"""Who starts the next try: the sweep by itself, only a person who asks, or nobody (the outcome is final)."""

type Who = Literal["exporter", "operator", "nobody"]
"""Who acts: those who run the badging system's export, those who run Gatepost in Azure, or nobody."""


class Status(StrEnum):
    """What became of an export, as its outcome says it."""

    SUCCEEDED = "Succeeded"
    PARTIALLY_SUCCEEDED = "PartiallySucceeded"
    DUPLICATE = "Duplicate"
    REJECTED = "Rejected"
    SUPERSEDED = "Superseded"
    GIVEN_UP = "GivenUp"
    BLOCKED = "Blocked"
    FAILED = "Failed"
    IN_PROGRESS = "InProgress"

    @property
    def final(self) -> bool:
        """Whether nothing more happens to this version of the export unless a person asks."""
        return self not in {Status.BLOCKED, Status.FAILED, Status.IN_PROGRESS}


class ErrorCode(StrEnum):
    """A code, equal to its text in outcomes and queries; its members are in the three kinds below.

    Attributes:
        status: how an outcome with this code ends.
        retry: who starts the next try.
        text: what happened, as a sentence.
        help: what to do, as one or more sentences.
        who: who acts.
    """

    _value_: str
    status: Status
    retry: Retry
    text: str
    help: str
    who: Who

    @classmethod
    def _member(cls, code: str, text: str, help_text: str, retry: Retry) -> Self:
        """Make a member; its kind adds what all codes of the kind share.

        Args:
            code: the member's name in lower case, with hyphens.
            text: see above.
            help_text: see above.
            retry: see above.
        """
        member = str.__new__(cls, code)
        member._value_ = code
        member.text, member.help, member.retry = text, help_text, retry
        return member


_CORRECT: Final = "Fix the export where it is made, then upload it again."
_WAIT: Final = "No action needed; Gatepost retries automatically."


class RejectedCode(ErrorCode):
    """The export is wrong; nothing of it was sent. Final until a corrected export is uploaded."""

    def __new__(cls, code: str, text: str, help_text: str) -> Self:
        """Make a code that ends as `Rejected`."""
        member = cls._member(code, text, help_text, None)
        member.status, member.who = Status.REJECTED, "exporter"
        return member

    UNSAFE_NAME = (
        "unsafe-name",
        "The file has a name that storage, a path or a link could misread. It was not opened.",
        (
            "Rename the file: at most 900 bytes, no empty, '.' or '..' folder, no folder or name ending in a dot, "
            "no backslash, no control character. Then upload it again."
        ),
    )
    NOT_AN_EXPORT = (
        "not-an-export",
        "The file name does not end in .json, .jsonl or .ndjson, nor in one of these and .gz.",
        (
            "Name the file .json, .jsonl or .ndjson (each may also end in .gz), then upload it again. A table (CSV, Excel) "
            "must be converted to JSON first; another name is not enough."
        ),
    )
    EMPTY_EXPORT = (
        "empty-export",
        "The file has no bytes, or only white space.",
        "Write a day without events as []. " + _CORRECT,
    )
    TOO_LARGE = (
        "too-large",
        "The file, or what its gzip unpacks to, has more than MAX_EXPORT_BYTES.",
        "Split the export into several files, or raise MAX_EXPORT_BYTES.",
    )
    BROKEN_GZIP = (
        "broken-gzip",
        "The gzip is damaged, cut off, or followed by something else; often a copy in text mode.",
        "Compress the export again and copy it in binary mode, then upload it again.",
    )
    WRONG_ENCODING = (
        "wrong-encoding",
        "The file is neither UTF-8 nor UTF-16 with a byte order mark; often it is an old 'ANSI' export.",
        "Save the export as UTF-8, then upload it again.",
    )
    NOT_JSON = (
        "not-json",
        "The first character is neither [ nor {: the file is a CSV, an XML or an HTML error page.",
        "The export must be JSON: an array of records, or one record a line. " + _CORRECT,
    )
    WRONG_TOP_LEVEL = (
        "wrong-top-level",
        'The list of records is inside an object, such as {"records": [...]}.',
        "The export must be an array of records, or one record a line. " + _CORRECT,
    )
    BROKEN_JSON = (
        "broken-json",
        "The JSON is not valid at the place the error names: an extra or missing comma, a quote, NaN.",
        _CORRECT,
    )
    TRUNCATED = (
        "truncated",
        "The file ends in the middle: it was read while it was being written, or the copy broke off.",
        (
            "Let the exporter write to a name ending in .tmp or .part and rename it when it is complete, then upload it "
            "again."
        ),
    )
    RECORD_TOO_LARGE = (
        "record-too-large",
        "One record has more than 1 MiB; nearly always a quote or bracket is missing.",
        "A record may have at most 1 MiB. " + _CORRECT,
    )
    NESTED_TOO_DEEP = (
        "nested-too-deep",
        "A record is nested deeper than 64 levels.",
        "A record may be nested at most 64 levels deep. " + _CORRECT,
    )
    TOO_MANY_INVALID = (
        "too-many-invalid",
        "More records are invalid than MAX_INVALID_PERCENT allows, or no record is valid.",
        (
            "Read the reasons, fix the exporter, and upload the export again. MAX_INVALID_PERCENT sets the share of invalid "
            "records that is accepted."
        ),
    )


class BlockedCode(ErrorCode):
    """A person must fix something that is not the export; tried daily, or only when asked."""

    def __new__(cls, code: str, text: str, help_text: str, retry: Retry = "auto") -> Self:
        """Make a code that ends as `Blocked`."""
        member = cls._member(code, text, help_text, retry)
        member.status, member.who = Status.BLOCKED, "operator"
        return member

    # the blob
    EXPORT_GONE = (
        "export-gone",
        "The export disappeared while Gatepost was reading it.",
        "Upload the export again if its records are still missing.",
        "person",
    )
    EXPORT_ARCHIVED = (
        "export-archived",
        "The export is in the archive tier, which cannot be read.",
        "Move the blob back to the hot or cool tier; Gatepost tries again every day.",
    )
    EXPORT_DELETED = (
        "export-deleted",
        "The export was deleted before all of it was sent.",
        "Upload it again if it is needed, or close it: gatepost.py give-up.",
        "person",
    )
    EXPORT_OVERWRITTEN = (
        "export-overwritten",
        "A newer version took the export's place after some of the older one was sent.",
        (
            "The newer version has an outcome of its own. Upload the older one under another name if it is needed, or close "
            "it: gatepost.py give-up."
        ),
        "person",
    )
    # what waits on purpose
    SENDING_OFF = (
        "sending-off",
        "CONNECTOR_SENDING is off: the export was checked, and nothing was sent.",
        "Set CONNECTOR_SENDING to on; the next sweep then sends what waits.",
    )
    SOURCE_ON_TRIAL = (
        "source-on-trial",
        "The export's source says send = false: the export was checked, and nothing was sent.",
        (
            "Check the outcome. When it is as it should be, set send = true in the source; the next sweep then sends what "
            "waits."
        ),
    )
    SOURCE_UNUSABLE = (
        "source-unusable",
        "The profile or people file of the export's source is missing or has an error.",
        "Fix the file that the message names and put it into the sources container; Gatepost tries again every day.",
    )
    RULES_CHANGED = (
        "rules-changed",
        "The rules or the source changed after some of the export was sent, and now they reject the rest.",
        "Take the change of the rules or of the source back, or close the export: gatepost.py give-up.",
    )
    # secret and token
    VAULT_FIREWALL = (
        "vault-firewall",
        "Key Vault's firewall turned the app away (403).",
        "Let the function app through the vault's firewall: az keyvault network-rule add, or a private endpoint.",
    )
    VAULT_FORBIDDEN = (
        "vault-forbidden",
        "The app's identity has no permission to read the secret (403).",
        (
            "Give the app's identity the role 'Key Vault Secrets User' on the secret: az role assignment create --role "
            "'Key Vault Secrets User' --assignee-object-id <principal id of the identity> --scope <id of the secret>."
        ),
    )
    SECRET_MISSING = (
        "secret-missing",
        "The vault has no secret of that name, or it is disabled or empty.",
        (
            "Put the app registration's client secret into the vault: az keyvault secret set --vault-name <vault> "
            "--name <APP_SECRET_NAME> --file <file with the secret> --output none. Compare the name with APP_SECRET_NAME."
        ),
    )
    VAULT_MISCONFIGURED = (
        "vault-misconfigured",
        "KEY_VAULT_URI is not the address of a Key Vault, or the vault refused the request (400, 401).",
        "Compare KEY_VAULT_URI with the vault's URI in the portal.",
    )
    APP_UNKNOWN = (
        "app-unknown",
        "Entra ID does not know the app in this tenant (AADSTS700016).",
        "Compare CONNECTOR_APP_ID and CONNECTOR_TENANT_ID with the app registration.",
    )
    TENANT_UNKNOWN = (
        "tenant-unknown",
        "Entra ID does not know the tenant (AADSTS90002).",
        "Compare CONNECTOR_TENANT_ID, CONNECTOR_CLOUD and ENTRA_AUTHORITY with the tenant.",
    )
    APP_DISABLED = (
        "app-disabled",
        "The app is disabled in Entra ID (AADSTS7000112).",
        "Enable the app registration's enterprise application in Entra ID.",
    )
    AUDIENCE_UNKNOWN = (
        "audience-unknown",
        "Entra ID does not know the connector's audience in this tenant (AADSTS500011).",
        "Compare CONNECTOR_SCOPE with the audience that the connector's page names today.",
    )
    CONDITIONAL_ACCESS = (
        "conditional-access",
        "A Conditional Access policy does not let the app sign in (AADSTS53003).",
        (
            "Exclude the app registration from the policy, or add the function app's outbound addresses to the policy's named "
            "locations. Entra ID's sign-in log for service principals names the policy."
        ),
    )
    SECRET_REFUSED = (
        "secret-refused",
        "Entra ID refused the newest secret repeatedly: it is wrong or has expired.",
        (
            "Make a new client secret for the app registration and put its value into the vault: az keyvault secret set "
            "--output none, which keeps it off the screen."
        ),
    )
    # the connector
    TOKEN_REFUSED = (
        "token-refused",
        "The connector answered 401 to a new token that was made with the newest secret.",
        "Compare CONNECTOR_SCOPE, CONNECTOR_CLOUD and CONNECTOR_APP_ID with the connector's page in the Purview portal.",
    )
    JOB_MISMATCH = (
        "job-mismatch",
        "The connector answered 403: the job id and the app id do not match.",
        "CONNECTOR_JOB_ID and CONNECTOR_APP_ID do not belong together. Copy both from the connector's page in the Purview portal.",
    )
    CONNECTOR_REFUSED = (
        "connector-refused",
        "The connector rejected the request: 403, 404, 400 for the first batch, another 4xx, or an unknown 5xx.",
        "Read the reply in the outcome; compare CONNECTOR_URL with the connector's page.",
    )
    CONNECTOR_REDIRECTS = (
        "connector-redirects",
        "The connector's address answered with a redirect, which is never followed.",
        "Compare CONNECTOR_URL and CONNECTOR_CLOUD with the connector's page; the connector never redirects.",
    )
    UNTRUSTED_CERTIFICATE = (
        "untrusted-certificate",
        "The certificate at the connector's address is not trusted: a proxy opens the connection.",
        "Exempt the connector's host from TLS inspection.",
    )
    REPLY_NOT_CONNECTOR = (
        "reply-not-connector",
        "A web page answered in the connector's place, mostly that of a proxy. It is unknown whether the batch arrived.",
        "Exempt the connector's host from the proxy. Read the portal's log to see what arrived, then: gatepost.py retry.",
        "person",
    )
    REPLY_UNKNOWN = (
        "reply-unknown",
        "The connector answered with a status that Gatepost does not know; the batch may have been accepted.",
        "Read the portal's log to see what arrived, then: gatepost.py retry.",
        "person",
    )
    TOO_MANY_REFUSED = (
        "too-many-refused",
        "The connector accepted other batches and refused more than 20 single records.",
        "Read the replies in the outcome, fix the exporter, then: gatepost.py retry.",
        "person",
    )
    BATCHES_TOO_SMALL = (
        "batches-too-small",
        "The connector accepts only very small batches, so the export would need more than 20,000 requests.",
        "Read the replies in the outcome. Split the export into several files, then: gatepost.py retry.",
        "person",
    )
    # state
    LEDGER_MISMATCH = (
        "ledger-mismatch",
        "Read again, the same version of the export gives other batches than its ledger has.",
        "Report this; gatepost.py resend sends the whole export again.",
        "person",
    )
    LEDGER_DAMAGED = (
        "ledger-damaged",
        "The ledger of this export cannot be read.",
        "Restore the ledger's previous version in the state container, then: gatepost.py retry.",
        "person",
    )
    LEDGER_GONE = (
        "ledger-gone",
        "Some of the export was sent, and the ledger that says which records is gone.",
        (
            "Restore the ledger in the state container (soft delete keeps it 30 days), then: gatepost.py retry. "
            "gatepost.py resend sends the whole export again."
        ),
        "person",
    )
    NEWER_LEDGER = (
        "newer-ledger",
        "A newer Gatepost wrote the ledger of this export: the app was rolled back.",
        "Deploy the newer version again.",
    )
    WORKER_DIED = (
        "worker-died",
        "Ten starts in a row did not come to an end: memory, time limit, or a bug.",
        "Check the app's memory and time limits, then: gatepost.py retry.",
        "person",
    )
    RETRIES_EXHAUSTED = (
        "retries-exhausted",
        "The export was tried for RETRY_DAYS without success.",
        "Fix the cause, then: gatepost.py retry.",
        "person",
    )


class FailedCode(ErrorCode):
    """A fault that should pass; tried again automatically."""

    def __new__(cls, code: str, text: str, help_text: str = _WAIT) -> Self:
        """Make a code that ends as `Failed`."""
        member = cls._member(code, text, help_text, "auto")
        member.status, member.who = Status.FAILED, "nobody"
        return member

    STORAGE_UNAVAILABLE = (
        "storage-unavailable",
        "The export could not be read to its end; storage was not available.",
    )
    OUT_OF_TIME = (
        "out-of-time",
        "INVOCATION_SECONDS were over before anything of the export was accepted.",
    )
    VAULT_UNAVAILABLE = (
        "vault-unavailable",
        "Key Vault cannot be reached, or answers with an error of its own.",
    )
    IDENTITY_UNAVAILABLE = (
        "identity-unavailable",
        "The app's managed identity gives no token; after a new deployment this takes some minutes.",
    )
    SECRET_WRONG = (
        "secret-wrong",
        "Entra ID refuses the newest secret in the vault (AADSTS7000215, AADSTS7000222).",
        "After a rotation this passes within minutes. If not, put the secret's value (not its ID) into the vault.",
    )
    ENTRA_UNAVAILABLE = (
        "entra-unavailable",
        "Entra ID cannot be reached, or answers with an error that is not one of those with a code of their own.",
    )
    CONNECTOR_UNAVAILABLE = (
        "connector-unavailable",
        "The connector answers 408, 425, 500, 501, 502, 503 or 504, breaks off, or cannot be reached.",
    )
    CONNECTOR_THROTTLED = (
        "connector-throttled",
        "The connector answers 429: too many requests. The wait that it asks for is kept.",
    )


_KINDS: Final[tuple[type[ErrorCode], ...]] = (RejectedCode, BlockedCode, FailedCode)

ERROR_CODES: Final = MappingProxyType({code.value: code for kind in _KINDS for code in kind})
"""Every code by its text."""


def error_code(text: str) -> ErrorCode | None:
    """The code that a stored outcome names; `None` for one that only another version of Gatepost knows."""
    return ERROR_CODES.get(text)
