"""The one source that every file of a push belongs to, in the place of the sources container."""

from shared.delivery.outcome import Outcome
from shared.delivery.source_store import SourceStore
from shared.sources.source import Source


class OneSource(SourceStore):
    """Gives this source, whatever the export's name."""

    def __init__(self, source: Source) -> None:
        self._source_of_all = source

    def of_export(self, name: str) -> Source | None:  # noqa: ARG002  (all files are this source's)
        """The source."""
        return self._source_of_all

    def on_trial(self, name: str) -> bool:  # noqa: ARG002  (likewise)
        """Whether its profile says `send = false`."""
        return not self._source_of_all.profile.policy.send

    def values_changed(self, _source: Source) -> bool:
        """Pushes keep no note of the values that were sent before."""
        return False

    def note_sent(self, outcome: Outcome) -> None:
        """Likewise."""
