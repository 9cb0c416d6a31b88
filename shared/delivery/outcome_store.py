"""One outcome as a blob: every write is conditional, so that two workers never overwrite each other unknowingly."""

import logging
from typing import Self

import msgspec

from shared.blob_names import outcome_path, printable
from shared.delivery import outcome as outcomes
from shared.delivery.outcome import Outcome
from shared.delivery.ports import ABSENT, Container
from shared.errors import ConditionError, StorageError
from shared.log import OUTCOME_UNREADABLE, say

_MAX_CONFLICTS = 10


class OutcomeStore:
    """The outcome of one version of one export.

    Attributes:
        path: where it is, in the results container.
        current: as it was last read or written; `None` if there is none.
    """

    def __init__(self, results: Container, name: str, etag: str) -> None:
        self._results = results
        self._etag: str | None = None
        self.path = outcome_path(name, etag)
        self.current: Outcome | None = None

    @classmethod
    def at_path(cls, results: Container, path: str) -> Self:
        """The outcome a listing shows, already loaded."""
        file = cls(results, "-", "-")
        file.path = path
        file.load()
        return file

    def load(self) -> Outcome | None:
        """Read it; one that cannot be read counts as none and will be replaced."""
        document = self._results.read(self.path)
        self.current, self._etag = None, document.etag if document else None
        if document:
            try:
                self.current = outcomes.decode(document.data)
            except msgspec.MsgspecError:
                path = printable(self.path)
                say(logging.WARNING, OUTCOME_UNREADABLE, path, outcome=path)
        return self.current

    def write(self, outcome: Outcome) -> None:
        """Write it, if nobody else has since it was loaded.

        Raises:
            ConditionError: somebody has.
        """
        self._etag = self._results.write(
            self.path, outcomes.encode(outcome), self._etag or ABSENT, metadata=outcomes.metadata(outcome)
        )
        self.current = outcome

    def overwrite(self, outcome: Outcome) -> None:
        """Write it as the one who knows: the holder of the ledger's lease, whose word is the last.

        Raises:
            StorageError: if others write it time and again.
        """
        for _ in range(_MAX_CONFLICTS):
            try:
                return self.write(outcome)
            except ConditionError:
                self.load()
        raise StorageError("an outcome is being rewritten all the time")
