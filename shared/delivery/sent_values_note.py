"""By which values records of a source were last sent: noted in the state container, so that a change can be said once."""

from shared.blob_names import sent_values_path
from shared.delivery.ports import Container


class SentValues:
    """The notes of all sources; what this worker has noted itself is not asked for again.

    Args:
        state: the state container.
    """

    def __init__(self, state: Container) -> None:
        self._state = state
        self._noted: dict[str, str] = {}

    def changed(self, folder: str, digest: str) -> bool:
        """Whether records of a folder's source were last sent by other values.

        Args:
            folder: of the source.
            digest: of its values as they are now.

        Raises:
            TransientError: storage cannot be reached.
        """
        if self._noted.get(folder) != digest:
            document = self._state.read(sent_values_path(folder))
            self._noted[folder] = document.data.decode("ascii", "replace") if document else ""
        return self._noted[folder] not in {"", digest}

    def note(self, folder: str, digest: str) -> None:
        """Note by which values records were sent.

        Args:
            folder: of the source.
            digest: of its values.

        Raises:
            StorageError: it cannot be written.
        """
        if self._noted.get(folder) != digest:
            self._state.write(sent_values_path(folder), digest.encode(), None)
            self._noted[folder] = digest
