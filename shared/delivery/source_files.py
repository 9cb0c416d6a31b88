"""The files of sources in their container: asked for, read, digested."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from shared.delivery.ports import Container, Document
from shared.error_codes import FailedCode
from shared.errors import ExportChangedError, MissingBlobError, StorageError, TransientError
from shared.sources.problems import SourceUnusableError


class SourceFiles:
    """Reads the sources container.

    A missing container is a person's to make; any other refusal passes, and never means that there is no source.

    Args:
        sources: the container.
    """

    def __init__(self, sources: Container) -> None:
        self._sources = sources
        self._digests: dict[str, tuple[str, str]] = {}

    def head(self, path: str) -> tuple[int, str]:
        """Size and ETag of a file; 0 and empty if it is not there."""
        try:
            with self._asked():
                blob = self._sources.head(path)
        except MissingBlobError:
            return 0, ""
        return blob.bytes, blob.etag

    def read(self, path: str) -> Document | None:
        """Read a file; `None` if it is not there."""
        with self._asked():
            return self._sources.read(path)

    def note_digest(self, path: str, etag: str, digest: str) -> None:
        """Remember the SHA-256 of a version that was read."""
        self._digests[path] = etag, digest

    def digest(self, path: str) -> str:
        """SHA-256 of a file, read a piece at a time, unless this version's is known.

        Raises:
            SourceUnusableError: it is not there.
            TransientError: it is being replaced, or storage cannot be reached.
        """
        _, etag = self.head(path)
        known = self._digests.get(path)
        if known and known[0] == etag:
            return known[1]
        if not etag:
            raise SourceUnusableError([f"{path}: is missing"])
        digest = sha256()
        try:
            with self._asked():
                for piece in self._sources.chunks(path, etag):
                    digest.update(piece)
        except ExportChangedError:
            message = f"{path} is being replaced."
            raise TransientError(FailedCode.STORAGE_UNAVAILABLE, message) from None
        self.note_digest(path, etag, digest.hexdigest())
        return digest.hexdigest()

    @contextmanager
    def _asked(self) -> Iterator[None]:
        try:
            yield
        except StorageError as error:
            if error.why == "missing":
                raise SourceUnusableError([f"the container {self._sources.name} does not exist"]) from None
            message = f"The sources container could not be read: {error}."
            raise TransientError(FailedCode.STORAGE_UNAVAILABLE, message) from None
