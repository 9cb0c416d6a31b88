"""Every source there is, by its profile alone: for schedules and zones, which reports and gauges need."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from shared.blob_names import PROFILE_NAME
from shared.delivery.ports import Blob, Container
from shared.sources.file_names import is_source_name
from shared.sources.limits import MAX_PROFILE_BYTES
from shared.sources.problems import SourceUnusableError

if TYPE_CHECKING:
    from shared.sources.profile_model import Profile

type KnownProfiles = dict[str, tuple[str, Profile | None]]
"""By folder: the ETag of the profile that was read, and what it says; `None` if it cannot be used."""
MAX_SOURCES: Final = 10_000


@dataclass(frozen=True, slots=True)
class ListedProfile:
    """A profile that can be used, and when it was uploaded, UTC."""

    profile: "Profile"
    uploaded_at: datetime


def list_profiles(sources: Container, known: KnownProfiles) -> dict[str, ListedProfile]:
    """The profiles that can be used, by folder; those that cannot are left out, as an attempt says what is wrong with them.

    Args:
        sources: the sources container.
        known: what was read before; only other versions are read, and noted here.

    Raises:
        StorageError: the container may not be listed or read, or is missing.
        TransientError: storage cannot be reached.
    """
    found: KnownProfiles = {}
    usable: dict[str, ListedProfile] = {}
    for folder, blob in _profiles(sources):
        kept = known.get(folder)
        found[folder] = kept if kept and kept[0] == blob.etag else (blob.etag, _read(sources, blob))
        if profile := found[folder][1]:
            usable[folder] = ListedProfile(profile, blob.last_modified)
        if len(found) == MAX_SOURCES:
            break
    known.clear()
    known.update(found)
    return usable


def _profiles(sources: Container) -> Iterator[tuple[str, Blob]]:
    for blob in sources.blobs():
        folder, _, file = blob.name.partition("/")
        if file == PROFILE_NAME and is_source_name(folder) and blob.bytes <= MAX_PROFILE_BYTES:
            yield folder, blob


def _read(sources: Container, blob: Blob) -> "Profile | None":
    from shared.sources.profile import read_profile

    document = sources.read(blob.name)
    with suppress(SourceUnusableError):
        return read_profile(document.data) if document else None
    return None
