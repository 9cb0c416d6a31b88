"""What is seen of JSON without reading it."""

import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.exports.rules import RULES
from shared.sources.outline import outline

TEXTS: Final = st.text(alphabet='{}[]"\\\n,:a')
VALUES: Final = st.recursive(
    st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
)
AROUND: Final = {"list": ("[", "]"), "object": ('{"]": ', "}"), "beside texts": ('["]",', ',"["]')}


def depth(value: Any) -> int:
    """Levels of brackets, counted the slow way."""
    if not isinstance(value, dict | list):
        return 0
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth, inner), default=0)


@given(
    values=st.lists(VALUES, max_size=3),
    kind=st.sampled_from(sorted(AROUND)),
    levels=st.integers(RULES.max_depth - 4, RULES.max_depth + 1),
    indent=st.sampled_from([None, 1]),
)
def test_nothing_in_a_text_hides_what_is_nested_too_deep(
    values: list[Any], kind: str, levels: int, indent: int | None
) -> None:
    """Nor makes it look deeper; and every line break is counted."""
    before, after = AROUND[kind]
    texts = [json.dumps(value, indent=indent) for value in values]
    texts += [f"{before * levels}{text}{after * levels}" for text in texts]
    data = "\n".join(texts).encode()
    deepest = max((depth(json.loads(text)) for text in texts), default=0)
    assert outline(data).is_shallow == (deepest <= RULES.max_depth)
    assert outline(data).line_breaks == data.count(b"\n")


@pytest.mark.parametrize("kind", AROUND)
@pytest.mark.parametrize(
    ("levels", "is_shallow"), [(1, True), (RULES.max_depth, True), (RULES.max_depth + 1, False)]
)
def test_the_deepest_that_is_allowed_is_shallow(kind: str, levels: int, *, is_shallow: bool) -> None:
    """One level more is not."""
    before, after = AROUND[kind]
    assert outline(f"{before * levels}1{after * levels}".encode()).is_shallow is is_shallow
