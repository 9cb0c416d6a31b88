"""What can go wrong with the files of this computer, and with two pushes at once."""

from pathlib import Path
from typing import Final

from shared.errors import GatepostError, StorageError

_HELD: Final = frozenset({32, 33})
"""What Windows says of a file that another program has open, or a part of it."""


class FolderError(StorageError):
    """The folder of what was pushed from this computer cannot be read or written."""


class SharedFolderError(FolderError):
    """The folder of what was pushed from this computer is one that others can write to.

    Attributes:
        path: of the folder.
    """

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path


class ExportFileError(StorageError):
    """An export on this computer cannot be read.

    Attributes:
        path: of the file.
        reason: what the system says; empty if the file is gone.
        is_held: whether another program has it open.
    """

    def __init__(self, path: Path, reason: str, *, is_held: bool = False) -> None:
        super().__init__(f"{path}: {reason or 'the file is gone'}")
        self.path = path
        self.reason = reason
        self.is_held = is_held

    @classmethod
    def of(cls, path: Path, error: OSError) -> "ExportFileError":
        """What the system said, as an error of ours."""
        if isinstance(error, FileNotFoundError):
            return cls(path, "")
        return cls(
            path, error.strerror or "unknown reason", is_held=getattr(error, "winerror", None) in _HELD
        )


class JobBusyError(GatepostError):
    """Another push to the same connector job is running on this computer: one at a time, so that nothing is sent twice."""
