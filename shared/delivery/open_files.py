"""The open files of a job in the state container: the events of requests that are about to leave."""

from collections.abc import Iterator
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
        self.damaged = False
        self.any_written = False

    def listed(self) -> Iterator[ListedFile]:
        """All of them."""
        for blob in self._state.blobs(self._prefix):
            yield ListedFile(blob.name.removeprefix(self._prefix), blob.etag)

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
        with suppress(ConditionError):  # it is named by its content: this is the echo of our own write
            self._state.write(self._prefix + name, data, ABSENT)
        if len(self._written) < _REMEMBERED:
            self._written[name] = file
        return name

    def delete(self, listed: ListedFile) -> None:
        """Delete one, unless it was written anew since it was listed."""
        with suppress(ConditionError):
            self._state.delete(self._prefix + listed.name, listed.etag)
            self._written.pop(listed.name, None)
