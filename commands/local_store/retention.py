"""Nothing is kept for ever: what is old enough is deleted before a push, as Azure's lifecycle rules do for the function app."""

import contextlib
import stat
from datetime import timedelta
from pathlib import Path
from typing import Final

from commands.local_store.folder import LOCKS
from commands.local_store.private_files import UNFINISHED
from shared.clock import Clock
from shared.settings import Settings

_UNFINISHED_AGE: Final = timedelta(days=1)
"""A file that is older and still has an unfinished name was left by a process that was killed."""
_AFTER_RETRIES: Final = timedelta(days=30)


def delete_old(state: Path, settings: Settings, clock: Clock) -> int:
    """Delete what is older than its kind is kept; gives the number of files.

    Rejected records are kept for the larger of `RETRY_DAYS` and `REMAP_DAYS` and 30 days more, outcomes and ledgers
    for `OUTCOMES_RETENTION_DAYS`. What cannot be deleted now is left to the next push.

    Args:
        state: the folder of pushes.
        settings: say how long.
        clock: the time.
    """
    rejected = timedelta(days=max(settings.retry_days, settings.remap_days)) + _AFTER_RETRIES
    others = timedelta(days=settings.outcomes_retention_days)
    deleted = 0
    for folder, kept in (("results/rejected", rejected), ("results", others), ("ledgers", others)):
        for path in sorted((state / folder).rglob("*"), reverse=True):  # what a folder holds comes before it
            deleted += _delete_if_older(path, _UNFINISHED_AGE if path.suffix == UNFINISHED else kept, clock)
    return deleted


def _delete_if_older(path: Path, age: timedelta, clock: Clock) -> bool:
    if LOCKS in {
        path.name,
        path.parent.name,
    }:  # another process may hold it; there are few, with nothing in them
        return False
    with contextlib.suppress(OSError):
        status = path.lstat()
        is_folder = stat.S_ISDIR(status.st_mode)
        if status.st_mtime < (clock.now() - (_UNFINISHED_AGE if is_folder else age)).timestamp():
            if not is_folder:
                path.unlink()
                return True
            path.rmdir()  # an empty one; of others the system says no
    return False
