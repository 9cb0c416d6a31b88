"""The folder where pushes from this computer are kept: ledgers, outcomes, rejected records."""

import os
from collections.abc import Callable
from pathlib import Path

import typer

from commands.local_store.errors import FolderError, SharedFolderError
from commands.local_store.folder import Folder
from commands.local_store.private_files import why_not_private
from shared.delivery import ledger_journal
from shared.delivery.ledger import Ledger


class Ledgers(Folder):
    """The ledgers on this computer; `watch` is shown each one that is written."""

    watch: Callable[[Ledger], None] | None = None

    def append(self, name: str, data: bytes, etag: str) -> str:
        """Write a step into a ledger, and show what it says now."""
        appended = super().append(name, data, etag)
        if self.watch:
            ledger = ledger_journal.decode(self.path(name).read_bytes())
            if ledger:
                self.watch(ledger)
        return appended


def state_folder(state: Path | None) -> Path:
    """The folder of pushes: the one that was named, or one in the person's profile.

    Raises:
        FolderError: it is not safe to keep personal data in, or cannot be looked at.
    """
    folder = state or Path(typer.get_app_dir("gatepost", roaming=False))
    for one in (folder, folder / "ledgers", folder / "results"):
        try:
            why = why_not_private(one)
        except OSError as error:
            raise FolderError(f"{one}: {error.strerror}") from None
        if why:
            raise SharedFolderError(one, why)
    return folder


def pushed_ledgers(state: Path | None) -> Ledgers:
    """The ledgers of what was pushed from this computer."""
    return Ledgers(state_folder(state) / "ledgers", "ledgers")


def pushed_results(state: Path | None) -> Folder:
    """The outcomes of what was pushed from this computer; empty if nothing was pushed yet.

    Raises:
        FolderError: what was named is not a folder, or cannot be read.
    """
    folder = state_folder(state)
    try:
        os.scandir(folder).close()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise FolderError(f"{folder}: {error.strerror}") from None
    return Folder(folder / "results", "results")
