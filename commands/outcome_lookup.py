"""Finds outcomes by the name of an export, in the results container alone."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from commands.console.command_line import command
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from shared.blob_names import printable
from shared.clock import utc_time
from shared.delivery.outcome import Outcome
from shared.delivery.outcome_store import OutcomeStore
from shared.delivery.ports import Blob, Container

_FOLDER: Final = "outcomes/"
_SUGGESTIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Found:
    """An outcome, where it is, and when it was last written."""

    outcome: Outcome
    path: str
    last_modified: datetime


def listed(results: Container) -> Iterator[Blob]:
    """Every outcome as the listing shows it.

    Raises:
        StorageError: the container cannot be listed.
    """
    yield from results.blobs(_FOLDER)


def name_of(path: str) -> str:
    """The export's name from its outcome's path."""
    return path.removeprefix(_FOLDER).rpartition("/")[0]


def finished_at(blob: Blob) -> datetime | None:
    """When a listed outcome ended; `None` if it has not, or if its metadata is damaged."""
    try:
        return utc_time(blob.metadata.get("finishedat", ""))
    except ValueError:
        return None


def newest(results: Container, name: str) -> Found | None:
    """The outcome of the newest version of an export; `None` if there is none.

    Raises:
        StorageError: the container cannot be read.
    """
    blobs = [blob for blob in results.blobs(f"{_FOLDER}{name}/") if name_of(blob.name) == name]
    return max(filter(None, (read(results, blob) for blob in blobs)), key=_version_time, default=None)


def _version_time(found: Found) -> tuple[str, datetime]:
    """The newest version is the one that was uploaded last, whenever its outcome was written."""
    return found.outcome.export.last_modified or "", found.last_modified


def read(results: Container, blob: Blob) -> Found | None:
    """Read a listed outcome; `None` if it is gone or cannot be read."""
    file = OutcomeStore.at_path(results, blob.name)
    return Found(file.current, blob.name, blob.last_modified) if file.current else None


def newest_or_fail(results: Container, name: str) -> Found:
    """The outcome of the newest version of an export.

    Raises:
        CommandError: there is none; the nearest names are suggested.
        StorageError: the container cannot be read.
    """
    found = newest(results, name)
    if found:
        return found
    raise no_such_outcome(results, name)


def no_such_outcome(results: Container, name: str) -> CommandError:
    """The error that says so, with the nearest names."""
    names = {name_of(blob.name) for blob in listed(results)}
    near = [one for one in sorted(names) if one.endswith(f"/{name}")]
    near += [one for one in difflib.get_close_matches(name, names, n=_SUGGESTIONS) if one not in near]
    message = f"There is no outcome of {printable(name)}."
    if near:
        suggested = " or ".join(printable(one) for one in near[:_SUGGESTIONS])
        return CommandError(message, f"Did you mean {suggested}?", Exit.NOT_FOUND)
    return CommandError(message, "See what there is:", Exit.NOT_FOUND, [command("list", "--days", "400")])
