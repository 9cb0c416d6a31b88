"""Reads an export again that was read and judged before, and goes as it stands: quickly, and not for sure."""

from collections.abc import Iterator

from shared.exports.items import RecordRun, Rejected
from shared.exports.reader import Reader


class UnjudgedReader(Reader):
    """A pass over the very bytes of a pass that has ended with `as_it_stands`.

    It cuts wherever one record seems to end and the next one to begin, and looks at none: one that is to be rejected may come out
    among the others, and so may parts of one. So what comes out is held against the ledger (`as_planned`).
    """

    def _some(self) -> Iterator[RecordRun | Rejected]:
        window = self._window
        found = self._fast.as_they_stand(window.data, window.at)
        if not found and window.more():
            found = self._fast.as_they_stand(window.data, window.at)
        if found:
            taken_bytes, records = found
            window.at += taken_bytes
            yield self._record_run(RecordRun.from_first(self.read + 1, records))
        else:
            yield from super()._some()
