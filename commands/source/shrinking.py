"""A people file must not shrink much unasked: usually half of it was lost on the way."""

from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.console.formatting import count
from shared.printable import printable
from shared.sources.shrinking import lost


def check_size(path: str, before: bytes, after: bytes) -> None:
    """Refuse a people file that has lost more than a fifth of its lines.

    Args:
        path: in the container.
        before: what is there.
        after: what is to take its place.

    Raises:
        CommandError: it shrinks.
    """
    if found := lost(before, after):
        old, new = found
        raise CommandError(
            f"Nothing was put: {printable(path)} would have {count(new, 'line')}, in the container it has {old:,}.",
            "If so many people have really left, add --force.",
            Exit.BLOCKED,
        )
