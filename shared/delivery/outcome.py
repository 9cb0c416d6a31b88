"""The outcome: what became of one version of one export, as a document people and other programs read.

`outcome.schema.json` beside this file describes it; tests hold every outcome that is written against it.
"""

from typing import Final

import msgspec

from shared.error_codes import Retry, Status
from shared.errors import OutcomeError, Place
from shared.messages import Trigger

SCHEMA_VERSION: Final = 1
MAX_REPLIES: Final = 20
MAX_REPLY_CHARACTERS: Final = 4_000


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Written in the order of its fields, in camel case; unknown fields are passed over when read."""


class ExportVersion(_Part, frozen=True, kw_only=True):
    """One version of one export."""

    name: str
    etag: str


class Resend(ExportVersion, frozen=True, kw_only=True):
    """A version whose content a person sent again, and the GUID of that request."""

    id: str


class Export(_Part, frozen=True, kw_only=True):
    """The blob; `bytes` as stored, `sha256` of the unpacked bytes once they are known."""

    container: str
    name: str
    etag: str
    bytes: int | None = None
    sha256: str | None = None
    last_modified: str | None = None


class Records(_Part, frozen=True, kw_only=True):
    """Always `read = sent + rejected + refused + unconfirmed + unsent`."""

    read: int
    sent: int = 0
    rejected: int = 0
    refused: int = 0
    unconfirmed: int = 0
    unsent: int = 0


class Reported(_Part, frozen=True, kw_only=True):
    """What the connector's replies added up to, where they said it."""

    records_saved: int
    records_skipped: int


class Batch(_Part, frozen=True, kw_only=True):
    """One request body; `reply` is an index into the outcome's `replies`."""

    index: int
    first: int
    last: int
    records: int
    bytes: int
    sha256: str
    http_status: int | None
    requests: int
    possible_copies: int
    accepted_at: str | None
    reply: int | None


class Reason(_Part, frozen=True, kw_only=True):
    """How many records were rejected or refused for one reason."""

    property: str | None
    code: str
    reason: str
    records: int


class Rejections(_Part, frozen=True, kw_only=True):
    """Where the rejected records are (`blob`, in the results container), and why they were rejected."""

    blob: str | None = None
    by_reason: list[Reason] = []


class Notice(_Part, frozen=True, kw_only=True):
    """Something that did not stop the export and should be looked at."""

    code: str
    message: str


class Error(_Part, frozen=True, kw_only=True):
    """What went wrong; places are `None` where they do not apply."""

    code: str
    message: str
    help: str
    line: int | None = None
    column: int | None = None
    offset: int | None = None
    record: int | None = None


class Outcome(_Part, frozen=True, kw_only=True):
    """The whole document. Times are UTC, ending in `Z`."""

    schema_version: int = SCHEMA_VERSION
    status: Status
    retry: Retry = None
    summary: str = ""
    export: Export
    records: Records | None = None
    reported: Reported | None = None
    batches: list[Batch] = []
    replies: list[str] = []
    rejections: Rejections = Rejections()
    warnings: list[Notice] = []
    error: Error | None = None
    duplicate_of: ExportVersion | None = None
    resend_of: Resend | None = None
    attempts: int = 0
    unfinished_starts: int = 0
    next_attempt_at: str | None = None
    trigger: Trigger = "upload"
    job_id: str
    invocation_id: str
    version: str
    started_at: str
    finished_at: str | None = None
    duration_seconds: float | None = None


def encode(outcome: Outcome) -> bytes:
    """The document as it is written: UTF-8, two-space indent."""
    return msgspec.json.format(msgspec.json.encode(outcome), indent=2) + b"\n"


def decode(data: bytes) -> Outcome:
    """Read an outcome.

    Raises:
        msgspec.MsgspecError: if it is none.
    """
    return msgspec.json.decode(data, type=Outcome)


def metadata(outcome: Outcome) -> dict[str, str]:
    """What a listing shows without reading the document."""
    return {
        "status": outcome.status.value,
        "retry": outcome.retry or "",
        "recordssent": str(outcome.records.sent) if outcome.records else "",
        "recordsrejected": str(outcome.records.rejected) if outcome.records else "",
        "finishedat": outcome.finished_at or "",
        "nextattemptat": outcome.next_attempt_at or "",
    }


def error_of(error: OutcomeError) -> Error:
    """An error as the outcome shows it."""
    place: Place = error.place
    return Error(
        code=error.code.value,
        message=error.message,
        help=error.code.help,
        line=place.line,
        column=place.column,
        offset=place.offset,
        record=place.record,
    )
