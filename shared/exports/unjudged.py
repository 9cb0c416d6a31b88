"""Cuts request bodies out of an export that was read and judged before, and goes as it stands: quickly, and not for sure.

How long each body is, its plan says. So nothing is decoded, and where records have no more than a comma between them, nothing is
even looked at. What was cut in the wrong place does not have the hash that the plan names.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from shared.exports.batches import Batch, Body
from shared.exports.encodings import Utf8
from shared.exports.joined_records import RECORD_HEAD, in_brackets
from shared.exports.rules import RULES

_BETWEEN: Final = re.compile(rb"\}[ \t\r\n]*,?[ \t\r\n]*(%b)" % RECORD_HEAD)
"""The end of a record and the beginning of the next one, up to its first name; in no text do quotes stand so."""
_DECODER: Final = json.JSONDecoder()


def unjudged_bodies(
    unpacked: Iterable[bytes], batches: Iterable[Batch], going: Callable[[Batch], Sequence[int]]
) -> Iterator[Body]:
    """The bodies of batches, up to the first one that is not where it seemed to be.

    Args:
        unpacked: the export's bytes, the very ones that a pass has found to go as they stand.
        batches: as they were planned, in order.
        going: the numbers of the records of a batch; a range where no other record stands between them.

    Raises:
        ExportError: what `Unpacked` and `Utf8` raise.
    """
    records = _Records(Utf8(unpacked))
    number = 1
    for batch in batches:
        for _ in range(number, batch.first):
            records.next()
        numbers = going(batch)
        data = records.body(batch.bytes) if isinstance(numbers, range) else _body_of(records, batch, numbers)
        if hashlib.sha256(data).hexdigest() != batch.sha256:
            return
        yield Body(batch, data, (numbers,))
        number = batch.last + 1


def _body_of(records: "_Records", batch: Batch, numbers: Sequence[int]) -> bytes:
    """The body of a batch that holds some of the next records."""
    every = [records.next() for _ in range(batch.first, batch.last + 1)]
    return in_brackets(b",".join([every[number - batch.first] for number in numbers]))


def _first_between(data: bytes) -> re.Match[bytes] | None:
    """What is between the first record and the second one."""
    text = data.decode(errors="ignore")
    try:
        _, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return _BETWEEN.match(data, len(text[:end].encode()) - len(b"}"))


class _Records:
    """The records of an export, one behind the other with a comma between them."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._joint = b'},{"'
        self._pieces = self._joined(iter(pieces))
        self._data = b""
        self._at = 0

    def body(self, size: int) -> bytes:
        """The body of so many bytes that holds the next records, all of them."""
        body = b"".join((b"[", *self._taken(size - len(b"[]")), b"]"))
        self._at += len(b",")
        return body

    def next(self) -> bytes:
        """The next record; anything else if there seems to be none."""
        while (end := self._data.find(self._joint, self._at)) < 0:
            if len(self._data) - self._at > RULES.max_record_bytes:
                self._pieces = iter(())
            if not self._more():
                end = self._data.rfind(b"}")
                break
        record = self._data[self._at : end + 1]
        self._at = end + len(b"},")
        return record

    def _taken(self, size: int) -> Iterator[bytes]:
        """The next bytes, so many; fewer where the export ends."""
        while size > 0:
            part = self._data[self._at : self._at + size]
            self._at += len(part)
            size -= len(part)
            yield part
            if size and not self._more():
                return

    def _more(self) -> bool:
        """Bring the next piece into view; whether there was one."""
        beyond = max(0, self._at - len(self._data))  # a comma that is still to come
        piece = next(self._pieces, None)
        if piece is None:
            return False
        self._data = self._data[self._at :] + piece
        self._at = beyond
        return True

    def _joined(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces from the first record on."""
        first = next(pieces, b"")
        first = first[max(0, first.find(b"{")) :]
        pieces = chain((first,), pieces)
        found = _first_between(first)
        if found:
            self._joint = b"}," + found[1]
        if not found or found[0] == self._joint:
            yield from pieces
            return
        between, left = found[0], b""
        for piece in pieces:
            data = left + piece
            begun = data.rfind(b"}", max(0, len(data) - len(between) + 1))
            end = begun if begun >= 0 else len(data)
            left = data[end:]
            yield data[:end].replace(between, self._joint)
        yield left
