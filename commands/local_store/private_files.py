"""Files that only their owner may read: made new, never through a link, whole or not at all.

They hold records, which are personal data, and stand in folders that others may be able to write to. So a file is
written under a name nobody can foresee, in the folder where it will be, and takes its place in one move.
"""

import contextlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

UNFINISHED: Final = ".new"
"""How the name of a file ends that is being written."""

_OWNER_WRITES: Final = 0o600
_OWNER_ENTERS: Final = 0o700
_FOR_OTHERS_TO_WRITE: Final = 0o022
_HELD_SECONDS: Final = 2.0
"""How long a virus scanner or a backup on Windows may hold a file that is to be read, replaced or deleted."""
_PAUSE_SECONDS: Final = 0.05


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for the owner alone.

    Raises:
        OSError: that is not possible.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=_OWNER_ENTERS, exist_ok=True)
    if not folder.is_dir():
        raise NotADirectoryError(None, "It is a file, not a folder", str(folder))


def open_new(path: Path) -> IO[bytes]:
    """A new file beside `path` to be written; `put_in_place` lets it take that name.

    Raises:
        OSError: that is not possible.
    """
    return _exclusive_file(path.with_name(f".{secrets.token_hex(8)}{UNFINISHED}"))


@contextlib.contextmanager
def new_file(path: Path, *, overwrite: bool) -> Iterator[IO[bytes]]:
    """A file of this name, which is there whole or not at all.

    Args:
        path: where it will be.
        overwrite: whether it may take the place of another file, or of a link.

    Raises:
        FileExistsError: there is one, or a link, and it may not.
        OSError: it cannot be written.
    """
    file = open_new(path) if overwrite else _exclusive_file(path)
    try:
        yield file
        file.flush()
    except BaseException:
        discard(file)
        raise
    if overwrite:
        put_in_place(file, path)
    file.close()


def put_in_place(file: IO[bytes], path: Path) -> None:
    """Let a file of `open_new` take its name, once it is safely on disk; a link of that name is replaced, not followed.

    Raises:
        OSError: that is not possible; the new file is gone then.
    """
    unfinished = Path(file.name)
    try:
        file.flush()
        os.fsync(file.fileno())
        file.close()
        patiently(lambda: unfinished.replace(path))
    except OSError:
        discard(file)
        raise


def discard(file: IO[bytes]) -> None:
    """Forget a file of `open_new`; nothing happens to one that is in its place. What cannot be deleted stays for now."""
    with contextlib.suppress(OSError):
        file.close()
    with contextlib.suppress(OSError):
        patiently(lambda: Path(file.name).unlink(missing_ok=True))


def patiently[T](do: Callable[[], T], pause: Callable[[float], None] | None = None) -> T:
    """Do what the system may refuse for a moment, because another program holds the file.

    Args:
        do: what is tried for two seconds.
        pause: waits so many seconds; `time.sleep`.

    Raises:
        PermissionError: it is refused for longer.
        OSError: another fault, at once.
    """
    wait = pause or time.sleep
    for _ in range(round(_HELD_SECONDS / _PAUSE_SECONDS)):
        try:
            return do()
        except PermissionError:
            wait(_PAUSE_SECONDS)
    return do()


def why_not_private(folder: Path) -> str:
    """Why a folder is not safe to keep personal data in; empty if it is, or does not exist, or on Windows.

    Raises:
        OSError: it cannot be looked at.
    """
    if not hasattr(os, "geteuid"):
        return ""
    try:
        link, status = folder.lstat(), folder.stat()
    except FileNotFoundError:
        return ""
    if {link.st_uid, status.st_uid} != {os.geteuid()}:
        return (
            "it belongs to another user" if status.st_uid != os.geteuid() else "it is a link of another user"
        )
    return "others may write to it" if status.st_mode & _FOR_OTHERS_TO_WRITE else ""


def _exclusive_file(path: Path) -> IO[bytes]:
    return open(path, "x+b", opener=_exclusively)


def _exclusively(path: str, flags: int) -> int:
    flags |= os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    return os.open(path, flags, _OWNER_WRITES)
