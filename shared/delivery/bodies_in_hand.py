"""The request bodies that are read and not settled yet: those on their way, and the halves of what was cut."""

from collections.abc import Iterator

from shared.delivery.ledger_cursor import LedgerCursor
from shared.delivery.plan import mismatch
from shared.exports.batches import Body


class BodiesInHand:
    """Takes bodies out of pass 2 as their entries' turn comes, and holds them until they are settled.

    Args:
        coming: the export's bodies, cut exactly as the ledger says.
        cursor: knows the entries.
    """

    def __init__(self, coming: Iterator[Body], cursor: LedgerCursor) -> None:
        self._coming = coming
        self._cursor = cursor
        self._held: dict[int, Body] = {}

    def of(self, first: int) -> Body:
        """The body of an entry; of those that are not in hand it must be the next one that is open.

        Args:
            first: record of the entry.

        Raises:
            ActionRequiredError: `ledger-mismatch`: the export does not yield it.
            TimeUsedUpError: while it is read, the deadline is over.
        """
        while first not in self._held:
            body = next(self._coming, None)
            if body is None:
                raise mismatch()
            if self._cursor.is_open(body):
                if body.batch.first != first:
                    raise mismatch()
                self._held[first] = body
        return self._held[first]

    def settle(self, body: Body, *parts: Body) -> None:
        """Let a body go; its parts, if it was cut, take its place."""
        del self._held[body.batch.first]
        self._held.update({part.batch.first: part for part in parts})
