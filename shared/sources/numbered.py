"""Accounts whose keys are numbers that lie close together, as those of employees and badges do: one list, in their order.

Among hundreds of thousands of people, each by chance, a look into a dict waits for memory four times in a row; a place in a list
is known at once, and a whole column is fetched by one call.
"""

import re
from collections.abc import Mapping, Sequence
from operator import itemgetter
from sys import getsizeof
from typing import Final

import msgspec

_NUMBER: Final = re.compile("[1-9][0-9]{0,17}")
_NUMBERS: Final = msgspec.json.Decoder(list[int])
_NONE: Final = "0"
_SPARSE: Final = 4
"""So many numbers for each that has an account are too many."""


class Numbered:
    """From numbers to accounts."""

    def __init__(self, low: int, upns: Sequence[str]) -> None:
        """Begin.

        Args:
            low: the first number, above 0.
            upns: the account of each number from there on; empty if it has none.
        """
        self._low = low
        self._upns = [*upns, ""]
        self._count = sum(map(bool, upns))

    def __len__(self) -> int:
        """How many numbers have an account."""
        return self._count

    @property
    def held_bytes(self) -> int:
        """What it occupies."""
        return getsizeof(self._upns) + sum(map(getsizeof, filter(None, self._upns)))

    def upns(self, texts: Sequence[str]) -> list[str]:
        """The account of each text; empty if it is no number that has one, written without leading zeros."""
        low, high, none = self._low, self._low + len(self._upns) - 1, -1
        places = [number - low if low <= number < high else none for number in _numbers(texts)]
        _, *upns = itemgetter(none, *places)(self._upns) if places else ("",)
        return upns


def parted(accounts: Mapping[str, str]) -> tuple[Numbered, dict[str, str]]:
    """Those whose keys are numbers that lie close together, and the others.

    Args:
        accounts: by their keys; an empty one is left out.
    """
    numbers = sorted(int(key) for key, upn in accounts.items() if upn and _NUMBER.fullmatch(key))
    low, high = _close_together(numbers)
    others = {key: upn for key, upn in accounts.items() if upn and not _is_between(key, low, high)}
    return Numbered(low, [accounts.get(str(number), "") for number in range(low, high)]), others


def _is_between(key: str, low: int, high: int) -> bool:
    return _NUMBER.fullmatch(key) is not None and low <= int(key) < high


def _numbers(texts: Sequence[str]) -> list[int]:
    """The number that each text is; 0 if it is none. JSON knows no leading zeros, and no digits of other scripts."""
    digits = [text if text.isdigit() else _NONE for text in texts]
    try:
        return _NUMBERS.decode(f"[{','.join(digits)}]")
    except (msgspec.DecodeError, ValueError):
        numbers = [text if _NUMBER.fullmatch(text) else _NONE for text in digits]
        return _NUMBERS.decode(f"[{','.join(numbers)}]")


def _close_together(numbers: Sequence[int]) -> tuple[int, int]:
    """First and last of the numbers around the middle one that lie close together; the last is not one of them any more."""
    begin, end = 0, len(numbers)
    if not numbers:
        return 1, 1
    middle = numbers[end // 2]
    while numbers[end - 1] - numbers[begin] >= _SPARSE * (end - begin):
        if middle - numbers[begin] > numbers[end - 1] - middle:
            begin += 1
        else:
            end -= 1
    return numbers[begin], numbers[end - 1] + 1
