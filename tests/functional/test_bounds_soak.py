"""The largest exports that are meant to hurt, and the largest bad one that is not, measured."""

import gzip
import json
import resource
import time
import zlib
from collections.abc import Iterator

import pytest

from shared.error_codes import Status
from tests.support.exports import record
from tests.support.fake_storage import FakeContainer
from tests.support.world import World

pytestmark = pytest.mark.soak


def tiny_records() -> bytes:
    """166 million records of two bytes, just under `MAX_EXPORT_BYTES` unpacked; half a megabyte packed."""
    packer = zlib.compressobj(9, wbits=31)
    some = b"{}," * 1_000_000
    return b"".join(
        [
            packer.compress(b"["),
            *(packer.compress(some) for _ in range(166)),
            packer.compress(b"{}]"),
            packer.flush(),
        ]
    )


def half_bad(records: int) -> bytes:
    """Every second record is one that cannot be sent."""

    def lines() -> Iterator[bytes]:
        for number in range(1, records + 1):
            bad = {"AccessStatus": "Granted"} if number % 2 else {}
            yield json.dumps(record(number, **bad)).encode() + b"\n"

    return gzip.compress(b"".join(lines()), 1)


class Storage:
    """Counts the bytes of the blocks that are staged in a container, whether they are committed or not."""

    def __init__(self, container: FakeContainer) -> None:
        self.staged_bytes = 0
        self._stage = container._model.stage
        container._model.stage = self.stage  # type: ignore[method-assign]  # counted on its way

    def stage(self, container: str, name: str, block_id: str, data: bytes, *, lease_id: str = "") -> None:
        """Put Block."""
        self.staged_bytes += len(data)
        self._stage(container, name, block_id, data, lease_id=lease_id)


def test_half_a_megabyte_of_166_million_tiny_records() -> None:
    """An outcome within a minute of CPU and under 100 MB of storage."""
    data = tiny_records()
    world = World()
    storage = Storage(world.results)
    message = world.upload("day.json.gz", data)
    began = time.process_time()
    outcome = world.process(message)
    seconds = time.process_time() - began
    assert outcome is not None
    assert outcome.error is not None
    assert (outcome.status, outcome.error.code) == (Status.REJECTED, "too-many-invalid")
    assert outcome.records is not None
    assert outcome.records.read == 1_000_000
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"\n{len(data):,} bytes packed: {seconds:.1f} s of CPU, {storage.staged_bytes:,} bytes staged, peak {peak_mb} MB"
    )
    assert storage.staged_bytes < 100_000_000
    assert seconds < 60


def test_a_million_records_half_of_them_bad() -> None:
    """The good half is sent."""
    world = World().with_settings(BATCH_MAX_RECORDS="5000")
    storage = Storage(world.results)
    message = world.upload("day.jsonl.gz", half_bad(1_000_000))
    began = time.process_time()
    outcome = world.process(message)
    seconds = time.process_time() - began
    assert outcome is not None
    assert outcome.status is Status.PARTIALLY_SUCCEEDED
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.rejected) == (500_000, 500_000)
    assert [one.code for one in outcome.warnings] == ["rejected-file-cut"]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"\n1,000,000 records, half of them bad: {seconds:.1f} s of CPU, {storage.staged_bytes:,} bytes staged, peak {peak_mb} MB"
    )
    assert storage.staged_bytes < 100_000_000
