"""Open files: written once, listed once, and those of a small export not read again."""

import pytest

from shared.delivery.open_files import ListedFile, OpenFiles
from shared.delivery.ports import Document
from shared.events.event_log import EventLog
from shared.events.identity import Key
from shared.events.open_file import OpenFile
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer

NOW = "2026-11-22T05:00:00Z"


class Place:
    """The open files of a job, and which of them were read and how often they were listed."""

    def __init__(self) -> None:
        self.state = FakeContainer("gatepost-state", FakeClock())
        self.files = self.new()
        self.reads: list[str] = []
        self.listings = 0
        read, blobs = self.state.read, self.state.blobs

        def reading(name: str) -> Document | None:
            self.reads.append(name.rpartition("/")[2])
            return read(name)

        def listing(prefix: str = "") -> object:
            self.listings += 1
            return blobs(prefix)

        self.state.read = reading  # type: ignore[method-assign]
        self.state.blobs = listing  # type: ignore[method-assign, assignment]

    def new(self) -> OpenFiles:
        """As another attempt sees them."""
        return OpenFiles(self.state, "job")


def file(number: int) -> OpenFile:
    """An open file, each another one."""
    return EventLog().open_file(f"ledger/{number}", Key(bytes(32)), NOW, "holder", [])


@pytest.fixture
def place() -> Place:
    """No file yet."""
    return Place()


def test_files_that_were_written_are_listed_and_those_that_were_deleted_are_not(place: Place) -> None:
    """Without asking storage again."""
    before = place.new().write(file(0))
    assert [one.name for one in place.files.listed()] == [before]
    name = place.files.write(file(1))
    assert {one.name for one in place.files.listed()} == {before, name}
    for one in place.files.listed():
        place.files.delete(one)
    assert place.files.listed() == []
    assert place.new().listed() == []
    assert place.listings == 2


def test_a_file_whose_write_is_repeated_is_listed_anew(place: Place) -> None:
    """Storage says that it is there: by which ETag, only a listing knows."""
    assert place.files.listed() == []
    name = place.new().write(file(1))
    assert place.files.write(file(1)) == name
    assert [one.name for one in place.files.listed()] == [name]
    place.files.delete(place.files.listed()[0])
    assert place.new().listed() == []


def test_the_first_four_files_need_not_be_read(place: Place) -> None:
    """A small export has no more; further ones are read when they are folded."""
    names = [place.files.write(file(number)) for number in range(6)]
    listed = {one.name: one for one in place.files.listed()}
    assert [place.files.read(listed[name]) for name in names] == [file(number) for number in range(6)]
    assert place.reads == names[4:]


def test_a_file_that_was_deleted_makes_room_for_another(place: Place) -> None:
    """An export of many batches is folded on the way."""
    for number in range(4):
        place.files.write(file(number))
    for one in place.files.listed():
        place.files.delete(one)
        assert place.files.read(one) is None
    place.reads.clear()
    names = [place.files.write(file(number)) for number in range(4, 8)]
    for name in names:
        assert place.files.read(ListedFile(name, "")) is not None
    assert place.reads == []


def test_it_is_known_whether_anything_was_written(place: Place) -> None:
    """An attempt that has written nothing has nothing to fold at its end."""
    assert not place.files.any_written
    place.files.write(file(1))
    assert place.files.any_written
