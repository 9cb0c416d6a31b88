"""Storage accounts for tests: many of one Azurite, whose start costs more than most tests."""

from contextlib import ExitStack
from typing import Final, Self

from local.azurite import Azurite

_NAMES: Final = tuple(f"account{number:03d}" for number in range(100))


class StorageAccounts:
    """Hands out one empty account after another; use it in a `with` block, which ends what was started."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._azurite = Azurite()
        self._left: list[str] = []

    def __enter__(self) -> Self:
        """Nothing is started before it is needed."""
        return self

    def __exit__(self, *_: object) -> None:
        """End every Azurite."""
        self._stack.close()

    def new(self) -> Azurite:
        """One that nobody has used; the first of an Azurite, or the first after one that died, starts it."""
        if not self._left or not self._azurite.running:
            self._azurite = self._stack.enter_context(Azurite(more_accounts=_NAMES))
            self._left = list(_NAMES)
        return self._azurite.of_account(self._left.pop())
