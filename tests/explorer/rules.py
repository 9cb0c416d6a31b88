"""Rules that differ from attempt to attempt: each set rejects the records that bear one of its marks.

The product's rules come with its program, so a new release is what changes them. Here an invocation is told which ones it
works by, as it is told its settings.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, Final

from shared.delivery import passes
from shared.delivery.prefetch import prefetch
from shared.exports.reader import Reader, RecordRun, Rejected
from shared.exports.rules import RULES as PRODUCT_RULES
from shared.exports.rules import Rules
from shared.exports.validate import Invalid, Violation

_REASON: Final = Violation("AssetName", "not-allowed", "must not bear this mark")


@dataclass(frozen=True, eq=False)
class MarkedRules(Rules):
    """One set of rules: the product's, and the marks whose records it rejects."""

    marks: str = ""

    @cached_property
    def digest(self) -> str:
        """Names it in ledgers."""
        return hashlib.sha256(f"rules {self.marks}".encode()).hexdigest()

    def accepts(self, kind: str) -> bool:
        """Whether a record of this kind is valid; `i` never is."""
        return kind != "i" and kind not in self.marks


RULES: Final = {marks: MarkedRules(PRODUCT_RULES.schema_bytes, marks=marks) for marks in ("", "a", "b", "ab")}


class MarkedReader(Reader):
    """The product's reader, and the marks of its rules on top."""

    def __iter__(self) -> Iterator[RecordRun | Rejected]:
        """Yield everything in order."""
        marks = self.rules.marks if isinstance(self.rules, MarkedRules) else ""
        for item in super().__iter__():
            if marks and isinstance(item, RecordRun):
                yield from _parted(item, marks)
            else:
                yield item


def _parted(run: RecordRun, marks: str) -> Iterator[RecordRun | Rejected]:
    numbered = enumerate(run.records, run.first)
    for is_bad, group in groupby(numbered, lambda one: _mark(one[1]) in marks):
        records = list(group)
        if is_bad:
            for number, data in records:
                yield Rejected(number, Invalid((_REASON,), data.translate(None, b"\r\n")))
        else:
            yield RecordRun(records[0][0], [data for _, data in records])


def _mark(data: bytes) -> str:
    """The kind of a record, which its AssetName ends with."""
    at = data.find(b'"Door ')
    return chr(data[at + 6]) if at >= 0 else "?"


def in_step(items: Iterator[Any]) -> Iterator[Any]:
    """`prefetch` without a thread: the next item is made by the task that wants it."""
    yield from items


@contextmanager
def laid_over() -> Iterator[None]:
    """Lay the reader and `in_step` over the product's, for as long as somebody explores."""
    vars(passes)["Reader"] = MarkedReader
    vars(passes)["prefetch"] = in_step
    try:
        yield
    finally:
        vars(passes)["Reader"] = Reader
        vars(passes)["prefetch"] = prefetch
