"""What an export's ledger costs: the bytes written to it in all, from small exports to the largest, in several settings.

    python -m benchmarks.ledger_cost [--quick] [--sizes 50000,200000,1000000,2400000]

The product's delivery on containers in memory and a connector that counts. A ledger is a journal that storage keeps by
appending, so what is counted is every line as it is appended, and the plans beside it. Nothing is timed.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console

from benchmarks.made import record
from shared.delivery.connector_ports import Fence, NoReply, Reply
from shared.delivery.ports import Condition, Document
from shared.errors import ConditionError
from tests.support.fake_storage import FakeContainer
from tests.support.world import World

SIZES: Final = (50_000, 200_000, 1_000_000, 2_400_000)
QUICK: Final = (5_000, 20_000)
SHARE_OF_EXPORT: Final = 0.2
"""The most a ledger may cost with the settings as they are, of the export's bytes."""

MOST_BYTES: Final = 1_300_000_000
"""The most it may cost, whatever the settings and the connector."""

_STEP: Final = 10_000


@dataclass(frozen=True)
class Case:
    """Settings that differ from the defaults, and how many records the connector takes in a request."""

    name: str
    settings: dict[str, str] = field(default_factory=dict)
    takes: int = 50_000

    @property
    def is_default(self) -> bool:
        """Whether nothing is out of the ordinary."""
        return not self.settings and self.takes == Case("").takes


CASES: Final = (
    Case("default settings"),
    Case("the connector takes 200 records at most", takes=200),
    Case("BATCH_MAX_RECORDS=1", {"BATCH_MAX_RECORDS": "1"}),
    Case("BATCH_MAX_RECORDS=200", {"BATCH_MAX_RECORDS": "200"}),
    Case("BATCH_MAX_BYTES=1000", {"BATCH_MAX_BYTES": "1000"}),
)


@dataclass(frozen=True)
class Cost:
    """What one export cost: its own bytes, bytes and writes to its ledger, requests, and how it ended."""

    export_bytes: int
    ledger_bytes: int
    writes: int
    requests: int
    ended: str

    @property
    def share(self) -> float:
        """Of the export's bytes."""
        return self.ledger_bytes / self.export_bytes


class CountingState(FakeContainer):
    """The state container; appends in place, and counts what is written below `ledger/` and `plans/`."""

    def __init__(self, world: World) -> None:
        super().__init__("gatepost-state", world.clock)
        self.written = 0
        self.writes = 0
        self._journals: dict[str, bytearray] = {}

    def write(
        self, name: str, data: bytes, condition: Condition, *, metadata: Mapping[str, str] | None = None
    ) -> str:
        """Count, and write."""
        if name.startswith("plans/"):
            self._count(data)
        return super().write(name, data, condition, metadata=metadata)

    def append(self, name: str, data: bytes, etag: str) -> str:
        """Count, and append without copying what is there."""
        if (self.head(name).etag if name in self._journals else "") != etag:
            raise ConditionError("changed")
        self._count(data)
        self._journals.setdefault(name, bytearray()).extend(data)
        return self.put(name, b"").etag

    def read(self, name: str) -> Document | None:
        """A journal as it is now, or any other blob."""
        if name in self._journals:
            return Document(bytes(self._journals[name]), self.head(name).etag)
        return super().read(name)

    def _count(self, data: bytes) -> None:
        self.written += len(data)
        self.writes += 1


@dataclass
class CountingConnector:
    """Takes every array of at most so many records, answers 413 to longer ones, and keeps nothing."""

    takes: int
    requests: int = 0
    records: int = 0

    def post(self, body: bytes, _token: str, fence: Fence) -> Reply | NoReply:
        """Take it or say that it is too large."""
        fence.check()
        self.requests += 1
        records = body.count(b'"UserId":')
        if records > self.takes:
            return Reply(413, {}, b"")
        self.records += records
        return Reply(200, {}, b'{"RecordsSaved": %d, "RecordsSkipped": 0}' % records)


def cost(data: bytes, records: int, case: Case) -> Cost:
    """Deliver one export until it comes to rest.

    Args:
        data: the export.
        records: how many records it has, all of them valid.
        case: settings and connector.

    Raises:
        SystemExit: not every record was taken once, so that the figures would be worth nothing.
    """
    world = World().with_settings(**{"BATCH_MAX_RECORDS": "5000"} | case.settings)
    state, connector = CountingState(world), CountingConnector(case.takes)
    world.state = state
    world.connector = connector  # type: ignore[assignment]  # another connector of the same protocol
    world.exports.chunk_bytes = 4 << 20
    message = world.upload("export.json", data)
    outcome = world.process(message)
    if outcome is None or not (outcome.status.final or outcome.retry == "person"):
        raise SystemExit(f"the export did not come to rest: {outcome and outcome.summary}")
    if outcome.status == "Succeeded" and connector.records != records:
        raise SystemExit(f"{connector.records:,} of {records:,} records were taken")
    ended = outcome.error.code if outcome.error else outcome.status
    return Cost(len(data), state.written, state.writes, connector.requests, ended)


def table(sizes: tuple[int, ...], cases: tuple[Case, ...] = CASES) -> Iterator[str]:
    """Lines of a Markdown table, one a case and size, as they are found.

    Args:
        sizes: in records.
        cases: settings and connectors.

    Raises:
        SystemExit: a ledger costs more than it may.
    """
    yield "| | records | export, bytes | ledger, bytes | share | writes | requests | ended as |"
    yield "|---|--:|--:|--:|--:|--:|--:|---|"
    for records in sizes:
        data = export_of(records)
        for case in cases:
            found = cost(data, records, case)
            yield (
                f"| {case.name} | {records:,} | {found.export_bytes:,} | {found.ledger_bytes:,} | {found.share:.4f} "
                f"| {found.writes:,} | {found.requests:,} | {found.ended} |"
            )
            if found.ledger_bytes > MOST_BYTES or (case.is_default and found.share > SHARE_OF_EXPORT):
                raise SystemExit("the ledger costs too much")


def export_of(records: int) -> bytes:
    """An array of records, all valid, about 200 bytes each."""
    pieces = bytearray(b"[")
    for start in range(0, records, _STEP):
        numbers = range(start, min(start + _STEP, records))
        pieces += ",".join(json.dumps(record(number), separators=(",", ":")) for number in numbers).encode()
        pieces += b","
    pieces[-1:] = b"]"
    return bytes(pieces)


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger_cost", description="Bytes in ledgers.")
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--sizes", default="", help="in records, with commas")
    arguments = parser.parse_args()
    sizes = tuple(int(one) for one in arguments.sizes.split(",") if one) or (
        QUICK if arguments.quick else SIZES
    )
    console = Console(highlight=False, soft_wrap=True)
    for line in table(sizes):
        console.print(line)


if __name__ == "__main__":
    main()
