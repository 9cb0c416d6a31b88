"""What can go wrong with a folder of this computer, and with two pushes at once."""

from shared.errors import GatepostError, StorageError


class FolderError(StorageError):
    """The folder of what was pushed from this computer cannot be read or written."""


class JobBusyError(GatepostError):
    """Another push to the same connector job is running on this computer: one at a time, so that nothing is sent twice."""
