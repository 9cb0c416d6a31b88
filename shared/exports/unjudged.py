"""Reads an export again that was read and judged before, and goes as it stands."""

from collections.abc import Iterator

from shared.exports.items import RecordRun, Rejected
from shared.exports.reader import Reader


class UnjudgedReader(Reader):
    """A pass over the very bytes of a pass that has ended with `as_it_stands`.

    It finds the same records, each under its number, but looks at none: one that is to be rejected may come out among the
    others. What cannot be cut without looking is read as before.
    """

    def _some(self) -> Iterator[RecordRun | Rejected]:
        window = self._window
        if found := self._fast.as_they_stand(window.data, window.at):
            taken_bytes, records = found
            window.at += taken_bytes
            yield self._record_run(RecordRun.from_first(self.read + 1, records))
        else:
            yield from super()._some()
