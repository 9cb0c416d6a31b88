"""Sources in the container: what is there, and which of it has been seen on this computer.

Each file that `source get` or `source put` has seen is noted with its ETag beside the profile, so that a version that somebody
else has put meanwhile is not replaced unseen.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.local_files import writing
from shared.blob_names import PROFILE_NAME, people_path, profile_path
from shared.clock import SystemClock
from shared.delivery.ports import Container
from shared.errors import StorageError
from shared.sources.profile import read_profile
from shared.sources.profile_model import Profile
from shared.sources.source import Source, make_source, people_files

SEEN: Final = ".gatepost.json"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a source: where it is in the container, what it holds, and its version."""

    path: str
    data: bytes
    etag: str


def stored_profile(sources: Container, name: str) -> tuple[StoredFile, Profile] | None:
    """A source's profile in the container; `None` if there is none.

    Raises:
        SourceUnusableError: it cannot be used.
    """
    path = profile_path(name)
    document = sources.read(path)
    if document is None:
        return None
    file = StoredFile(path, document.data, document.etag)
    return file, read_profile(document.data, now=SystemClock().now())


def stored_people(sources: Container, name: str, profile: Profile) -> dict[str, StoredFile]:
    """The people files that a profile names and that are there, by the names that it uses."""
    found = {}
    for directory in people_files(profile):
        path = people_path(name, directory)
        document = sources.read(path)
        if document is not None:
            found[directory] = StoredFile(path, document.data, document.etag)
    return found


def stored_source(sources: Container, name: str) -> Source | None:
    """A source as the function would read it; `None` if there is none, or if this person may not read sources.

    Raises:
        SourceUnusableError: it cannot be used.
    """
    try:
        found = stored_profile(sources, name)
        if found is None:
            return None
        _, profile = found
        files = stored_people(sources, name, profile)
    except StorageError as error:
        if error.why == "permission":
            return None
        raise
    return make_source(name, profile, {directory: file.data for directory, file in files.items()})


def seen_versions(folder: Path) -> dict[str, str]:
    """The ETags that were noted in a source's folder, by paths in the container."""
    try:
        noted = json.loads((folder / SEEN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return (
        {path: etag for path, etag in noted.items() if isinstance(etag, str)}
        if isinstance(noted, dict)
        else {}
    )


def note_versions(folder: Path, versions: Mapping[str, str]) -> None:
    """Note ETags beside those that were noted before.

    Raises:
        CommandError: the folder cannot be written.
    """
    file = folder / SEEN
    with writing(file, "Check that you may write in this folder"):
        file.write_text(json.dumps(seen_versions(folder) | dict(versions), indent=1) + "\n", encoding="utf-8")


def source_names(sources: Container) -> list[str]:
    """Every folder with a profile."""
    return [
        folder
        for blob in sources.blobs()
        for folder, slash, rest in [blob.name.partition("/")]
        if slash and rest == PROFILE_NAME
    ]


def no_source(name: str, names: list[str]) -> CommandError:
    """There is no source of that name."""
    known = f"There are: {', '.join(names)}." if names else "There is none yet: `source put` uploads one."
    return CommandError(f"There is no source {name} in the container.", known, Exit.NOT_FOUND)
