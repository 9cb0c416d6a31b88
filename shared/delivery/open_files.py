"""The open files of a job in the state container: the events of requests that are about to leave."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from shared.blob_names import open_prefix
from shared.delivery.ports import ABSENT, Container
from shared.errors import ConditionError
from shared.events.open_file import DamagedOpenFileError, OpenFile, decode_open_file, encode_open_file
from shared.events.runs import name_of

_REMEMBERED: Final = 4
"""Files that need not be read when they are folded: those of a small export."""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """An open file as a listing shows it: its name is the SHA-256 of its content."""

    name: str
    etag: str


class OpenFiles:
    """Reads and writes open files.

    Args:
        state: the state container.
        job_id: the connector's job.

    Attributes:
        damaged: whether one could not be used.
        any_written: whether one was written.
    """

    def __init__(self, state: Container, job_id: str) -> None:
        self._state = state
        self._prefix = open_prefix(job_id)
        self._written: dict[str, OpenFile] = {}
        self._known: dict[str, ListedFile] | None = None
        self.damaged = False
        self.any_written = False

    def listed(self) -> list[ListedFile]:
        """All of them: listed once, then what was written and deleted here is known.

        One that a worker writes which has lost the lease meanwhile is for the next attempt.
        """
        if self._known is None:
            names = (
                (blob.name.removeprefix(self._prefix), blob.etag) for blob in self._state.blobs(self._prefix)
            )
            self._known = {name: ListedFile(name, etag) for name, etag in names}
        return [*self._known.values()]

    def read(self, listed: ListedFile) -> OpenFile | None:
        """Read one; `None` if it is gone or cannot be used. One that is damaged is deleted: it says nothing any more."""
        if listed.name in self._written:
            return self._written[listed.name]
        document = self._state.read(self._prefix + listed.name)
        if document is None:
            return None
        if name_of(document.data) != listed.name:
            self.damaged = True
            self.delete(listed)
            return None
        try:
            return decode_open_file(document.data)
        except DamagedOpenFileError:  # of a newer program, which may come back
            self.damaged = True
            return None

    def write(self, file: OpenFile) -> str:
        """Write one; gives its name."""
        self.any_written = True
        data = encode_open_file(file)
        name = name_of(data)
        try:
            etag = self._state.write(self._prefix + name, data, ABSENT)
        except ConditionError:  # it is named by its content: this is the echo of our own write
            self._known = None
        else:
            if self._known is not None:
                self._known[name] = ListedFile(name, etag)
        if len(self._written) < _REMEMBERED:
            self._written[name] = file
        return name

    def delete(self, listed: ListedFile) -> None:
        """Delete one, unless it was written anew since it was listed."""
        with suppress(ConditionError):
            self._state.delete(self._prefix + listed.name, listed.etag)
            self._written.pop(listed.name, None)
        if self._known is not None:
            self._known.pop(listed.name, None)
