"""Numbers come back out of the bytes that they are stored in."""

from array import array
from typing import get_args

import pytest

from shared.events.packing import Width, packed, unpacked


@pytest.mark.parametrize("width", get_args(Width.__value__))
def test_numbers_are_stored_with_the_lowest_byte_first(width: Width) -> None:
    """As many bytes each, and the same numbers come back."""
    data = bytes(range(16))
    numbers = unpacked(data, width)
    assert numbers[0] == int.from_bytes(data[:width], "little")
    assert len(numbers) == 16 // width
    assert packed(numbers) == data


def test_nothing_is_stored_as_nothing() -> None:
    """No numbers, no bytes."""
    assert unpacked(b"", 8) == array("Q")
    assert packed(array("Q")) == b""
