"""Rules that differ from attempt to attempt: each set rejects the records that bear one of its marks.

A new release is what changes the product's rules; here every invocation is given those that are in force when it begins.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, Final

from shared.delivery import export_rules, passes, planned_records
from shared.delivery.prefetch import prefetch
from shared.exports.items import RecordRun, Rejected, in_order
from shared.exports.reader import Reader
from shared.exports.rules import RULES, Rules
from shared.exports.validate import Invalid, Violation

_REASON: Final = Violation("AssetName", "not-allowed", "must not bear this mark")


@dataclass(frozen=True, eq=False)
class MarkedRules(Rules):
    """The product's rules, and marks whose records they reject."""

    marks: str = ""

    @cached_property
    def digest(self) -> str:
        """Names them in ledgers."""
        return hashlib.sha256(f"rules {self.marks}".encode()).hexdigest()

    def accepts(self, kind: str) -> bool:
        """Whether a record of this kind is valid; `i` never is."""
        return kind != "i" and kind not in self.marks


MARKED: Final = {marks: MarkedRules(RULES.schema_bytes, marks=marks) for marks in ("", "a", "b", "ab")}


class MarkedReader(Reader):
    """The product's reader, and the rules in force on top."""

    def __iter__(self) -> Iterator[RecordRun | Rejected]:
        """Yield everything in order."""
        for item in in_order(super().__iter__()):
            if isinstance(item, Rejected):
                yield item
            elif isinstance(item, RecordRun):
                yield from _parted(item, self.rules.marks if isinstance(self.rules, MarkedRules) else "")


def _parted(run: RecordRun, marks: str) -> Iterator[RecordRun | Rejected]:
    if not marks:
        yield run
        return
    numbered = enumerate(run.records, run.first)
    for is_bad, group in groupby(numbered, lambda one: _mark(one[1]) in marks):
        records = list(group)
        if is_bad:
            for number, data in records:
                yield Rejected(number, Invalid((_REASON,), data.translate(None, b"\r\n")))
        else:
            yield RecordRun.from_first(records[0][0], [data for _, data in records])


def _mark(data: bytes) -> str:
    """The kind of a record, which its AssetName ends with."""
    at = data.find(b'"Door ')
    return chr(data[at + 6]) if at >= 0 else "?"


def in_step(items: Iterator[Any], _ahead: int = 1) -> Iterator[Any]:
    """`prefetch` without a thread: the next item is made by the task that wants it."""
    yield from items


@contextmanager
def laid_over() -> Iterator[None]:
    """Lay the reader and `in_step` over the product's, for as long as schedules are explored."""
    vars(export_rules)["Reader"] = MarkedReader
    for module in (passes, planned_records):
        vars(module)["prefetch"] = in_step
    try:
        yield
    finally:
        vars(export_rules)["Reader"] = Reader
        for module in (passes, planned_records):
            vars(module)["prefetch"] = prefetch
