"""The ledgers of one content in the state container, and how one of them is written: If-Match, under the job's lease."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shared.blob_names import ledger_path, ledgers_prefix, plan_path, request_of_ledger
from shared.delivery import ledger_journal, ledger_steps
from shared.delivery.job_lease import JobLease
from shared.delivery.ledger import Entry, Ledger, Plan
from shared.delivery.ports import ABSENT, Container
from shared.delivery.record_bits import RecordBits
from shared.error_codes import BlockedCode
from shared.errors import ActionRequiredError, ConditionError

MAX_LINES = 49_000
"""Storage appends to a blob 50,000 times."""


@dataclass(frozen=True, slots=True)
class StoredLedger:
    """A ledger as it was read: its path, ETag, lines, and the bits of its plan.

    Attributes:
        ledger: `None` if the journal was made and nothing written into it.
    """

    path: str
    etag: str
    lines: int = 0
    ledger: Ledger | None = None
    bits: RecordBits = RecordBits()  # noqa: RUF009  (an empty set that nobody changes)

    def numbers(self, entries: Iterable[Entry]) -> RecordBits:
        """Input record numbers that some of its entries send, without those the connector refused."""
        found = RecordBits()
        for entry in entries:
            found = found.union(self.bits.within(entry.first, entry.last))
            for number in entry.refused:
                found.discard(number)
        return found

    @property
    def accepted(self) -> RecordBits:
        """Input record numbers that the connector accepted."""
        return self.numbers(one for one in self.entries if one.state == "accepted")

    @property
    def in_doubt(self) -> RecordBits:
        """Input record numbers that it may have accepted."""
        return self.numbers(one for one in self.entries if one.in_doubt)

    @property
    def entries(self) -> list[Entry]:
        """Its batches; none if there is no ledger."""
        return self.ledger.entries if self.ledger else []


def is_touched(stored: Iterable[StoredLedger]) -> bool:
    """Whether any ledger says that something was accepted or may have been."""
    return any(one.ledger.touched for one in stored if one.ledger)


def accepted_by(stored: Iterable[StoredLedger]) -> RecordBits:
    """Input record numbers that the connector accepted under any of these ledgers."""
    accepted = RecordBits()
    for one in stored:
        accepted = accepted.union(one.accepted)
    return accepted


def completed_one(stored: Iterable[StoredLedger]) -> Ledger | None:
    """A ledger of which nothing is left to send; `None` if there is none."""
    return next((one.ledger for one in stored if one.ledger and one.ledger.completed_by), None)


class LedgerStore:
    """Reads and writes the ledgers of a job.

    Args:
        state: the state container.
        job_id: the connector's job.
        lease: of the job; checked before every write.

    Attributes:
        job_id: likewise.
        lease: likewise.
    """

    def __init__(self, state: Container, job_id: str, lease: JobLease) -> None:
        self._state = state
        self.job_id = job_id
        self.lease = lease
        self._written: dict[str, list[Entry]] = {}  # as this store wrote them last

    def of_content(self, key: str, request_id: str | None) -> dict[str, StoredLedger]:
        """All ledgers of a content by their paths.

        One that is not complete gets a line more: a worker that has lost the lease on its way can no longer write into it, so
        what was read here stays true.

        Args:
            key: SHA-256 of the unpacked bytes.
            request_id: of the resend under which an attempt works: it sees only that one's; `None`: only ordinary ones.

        Raises:
            ActionRequiredError: `ledger-damaged`, `newer-ledger`.
            LeaseLostError: the lease or a ledger is not ours any more.
            TransientError: storage cannot be reached.
        """
        prefix = ledgers_prefix(self.job_id, key)
        paths = [blob.name for blob in self._state.blobs(prefix)]
        return {
            path: self._fenced(self._read(path, key))
            for path in paths
            if request_of_ledger(path) == request_id
        }

    def entries_at(self, path: str) -> list[Entry]:
        """The batches of a ledger; none if it is gone. It is not kept from being written by another worker.

        What was written under this lease is not read again: only a worker that has it by now can have written more.

        Raises:
            ActionRequiredError: `ledger-damaged`, `newer-ledger`.
            TransientError: storage cannot be reached.
        """
        if path in self._written:
            return self._written[path]
        document = self._state.read(path)
        ledger = ledger_journal.read(document.data) if document else None
        return ledger.entries if ledger else []

    def was_touched(self, key: str) -> bool:
        """Whether any ledger of a content, also of a resend that is over, says that something was accepted or may have been.

        Args:
            key: SHA-256 of the unpacked bytes.

        Raises:
            ActionRequiredError: `ledger-damaged`, `newer-ledger`.
            TransientError: storage cannot be reached.
        """
        blobs = self._state.blobs(ledgers_prefix(self.job_id, key))
        return any(entry.touched for blob in blobs for entry in self.entries_at(blob.name))

    def path(self, key: str, rules: str, request_id: str | None) -> str:
        """Where the ledger of a content under these rules is.

        Args:
            key: SHA-256 of the unpacked bytes.
            rules: digest of the rules.
            request_id: of the resend it belongs to, if it belongs to one.
        """
        return ledger_path(self.job_id, key, rules, request_id)

    def plan(self, stored: StoredLedger, plan: Plan, bits: RecordBits) -> StoredLedger:
        """Write a plan's bits, then the plan that names them.

        Args:
            stored: the ledger as it was last read or written.
            plan: what is to be sent.
            bits: of the plan: the records that are sent.

        Raises:
            LeaseLostError: the lease or the ledger is not ours any more.
            StorageError: storage cannot be written.
        """
        try:
            self.lease.check()
            self._state.write(plan_path(self.job_id, plan.key, plan.bits), bytes(bits), ABSENT)
        except ConditionError:
            pass  # it is named by its content: another writer wrote the same
        line = ledger_journal.encode_plan(plan, self.lease.holder)
        return self._append(replace(stored, bits=bits), line, ledger_steps.planned(stored.ledger, plan))

    def write(self, stored: StoredLedger, ledger: Ledger) -> StoredLedger:
        """Write what became of entries since the last write.

        Raises:
            LeaseLostError: the lease or the ledger is not ours any more.
            ActionRequiredError: `batches-too-small`: the journal is full.
            StorageError: storage cannot be written.
        """
        if stored.ledger is None:
            raise AssertionError("a plan comes first")
        line = ledger_journal.encode_change(stored.ledger, ledger, self.lease.holder)
        return self._append(stored, line, ledger)

    def _fenced(self, stored: StoredLedger) -> StoredLedger:
        if stored.ledger is None or stored.ledger.completed_by:
            return stored
        return self.write(stored, stored.ledger)

    def _append(self, stored: StoredLedger, line: bytes, ledger: Ledger) -> StoredLedger:
        if stored.lines >= MAX_LINES:
            message = "The export's ledger has been written too often; the batches are too small."
            raise ActionRequiredError(BlockedCode.BATCHES_TOO_SMALL, message)
        self.lease.check()
        self._written.pop(stored.path, None)  # what a write that fails has done, only storage knows
        etag = self._appended(stored, line)
        self._written[stored.path] = ledger.entries
        return replace(stored, etag=etag, lines=stored.lines + 1, ledger=ledger)

    def _appended(self, stored: StoredLedger, line: bytes) -> str:
        """The ETag after our line was written, whether or not storage's answer got lost.

        Raises:
            LeaseLostError: another worker wrote.
        """
        try:
            return self._state.append(stored.path, line, stored.etag)
        except ConditionError:
            document = self._state.read(stored.path)
        lines = document.data.splitlines(keepends=True) if document else []
        if document and len(lines) == stored.lines + 1 and lines[-1] == line:
            return document.etag
        if document and not lines and not stored.etag:  # it was made, and nothing written yet
            return self._appended(replace(stored, etag=document.etag), line)
        raise self.lease.lost("another worker has written the ledger")

    def _read(self, path: str, key: str) -> StoredLedger:
        document = self._state.read(path)
        if document is None:
            return StoredLedger(path, "")
        ledger = ledger_journal.read(document.data)
        lines = document.data.count(b"\n")
        if ledger is None:
            return StoredLedger(path, document.etag, lines)
        return StoredLedger(path, document.etag, lines, ledger, self._bits(key, ledger))

    def _bits(self, key: str, ledger: Ledger) -> RecordBits:
        document = self._state.read(plan_path(self.job_id, key, ledger.plan.bits))
        if document is None:
            message = "The plan that the export's ledger names is gone from the state container."
            raise ActionRequiredError(BlockedCode.LEDGER_DAMAGED, message)
        return RecordBits(document.data)
