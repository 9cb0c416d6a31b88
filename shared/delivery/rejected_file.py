"""The rejected file: one JSON line for each record that was rejected, with its content, ready to be corrected.

A line corrected in place (its `content`) can be uploaded as an export again: the reader takes `content` for the record.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from typing import Final

import msgspec

from shared.delivery.outcome import Reason
from shared.delivery.ports import BlockWriter
from shared.delivery.record_bits import RecordBits
from shared.exports.reader import Item, LeftOut, Rejected
from shared.exports.validate import Violation

MAX_OF_REJECTED_EXPORT: Final = 1_000
"""How many records of an export that is rejected whole are kept."""


class RejectedFile:
    """Writes the lines as they come and counts the reasons.

    Attributes:
        records: how many records were rejected.
    """

    def __init__(self, writer: BlockWriter) -> None:
        self._writer = writer
        self._reasons: Counter[Violation] = Counter()
        self.records = 0

    def add(self, rejected: Rejected) -> None:
        """Set a record aside."""
        self.records += 1
        self._reasons.update({violation.countable for violation in rejected.record.violations})
        self._writer.add(_line(rejected.number, rejected.record.violations, rejected.record.content))
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
    writer: BlockWriter, items: Iterable[Item], refused: dict[int, int], accepted: RecordBits
) -> None:
    """Write the rejected file anew, with the records the connector refused in their places.

    Args:
        writer: where to.
        items: one pass over the export.
        refused: the connector's HTTP status by input record number.
        accepted: records that were accepted under other rules; they stand in no rejected file.
    """
    numbers = sorted(number for number in refused if number not in accepted)
    for item in items:
        if isinstance(item, LeftOut):
            continue
        if isinstance(item, Rejected):
            if item.number in accepted:
                continue
            writer.add(_line(item.number, item.record.violations, item.record.content))
            continue
        end = item.first + len(item.records)
        for number in numbers[bisect_left(numbers, item.first) : bisect_left(numbers, end)]:
            violation = refusal(refused[number])
            writer.add(
                _line(number, (violation,), item.records[number - item.first].translate(None, b"\r\n"))
            )
    writer.commit()


def refusal(http_status: int) -> Violation:
    """What a refused record's line says."""
    return Violation("", "refused", f"the connector refused this record (HTTP {http_status})")


def _line(number: int, violations: Iterable[Violation], content: bytes) -> bytes:
    errors = [{"property": one.name or None, "code": one.code, "reason": one.reason} for one in violations]
    return b'{"record":%d,"errors":%s,"content":%s}\n' % (number, msgspec.json.encode(errors), content)
