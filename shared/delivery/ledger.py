"""The ledger: what an export's content is to be sent as, under one digest of rules, and how far it has come. Values."""

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from shared.delivery.mapping_figures import MappingFigures
from shared.delivery.outcome import ExportVersion, Ignored, Reason
from shared.exports.batches import Batch

SCHEMA_VERSION: Final = 1

type State = Literal["planned", "sending", "accepted", "refused"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Written in the order of its fields, in camel case, without what is usual."""


class Entry(_Part, frozen=True, kw_only=True):
    """One batch: what it is (see `Batch`) and what became of it.

    Attributes:
        state: `sending` is written before a request leaves; found again, it may have been accepted.
        requests: how often it was posted.
        possible_copies: how often it was posted again although an earlier request had got no answer.
        unconfirmed: records that were accepted without the reply saying so for each of them.
        refused: input record numbers the connector refused.
        saved: `RecordsSaved` of the reply, if it said so; `skipped` likewise.
        in_doubt_elsewhere: records of it whose events were in doubt in another ledger when it was planned, or had been
            accepted without the reply saying so.
        file: SHA-256 of the open file that its events stand in; named before a request leaves, and kept by halves.
        days: how many of its events are of each day, in the zone of people.
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
    unconfirmed: int = 0
    refused: list[int] = []
    saved: int | None = None
    skipped: int | None = None
    in_doubt_elsewhere: int = 0
    file: str = ""
    days: dict[str, int] = {}

    @property
    def open(self) -> bool:
        """Whether it still has to be sent."""
        return self.state in {"planned", "sending"}

    @property
    def touched(self) -> bool:
        """Whether it was accepted or may have been."""
        return self.state == "accepted" or self.in_doubt

    @property
    def in_doubt(self) -> bool:
        """Whether a request of it got no answer, so that it may have been accepted."""
        return self.state == "sending" or (self.state == "planned" and self.possible_copies > 0)

    @property
    def closed(self) -> bool:
        """Whether it was sent or may have been: it is never cut or judged again."""
        return not self.open or self.in_doubt

    @property
    def batch(self) -> Batch:
        """What it is, without what became of it."""
        return Batch(self.first, self.last, self.records, self.bytes, self.sha256)


class Plan(_Part, frozen=True, kw_only=True):
    """What an attempt decided to send.

    Attributes:
        version: of the program.
        rules: digest of the rules by which records were judged.
        key: of the content: SHA-256 of the unpacked bytes, or of that and what of the source decides which rows there are.
        sha256: of the unpacked bytes; empty where that is the key.
        request_id: of the resend this is for, if it is for one.
        number: of the content's plans, counted over all its ledgers; the highest one is the newest, whatever clocks say.
        planned_at: UTC.
        read: input records.
        rejected: records that broke a rule.
        ignored: records that were left out on purpose, by reason.
        repeated: records whose event goes, or has gone, by another record.
        sent_elsewhere: records that other ledgers of this content say were accepted: they count in none of these.
        by_reason: how many records each reason hit.
        mapping: of the source; `None`: it holds the connector's own records and belongs to no source.
        latest_event: the latest EventTime in UTC, to the second; empty if there is none.
        rejected_cut: whether the rejected file had no room for all of them.
        first_event: the earliest EventTime of a valid record, as it is sent; empty if there is none.
        last_event: the latest one.
        repeated_days: how many repeated records have their events on each day.
        index_warnings: codes of what was damaged or lost in the index of events when this was planned.
        bits: SHA-256 of the plan's bits, one an input record: 1 is sent under this ledger.
        entries: the batches that are not closed yet.
    """

    schema_version: int
    version: str
    rules: str
    key: str
    sha256: str = ""
    request_id: str | None = None
    number: int = 1
    planned_at: str
    read: int
    rejected: int = 0
    ignored: list[Ignored] = []
    repeated: int = 0
    sent_elsewhere: int = 0
    by_reason: list[Reason] = []
    mapping: MappingFigures | None = None
    latest_event: str = ""
    rejected_cut: bool = False
    first_event: str = ""
    last_event: str = ""
    repeated_days: dict[str, int] = {}
    index_warnings: list[str] = []
    bits: str
    entries: list[Entry] = []

    @property
    def days(self) -> set[str]:
        """On which there are events of records that go."""
        return {day for entry in self.entries for day in entry.days}

    @property
    def left_out(self) -> int:
        """Records that are neither sent nor wrong."""
        return self.repeated + sum(one.records for one in self.ignored)


class Ledger(_Part, frozen=True, kw_only=True):
    """How far a plan has come.

    Attributes:
        plan: the last one that was made; its entries are those of that moment.
        entries: all batches, in order, as they are now.
        max_bytes: batches to come are at most this large; lowered by every 413; `None`: as the settings say.
        rejected_cut: whether the rejected file has no room for all rejected and refused records.
        completed_by: the export under which the last batch was sent.
    """

    plan: Plan
    entries: list[Entry]
    max_bytes: int | None = None
    rejected_cut: bool = False
    completed_by: ExportVersion | None = None
    completed_at: str | None = None

    @property
    def accepted_any(self) -> bool:
        """Whether the connector has accepted a batch."""
        return any(entry.state == "accepted" for entry in self.entries)

    @property
    def touched(self) -> bool:
        """Whether anything was accepted or may have been."""
        return any(entry.touched for entry in self.entries)

    @property
    def refused_singly(self) -> int:
        """How many records were halved down to and then refused."""
        return sum(entry.state == "refused" for entry in self.entries)

    @property
    def refused(self) -> dict[int, int]:
        """The connector's HTTP status by record number, of what it refused."""
        return {number: entry.http_status or 0 for entry in self.entries for number in entry.refused}

    @property
    def sound(self) -> bool:
        """Whether its batches follow each other and, with what is not sent, add up to what was read."""
        end = 0
        for entry in self.entries:
            if not end < entry.first <= entry.last:
                return False
            end = entry.last
        plan = self.plan
        unsent = plan.rejected + plan.left_out + plan.sent_elsewhere
        return plan.rejected >= 0 and plan.read == unsent + sum(entry.records for entry in self.entries)

    def next_open(self, begin: int = 0) -> int | None:
        """Index of the first entry that still has to be sent, from an index on."""
        return next((index for index in range(begin, len(self.entries)) if self.entries[index].open), None)

    def with_entry(self, index: int, *entries: Entry) -> "Ledger":
        """The same with one entry replaced by others."""
        return msgspec.structs.replace(
            self, entries=[*self.entries[:index], *entries, *self.entries[index + 1 :]]
        )


def newest_of(ledgers: Iterable[Ledger]) -> Ledger | None:
    """The ledger of a content whose plan is the newest; `None` if there is none.

    A worker that was suspended may write a plan late, with a number that another worker has used since; nothing is sent
    under it.
    """
    return max(ledgers, key=lambda one: (one.plan.number, bool(one.completed_by), one.touched), default=None)


def entry_of(batch: Batch) -> Entry:
    """The entry of a batch that is planned."""
    return Entry(
        first=batch.first,
        last=batch.last,
        records=batch.records,
        bytes=batch.bytes,
        sha256=batch.sha256,
    )


def closed_entries(ledger: Ledger | None) -> list[Entry]:
    """What no plan may touch any more."""
    return [entry for entry in ledger.entries if entry.closed] if ledger else []
