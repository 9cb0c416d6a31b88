"""The ledger: what an export's content is to be sent as, under one digest of rules, and how far it has come.

Pure: values, and the steps from one value to the next. As a document it is a journal, one JSON line a step, so that what
is written does not grow with the square of the export: a `plan` line says what is to be sent (closed entries stay as
they are), a `change` line what became of a few entries. Reading it back is following the lines.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

from shared.delivery.classify_reply import ReplyDecision
from shared.delivery.outcome import ExportVersion, Reason
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
        in_doubt_elsewhere: records of it that were in doubt in another ledger of this content when it was planned.
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

    @property
    def open(self) -> bool:
        """Whether it still has to be sent."""
        return self.state in {"planned", "sending"}

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
        key: SHA-256 of the unpacked bytes.
        request_id: of the resend this is for, if it is for one.
        number: of the content's plans, counted over all its ledgers; the highest one is the newest, whatever clocks say.
        planned_at: UTC.
        read: input records.
        rejected: records that broke a rule.
        sent_elsewhere: records that other ledgers of this content say were accepted.
        by_reason: how many records each reason hit.
        latest_event: the latest EventTime in UTC, to the second; empty if there is none.
        bits: SHA-256 of the plan's bits, one an input record: 1 is sent under this ledger.
        entries: the batches that are not closed yet.
    """

    schema_version: int
    version: str
    rules: str
    key: str
    request_id: str | None = None
    number: int = 1
    planned_at: str
    read: int
    rejected: int = 0
    sent_elsewhere: int = 0
    by_reason: list[Reason] = []
    latest_event: str = ""
    bits: str
    entries: list[Entry] = []


class Ledger(_Part, frozen=True, kw_only=True):
    """How far a plan has come.

    Attributes:
        plan: the last one that was made; its entries are those of that moment.
        entries: all batches, in order, as they are now.
        max_bytes: batches to come are at most this large; lowered by every 413; `None`: as the settings say.
        completed_by: the export under which the last batch was sent.
    """

    plan: Plan
    entries: list[Entry]
    max_bytes: int | None = None
    completed_by: ExportVersion | None = None
    completed_at: str | None = None

    @property
    def accepted_any(self) -> bool:
        """Whether the connector has accepted a batch."""
        return any(entry.state == "accepted" for entry in self.entries)

    @property
    def touched(self) -> bool:
        """Whether anything was accepted or may have been."""
        return any(entry.state == "accepted" or entry.in_doubt for entry in self.entries)

    @property
    def refused_singly(self) -> int:
        """How many records were halved down to and then refused."""
        return sum(entry.state == "refused" for entry in self.entries)

    @property
    def sound(self) -> bool:
        """Whether its batches follow each other and, with what is not sent, add up to what was read."""
        end = 0
        for entry in self.entries:
            if not end < entry.first <= entry.last:
                return False
            end = entry.last
        plan = self.plan
        unsent = plan.rejected + plan.sent_elsewhere
        return plan.rejected >= 0 and plan.read == unsent + sum(entry.records for entry in self.entries)

    def next_open(self) -> int | None:
        """Index of the first entry that still has to be sent."""
        return next((index for index, entry in enumerate(self.entries) if entry.open), None)

    def with_entry(self, index: int, *entries: Entry) -> "Ledger":
        """The same with one entry replaced by others."""
        return msgspec.structs.replace(
            self, entries=[*self.entries[:index], *entries, *self.entries[index + 1 :]]
        )


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


def planned(ledger: Ledger | None, plan: Plan) -> Ledger:
    """A ledger after a new plan: its closed entries, and the plan's."""
    entries = sorted([*closed_entries(ledger), *plan.entries], key=lambda entry: entry.first)
    return Ledger(plan=plan, entries=entries, max_bytes=ledger.max_bytes if ledger else None)


def is_as_planned(ledger: Ledger, plan: Plan) -> bool:
    """Whether a new plan says nothing that the ledger does not say already."""
    anew = msgspec.structs.replace(
        plan,
        version=ledger.plan.version,
        number=ledger.plan.number,
        planned_at=ledger.plan.planned_at,
        entries=ledger.plan.entries,
    )
    return anew == ledger.plan and planned(ledger, plan).entries == ledger.entries


def sending(ledger: Ledger, index: int) -> Ledger:
    """Before a request leaves; a batch that already is `sending` may become a copy."""
    entry = ledger.entries[index]
    copies = entry.possible_copies + (entry.state == "sending")
    return ledger.with_entry(index, msgspec.structs.replace(entry, state="sending", possible_copies=copies))


def accepted(ledger: Ledger, index: int, decision: ReplyDecision, refused: list[int], now: str) -> Ledger:
    """After the connector accepted a batch.

    Args:
        ledger: as it was.
        index: of the batch's entry.
        decision: what the reply means.
        refused: input record numbers of the records it named as failed.
        now: UTC.
    """
    whole = ledger.entries[index]
    entry = msgspec.structs.replace(
        whole,
        state="accepted",
        http_status=decision.http_status,
        accepted_at=now,
        unconfirmed=min(decision.unconfirmed, whole.records),
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


def reopened(ledger: Ledger) -> Ledger:
    """Refused records are to be sent again: the connector accepted none, so the refusals were not about them."""
    entries = [
        msgspec.structs.replace(entry, state="planned", refused=[]) if entry.state == "refused" else entry
        for entry in ledger.entries
    ]
    return msgspec.structs.replace(ledger, entries=entries)


def split(ledger: Ledger, index: int, parts: Sequence[Batch]) -> Ledger:
    """A batch cut into smaller ones; whatever may have been accepted of it stays counted."""
    whole = ledger.entries[index]
    first, *rest = (
        msgspec.structs.replace(entry_of(part), possible_copies=whole.possible_copies) for part in parts
    )
    first = msgspec.structs.replace(
        first, requests=whole.requests, in_doubt_elsewhere=whole.in_doubt_elsewhere
    )
    return ledger.with_entry(index, first, *rest)


class _Change(_Part, frozen=True, kw_only=True):
    """From entry `at` on, `replaces` of them are replaced by `entries`; everything else as it is now."""

    at: int
    replaces: int
    entries: list[Entry] = []
    max_bytes: int | None = None
    completed_by: ExportVersion | None = None
    completed_at: str | None = None


class _Line(_Part, frozen=True, kw_only=True):
    """One step: either a plan or a change; `by` names the worker that wrote it, so that no two write the same line."""

    by: str = ""
    plan: Plan | None = None
    change: _Change | None = None


def encode_plan(plan: Plan, by: str) -> bytes:
    """The line that a new plan appends; `by` names the worker."""
    return msgspec.json.encode(_Line(by=by, plan=plan)) + b"\n"


def encode_change(before: Ledger, after: Ledger, by: str) -> bytes:
    """The line that leads from one ledger to the next under the same plan.

    Args:
        before: as it was last written.
        after: as it is now.
        by: names the worker.
    """
    old, new = before.entries, after.entries
    shortest, begin, end = min(len(old), len(new)), 0, 0
    while begin < shortest and old[begin] is new[begin]:
        begin += 1
    while end < shortest - begin and old[-1 - end] is new[-1 - end]:
        end += 1
    change = _Change(
        at=begin,
        replaces=len(old) - begin - end,
        entries=new[begin : len(new) - end],
        max_bytes=after.max_bytes,
        completed_by=after.completed_by,
        completed_at=after.completed_at,
    )
    return msgspec.json.encode(_Line(by=by, change=change)) + b"\n"


def decode(data: bytes) -> Ledger | None:
    """Follow a journal; `None` if there is no plan in it yet.

    Raises:
        msgspec.MsgspecError: if it is none.
    """
    return _follow(msgspec.json.decode(line, type=_Line) for line in data.splitlines())


def _follow(lines: Iterable[_Line]) -> Ledger | None:
    ledger: Ledger | None = None
    for line in lines:
        if line.plan:
            ledger = planned(ledger, line.plan)
        elif line.change and ledger:
            change = line.change
            entries = [*ledger.entries]
            entries[change.at : change.at + change.replaces] = change.entries
            ledger = Ledger(
                plan=ledger.plan,
                entries=entries,
                max_bytes=change.max_bytes,
                completed_by=change.completed_by,
                completed_at=change.completed_at,
            )
        else:
            raise msgspec.ValidationError("a line of the ledger is neither a plan nor a change of one")
    return ledger


class _AnyPlan(msgspec.Struct, rename="camel"):
    schema_version: int = 0


class _AnyLine(msgspec.Struct):
    plan: _AnyPlan | None = None


def schema_version(data: bytes) -> int:
    """The newest schema version of a journal's plans, whatever else it holds.

    Raises:
        msgspec.MsgspecError: if it is none.
    """
    lines = (msgspec.json.decode(line, type=_AnyLine) for line in data.splitlines() if b'"plan":' in line)
    return max((line.plan.schema_version for line in lines if line.plan), default=SCHEMA_VERSION)
