"""Finds outcomes by what a person calls an export, in the results container alone."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from commands.console import screen
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from shared.delivery.outcome import Outcome
from shared.delivery.outcome_store import OutcomeStore
from shared.delivery.ports import Blob, Container

_FOLDER: Final = "outcomes/"


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
    """The export's name out of its outcome's path."""
    return path.removeprefix(_FOLDER).rpartition("/")[0]


def newest(results: Container, name: str) -> Found | None:
    """The outcome of the newest version of an export; `None` if there is none.

    Raises:
        StorageError: the container cannot be read.
    """
    blobs = sorted(results.blobs(f"{_FOLDER}{name}/"), key=lambda blob: blob.last_modified, reverse=True)
    return next(
        (found for blob in blobs if name_of(blob.name) == name and (found := read(results, blob))), None
    )


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
    near += [one for one in difflib.get_close_matches(name, names, n=3) if one not in near]
    help_text = "See what there is with: gatepost.py list --days 400"
    if near:
        help_text = "Did you mean " + " or ".join(screen.name_text(one) for one in near[:3]) + "?"
    return CommandError(f"There is no outcome of {screen.name_text(name)}.", help_text, Exit.NOT_FOUND)


def of_version(results: Container, name: str, etag: str) -> Outcome | None:
    """The outcome of one version of an export; `None` if there is none.

    Raises:
        StorageError: the container cannot be read.
    """
    return OutcomeStore(results, name, etag).load()
