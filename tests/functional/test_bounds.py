"""Time, storage and memory stay bounded whatever an export holds, and each bound ends in an outcome that says so."""

import gzip
import json
from collections.abc import Iterator

import pytest

from shared.blob_names import outcome_path
from shared.delivery import rejected_file, selection
from shared.delivery.outcome import Outcome
from shared.delivery.planned_records import planned_only
from shared.delivery.record_bits import RecordBits
from shared.error_codes import Status
from shared.exports.items import RecordRun, Rejected
from shared.exports.validate import Invalid
from tests.support.exports import array, export, record
from tests.support.fake_clock import FakeClock
from tests.support.fake_connector import reply
from tests.support.world import World


class TickingClock(FakeClock):
    """A clock that, once it ticks, moves on by a second whenever it is asked."""

    ticks = False

    def monotonic(self) -> float:
        """What has passed."""
        if self.ticks:
            self.sleep(1)
        return super().monotonic()


def done(world: World, data: bytes, name: str = "day.json") -> Outcome:
    """The outcome of one attempt on an export."""
    outcome = world.process(world.upload(name, data))
    assert outcome is not None
    return outcome


def warned(outcome: Outcome) -> list[str]:
    """The codes of an outcome's warnings."""
    return [one.code for one in outcome.warnings]


def code(outcome: Outcome) -> str:
    """The code of an outcome's error."""
    assert outcome.error is not None
    return outcome.error.code


def test_a_rejected_file_is_cut_and_the_outcome_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is valid is sent all the same, every rejected record is counted, and a rebuilt outcome says it as well."""
    monkeypatch.setattr(rejected_file, "MAX_FILE_BYTES", 1_000)
    world = World()
    outcome = done(world, export(30, bad=tuple(range(1, 11))))
    assert outcome.status is Status.PARTIALLY_SUCCEEDED
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.rejected) == (20, 10)
    assert warned(outcome) == ["rejected-file-cut"]
    assert [one["record"] for one in world.rejected("day.json")] == [1, 2, 3]


def test_refused_records_that_no_longer_fit_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connector's refusals make the file longer than it was."""
    monkeypatch.setattr(rejected_file, "MAX_FILE_BYTES", 600)
    world = World()
    items = [{"index": index, "status": 400} for index in range(1, 9)]
    world.connector.script.append(reply(207, json.dumps({"value": items}).encode()))
    message = world.upload("day.json", export(10, bad=(10,)))
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.records is not None
    assert (outcome.records.refused, outcome.records.rejected) == (8, 1)
    assert warned(outcome) == ["rejected-file-cut"]
    assert [one["record"] for one in world.rejected("day.json")] == [2, 3]
    world.results.delete(outcome_path(message.name, str(message.etag)))
    rebuilt = world.process(message)
    assert rebuilt is not None
    assert (rebuilt.status, warned(rebuilt)) == (Status.PARTIALLY_SUCCEEDED, ["rejected-file-cut"])


def test_an_export_with_very_many_invalid_records_is_read_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    """`too-many-invalid`, with what was read until then; of the rejected ones the first thousand are kept."""
    monkeypatch.setattr(selection, "MAX_INVALID_RECORDS", 1_500)
    world = World()
    outcome = done(world, array({} for _ in range(5_000)))
    assert (outcome.status, code(outcome)) == (Status.REJECTED, "too-many-invalid")
    assert outcome.records is not None
    assert (outcome.records.read, outcome.records.rejected) == (1_500, 1_500)
    assert "1,500 of the first 1,500 records are invalid" in outcome.summary
    assert "the rest was not read" in outcome.summary
    assert outcome.export.sha256 is None
    assert [one["record"] for one in world.rejected("day.json")] == list(range(1, 1_001))
    assert world.connector.requests == []


def test_with_sending_off_such_an_export_waits_and_says_that_it_will_be_rejected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is final while sending is off."""
    monkeypatch.setattr(selection, "MAX_INVALID_RECORDS", 20)
    world = World().with_settings(CONNECTOR_SENDING="off")
    outcome = done(world, array({} for _ in range(50)))
    assert (outcome.status, code(outcome)) == (Status.BLOCKED, "sending-off")
    assert "It will be rejected: 20 of the first 20 records are invalid" in outcome.summary


def test_half_bad_is_not_too_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    """The good half of an export is sent, however many records the bad half has."""
    monkeypatch.setattr(selection, "MAX_INVALID_RECORDS", 20)
    outcome = done(World(), export(200, bad=tuple(range(2, 201, 2))))
    assert outcome.status is Status.PARTIALLY_SUCCEEDED
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.rejected) == (100, 100)


def test_what_is_half_sent_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit that was lowered in between does not keep the rest of an export from being sent."""
    monkeypatch.setattr(selection, "MAX_INVALID_RECORDS", 3)
    world = World()
    message = world.upload("day.json", export(40, bad=(1, 2, 3)))
    world.with_settings(MAX_INVALID_PERCENT="100")
    world.connector.script += [reply(200), reply(403)]
    world.process(message)
    world.with_settings(MAX_INVALID_PERCENT="0")
    outcome = world.process(world.request("retry", message))
    assert outcome is not None
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.rejected) == (37, 3)


def test_pass_1_ends_in_time_although_a_few_bytes_unpack_to_very_much() -> None:
    """One block of the blob is 40 MB of white space; INVOCATION_SECONDS are over in the middle of it."""
    clock = TickingClock()
    world = World(clock=clock).with_settings(INVOCATION_SECONDS="60")
    clock.ticks = True
    outcome = done(world, gzip.compress(b"[" + b" " * 40_000_000, 1), "day.json.gz")
    assert (outcome.status, code(outcome)) == (Status.FAILED, "out-of-time")


def test_pass_2_ends_in_time_between_two_batches() -> None:
    """What was accepted counts, and the rest follows at once."""
    clock = TickingClock()
    world = World(clock=clock).with_settings(
        INVOCATION_SECONDS="60", MAX_INVALID_PERCENT="100", BATCH_MAX_RECORDS="1"
    )

    def after_the_first(when: str, _what: str) -> None:
        clock.ticks = True

    world.connector.on_post = after_the_first
    blanks = b" " * 40_000_000
    first, second, third, last = (json.dumps(record(number)).encode() for number in range(1, 5))
    message = world.upload(
        "day.json.gz", gzip.compress(b"[%b,%b,%b,%b%b]" % (first, second, third, blanks, last))
    )
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.status is Status.IN_PROGRESS
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.unsent) == (3, 1)
    clock.ticks = False
    world.run(hours=1)
    assert world.outcome("day.json.gz").status is Status.SUCCEEDED


def test_pass_2_reads_nothing_behind_the_last_record_that_is_sent() -> None:
    """Whatever follows it was found invalid before."""

    def pass_2() -> Iterator[RecordRun | Rejected]:
        yield RecordRun.from_first(1, [b"1", b"2", b"3"])
        yield Rejected(4, Invalid((), b""))
        yield RecordRun([5, 7, 8], [b"5", b"7", b"8"])
        yield Rejected(6, Invalid((), b""))
        yield RecordRun.from_first(9, [b"9", b"10"])
        raise AssertionError("read on")

    bits = RecordBits()
    bits.add(2, 3)
    bits.add(5, 5)
    bits.add(8, 9)
    assert [([*run.numbers], run.records) for run in planned_only(pass_2(), bits, 9)] == [
        ([2, 3], [b"2", b"3"]),
        ([5, 8], [b"5", b"8"]),
        ([9], [b"9"]),
    ]


@pytest.mark.parametrize(
    "name", ["2026/_SUCCESS", "Thumbs.db", "out/_temporary/0/part-0.json", "2026/._day.json"]
)
def test_what_tools_leave_is_passed_over_in_silence(name: str) -> None:
    """No outcome, no message, no error; by the sweep neither."""
    world = World()
    message = world.upload(name, b"1")
    world.queue.messages.clear()
    assert world.process(message) is None
    world.clock.sleep(7_200)
    world.sweep()
    assert not [one for one in world.results.names() if one.startswith("outcomes/")]
    assert [one for _, one in world.queue.messages if name in one] == []


@pytest.mark.parametrize("name", ["a/" * 253 + "d.json", "a/" * 55 + "day.json", "x" * 896 + ".json"])
def test_names_too_deep_or_too_long_for_their_documents_get_an_outcome(name: str) -> None:
    """`unsafe-name`, below the name's hash; the blob is not read."""
    world = World()
    outcome = world.process(world.upload(name, b"[]"))
    assert outcome is not None
    assert (outcome.status, code(outcome)) == (Status.REJECTED, "unsafe-name")
    assert max(len(one.split("/")) for one in world.results.names()) <= 60
