"""The rejected file: what is in it, and how large it may become."""

import json
from dataclasses import dataclass, field

import pytest

from shared.delivery import rejected_file, selection, validate_export
from shared.delivery.outcome_texts import cut_warnings
from shared.delivery.record_bits import RecordBits
from shared.delivery.rejected_file import MAX_FILE_BYTES, RejectedFile, write_with_refused
from shared.delivery.selection import MAX_INVALID_RECORDS
from shared.delivery.validate_export import ValidationResult
from shared.exports.batches import Limits
from shared.exports.items import Item, LeftOut, RecordRun, Rejected
from shared.exports.reader import Reader
from shared.exports.unpacking import Unpacked
from shared.exports.validate import Invalid, Violation
from tests.support.exports import export

WRONG = Violation("AccessStatus", "not-allowed", "must be Success or Failed")


@dataclass
class Written:
    """A writer that keeps everything."""

    data: bytes = b""
    marked: int = 0
    committed: bytes | None = None

    def add(self, data: bytes) -> None:
        """Keep the data."""
        self.data += data

    def mark(self) -> None:
        """Remember the length."""
        self.marked = len(self.data)

    def commit(self, *, marked_only: bool = False) -> None:
        """Show what was written."""
        self.committed = self.data[: self.marked] if marked_only else self.data

    @property
    def numbers(self) -> list[int]:
        """The input record numbers of the lines that are shown."""
        return [json.loads(line)["record"] for line in (self.committed or b"").splitlines()]


@dataclass
class Nowhere(Written):
    """A writer that only counts."""

    count: int = field(default=0)

    def add(self, data: bytes) -> None:
        """Count the bytes."""
        self.count += len(data)


def rejected(number: int, content: bytes = b"{}") -> Rejected:
    """A record that is set aside."""
    return Rejected(number, Invalid((WRONG,), content))


def validated(data: bytes, percent: int, writer: Written | None = None) -> ValidationResult:
    """Pass 1 over an export."""
    file = RejectedFile(writer or Written())
    reader = Reader(Unpacked([data], 1 << 30))
    return validate_export.validate_export(reader, file, Limits(10, 10_000), max_invalid_percent=percent)


def test_a_rejected_file_ends_at_its_limit_and_goes_on_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first line that does not fit is the end of the file; what follows is counted, also if it would fit."""
    monkeypatch.setattr(rejected_file, "MAX_FILE_BYTES", 1_000)
    writer = Written()
    file = RejectedFile(writer)
    for number in range(1, 5):
        file.add(rejected(number))
    assert not file.cut
    file.add(rejected(5, b'{"a":"' + b"x" * 900 + b'"}'))
    file.add(rejected(6))
    file.commit(export_rejected=False)
    assert writer.numbers == [1, 2, 3, 4]
    assert (file.cut, file.cut_early, file.records) == (True, True, 6)
    assert [one.records for one in file.by_reason] == [6]


@pytest.mark.parametrize("records", [1, 999, 1_000, 1_001, 1_200])
def test_of_a_rejected_export_the_first_thousand_are_kept(records: int) -> None:
    """Of any other all of them."""
    for export_rejected in (False, True):
        writer = Written()
        file = RejectedFile(writer)
        for number in range(1, records + 1):
            file.add(rejected(number))
        file.commit(export_rejected=export_rejected)
        kept = min(records, 1_000) if export_rejected else records
        assert writer.numbers == list(range(1, kept + 1))


def test_a_file_with_nothing_in_it_is_not_written() -> None:
    """And it is not cut."""
    writer = Written()
    file = RejectedFile(writer)
    file.commit(export_rejected=False)
    assert writer.committed is None
    assert (file.cut, file.cut_early) == (False, False)


def test_the_last_of_the_first_thousand_may_be_the_one_without_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is exactly as large as it may become is whole; with one byte less room, it was cut early."""
    whole = Written()
    file = RejectedFile(whole)
    for number in range(1, 1_001):
        file.add(rejected(number))
    for room, cut in ((len(whole.data), False), (len(whole.data) - 1, True)):
        monkeypatch.setattr(rejected_file, "MAX_FILE_BYTES", room)
        file = RejectedFile(Written())
        for number in range(1, 1_001):
            file.add(rejected(number))
        assert (file.cut, file.cut_early) == (cut, cut)


def test_a_line_names_the_property_that_broke_a_rule() -> None:
    """What the connector refused is about no property; records that are left out stand between them."""
    writer = Written()
    items: list[Item] = [
        LeftOut(1, "repeated"),
        rejected(2),
        LeftOut(3, "rule"),
        RecordRun([4, 5, 7], [b"{}", b"{}", b"{}"]),
        rejected(6),
    ]
    assert not write_with_refused(writer, items, {5: 400, 7: 400}, RecordBits())
    lines = [json.loads(line) for line in (writer.committed or b"").splitlines()]
    assert [(line["record"], line["errors"][0]["property"]) for line in lines] == [
        (2, "AccessStatus"),
        (5, None),
        (6, "AccessStatus"),
        (7, None),
    ]


def test_where_a_rejected_file_was_cut_is_said() -> None:
    """With its size as the documentation gives it, and where the rest is."""
    (warning,) = cut_warnings(cut=True)
    assert warning.code == "rejected-file-cut"
    assert warning.message.startswith("The rejected file ends after 64 MB;")
    assert cut_warnings(cut=False) == []


def test_a_file_that_is_cut_behind_the_first_thousand_holds_all_of_a_rejected_export() -> None:
    """Of an export that is rejected whole 1,000 records are kept, so nothing is missing there."""
    writer = Nowhere()
    file = RejectedFile(writer)
    for number in range(1, 1_200):
        file.add(rejected(number, b'{"a":"' + b"x" * (64_000 if number > 1_000 else 1) + b'"}'))
    assert not file.cut
    for number in range(1_200, 2_100):
        file.add(rejected(number, b'{"a":"' + b"x" * 64_000 + b'"}'))
    assert (file.cut, file.cut_early) == (True, False)
    assert MAX_FILE_BYTES - 65_000 < writer.count <= MAX_FILE_BYTES


def test_refused_records_are_bounded_in_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The export is read no further than the file has room."""
    monkeypatch.setattr(rejected_file, "MAX_FILE_BYTES", 1_300)
    writer = Written()
    reader = Reader(Unpacked([export(2_000, bad=(1, 2))], 1 << 30))
    numbers = dict.fromkeys(range(3, 2001), 400)
    assert write_with_refused(writer, reader, numbers, RecordBits())
    assert writer.numbers == [1, 2, 3, 4]
    assert reader.read < 2_000
    everything = Written()
    assert not write_with_refused(everything, Reader(Unpacked([export(5)], 1 << 20)), {2: 400}, RecordBits())
    assert everything.numbers == [2]


@pytest.mark.parametrize("percent", [49, 50, 100])
def test_reading_ends_once_very_many_records_are_rejected(
    percent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only if they are more than the share that may be; half of an export is not more than half."""
    monkeypatch.setattr(selection, "MAX_INVALID_RECORDS", 20)
    found = validated(export(5_000, bad=tuple(range(2, 5_001, 2))), percent)
    stopped = percent == 49
    assert found.stopped is stopped
    if stopped:
        assert found.read < 1_000
        assert found.rejected * 100 > found.read * percent
    else:
        assert (found.read, found.rejected) == (5_000, 2_500)
    assert bool(found.sha256) is not stopped
    assert found.too_many_invalid(percent) is stopped


def test_reading_goes_on_below_a_million_rejected_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that every reason of an ordinary bad export is counted."""
    monkeypatch.setattr(selection, "MAX_INVALID_RECORDS", 21)
    found = validated(export(20, bad=tuple(range(1, 21))), 0)
    assert (found.read, found.rejected, found.stopped) == (20, 20, False)
    assert MAX_INVALID_RECORDS == 1_000_000
