"""What storage answers when it refuses a request, as a status and an error code."""

from enum import Enum, auto


class RefusedError(Exception):
    """A request that storage answered with an error.

    Attributes:
        status: of HTTP.
        code: storage's error code, as in the header `x-ms-error-code`.
    """

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


class Dialect(Enum):
    """Whose answers the models give where Azure's documentation and its emulator differ.

    | | `AZURE` (by the documentation) | `AZURITE` (3.35 to 3.37, by its source and by running it) |
    |---|---|---|
    | a lease that ran out is renewed with another id | 409 | renewed, under its old id |
    | Put Blob, or Delete Blob, and the blob's uncommitted blocks | discarded | kept |
    | Put Blob with If-None-Match `*` where there are only uncommitted blocks | written | 409 BlobAlreadyExists |
    | reading with If-Match what is not there | 404 BlobNotFound | 412 ConditionNotMet |
    | Put Block and Put Block List on an archived blob | 409 BlobArchived | done; the blob is no longer archived |
    | a range that begins right behind the last byte | 416 InvalidRange | nothing, 206 |
    | deleting where there are only uncommitted blocks | 404 BlobNotFound | 202 |
    """

    AZURE = auto()
    AZURITE = auto()
