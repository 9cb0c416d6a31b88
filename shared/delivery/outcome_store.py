"""One outcome as a blob: every write is conditional, and every conflict is decided anew from what is there now."""

import logging

import msgspec

from shared.blob_names import outcome_path
from shared.delivery import outcome as outcomes
from shared.delivery.operator_requests import with_requests_of
from shared.delivery.outcome import Outcome
from shared.delivery.outcome_metadata import metadata
from shared.delivery.ports import ABSENT, Container
from shared.delivery.waiting import MAX_CONFLICTS
from shared.error_codes import Status
from shared.errors import ConditionError, StorageError
from shared.log import OUTCOME_UNREADABLE, say
from shared.printable import printable


class OutcomeStore:
    """The outcome of one version of one export.

    Attributes:
        path: where it is, in the results container.
        current: as it was last read or written; `None` if there is none.
        was_unreadable: whether there ever was one that could not be read.
    """

    def __init__(self, results: Container, name: str, etag: str) -> None:
        self._results = results
        self._etag: str | None = None
        self.path = outcome_path(name, etag)
        self.current: Outcome | None = None
        self.was_unreadable = False

    def load(self) -> Outcome | None:
        """Read it; one that cannot be decoded counts as none and will be replaced.

        Raises:
            TransientError: storage cannot be reached.
            StorageError: it may not be read.
        """
        document = self._results.read(self.path)
        self.current, self._etag = None, document.etag if document else None
        if document:
            try:
                self.current = outcomes.decode(document.data)
            except msgspec.MsgspecError:
                self.was_unreadable = True
                path = printable(self.path)
                say(logging.WARNING, OUTCOME_UNREADABLE, path, outcome=path)
        return self.current

    def write(self, outcome: Outcome) -> None:
        """Write it, if it is still as it was when it was loaded.

        Raises:
            ConditionError: it is not.
            StorageError: it cannot be written.
        """
        self._etag = self._results.write(
            self.path, outcomes.encode(outcome), self._etag or ABSENT, metadata=metadata(outcome)
        )
        self.current = outcome

    def replace_own(self, outcome: Outcome) -> bool:
        """Write the end of an attempt over that attempt's own `InProgress`; whether it was written.

        What another attempt, or a person, wrote meanwhile is left alone: a lesser end never replaces a final one, an
        end never that of another attempt.

        Raises:
            StorageError: it cannot be written.
            TransientError: storage cannot be reached to see what is there.
        """
        for _ in range(MAX_CONFLICTS):
            try:
                self.write(outcome)
            except ConditionError:
                current = self.load()
                if current == outcome:  # it was ours, and storage's answer got lost
                    return True
                if current and not _same_attempt(current, outcome):
                    return False
                if current:
                    outcome = with_requests_of(outcome, current)
            else:
                return True
        raise StorageError("an outcome is being rewritten all the time")


def _same_attempt(current: Outcome, end: Outcome) -> bool:
    ours = current.invocation_id == end.invocation_id and current.attempts == end.attempts
    return ours and current.status is Status.IN_PROGRESS
