"""What is seen of JSON without reading it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.exports.rules import RULES
from shared.sources.outline import outline

VALUES = st.recursive(
    st.integers() | st.text(alphabet="ab\n"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet="{}[]\n"), inner),
)
LEVELS = {"list": ("[\n", "]"), "object": ('{"a": ', "}\n")}


@given(value=VALUES, indent=st.sampled_from([None, 1]), line_end=st.sampled_from(["\n", "\r\n"]))
def test_every_line_break_is_counted(value: Any, indent: int | None, line_end: str) -> None:
    """Whatever stands between them."""
    data = json.dumps(value, indent=indent).replace("\n", line_end).encode()
    assert outline(data).line_breaks == data.count(b"\n")


@pytest.mark.parametrize("kind", LEVELS)
@pytest.mark.parametrize(
    ("levels", "is_sure"), [(1, True), (RULES.max_depth, True), (RULES.max_depth + 1, False)]
)
def test_what_is_nested_too_deep_is_not_sure(kind: str, levels: int, *, is_sure: bool) -> None:
    """The deepest that the rules allow still is, among others and over many lines."""
    begin, end = LEVELS[kind]
    value = begin * levels + "1" + end * levels
    assert outline(f'[]\n{value}\n{{"a": []}}'.encode()).surely_shallow is is_sure
