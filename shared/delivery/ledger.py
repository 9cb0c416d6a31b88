"""The ledger: the frozen decision to send an export's content, and how far it has come.

Pure: a value and the steps from one value to the next. Who may write it, and when, is `shared.delivery.job_lease`.
"""

from typing import Final, Literal

import msgspec

from shared.delivery.classify_reply import ReplyDecision
from shared.delivery.outcome import ExportVersion, Reason
from shared.exports.batches import Batch

SCHEMA_VERSION: Final = 1

type State = Literal["planned", "sending", "accepted", "refused"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Written in the order of its fields, in camel case."""


class Entry(_Part, frozen=True, kw_only=True):
    """One batch: what it is (see `Batch`) and what became of it.

    Attributes:
        state: `sending` is written before a request leaves; found again, it may have been accepted.
        requests: how often it was posted.
        possible_copies: how often it was posted again although an earlier request had gone unanswered.
        refused: input record numbers the connector refused.
        saved: `RecordsSaved` of the reply, if it said so; `skipped` likewise.
    """

    first: int
    last: int
    records: int
    bytes: int
    sha256: str
    state: State = "planned"
    http_status: int | None = None
    requests: int = 0
    possible_copies: int = 0
    accepted_at: str | None = None
    unconfirmed: bool = False
    refused: list[int] = []
    saved: int | None = None
    skipped: int | None = None

    @property
    def open(self) -> bool:
        """Whether it still has to be sent."""
        return self.state in {"planned", "sending"}

    @property
    def fixed(self) -> bool:
        """Whether it was sent, or may have been: it must not be cut anew."""
        return self.state != "planned" or self.possible_copies > 0

    @property
    def batch(self) -> Batch:
        """What it is, without what became of it."""
        return Batch(self.first, self.last, self.records, self.bytes, self.sha256)


class Ledger(_Part, frozen=True, kw_only=True):
    """The whole document.

    Attributes:
        rules: digest of the rules the batches were cut by.
        max_bytes: batches to come are halved down to this size; lowered by every 413.
        latest_event: the latest EventTime in UTC, to the second; empty if there is none.
    """

    schema_version: int = SCHEMA_VERSION
    version: str
    rules: str
    job_id: str
    sha256: str
    created_at: str
    read: int
    rejected: int
    by_reason: list[Reason]
    latest_event: str
    max_bytes: int
    entries: list[Entry]
    completed_by: ExportVersion | None = None
    completed_at: str | None = None

    @property
    def accepted_any(self) -> bool:
        """Whether the connector has taken a batch of this export before."""
        return any(entry.state == "accepted" for entry in self.entries)

    @property
    def refused_singly(self) -> int:
        """How many records were halved down to and then refused."""
        return sum(entry.state == "refused" for entry in self.entries)

    @property
    def sound(self) -> bool:
        """Whether its batches follow each other and, with what was rejected, add up to what was read."""
        ends = [0]
        for entry in self.entries:
            if not ends[-1] < entry.first <= entry.last:
                return False
            ends.append(entry.last)
        return self.rejected >= 0 and self.read == self.rejected + sum(
            entry.records for entry in self.entries
        )

    def next_open(self) -> int | None:
        """Index of the first entry that still has to be sent."""
        return next((index for index, entry in enumerate(self.entries) if entry.open), None)

    def with_entry(self, index: int, *entries: Entry) -> "Ledger":
        """The same with one entry replaced by others."""
        return msgspec.structs.replace(
            self, entries=[*self.entries[:index], *entries, *self.entries[index + 1 :]]
        )


def entry_of(batch: Batch, **state: object) -> Entry:
    """A batch's entry."""
    return Entry(
        first=batch.first,
        last=batch.last,
        records=batch.records,
        bytes=batch.bytes,
        sha256=batch.sha256,
        **state,  # type: ignore[arg-type]  # callers name fields of Entry
    )


def sending(ledger: Ledger, index: int) -> Ledger:
    """Before a request leaves; a batch that already is `sending` may become a copy."""
    entry = ledger.entries[index]
    copies = entry.possible_copies + (entry.state == "sending")
    return ledger.with_entry(index, msgspec.structs.replace(entry, state="sending", possible_copies=copies))


def accepted(ledger: Ledger, index: int, decision: ReplyDecision, refused: list[int], now: str) -> Ledger:
    """After the connector took a batch."""
    entry = msgspec.structs.replace(
        ledger.entries[index],
        state="accepted",
        http_status=decision.http_status,
        accepted_at=now,
        unconfirmed=decision.unconfirmed,
        refused=refused,
        saved=decision.saved,
        skipped=decision.skipped,
    )
    return ledger.with_entry(index, entry)


def refused(ledger: Ledger, index: int, decision: ReplyDecision) -> Ledger:
    """After the connector refused a batch of one record."""
    entry = ledger.entries[index]
    return ledger.with_entry(
        index,
        msgspec.structs.replace(
            entry, state="refused", http_status=decision.http_status, refused=[entry.first]
        ),
    )


def split(ledger: Ledger, index: int, parts: list[Batch]) -> Ledger:
    """A batch cut into smaller ones; whatever may have been accepted of it stays counted."""
    whole = ledger.entries[index]
    first, *rest = (entry_of(part, possible_copies=whole.possible_copies) for part in parts)
    return ledger.with_entry(index, msgspec.structs.replace(first, requests=whole.requests), *rest)


def encode(ledger: Ledger) -> bytes:
    """The document as it is written."""
    return msgspec.json.encode(ledger)


def decode(data: bytes) -> Ledger:
    """Read a ledger.

    Raises:
        msgspec.MsgspecError: if it is none.
    """
    return msgspec.json.decode(data, type=Ledger)


class _AnyVersion(msgspec.Struct, rename="camel"):
    schema_version: int


def schema_version(data: bytes) -> int:
    """The document's schema version, whatever else it holds.

    Raises:
        msgspec.MsgspecError: if it has none.
    """
    return msgspec.json.decode(data, type=_AnyVersion).schema_version
