"""What can go wrong with a folder of this computer."""

from shared.errors import StorageError


class FolderError(StorageError):
    """The folder of what was pushed from this computer cannot be read or written."""
