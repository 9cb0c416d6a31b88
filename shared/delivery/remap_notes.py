"""Notes of passes that have begun to send: whatever the mapping says by then, such a pass is made to its end.

Without them a pass that a worker's death has cut short would be forgotten, should the mapping become again what it was.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from shared.blob_names import outcome_path, remap_note_path, remap_notes_prefix
from shared.delivery.outcome import ExportVersion
from shared.delivery.ports import Container
from shared.errors import ConditionError, MissingBlobError


class RemapNote:
    """The note of one version's pass, in the state container, as this worker knows it.

    Args:
        state: the state container.
        job_id: the connector's job.
        version: of the export.
    """

    def __init__(self, state: Container, job_id: str, version: ExportVersion) -> None:
        self._state = state
        self._version = version
        self._path = remap_note_path(job_id, outcome_path(version.name, version.etag))
        self._etag = ""

    def look(self) -> bool:
        """Whether a pass has begun and not ended.

        Raises:
            TransientError: storage cannot be reached.
        """
        try:
            self._etag = self._state.head(self._path).etag
        except MissingBlobError:
            self._etag = ""
        return bool(self._etag)

    def begin(self) -> None:
        """Note that a pass begins to send; written anew, so that a worker that has lost the lease cannot end it any more.

        Raises:
            StorageError: it cannot be written.
        """
        self._etag = self._state.write(self._path, msgspec.json.encode(self._version), None)

    def end(self) -> None:
        """The pass has ended; a note that another one has written since stays.

        Raises:
            StorageError: it cannot be written.
        """
        if self._etag:
            with suppress(ConditionError):
                self._state.delete(self._path, self._etag)


def passes_begun(state: Container, job_id: str, now: datetime, days: int) -> Iterator[ExportVersion]:
    """The versions whose passes have not ended; notes that are older than so many days are forgotten.

    Args:
        state: the state container.
        job_id: the connector's job.
        now: UTC.
        days: after which nobody tries any more.

    Raises:
        StorageError: storage may not be listed, read or written.
        TransientError: it cannot be reached.
    """
    for blob in [*state.blobs(remap_notes_prefix(job_id))]:
        document = state.read(blob.name)
        if now - blob.last_modified > timedelta(days=days):
            with suppress(ConditionError):  # written anew since it was listed
                state.delete(blob.name, blob.etag)
        elif document:
            with suppress(msgspec.MsgspecError):
                yield msgspec.json.decode(document.data, type=ExportVersion)
