"""A source: its profile and people files, and the digests of what decides its mapping."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.sources.people import MAX_KEYS, People, read_people
from shared.sources.people_index import PeopleIndex
from shared.sources.problems import SourceUnusableError
from shared.sources.profile_model import Lookup, Profile
from shared.sources.values import uses_file_name

_CODE_VERSION: Final = b"1"  # goes up when this package maps the same row to another record


@dataclass(frozen=True, slots=True)
class Source:
    """A source that can be used.

    Attributes:
        name: its folder.
        profile: how its exports are read.
        people: SHA-256 of each people file, by the name that the profile uses.
        indexes: what the people files say, by the way of looking it up.
        skipped_lines: by people file, how many lines were left out, and the numbers of the first of them.
    """

    name: str
    profile: Profile
    people: Mapping[str, str]
    indexes: Mapping[Lookup, PeopleIndex]
    skipped_lines: Mapping[str, tuple[int, tuple[int, ...]]]

    @property
    def digest(self) -> str:
        """SHA-256 of everything that decides the mapping: profile, people files, this package's own version."""
        parts = [self.profile.sha256, *(f"{name}={sha256}" for name, sha256 in sorted(self.people.items()))]
        return hashlib.sha256("\n".join(parts).encode() + _CODE_VERSION).hexdigest()

    @property
    def held_bytes(self) -> int:
        """What its people occupy."""
        return sum(index.held_bytes for index in self.indexes.values())

    def key(self, sha256: str, file_name: str) -> str:
        """Names what an export holds for this source: two exports of the same key have the same rows under the same numbers.

        How rows are told apart is part of it: under another header line or path to the events, number 7 is another row.

        Args:
            sha256: of the unpacked bytes.
            file_name: the export's name below the source's folder, without `.gz`; it counts if the profile looks at it.
        """
        mapping, said = self.profile.mapping, self.profile.input
        if mapping is None:
            return sha256
        rows = [
            said.format,
            said.encoding,
            said.delimiter,
            said.quote,
            said.header,
            said.columns,
            said.records,
        ]
        parts = [sha256, self.name, repr(rows)]
        if any(map(uses_file_name, mapping.values)):
            parts.append(file_name)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def people_files(profile: Profile) -> list[str]:
    """The people files that a profile names, as it names them: `name.csv`, or `/name.csv` above its folder."""
    lookups = profile.mapping.lookups if profile.mapping else []
    return list(dict.fromkeys(lookup.directory for lookup in lookups))


def make_source(name: str, profile: Profile, files: Mapping[str, bytes]) -> Source:
    """Put a source together.

    Args:
        name: the source's folder.
        profile: its profile.
        files: the bytes of each of `people_files`; one that is not there is a problem.

    Raises:
        SourceUnusableError: with everything that is wrong with the people files.
    """
    problems: list[str] = []
    read: dict[str, People] = {}
    every = profile.mapping.lookups if profile.mapping else []
    for file in people_files(profile):
        lookups = [one for one in every if one.directory == file]
        if file not in files:
            problems.append(f"{file}: is missing; the profile names it as a people file")
            continue
        try:
            read[file] = read_people(files[file], file, lookups, every[0])
        except SourceUnusableError as error:
            problems += error.problems
    keys = sum(people.keys for people in read.values())
    if keys > MAX_KEYS:
        problems.append(f"the people files: have {keys:,} keys together; at most {MAX_KEYS:,} are kept")
    if problems:
        raise SourceUnusableError(problems)
    return Source(
        name,
        profile,
        {file: hashlib.sha256(files[file]).hexdigest() for file in read},
        {lookup: index for people in read.values() for lookup, index in people.indexes.items()},
        {file: (people.skipped, people.skipped_lines) for file, people in read.items() if people.skipped},
    )
