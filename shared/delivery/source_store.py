"""The sources container: which source an export belongs to, loaded once a version and kept for the attempts to come.

A profile that is not there means that there is no source, unless the folder had one before: that is noted in the state
container before a profile is first used, so that a deleted profile never makes a table of its exports a broken list of records.

What reads profiles and people files is imported where there is one: a worker that meets none starts in less time.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from shared.blob_names import PROFILE_NAME, folder_note_path, people_path, profile_path
from shared.clock import Clock, utc_text
from shared.delivery.outcome import Outcome, SourceVersion
from shared.delivery.ports import ABSENT, Container
from shared.delivery.sent_values_note import SentValues
from shared.delivery.source_files import SourceFiles
from shared.delivery.source_listing import KnownProfiles, ListedProfile, list_profiles
from shared.error_codes import BlockedCode
from shared.errors import (
    ActionRequiredError,
    ConditionError,
)
from shared.sources.file_names import first_folder, is_source_name
from shared.sources.limits import MAX_FILE_BYTES, MAX_PROFILE_BYTES
from shared.sources.problems import SourceUnusableError

if TYPE_CHECKING:
    from shared.sources.profile_model import Profile
    from shared.sources.source import Source

KEPT_BYTES: Final = 200_000_000
"""People of sources that are kept between attempts, all together; the one that was used last stays whatever it holds."""


_GONE: Final = (
    f"{PROFILE_NAME}: the profile is gone; put it back, or, for exports in the connector's own format, one that says "
    'format = "connector"'
)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A source and the ETags of the files that it was made of, the profile's first."""

    etags: list[str]
    source: "Source"


class SourceStore:
    """Reads sources; one store lives as long as its worker.

    Args:
        sources: the sources container; only read.
        state: where folders that had a source are noted.
        clock: a start in the future makes a profile unusable.
    """

    def __init__(self, sources: Container, state: Container, clock: Clock) -> None:
        self._sources = sources
        self._files = SourceFiles(sources)
        self._state = state
        self._clock = clock
        self._profiles: dict[str, tuple[str, Profile]] = {}
        self._kept: dict[str, _Kept] = {}
        self._noted: set[str] = set()
        self._values = SentValues(state)
        self._listed: KnownProfiles = {}

    def of_export(self, name: str) -> "Source | None":
        """The source that an export belongs to by its first folder; `None`: it holds the connector's own records.

        Raises:
            ActionRequiredError: `source-unusable`, with everything that is wrong with the source.
            TransientError: storage cannot be reached, or refuses.
            StorageError: the state container cannot be written.
        """
        place = first_folder(name)
        if place is None:
            return None
        folder, _ = place
        with _usable(folder):
            found = self._profile(folder)
            return self._source(folder, *found) if found else None

    def on_trial(self, folder: str) -> bool:
        """Whether a folder's source says `send = false`, as its profile is now; an unusable one does not say so.

        Raises:
            TransientError: storage cannot be reached, or refuses.
            StorageError: the state container cannot be written.
        """
        if not is_source_name(folder):
            return False
        try:
            found = self._profile(folder)
        except SourceUnusableError:
            return False
        return found is not None and not found[1].policy.send

    def mapping(self, folder: str) -> str | None:
        """Digest of the files of a folder's source, as they are now; `None`: there is no source, or it cannot be used.

        Files that have not changed since they were last digested are not read.

        Raises:
            TransientError: storage cannot be reached, or refuses.
            StorageError: the state container cannot be written.
        """
        if not is_source_name(folder):
            return None
        try:
            found = self._profile(folder)
            if found is None:
                return None
            from shared.sources.source import people_files

            people = {file: self._files.digest(people_path(folder, file)) for file in people_files(found[1])}
        except (SourceUnusableError, ActionRequiredError):  # the latter: a people file has just been deleted
            return None
        return SourceVersion(folder, found[1].sha256, people).mapping

    def values_changed(self, source: "Source") -> bool:
        """Whether a source gives events another time, door or outcome than when records of it were last sent.

        Raises:
            TransientError: storage cannot be reached.
        """
        from shared.sources.sent_values import values_digest

        mapping = source.profile.mapping
        return mapping is not None and self._values.changed(source.name, values_digest(mapping))

    def note_sent(self, outcome: Outcome) -> None:
        """Note by which values records of a source were sent, if the outcome is of one and says so.

        Raises:
            StorageError: the state container cannot be written.
        """
        said, records = outcome.source, outcome.records
        _, profile = self._profiles.get(said.name if said else "", ("", None))
        if (
            said
            and records
            and records.sent
            and profile
            and profile.sha256 == said.profile
            and profile.mapping
        ):
            from shared.sources.sent_values import values_digest

            self._values.note(said.name, values_digest(profile.mapping))

    def listed(self) -> dict[str, ListedProfile]:
        """Every profile that can be used, by folder; only those that have changed are read.

        Raises:
            StorageError: the container may not be listed or read, or is missing.
            TransientError: storage cannot be reached.
        """
        return list_profiles(self._sources, self._listed)

    def _profile(self, folder: str) -> "tuple[str, Profile] | None":
        """A folder's profile and its ETag.

        Raises:
            SourceUnusableError: it cannot be used, or is gone.
        """
        path = profile_path(folder)
        kept = self._profiles.get(folder)
        size, etag = self._files.head(path)
        if kept and etag == kept[0]:
            return kept
        if size > MAX_PROFILE_BYTES:
            self._note(folder)
            raise SourceUnusableError([f"{PROFILE_NAME}: is larger than {MAX_PROFILE_BYTES // 1000} kB"])
        document = self._files.read(
            path
        )  # also where there is none: only this tells a missing container from a missing blob
        if document is None:
            self._check_never_was(folder)
            return None
        self._note(folder)
        from shared.sources.profile import read_profile

        found = document.etag, read_profile(document.data, now=self._clock.now())
        self._profiles[folder] = found
        return found

    def _source(self, folder: str, etag: str, profile: "Profile") -> "Source":
        from shared.sources.source import make_source, people_files

        files = people_files(profile)
        heads = {file: self._files.head(people_path(folder, file)) for file in files}
        too_large = [file for file, (size, _) in heads.items() if size > MAX_FILE_BYTES]
        if too_large:
            limit = f"{MAX_FILE_BYTES // 1_000_000} MB"
            raise SourceUnusableError([f"{file}: is larger than {limit}" for file in too_large])
        kept = self._kept.pop(folder, None)
        if kept and kept.etags == [etag, *(one for _, one in heads.values())]:
            self._kept[folder] = kept
            return kept.source
        del kept  # before its successor is made: each may hold a million people
        read = {file: self._files.read(people_path(folder, file)) for file in files}
        source = make_source(folder, profile, {file: one.data for file, one in read.items() if one})
        for file, one in read.items():
            self._files.note_digest(people_path(folder, file), one.etag if one else "", source.people[file])
        self._keep(folder, _Kept([etag, *(one.etag for one in read.values() if one)], source))
        return source

    def _keep(self, folder: str, kept: _Kept) -> None:
        self._kept[folder] = kept
        held = sum(one.source.held_bytes for one in self._kept.values())
        while held > KEPT_BYTES and len(self._kept) > 1:
            held -= self._kept.pop(next(iter(self._kept))).source.held_bytes

    def _note(self, folder: str) -> None:
        """Note that the folder has a source."""
        if folder in self._noted:
            return
        note = msgspec.json.encode({"source": folder, "since": utc_text(self._clock.now())})
        with suppress(ConditionError):  # it had one before
            self._state.write(folder_note_path(folder), note, ABSENT)
        self._noted.add(folder)

    def _check_never_was(self, folder: str) -> None:
        """Make sure that a folder without a profile never had one.

        Raises:
            SourceUnusableError: it had.
        """
        if folder in self._noted or self._state.read(folder_note_path(folder)):
            raise SourceUnusableError([_GONE])


@contextmanager
def _usable(folder: str) -> Iterator[None]:
    """What is wrong with a source becomes the end of an attempt."""
    try:
        yield
    except SourceUnusableError as error:
        message = f"The source {folder} cannot be used. " + "; ".join(error.problems)
        raise ActionRequiredError(BlockedCode.SOURCE_UNUSABLE, message + ".") from None
