"""What is seen on the way, and what must never be seen: everything that cannot be told from the end alone."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from shared.delivery.outcome import Outcome, decode
from shared.error_codes import Status
from tests.explorer.scheduler import Process
from tests.support.storage_model.account import QUEUE, RESULTS, STATE
from tests.support.storage_model.blobs import BlobModel
from tests.support.storage_model.clock import Time
from tests.support.storage_model.queues import QueueModel
from tests.support.storage_model.stored import NO_TERMS, Terms

TRUSTED_SECONDS: Final = 40.0
"""No body begins later than this after the last renewal began; the product's own figure may be wrong."""


@dataclass
class Holding:
    """What one process knows of the lease, and where it wrote last.

    Attributes:
        lease_id: under which it took the lease.
        asked_at: when its last renewal that succeeded began, by its own clock.
        renewed: the number of that renewal among all events.
        noted: the number of its last write to a ledger.
        ledger: the ledger it wrote last.
    """

    lease_id: str = ""
    asked_at: float = 0.0
    renewed: int = 0
    noted: int = 0
    ledger: str = ""


@dataclass
class History:
    """Everything worth knowing.

    Attributes:
        wrong: what must never be seen, and was.
        stored: how often the connector has stored each record, by ledger.
        events: how often it has stored each event, by ledger.
        bodies: how many began.
        taken_up: how often each request of an operator appeared in an outcome that did not have it.
        ended: how often each version had its end written.
        lease_broken: whether a person has broken or taken a lease.
        rejected: every rejected file that there ever was: its name and bytes.
        index_lost: whether something of the index of events was deleted, damaged or too old.
    """

    wrong: list[str] = field(default_factory=list)
    stored: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    events: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    bodies: int = 0
    invocations: int = 0
    deaths: int = 0
    write_faults: int = 0
    taken_up: Counter[tuple[str, str]] = field(default_factory=Counter)
    lease_broken: bool = False
    messages_lost: bool = False
    rejected: list[tuple[str, bytes]] = field(default_factory=list)
    index_lost: bool = False
    holdings: defaultdict[str, Holding] = field(default_factory=lambda: defaultdict(Holding))
    _events: int = 0

    def renewed(self, process: Process, lease_id: str, asked_at: float) -> None:
        """A lease was taken or renewed."""
        held = self.holdings[process.name]
        if lease_id == held.lease_id:  # of two under way, the one that began first may be answered last
            asked_at = max(asked_at, held.asked_at)
        held.lease_id, held.asked_at, held.renewed = lease_id, asked_at, self._next()

    def noted(self, process: Process, ledger: str) -> None:
        """A ledger was written."""
        held = self.holdings[process.name]
        held.ledger, held.noted = ledger, self._next()

    def body_begins(self, process: Process, holder: str) -> None:
        """The first byte of a body is read; `holder` has the lease in storage now, if anybody has."""
        held = self.holdings[process.name]
        self.bodies += 1
        age = process.clock.monotonic() - held.asked_at
        if age > TRUSTED_SECONDS + 0.001:
            self.wrong.append(f"(g) a body begins {age:.0f} s after the last renewal began")
        if held.renewed < held.noted:
            self.wrong.append("(g) a body begins without a renewal since its ledger said so")
        if holder not in {"", held.lease_id} and not (self.lease_broken or process.stood):
            self.wrong.append("(g) a body begins while another worker has the lease")

    def outcome_written(self, before: Outcome | None, after: Outcome, promised: bool) -> None:  # noqa: FBT001
        """An outcome takes the place of another one; `promised`: whether the message that it promises is there."""
        known = {one.id for one in before.requests} if before else set()
        new = {one.id for one in after.requests} - known
        for id_ in new:
            self.taken_up[id_, after.export.etag] += 1
        if known - {one.id for one in after.requests}:
            self.wrong.append("(i) an outcome has forgotten a request")
        healed = before is not None and (
            len(after.passes) > len(before.passes)
            or (
                before.status is Status.REJECTED
                and after.status is Status.IN_PROGRESS
                and "/" in after.export.name
            )
        )
        if before and before.status.final and after.status is not before.status and not (new or healed):
            self.wrong.append(f"(h) {after.status} takes the place of {before.status}")
        promised = promised or self.messages_lost  # or else a person has just cleared the queue
        if after.status is Status.FAILED and after.next_attempt_at and not promised:
            self.wrong.append("(e) an outcome promises an attempt that no message will make")

    def _next(self) -> int:
        self._events += 1
        return self._events


class WatchedBlobs(BlobModel):
    """Storage that tells a history what is written.

    Attributes:
        history: is told.
        queues: hold what outcomes promise.
        who: the process whose request this is; `None` for a person or another system.
        asked_at: when its request began, by its own clock.
    """

    def __init__(self, time: Time, history: History, queues: QueueModel) -> None:
        super().__init__(time)
        self.history = history
        self.queues = queues
        self.who: Process | None = None
        self.asked_at = 0.0
        self.outcomes: dict[str, Outcome] = {}

    def put(
        self,
        container: str,
        name: str,
        data: bytes,
        terms: Terms = NO_TERMS,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Put Blob."""
        etag = super().put(container, name, data, terms, metadata)
        if container == RESULTS and name.startswith("outcomes/"):
            after = decode(data)
            self.history.outcome_written(self.outcomes.get(name), after, self._is_promised(after))
            self.outcomes[name] = after
        return etag

    def commit(
        self,
        container: str,
        name: str,
        blocks: Sequence[tuple[str, str]],
        terms: Terms = NO_TERMS,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Put Block List."""
        etag = super().commit(container, name, blocks, terms, metadata)
        if container == RESULTS and name.startswith("rejected/"):
            self.history.rejected.append((name, self.stored(container, name).data))
        return etag

    def append(self, container: str, name: str, data: bytes, terms: Terms = NO_TERMS) -> str:
        """Append Block."""
        etag = super().append(container, name, data, terms)
        if self.who:
            self.history.noted(self.who, name)
        return etag

    def acquire(self, container: str, name: str, lease_id: str, seconds: int) -> None:
        """Lease Blob, acquire."""
        super().acquire(container, name, lease_id, seconds)
        if self.who:
            self.history.renewed(self.who, lease_id, self.asked_at)

    def renew(self, container: str, name: str, lease_id: str) -> None:
        """Lease Blob, renew."""
        super().renew(container, name, lease_id)
        if self.who:
            self.history.renewed(self.who, lease_id, self.asked_at)

    def is_named(self, ledger: str) -> bool:
        """Whether an outcome names the content of this ledger, or a pass over rejected records is noted."""
        if any(one.ledger and one.ledger in ledger for one in self.outcomes.values()):
            return True
        return bool(self.page(STATE, "remaps/").blobs)

    def _is_promised(self, outcome: Outcome) -> bool:
        after, name = f'"after": {outcome.attempts}', f'"name": "{outcome.export.name}"'
        return any(after in text and name in text for text in self.queues.texts(QUEUE))
