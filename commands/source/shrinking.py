"""A people file must not shrink much unasked: usually half of it was lost on the way."""

from typing import Final

from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.console.formatting import count
from shared.printable import printable

MOST_LOST_PERCENT: Final = 20


def check_size(path: str, before: bytes, after: bytes) -> None:
    """Refuse a people file that has lost more than a fifth of its lines.

    Args:
        path: in the container.
        before: what is there.
        after: what is to take its place.

    Raises:
        CommandError: it shrinks.
    """
    old, new = _lines(before), _lines(after)
    if new * 100 < old * (100 - MOST_LOST_PERCENT):
        raise CommandError(
            f"Nothing was put: {printable(path)} would have {count(new, 'line')}, in the container it has {old:,}.",
            "If so many people have really left, add --force.",
            Exit.BLOCKED,
        )


def _lines(data: bytes) -> int:
    return sum(1 for line in data.splitlines() if line.strip(b" \t\0,;"))
