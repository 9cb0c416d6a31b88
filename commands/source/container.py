"""Sources in the container: what is there, as a person may read it."""

from dataclasses import dataclass

from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from shared.blob_names import PROFILE_NAME, people_path, profile_path
from shared.clock import SystemClock
from shared.delivery.ports import Container
from shared.errors import StorageError
from shared.sources.profile import read_profile
from shared.sources.profile_model import Profile
from shared.sources.source import Source, make_source, people_files


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
