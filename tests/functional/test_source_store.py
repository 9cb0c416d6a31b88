"""The sources container: loaded once a version, and never mistaken for there being no source."""

import json
from collections.abc import Iterator

import pytest

from shared.delivery import source_store
from shared.delivery.mapping_figures import version_of
from shared.delivery.source_store import SourceStore
from shared.errors import ActionRequiredError, StorageError, TransientError
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer
from tests.support.sources import PEOPLE, TABLE

DAY = "munich/day.csv"
SHARED = TABLE.replace('directory = "people.csv"', 'directory = "/people.csv"')


class Place:
    """The two containers, a store, and what it reads.

    Attributes:
        reads: names of the files whose bytes were read.
    """

    def __init__(self) -> None:
        clock = FakeClock()
        self.sources = FakeContainer("gatepost-sources", clock)
        self.state = FakeContainer("gatepost-state", clock)
        self.store = SourceStore(self.sources, self.state, clock)
        self.reads: list[str] = []
        read = self.sources.read

        def noted(name: str) -> object:
            self.reads.append(name)
            return read(name)

        self.sources.read = noted  # type: ignore[method-assign, assignment]

    def put(self, profile: str = TABLE, people: str | None = PEOPLE, folder: str = "munich") -> None:
        """Put a source."""
        self.sources.put(f"{folder}/profile.toml", profile.encode())
        if people is not None:
            self.sources.put(f"{folder}/people.csv", people.encode())

    def refusal(self, name: str = DAY) -> str:
        """Why the source of an export cannot be used."""
        with pytest.raises(ActionRequiredError) as raised:
            self.store.of_export(name)
        assert raised.value.code == "source-unusable"
        return raised.value.message


def test_a_source_is_read_once_a_version() -> None:
    """Neither profile nor people file is read again while they stay as they are; either change is noticed."""
    place = Place()
    place.put()
    first = place.store.of_export(DAY)
    assert place.store.of_export("munich/2026/other.csv") is first
    assert place.reads == ["munich/profile.toml", "munich/people.csv"]
    place.put(people=PEOPLE + "4,0014,cy@example.com\n")
    second = place.store.of_export(DAY)
    place.put(TABLE.replace("A table", "Another"))
    third = place.store.of_export(DAY)
    assert first
    assert second
    assert third
    assert len({one.digest for one in (first, second, third)}) == 3


@pytest.mark.parametrize(
    "name", ["_day.csv", "_munich/day.csv", "m\u00fcnchen/day.csv", f"{'m' * 61}/day.csv"]
)
def test_names_that_are_in_no_source_folder_cost_no_call(name: str) -> None:
    """At the root, or in a folder that no source may be called by."""
    place = Place()
    place.sources.refuses = "storage answers 403"
    assert place.store.of_export(name) is None
    assert not place.store.on_trial(name.partition("/")[0])


def test_a_folder_without_a_profile_is_no_source() -> None:
    """Nothing is noted of it."""
    place = Place()
    place.sources.put("munich/people.csv", PEOPLE.encode())
    assert place.store.of_export(DAY) is None
    assert place.state.names() == []


@pytest.mark.parametrize("fresh", [False, True], ids=["same-worker", "another-worker"])
def test_a_profile_that_is_gone_is_not_no_source(*, fresh: bool) -> None:
    """The folder is noted before its profile is first used, also one that was never usable."""
    place = Place()
    place.put("nonsense")
    place.refusal()
    assert json.loads(place.state.data("folders/munich")) == {
        "source": "munich",
        "since": "2026-11-22T05:00:00Z",
    }
    place.sources.delete("munich/profile.toml")
    if fresh:
        place.store = SourceStore(place.sources, place.state, place.state.clock)
    assert "the profile is gone" in place.refusal()
    place.put('version = 1\nname = "Plain"\n[input]\nformat = "connector"\n')
    assert place.store.of_export(DAY) is not None


def test_a_note_that_another_worker_has_written_stays() -> None:
    """It is written once."""
    place = Place()
    place.put()
    place.state.put("folders/munich", b"{}")
    assert place.store.of_export(DAY) is not None
    assert place.state.data("folders/munich") == b"{}"


def test_nothing_is_used_before_it_is_noted() -> None:
    """State that cannot be written stops the attempt; the host tries again."""
    place = Place()
    place.put()
    place.state.refuses = "storage answers 403"
    with pytest.raises(StorageError):
        place.store.of_export(DAY)


def test_a_missing_container_is_said() -> None:
    """It is a person's to make, and never means that there are no sources."""
    place = Place()
    place.sources.vanish()
    assert "the container gatepost-sources does not exist" in place.refusal()
    assert not place.store.on_trial("munich")


def test_any_other_answer_of_storage_passes() -> None:
    """A 403 or an outage is tried again."""
    place = Place()
    place.put()
    place.sources.refuses = "storage answers 403 (AuthorizationPermissionMismatch)"
    with pytest.raises(TransientError, match="403"):
        place.store.of_export(DAY)


def test_people_files_that_are_missing_or_broken_are_all_named() -> None:
    """Each with what is wrong with it."""
    two = TABLE + '[[person]]\nfrom = "Id"\ndirectory = "/people.csv"\nkey = "Id"\n'
    place = Place()
    place.put(two, people="Badge\n1\n")
    message = place.refusal()
    assert "/people.csv: is missing" in message
    assert "people.csv: the column Id is missing" in message


def test_a_people_file_may_lie_above_the_folders() -> None:
    """Several sources then share it."""
    place = Place()
    place.put(SHARED, people=None)
    place.sources.put("people.csv", PEOPLE.encode())
    source = place.store.of_export(DAY)
    assert source
    assert list(source.people) == ["/people.csv"]


def test_files_that_are_too_large_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listing's size is enough to refuse them."""
    place = Place()
    place.put()
    monkeypatch.setattr(source_store, "MAX_FILE_BYTES", 50)
    assert "people.csv: is larger than" in place.refusal()
    monkeypatch.setattr(source_store, "MAX_PROFILE_BYTES", 50)
    place.put(TABLE + "\n")
    assert "profile.toml: is larger than" in place.refusal()
    assert place.reads == ["munich/profile.toml"]


def test_sources_that_were_used_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number of bytes the ones used longest ago are forgotten, and read again when they are needed."""
    place = Place()
    for folder in ("a", "b", "c"):
        place.put(folder=folder)
    one = place.store.of_export("a/1.csv")
    assert one
    monkeypatch.setattr(source_store, "KEPT_BYTES", 2 * one.held_bytes)
    for name in ("b/1.csv", "a/2.csv", "c/1.csv", "a/3.csv"):
        place.store.of_export(name)
    assert place.reads.count("a/people.csv") == 1
    place.store.of_export("b/2.csv")
    assert place.reads.count("b/people.csv") == 2


def test_a_trial_is_what_the_profile_says_now() -> None:
    """People files are not asked for; what is no source, or cannot be used, is not on trial."""
    place = Place()
    place.put(TABLE + "[policy]\nsend = false\n", people=None)
    assert place.store.on_trial("munich")
    place.put(people=None)
    assert not place.store.on_trial("munich")
    assert not place.store.on_trial("vienna")
    place.put("nonsense")
    assert not place.store.on_trial("munich")


def test_a_folder_whose_first_profile_is_too_large_has_a_source_all_the_same() -> None:
    """When it is deleted, exports are not taken for the connector's own; one of just the limit can be used."""
    place = Place()
    place.put(TABLE.ljust(256_000, "\n"))
    assert place.store.of_export(DAY) is not None
    place.store = SourceStore(place.sources, place.state, place.state.clock)
    place.put(TABLE.ljust(256_001, "\n"))
    place.state.delete("folders/munich")
    assert "profile.toml: is larger than 256 kB" in place.refusal()
    place.sources.delete("munich/profile.toml")
    place.store = SourceStore(place.sources, place.state, place.state.clock)
    assert "the profile is gone" in place.refusal()


@pytest.mark.unmeasured
def test_a_people_file_of_just_the_limit_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more byte, and the message says how large it may be."""
    monkeypatch.setattr(source_store, "MAX_FILE_BYTES", 3_000_000)
    place = Place()
    place.put(people=PEOPLE.ljust(3_000_000, "\n"))
    assert place.store.of_export(DAY) is not None
    place.put(people=PEOPLE.ljust(3_000_001, "\n"))
    assert "people.csv: is larger than 3 MB" in place.refusal()


def test_the_source_that_was_used_last_stays_whatever_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """An export after the other of one large source does not read its people each time."""
    monkeypatch.setattr(source_store, "KEPT_BYTES", 0)
    place = Place()
    for folder in ("a", "b"):
        place.put(folder=folder)
    for name in ("a/1.csv", "a/2.csv", "b/1.csv", "a/3.csv"):
        place.store.of_export(name)
    assert [name for name in place.reads if name.endswith("people.csv")] == [
        "a/people.csv", "b/people.csv", "a/people.csv",
    ]  # fmt: skip


def test_a_folder_is_noted_once() -> None:
    """Whatever becomes of its profile: no request more an export."""
    place, written = Place(), list[str]()
    place.state.on_change = lambda what, name: written.append(name) if what == "write" else None
    for profile in (TABLE, TABLE + "\n", TABLE):
        place.put(profile)
        place.store.of_export(DAY)
    assert written == ["folders/munich"]


def streamed(place: Place) -> list[str]:
    """The files that are streamed from now on, piece by piece."""
    found, chunks = list[str](), place.sources.chunks

    def streaming(name: str, etag: str) -> Iterator[bytes]:
        found.append(name)
        return chunks(name, etag)

    place.sources.chunks = streaming  # type: ignore[method-assign]
    return found


@pytest.mark.parametrize("used", [True, False])
def test_a_mapping_is_known_without_reading_what_was_read(*, used: bool) -> None:
    """A sweep asks for each source; only files that have changed since cost more than their head."""
    place = Place()
    place.put()
    files = streamed(place)
    source = place.store.of_export(DAY) if used else None
    mappings = {place.store.mapping("munich") for _ in range(3)}
    assert len(mappings) == 1
    assert files == ([] if used else ["munich/people.csv"])
    if source:
        assert mappings == {version_of(source).mapping}
    place.put(people=PEOPLE + "4,0014,cy@example.com\n")
    assert place.store.mapping("munich") not in {None, *mappings}
    assert files == ["munich/people.csv"] * (1 if used else 2)


def test_a_people_file_that_is_replaced_while_it_is_digested_is_a_fault_that_passes() -> None:
    """The digest of half of one version and half of another would be tried on every export."""
    place = Place()
    place.put(people=PEOPLE * 100)
    place.sources.chunk_bytes = 1_000

    def replacing(name: str) -> None:
        place.sources.on_chunk = lambda _name: None
        place.sources.put(name, PEOPLE.encode())

    place.sources.on_chunk = replacing
    with pytest.raises(TransientError, match="is being replaced"):
        place.store.mapping("munich")
    assert place.store.mapping("munich") is not None
