"""Progress bars, on standard error and only where that is a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.markup import escape

from commands.console.screen import err, tell
from shared.printable import escaped, printable

if TYPE_CHECKING:
    from rich.progress import Progress


class Bar:
    """One thing's progress."""

    def __init__(self, progress: "Progress", what: str, total: float | None) -> None:
        self._progress = progress
        self._what = what
        self._task = progress.add_task(what, total=total)

    def advance(self, by: float) -> None:
        """Add to what is done."""
        self._progress.advance(self._task, by)

    def reach(self, done: float, total: float) -> None:
        """Set what is done, and of how much."""
        self._progress.update(self._task, completed=done, total=total, description=self._what)

    def note(self, text: str) -> None:
        """Show why nothing moves: beside the bar on a terminal, else as a line of its own."""
        if self._progress.disable:
            tell(text)
        else:
            self._progress.update(self._task, description=f"{self._what}: {escape(escaped(text))}")


@contextmanager
def bar(what: str, total: float | None) -> Iterator[Bar]:
    """A progress bar.

    Args:
        what: is done.
        total: how much of it there is; `None` if that is not known.
    """
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = err()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield Bar(progress, escape(printable(what)), total)
