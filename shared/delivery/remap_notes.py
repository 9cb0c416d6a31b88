"""Notes of passes that have begun to send: whatever the mapping says by then, such a pass is made to its end.

Without them a pass that a worker's death has cut short would be forgotten, should the mapping become again what it was.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from shared.blob_names import outcome_path, remap_note_path, remap_notes_prefix
from shared.delivery.outcome import ExportVersion
from shared.delivery.ports import ABSENT, Container
from shared.errors import ConditionError, MissingBlobError


class RemapNotes:
    """The notes of a job, in the state container.

    Args:
        state: the state container.
        job_id: the connector's job.
    """

    def __init__(self, state: Container, job_id: str) -> None:
        self._state = state
        self._job_id = job_id

    def begin(self, version: ExportVersion) -> None:
        """Note that a pass begins to send.

        Raises:
            StorageError: it cannot be written.
        """
        with suppress(ConditionError):  # noted before
            self._state.write(self._path(version), msgspec.json.encode(version), ABSENT)

    def is_begun(self, version: ExportVersion) -> bool:
        """Whether a pass has begun and not ended.

        Raises:
            TransientError: storage cannot be reached.
        """
        try:
            self._state.head(self._path(version))
        except MissingBlobError:
            return False
        return True

    def end(self, version: ExportVersion) -> None:
        """The pass has ended.

        Raises:
            StorageError: it cannot be written.
        """
        self._state.delete(self._path(version))

    def begun(self, now: datetime, days: int) -> Iterator[ExportVersion]:
        """The versions whose passes have not ended; notes that are older than so many days are forgotten.

        Args:
            now: UTC.
            days: after which nobody tries any more.

        Raises:
            StorageError: storage may not be listed, read or written.
            TransientError: it cannot be reached.
        """
        for blob in [*self._state.blobs(remap_notes_prefix(self._job_id))]:
            document = self._state.read(blob.name)
            if now - blob.last_modified > timedelta(days=days):
                self._state.delete(blob.name)
            elif document:
                with suppress(msgspec.MsgspecError):
                    yield msgspec.json.decode(document.data, type=ExportVersion)

    def _path(self, version: ExportVersion) -> str:
        return remap_note_path(self._job_id, outcome_path(version.name, version.etag))
