"""Of the records that a reader yields, the first of each event; for looking at one export without sending it."""

from collections.abc import Iterable, Iterator

from shared.events.repeat_filter import within_export
from shared.exports.items import REPEATED, Item, LeftOut, RecordRun


class FirstOfEach:
    """Goes through the items of one export, in their order.

    Attributes:
        repeated: how many records were left out, since their event stands earlier.
    """

    def __init__(self) -> None:
        self._filter = within_export()
        self.repeated = 0

    def of(self, items: Iterable[Item]) -> Iterator[Item]:
        """The same items, but that a record whose event stood before is left out."""
        for item in items:
            if isinstance(item, RecordRun):
                yield from self._parted(item)
            else:
                yield item

    def _parted(self, run: RecordRun) -> Iterator[RecordRun | LeftOut]:
        left = self._filter.left_out(run.numbers, run.records, run.values)
        self.repeated += len(left)
        if some := run.without(left):
            yield some
        for number in left:
            yield LeftOut(number, REPEATED)
