"""A rejected file that is read anew: whole lines, and those that the connector refused left alone."""

from collections.abc import Iterator

import pytest

from shared.delivery.rejected_lines import PassReader, RejectedLines
from shared.exports.items import Item, LeftOut, Rejected
from shared.exports.validate import Invalid, Violation

REFUSED = (
    b'{"record":7,"errors":[{"property":null,"code":"refused","reason":"no (HTTP 400)"}],"content":{}}\n'
)
MISSING = (
    b'{"record":9,"errors":[{"property":"UserId","code":"missing","reason":"is missing"}],"content":{}}\n'
)


@pytest.mark.parametrize("end", [b"\n", b""])
@pytest.mark.parametrize("size", [1, 50, 1_000])
def test_lines_are_given_on_whole_and_noted_before(size: int, end: bytes) -> None:
    """However they come, and whether or not the last one has an end."""
    lines = RejectedLines(keep=True)
    data = (MISSING + REFUSED + MISSING).removesuffix(b"\n") + end
    pieces = [data[begin : begin + size] for begin in range(0, len(data), size)]
    assert b"".join(lines.watched(pieces)) == data
    assert [lines.record(number) for number in (1, 2, 3)] == [9, 7, 9]
    assert [number for number in range(5) if number in lines.refused] == [2]
    assert lines.take(2) == REFUSED
    assert {(one.name, one.code): count for one, count in lines.reasons.items()} == {("UserId", "missing"): 2}


class Mapped:
    """A reader whose mapping takes nothing."""

    sha256, read, latest_event = "", 3, ""

    def __iter__(self) -> Iterator[Item]:
        """Rejected, left out, rejected."""
        violations = (Violation("UserId", "missing", "is missing"),)
        yield Rejected(1, Invalid(violations, b"{}"))
        yield LeftOut(2, "no-event")
        yield Rejected(3, Invalid(violations, b"{}"))


def test_what_was_refused_stays_so_whatever_the_mapping_says_of_it() -> None:
    """It is not rejected, and not ignored."""
    lines = RejectedLines()
    assert len([*lines.watched([REFUSED, REFUSED, MISSING])]) == 3
    found = [*PassReader(Mapped(), lines)]
    assert found[:2] == [LeftOut(1, "refused"), LeftOut(2, "refused")]
    assert isinstance(found[2], Rejected)
