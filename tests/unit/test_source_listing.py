"""Profiles that can be used, by folder: each version is read once, whatever else lies in the container."""

import pytest

from shared.delivery import source_listing
from shared.delivery.ports import Document
from shared.delivery.sent_values_note import SentValues
from shared.delivery.source_listing import KnownProfiles, list_profiles
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer
from tests.support.sources import TABLE


class Place:
    """A sources container, what is known of it, and what was read."""

    def __init__(self) -> None:
        self.sources = FakeContainer("gatepost-sources", FakeClock())
        self.known: KnownProfiles = {}
        self.reads: list[str] = []
        read = self.sources.read

        def reading(name: str) -> Document | None:
            self.reads.append(name)
            return read(name)

        self.sources.read = reading  # type: ignore[method-assign]

    def put(self, *names: str, text: str = TABLE) -> None:
        """Upload files."""
        for name in names:
            self.sources.put(name, text.encode())

    def folders(self) -> list[str]:
        """Those with a profile that can be used."""
        return [*list_profiles(self.sources, self.known)]


def test_only_a_version_that_is_not_known_is_read() -> None:
    """A report lists them each time that it is made; what is gone is forgotten."""
    place = Place()
    place.put("a/profile.toml", "b/profile.toml")
    assert place.folders() == place.folders() == ["a", "b"]
    assert place.reads == ["a/profile.toml", "b/profile.toml"]
    place.put("a/profile.toml", text=TABLE + "\n")
    assert place.folders() == ["a", "b"]
    assert place.reads[2:] == ["a/profile.toml"]
    place.sources.delete("b/profile.toml")
    assert place.folders() == [*place.known] == ["a"]


def test_only_a_folders_own_profile_counts() -> None:
    """Not other files, deeper ones, folders that no source may be called by, or one that is too large or cannot be used."""
    place = Place()
    place.put("a/profile.toml.bak", "a/people.csv", "b/deep/profile.toml", "_c/profile.toml", "profile.toml")
    place.put("d/profile.toml", text=TABLE.ljust(256_000, "\n"))
    place.put("e/profile.toml", text=TABLE.ljust(256_001, "\n"))
    place.put("f/profile.toml", text="nonsense")
    assert place.folders() == ["d"]
    assert place.reads == ["d/profile.toml", "f/profile.toml"]


def test_a_profile_that_is_gone_since_it_was_listed_is_none() -> None:
    """The others are."""
    place = Place()
    place.put("a/profile.toml", "b/profile.toml")
    read = place.sources.read
    place.sources.read = lambda name: None if name.startswith("a/") else read(name)  # type: ignore[method-assign]
    assert place.folders() == ["b"]


def test_so_many_sources_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first ones count, and no further profile is read."""
    monkeypatch.setattr(source_listing, "MAX_SOURCES", 2)
    place = Place()
    place.put("a/profile.toml", "b/profile.toml", "c/profile.toml")
    assert place.folders() == ["a", "b"]
    assert place.reads == ["a/profile.toml", "b/profile.toml"]


def test_values_by_which_records_were_sent_are_noted_once() -> None:
    """And known to other workers; a first note is no change."""
    state, written = FakeContainer("gatepost-state", FakeClock()), list[str]()
    state.on_change = lambda what, name: written.append(name) if what == "write" else None
    ours, theirs = SentValues(state), SentValues(state)
    assert not ours.changed("munich", "1")
    for _ in range(2):
        ours.note("munich", "1")
    assert len(written) == 1
    assert not ours.changed("munich", "1")
    assert not theirs.changed("munich", "1")
    assert theirs.changed("munich", "2")
    theirs.note("munich", "2")
    assert not theirs.changed("munich", "2")
    assert len(written) == 2
    assert SentValues(state).changed("munich", "1")
