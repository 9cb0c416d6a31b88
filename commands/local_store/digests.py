"""What stands for a content or a name: the ETags of documents, the names of locks."""

import hashlib
from io import BufferedReader


def content_etag(data: bytes) -> str:
    """The ETag of a document with this content."""
    return _shortened(hashlib.sha256(data).hexdigest())


def file_etag(file: BufferedReader) -> str:
    """The same of an open file, which is read once and then stands at its beginning."""
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return _shortened(digest)


def lock_name(name: str) -> str:
    """The name of the file that is locked for a document's lease."""
    return f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.lease"


def _shortened(digest: str) -> str:
    return "0x" + digest[:24].upper()
