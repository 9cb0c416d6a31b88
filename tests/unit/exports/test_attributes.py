"""Columns of structures."""

from types import SimpleNamespace

import pytest

from shared.exports.attributes import reading

NAMES = ("here", "f0", "here", "f1", "f2", "f3", "f4")


def nested(number: int, depth: int) -> object:
    """An object at whose end a number stands, so many names deep."""
    value: object = number
    for name in reversed(NAMES[:depth]):
        value = SimpleNamespace(**{name: value})
    return value


@pytest.mark.parametrize("depth", range(1, len(NAMES) + 1))
def test_a_path_of_any_length_is_followed_in_each_object(depth: int) -> None:
    """The values come in the order of the objects."""
    read = reading(*NAMES[:depth])
    assert read([nested(number, depth) for number in (3, 1, 2)]) == [3, 1, 2]
    assert read([]) == []


def test_each_function_reads_its_own_path() -> None:
    """Whatever was asked for before."""
    one = SimpleNamespace(left=1, right=SimpleNamespace(left=2))
    reads = [reading("left"), reading("right", "left"), reading("right")]
    assert [read([one]) for read in reads] == [[1], [2], [one.right]]


@pytest.mark.parametrize("path", [("right",), ("left", "right"), ("left", "left", "left", "left")])
def test_an_object_without_the_attribute_is_an_error(path: tuple[str, ...]) -> None:
    """It is never passed over."""
    with pytest.raises(AttributeError):
        reading(*path)([SimpleNamespace(left=SimpleNamespace(left=None))])
