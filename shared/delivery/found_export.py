"""The version of an export that a message is about, and what the container holds now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.blob_names import Kind, classify_name
from shared.delivery.outcome import ExportVersion
from shared.delivery.ports import Blob, Container
from shared.delivery.waiting import YOUNG
from shared.errors import MissingBlobError
from shared.messages import Message


@dataclass(frozen=True, slots=True)
class FoundExport:
    """The version of an export that a message is about, and what the container holds now.

    Attributes:
        name: the blob's name.
        etag: of the version; the current one where the message named none.
        state: `current`: it is there; `overwritten`: another version is; `gone`: none is; `unsafe`: its name must not
            be touched.
        blob: as it is now, of whatever version; `None` if there is none.
    """

    name: str
    etag: str
    state: Literal["current", "overwritten", "gone", "unsafe"]
    blob: Blob | None = None

    @property
    def version(self) -> ExportVersion:
        """Name and ETag."""
        return ExportVersion(name=self.name, etag=self.etag)

    @property
    def is_current(self) -> bool:
        """Whether the container holds this very version."""
        return self.state == "current"

    @property
    def is_current_or_unsafe(self) -> bool:
        """Whether there is something to do about this very version; one with an unsafe name is there to be rejected."""
        return self.state in {"current", "unsafe"}

    def is_not_filled_yet(self, now: datetime) -> bool:
        """Whether it is an empty blob that SFTP or Data Lake may have announced before its content."""
        blob = self.blob
        return self.is_current and blob is not None and blob.bytes == 0 and now - blob.last_modified < YOUNG


def find_export(exports: Container, message: Message) -> FoundExport:
    """Ask for the blob that a message names.

    Raises:
        TransientError: storage cannot be reached.
        StorageError: the container may not be read.
    """
    name, etag = message.name, message.etag or "unknown"
    if classify_name(name) is Kind.UNSAFE:
        return FoundExport(name, etag, "unsafe")
    try:
        blob = exports.head(name)
    except MissingBlobError:
        return FoundExport(name, etag, "gone")
    if message.etag in {"", blob.etag}:
        return FoundExport(name, blob.etag, "current", blob)
    return FoundExport(name, etag, "overwritten", blob)
