"""A rejected file in the place of an export: its lines are mapped anew; what the connector refused is left alone."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import compress
from typing import Final

import msgspec

from shared.delivery.export_rules import RecordReader
from shared.delivery.record_bits import RecordBits
from shared.delivery.rejected_file import REFUSED
from shared.exports.items import Item, LeftOut, RecordRun, in_order
from shared.exports.validate import Violation


class _Error(msgspec.Struct):
    property: str | None = None
    code: str = ""
    reason: str = ""


class _Line(msgspec.Struct):
    record: int
    errors: list[_Error] = []


_LINE: Final = msgspec.json.Decoder(_Line)


class RejectedLines:
    """What is known of the lines that were read so far, by their number in the file, from 1.

    Args:
        keep: whether the lines that were refused are kept until they are asked for.

    Attributes:
        refused: the lines that the connector refused.
        reasons: why the others were rejected.
    """

    def __init__(self, *, keep: bool = False) -> None:
        self._keep = keep
        self._records = array("Q")
        self._kept: dict[int, bytes] = {}
        self.refused = RecordBits()
        self.reasons: Counter[Violation] = Counter()

    def record(self, number: int) -> int:
        """The number that a line's record has in its export."""
        return self._records[number - 1]

    def take(self, number: int) -> bytes:
        """A refused line as it stands, with its end; it is forgotten then."""
        return self._kept.pop(number)

    def watched(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same bytes, in whole lines; each line is noted before it is given on."""
        rest = b""
        for chunk in chunks:
            whole, newline, rest = (rest + chunk).rpartition(b"\n")
            if newline:
                yield self._noted(whole + newline)
        if rest:
            yield self._noted(rest)

    def _noted(self, lines: bytes) -> bytes:
        for line in lines.splitlines(keepends=True):
            self._note(line)
        return lines

    def _note(self, line: bytes) -> None:
        said = _LINE.decode(line)
        self._records.append(said.record)
        number = len(self._records)
        if any(one.code == REFUSED for one in said.errors):
            self.refused.add(number, number)
            if self._keep:
                self._kept[number] = line
            return
        violations = (Violation(one.property or "", one.code, one.reason) for one in said.errors)
        self.reasons.update({one.countable for one in violations})


class PassReader:
    """One pass over a rejected file.

    Args:
        mapped: reads its lines by the mapping of today.
        lines: watch what it reads.
    """

    def __init__(self, mapped: RecordReader, lines: RejectedLines) -> None:
        self._mapped = mapped
        self._lines = lines

    @property
    def sha256(self) -> str:
        """Of the file, once it was read."""
        return self._mapped.sha256

    @property
    def read(self) -> int:
        """Lines so far."""
        return self._mapped.read

    @property
    def latest_event(self) -> str:
        """The latest EventTime among the valid ones so far."""
        return self._mapped.latest_event

    def __iter__(self) -> Iterator[Item]:
        """Yield what becomes of every line; of one that was refused, that it is left out.

        Raises:
            ExportError: if the file cannot be read.
        """
        refused = self._lines.refused
        for item in in_order(self._mapped):
            if isinstance(item, RecordRun):
                yield from self._parts(item)
            else:
                yield LeftOut(item.number, REFUSED) if item.number in refused else item

    def _parts(self, run: RecordRun) -> Iterator[Item]:
        refused = [number in self._lines.refused for number in run.numbers]
        if some := run.where([not one for one in refused]):
            yield some
        for number in compress(run.numbers, refused):
            yield LeftOut(number, REFUSED)
