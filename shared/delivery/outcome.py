"""The outcome: what became of one version of one export, as a document people and other programs read.

`outcome.schema.json` beside this file describes it; tests hold every outcome that is written against it.
"""

import hashlib
from typing import Final, Literal

import msgspec

from shared.delivery.event_days import Events
from shared.error_codes import Retry, Status
from shared.messages import RequestKind, Trigger

SCHEMA_VERSION: Final = 1
MAX_REPLIES: Final = 20
MAX_REPLY_BYTES: Final = 4_000
MAX_REQUESTS: Final = 20


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Written in the order of its fields, in camel case; unknown fields are passed over when read."""


class ExportVersion(_Part, frozen=True, kw_only=True):
    """One version of one export."""

    name: str
    etag: str


type RequestResult = Literal["begun", "done", "refused", "overtaken"]
"""`refused`: that version is gone, or its status allows none; `overtaken`: one asked later was carried out before."""


class AnsweredRequest(_Part, frozen=True, kw_only=True):
    """An operator's request and what became of it."""

    id: str
    kind: RequestKind
    asked_at: str
    result: RequestResult


class Export(_Part, frozen=True, kw_only=True):
    """The blob; `bytes` as stored, `sha256` of the unpacked bytes once they are known."""

    container: str
    name: str
    etag: str
    bytes: int | None = None
    sha256: str | None = None
    last_modified: str | None = None


class Records(_Part, frozen=True, kw_only=True):
    """Always `read = sent + rejected + refused + unconfirmed + unsent + ignored + repeated`."""

    read: int
    sent: int = 0
    rejected: int = 0
    refused: int = 0
    unconfirmed: int = 0
    unsent: int = 0
    ignored: int = 0
    repeated: int = 0


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


class Ignored(_Part, frozen=True, kw_only=True):
    """How many records were left out on purpose, and by which rule of the source."""

    code: str
    records: int


class UnknownWord(_Part, frozen=True, kw_only=True):
    """An outcome word that the source's profile does not list, digits masked with `#`; `other`: all that are not named."""

    word: str
    records: int


class SourceVersion(_Part, frozen=True):
    """A source in the version that decided what became of each row: SHA-256 of its profile, and of each people file."""

    name: str
    profile: str
    people: dict[str, str]

    @property
    def mapping(self) -> str:
        """One digest of all its files (SHA-256, hexadecimal)."""
        files = [f"{file}={sha256}" for file, sha256 in sorted(self.people.items())]
        return hashlib.sha256("\n".join([self.profile, *files]).encode()).hexdigest()


class Rejections(_Part, frozen=True, kw_only=True):
    """Where the rejected records are (`blob`, in the results container), and why they were rejected."""

    blob: str | None = None
    by_reason: list[Reason] = []


class Remap(_Part, frozen=True, kw_only=True):
    """A pass over rejected records under another mapping, after which some of them were rejected no more.

    Attributes:
        ledger: key of the rejected file's content; `None` if nothing of it had to be sent.
        mapping: under which they were tried.
        at: when it ended.
        tried: records that were rejected before it.
        sent: records that it sent.
        possible_copies: records of requests that were repeated since they had got no answer.
    """

    ledger: str | None
    mapping: str
    at: str
    tried: int
    sent: int
    possible_copies: int


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
    """The whole document. Times are UTC, ending in `Z`.

    Attributes:
        events: of the valid records; `None` if the export was not read to its end.
        source: that the export belongs to, as this attempt, or the one that planned what was sent, has read it.
        ignored: why records were left out on purpose, most frequent first.
        unknown_keys: how many different keys no people file knows.
        mapping_tried: digest of the source's mapping under which the rejected records were last tried.
        passes: over its rejected records, after the mapping had changed.
        in_doubt_elsewhere: records that were sent although another ledger of this content may have had them accepted.
        ledger: the content's key, SHA-256 of the unpacked bytes; named before the first request leaves, so that this
            version can be closed without its bytes.
        retry_from: from when `RETRY_DAYS` count, if later than the upload.
        requests: of operators, the last 20, oldest first; kept through every replacement, as `attempts` is.
        before: the end that a resend took the place of.
        first_finished_at: when its first attempt ended.
    """

    schema_version: int = SCHEMA_VERSION
    status: Status
    retry: Retry = None
    summary: str = ""
    export: Export
    records: Records | None = None
    events: Events | None = None
    source: SourceVersion | None = None
    ignored: list[Ignored] = []
    unknown_words: list[UnknownWord] = []
    unknown_keys: int = 0
    mapping_tried: str | None = None
    in_doubt_elsewhere: int = 0
    passes: list[Remap] = []
    reported: Reported | None = None
    batches: list[Batch] = []
    replies: list[str] = []
    rejections: Rejections = Rejections()
    warnings: list[Notice] = []
    error: Error | None = None
    ledger: str | None = None
    retry_from: str | None = None
    duplicate_of: ExportVersion | None = None
    requests: list[AnsweredRequest] = []
    before: "Outcome | None" = None
    attempts: int = 0
    unfinished_starts: int = 0
    next_attempt_at: str | None = None
    trigger: Trigger = "upload"
    job_id: str
    invocation_id: str
    version: str
    started_at: str
    first_finished_at: str | None = None
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
