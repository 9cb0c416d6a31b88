"""Starts the program."""

from collections.abc import Callable

from commands.console import garbage


def program() -> Callable[[], None]:
    """What runs the program, loaded.

    Raises:
        ModuleNotFoundError: a library is missing.
    """
    garbage.ignored()
    from commands.program import main as run

    return run


def main() -> None:
    """Run the program."""
    program()()
