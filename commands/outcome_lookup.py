"""Finds outcomes by the name of an export, in the results container alone."""

import difflib
import glob
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from commands.console.command_line import command
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from shared.blob_names import bare
from shared.delivery.outcome import Outcome
from shared.delivery.outcome_listing import ListedOutcome, list_outcomes, read_outcome
from shared.delivery.ports import Container
from shared.printable import printable

_SUGGESTIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Found:
    """An outcome, and when it was last written."""

    outcome: Outcome
    last_modified: datetime


def newest(results: Container, name: str) -> Found | None:
    """The outcome of the newest version of an export; `None` if there is none.

    Raises:
        StorageError: the container cannot be read.
    """
    found = (read(results, one) for one in list_outcomes(results, name))
    return max(filter(None, found), key=_version_time, default=None)


def of_version(results: Container, name: str, etag: str) -> Found | None:
    """The outcome of one version of an export; `None` if there is none.

    Raises:
        StorageError: the container cannot be read.
    """
    found = (read(results, one) for one in list_outcomes(results, name) if one.etag == bare(etag))
    return next(filter(None, found), None)


def version_or_newest(results: Container, name: str, version: str | None) -> Found:
    """The outcome of the version with this ETag, or of the newest one.

    Raises:
        CommandError: there is none.
        StorageError: the container cannot be read.
    """
    if not version:
        return newest_or_fail(results, name)
    named = of_version(results, name, version)
    if named is None:
        newest_or_fail(results, name)
        message = f"There is no outcome of {printable(name)} in version {printable(version)}."
        raise CommandError(
            message, "See its versions:", Exit.NOT_FOUND, [command("list", name=glob.escape(name))]
        )
    return named


def other_versions(results: Container, found: Found) -> str:
    """A sentence that names the other versions of an export with their statuses; empty if there are none.

    Raises:
        StorageError: the container cannot be read.
    """
    export = found.outcome.export
    others = [one for one in list_outcomes(results, export.name) if one.etag != bare(export.etag)]
    if not others:
        return ""
    named = [f"{one.etag} ({one.status.value})" for one in others[-_SUGGESTIONS:]]
    more = len(others) - len(named)
    return f"Other versions: {', '.join(named)}{f' and {more} more' if more else ''}."


def _version_time(found: Found) -> tuple[str, datetime]:
    """The newest version is the one that was uploaded last, whenever its outcome was written."""
    return found.outcome.export.last_modified or "", found.last_modified


def read(results: Container, listed: ListedOutcome) -> Found | None:
    """Read a listed outcome; `None` if it is gone or cannot be read."""
    outcome = read_outcome(results, listed.path)
    return Found(outcome, listed.last_modified) if outcome else None


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
    names = {listed.name for listed in list_outcomes(results)}
    near = [one for one in sorted(names) if one.endswith(f"/{name}")]
    near += [one for one in difflib.get_close_matches(name, names, n=_SUGGESTIONS) if one not in near]
    message = f"There is no outcome of {printable(name)}."
    if near:
        suggested = " or ".join(printable(one) for one in near[:_SUGGESTIONS])
        return CommandError(message, f"Did you mean {suggested}?", Exit.NOT_FOUND)
    return CommandError(message, "See what there is:", Exit.NOT_FOUND, [command("list", days="400")])
