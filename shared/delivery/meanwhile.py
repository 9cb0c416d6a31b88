"""Work of an attempt's own while its requests are on their way."""

from collections.abc import Callable

from shared.errors import GatepostError


class Meanwhile:
    """Does something beside requests; what goes wrong with it waits until their replies are noted.

    Args:
        work: is done once, when this is called.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._failed: GatepostError | None = None

    def __call__(self) -> None:
        """Do it."""
        try:
            self._work()
        except GatepostError as error:
            self._failed = error

    def check(self) -> None:
        """Say now what went wrong.

        Raises:
            GatepostError: what the work raised.
        """
        if self._failed:
            raise self._failed
