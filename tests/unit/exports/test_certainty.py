"""Whether values are all that records hold, told by counting quotes."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from shared.exports.certainty import all_certain, is_certain

MAX_DEPTH = 4


def segment_of(records: Sequence[dict[str, Any]], *, indent: int | None = None) -> bytes:
    """Records that follow each other."""
    return ",\n".join(json.dumps(one, indent=indent) for one in records).encode()


def columns_of(records: Sequence[dict[str, Any]], *names: str) -> list[list[Any]]:
    """What a decoder gives that was asked for these properties."""
    return [[one.get(name, msgspec.UNSET) for one in records] for name in names]


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([{"a": "x", "b": 1}, {"a": "y", "b": 2}], id="of one shape"),
        pytest.param([{"a": "x", "b": 1}, {"a": "y", "b": "2"}], id="a text beside a number"),
        pytest.param([{"a": "x", "b": None}, {"a": "y"}, {"b": True}], id="a property that may be missing"),
        pytest.param([{"a": 1.5, "b": False}, {"a": -(2**63), "b": 2**64 - 1}], id="the largest numbers"),
        pytest.param(
            [{"a": "", "b": "x"}, {"a": '"', "b": "\\"}, {"a": '\\"', "b": "\n"}], id="quotes in texts"
        ),
        pytest.param([{"a": 1, "b": 1.5}, {"a": None, "b": "x"}, {"a": True}], id="every kind"),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_flat_records_are_told_at_once(records: list[dict[str, Any]], indent: int | None) -> None:
    """And each of them alone."""
    segment = segment_of(records, indent=indent)
    assert all_certain(segment, columns_of(records, "a", "b"))
    for one in records:
        raw = json.dumps(one, indent=indent).encode()
        assert is_certain(raw, [one.get(name, msgspec.UNSET) for name in "ab"], MAX_DEPTH)


@pytest.mark.parametrize(
    ("odd", "a"),
    [
        pytest.param('{"a": "x", "c": 1}', "x", id="a property that nobody asked for"),
        pytest.param('{"a": "w", "a": "x"}', "x", id="a repeated one"),
        pytest.param('{"a": 18446744073709551616}', 2**64, id="an integer too large"),
        pytest.param('{"a": -9223372036854775809}', -(2**63) - 1, id="one too small"),
        pytest.param('{"a": {"b": 1, "b": 2}}', {"b": 2}, id="one repeated inside"),
        pytest.param('{"a": [18446744073709551616]}', [2**64], id="too large inside"),
        pytest.param('{"a": [[[[]]]]}', [[[[]]]], id="too deep"),
    ],
)
def test_what_may_hold_more_is_not_certain(odd: str, a: object) -> None:
    """Neither alone nor among records that are, before or behind it."""
    usual = [{"a": 1}, {"a": 2}]
    before, behind = columns_of(usual, "a")[0], segment_of(usual)
    assert not is_certain(odd.encode(), [a], MAX_DEPTH)
    assert not all_certain(odd.encode() + b"," + behind, [[a, *before]])
    assert not all_certain(behind + b"," + odd.encode(), [[*before, a]])


def test_brackets_may_stand_as_deep_as_records_may() -> None:
    """Objects and lists inside a record are counted with the record."""
    deepest = {"a": [{"b": ["x"]}], "c": {}}
    raw = json.dumps(deepest).encode()
    assert is_certain(raw, deepest.values(), 5)
    assert not is_certain(raw, deepest.values(), 4)
