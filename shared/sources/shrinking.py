"""A people file must not shrink much unasked: usually half of it was lost on the way."""

from typing import Final

MOST_LOST_PERCENT: Final = 20


def lost(before: bytes, after: bytes) -> tuple[int, int] | None:
    """Lines before and after, if a people file has lost more than a fifth of them; `None`: it has not.

    Args:
        before: what is there.
        after: what is to take its place.
    """
    old, new = _lines(before), _lines(after)
    return (old, new) if new * 100 < old * (100 - MOST_LOST_PERCENT) else None


def _lines(data: bytes) -> int:
    return sum(1 for line in data.splitlines() if line.strip(b" \t\0,;"))
