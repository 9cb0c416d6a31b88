"""Rules that differ from attempt to attempt: each set rejects the records that bear one of its marks.

The product's rules are a constant of its program, so a new release is what changes them. Here a task says which ones it
works by; they are laid over the product's while that task runs.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from shared.delivery import deliver, passes, plan, validate_export
from shared.delivery.prefetch import prefetch
from shared.exports.reader import Reader, RecordRun, Rejected
from shared.exports.validate import Invalid, Violation

_REASON: Final = Violation("AssetName", "not-allowed", "must not bear this mark")


@dataclass(frozen=True, slots=True)
class Rules:
    """One set of rules: the marks whose records it rejects."""

    marks: str

    @property
    def digest(self) -> str:
        """Names it in ledgers."""
        return hashlib.sha256(f"rules {self.marks}".encode()).hexdigest()

    def accepts(self, kind: str) -> bool:
        """Whether a record of this kind is valid; `i` never is."""
        return kind != "i" and kind not in self.marks


RULES: Final = {marks: Rules(marks) for marks in ("", "a", "b", "ab")}
_IN_FORCE: list[Rules] = [RULES[""]]


def put_in_force(rules: Rules) -> None:
    """Lay them over the product's own."""
    if _IN_FORCE[0] is not rules:
        _IN_FORCE[0] = rules
        for module in (deliver, plan):
            vars(module)["RULES_DIGEST"] = rules.digest


class MarkedReader(Reader):
    """The product's reader, and the rules in force on top."""

    def __iter__(self) -> Iterator[RecordRun | Rejected]:
        """Yield everything in order."""
        for item in super().__iter__():
            if isinstance(item, Rejected):
                yield item
            else:
                yield from _parted(item)


def _parted(run: RecordRun) -> Iterator[RecordRun | Rejected]:
    marks = _IN_FORCE[0].marks
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
    """Lay the reader, the rules and `in_step` over the product's, for as long as somebody explores."""
    digest = vars(plan)["RULES_DIGEST"]
    vars(passes)["Reader"] = vars(validate_export)["Reader"] = MarkedReader
    vars(passes)["prefetch"] = in_step
    _IN_FORCE[0] = Rules("?")
    put_in_force(RULES[""])
    try:
        yield
    finally:
        vars(passes)["Reader"] = vars(validate_export)["Reader"] = Reader
        vars(passes)["prefetch"] = prefetch
        for module in (deliver, plan):
            vars(module)["RULES_DIGEST"] = digest
