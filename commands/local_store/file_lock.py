"""A lock on a file that ends with its process, even if that is killed; on Windows, Linux and macOS."""

import os
import sys
from pathlib import Path
from typing import Self

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int, *, wait: bool) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int, *, wait: bool) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


class FileLock:
    """An exclusive lock that is held until it is freed, or until the process ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path, *, wait: bool) -> Self | None:
        """Lock a file, which is made if need be.

        Args:
            path: of the file.
            wait: whether to wait for another process that has the lock.

        Returns:
            The lock; `None` if another process has it and `wait` is false.

        Raises:
            OSError: the file cannot be made, or (Windows) waiting took longer than ten seconds.
        """
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            _lock(descriptor, wait=wait)
        except OSError:
            os.close(descriptor)
            if wait:
                raise
            return None
        return cls(descriptor)

    def free(self) -> None:
        """Free the lock."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        """It is held already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Free it."""
        self.free()
