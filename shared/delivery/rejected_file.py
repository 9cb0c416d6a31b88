"""The rejected file: one JSON line for each record that was rejected, with its content, ready to be corrected.

A line corrected in place (its `content`) can be uploaded as an export again: the reader takes `content` for the record.
The file is bounded: the first line that does not fit ends it, and from there on lines are only counted.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from shared.delivery.outcome import Reason
from shared.delivery.record_bits import RecordBits
from shared.exports.items import Item, LeftOut, RecordRun, Rejected, in_order
from shared.exports.validate import Violation

if TYPE_CHECKING:
    from shared.delivery.ports import BlockWriter

REFUSED: Final = "refused"
"""The code of a line that the connector refused."""

MAX_OF_REJECTED_EXPORT: Final = 1_000
"""How many records of an export that is rejected whole are kept."""

MAX_FILE_BYTES: Final = 64_000_000
"""How large a rejected file may become; the export itself holds what is left out."""


class RejectedFile:
    """Writes the lines as they come and counts the reasons.

    Attributes:
        records: how many records were rejected.
        cut_early: whether there was no room even for the first 1,000.
    """

    def __init__(self, writer: "BlockWriter") -> None:
        self._writer = writer
        self._lines = _Lines(writer)
        self._reasons: Counter[Violation] = Counter()
        self.records = 0
        self.cut_early = False

    @property
    def cut(self) -> bool:
        """Whether there was no room for all of them."""
        return self._lines.full

    def add(self, rejected: Rejected) -> None:
        """Set a record aside."""
        self.records += 1
        self._reasons.update(_said(rejected.record.violations)[0])
        self._lines.add(rejected.number, rejected.record.violations, rejected.record.content)
        if self.records <= MAX_OF_REJECTED_EXPORT:
            self.cut_early = self.cut
        if self.records == MAX_OF_REJECTED_EXPORT:
            self._writer.mark()

    def commit(self, *, export_rejected: bool) -> None:
        """Make the file visible, if anything is in it: the first 1,000 of an export that is rejected, else all."""
        if self.records:
            self._writer.commit(marked_only=export_rejected and self.records > MAX_OF_REJECTED_EXPORT)

    @property
    def by_reason(self) -> list[Reason]:
        """How many records each reason hit, most frequent first; a record with two reasons counts in both."""
        return [
            Reason(property=one.name, code=one.code, reason=one.reason, records=count)
            for one, count in sorted(
                self._reasons.items(), key=lambda item: (-item[1], item[0].name, item[0].code)
            )
        ]


def write_with_refused(
    writer: "BlockWriter", items: Iterable[Item], refused: dict[int, int], accepted: RecordBits
) -> bool:
    """Write the rejected file anew, with the records the connector refused in their places.

    Reading ends where the file is full.

    Args:
        writer: where to.
        items: one pass over the export.
        refused: the connector's HTTP status by input record number.
        accepted: records that were accepted under other rules; they stand in no rejected file.

    Returns:
        Whether there was no room for all of them.
    """
    numbers = sorted(number for number in refused if number not in accepted)
    lines = _Lines(writer)
    for item in in_order(items):
        if lines.full:
            break
        if isinstance(item, LeftOut):
            continue
        if isinstance(item, Rejected):
            if item.number not in accepted:
                lines.add(item.number, item.record.violations, item.record.content)
            continue
        for number, record in _among(item, numbers):
            lines.add(number, (refusal(refused[number]),), record.translate(None, b"\r\n"))
    writer.commit()
    return lines.full


class Remaining(Protocol):
    """What is known of the lines of a rejected file that is mapped anew."""

    def record(self, number: int) -> int:
        """The number that a line's record has in its export."""
        ...

    def take(self, number: int) -> bytes:
        """A line that the connector refused, as it stands."""
        ...


def write_remaining(
    writer: "BlockWriter",
    items: Iterable[Item],
    refused: dict[int, int],
    accepted: RecordBits,
    known: Remaining,
) -> bool:
    """Write a rejected file anew after a pass over its lines: what is still rejected, and all that was ever refused.

    Args:
        writer: where to.
        items: one pass over the old file, numbered by its lines.
        refused: the connector's HTTP status by line, of those that it has refused now.
        accepted: lines that were accepted.
        known: numbers of their records, and the lines that were refused before.

    Returns:
        Whether there was no room for all of them.
    """
    numbers = sorted(number for number in refused if number not in accepted)
    lines = _Lines(writer)
    for item in in_order(items):
        if isinstance(item, LeftOut):
            if item.code == REFUSED:
                lines.add_line(known.take(item.number))
        elif isinstance(item, Rejected):
            if item.number not in accepted:
                lines.add(known.record(item.number), item.record.violations, item.record.content)
        else:
            for number, record in _among(item, numbers):
                lines.add(known.record(number), (refusal(refused[number]),), record)
    writer.commit()
    return lines.full


def _among(run: RecordRun, numbers: list[int]) -> Iterator[tuple[int, bytes]]:
    """The records of a run without gaps that have some numbers, which are in order."""
    for number in numbers[bisect_left(numbers, run.first) : bisect_right(numbers, run.last)]:
        yield number, run.records[number - run.first]


def refusal(http_status: int) -> Violation:
    """What a refused record's line says."""
    return Violation("", REFUSED, f"the connector refused this record (HTTP {http_status})")


class _Lines:
    """Writes lines as long as they fit; `full` says that one did not."""

    def __init__(self, writer: "BlockWriter") -> None:
        self._writer = writer
        self._left_bytes = MAX_FILE_BYTES
        self.full = False

    def add(self, number: int, violations: tuple[Violation, ...], content: bytes) -> None:
        """Write a record's line, unless the file is full."""
        if not self.full:
            self.add_line(_line(number, violations, content))

    def add_line(self, line: bytes) -> None:
        """Write a whole line, unless the file is full."""
        if self.full:
            return
        self._left_bytes -= len(line)
        self.full = self._left_bytes < 0
        if not self.full:
            self._writer.add(line)


def _line(number: int, violations: tuple[Violation, ...], content: bytes) -> bytes:
    return b'{"record":%d,"errors":%s,"content":%s}\n' % (number, _said(violations)[1], content)


@lru_cache(maxsize=64)
def _said(violations: tuple[Violation, ...]) -> tuple[frozenset[Violation], bytes]:
    """What a record's violations count as, and how its line says them; most records break the same rules."""
    errors = [{"property": one.name or None, "code": one.code, "reason": one.reason} for one in violations]
    return frozenset(one.countable for one in violations), msgspec.json.encode(errors)
