"""Notes of passes that have begun, as two workers see them of which one has lost the lease."""

from datetime import timedelta

import pytest

from shared.delivery.outcome import ExportVersion
from shared.delivery.remap_notes import RemapNote, passes_begun
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer

VERSION = ExportVersion(name="munich/22.csv", etag="0x1")
DAYS = 60


class Notes:
    """A job's notes."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.state = FakeContainer("gatepost-state", self.clock)

    def note(self) -> RemapNote:
        """As one more worker knows it."""
        return RemapNote(self.state, "job", VERSION)

    def begun(self) -> list[ExportVersion]:
        """What a sweep finds."""
        return [*passes_begun(self.state, "job", self.clock.now(), DAYS)]


def test_a_pass_is_noted_from_its_first_request_to_its_end() -> None:
    """For every worker that looks, and for the sweep."""
    notes = Notes()
    note = notes.note()
    assert (note.look(), notes.begun()) == (False, [])
    note.begin()
    assert (notes.note().look(), notes.begun()) == (True, [VERSION])
    note.end()
    assert (notes.note().look(), notes.begun()) == (False, [])


def test_a_note_that_is_gone_is_not_ended_again() -> None:
    """Another worker has made the pass to its end; what begins afterwards is not this one's."""
    notes = Notes()
    late, other = notes.note(), notes.note()
    late.begin()
    assert other.look()
    other.end()
    assert not late.look()
    deleted: list[str] = []
    notes.state.delete = lambda name, _condition=None: deleted.append(name)  # type: ignore[method-assign, assignment]
    late.end()
    assert deleted == []


def test_a_note_is_forgotten_once_it_is_older_than_the_days() -> None:
    """Not at that very moment."""
    notes = Notes()
    notes.note().begin()
    notes.clock.sleep(DAYS * 86_400)
    assert notes.begun() == [VERSION]
    notes.clock.sleep(1)
    assert (notes.begun(), notes.state.names()) == ([], [])


def test_a_worker_that_has_lost_the_lease_does_not_end_the_next_pass() -> None:
    """It stood still before it took its note away; by then another pass had begun."""
    notes = Notes()
    late, other = notes.note(), notes.note()
    late.begin()
    assert other.look()
    other.begin()
    late.end()
    assert notes.begun() == [VERSION]
    other.end()
    assert notes.begun() == []


def test_a_pass_without_a_request_ends_the_one_that_began() -> None:
    """It has looked at the note, and made that pass to its end."""
    notes = Notes()
    notes.note().begin()
    second = notes.note()
    assert second.look()
    second.end()
    assert notes.begun() == []
    notes.note().end()  # of which nothing was there


def test_an_old_note_is_forgotten() -> None:
    """Nobody tries such an export any more."""
    notes = Notes()
    notes.note().begin()
    notes.clock.sleep(timedelta(days=DAYS, minutes=1).total_seconds())
    assert notes.begun() == []
    assert not notes.note().look()


def test_an_old_note_that_is_written_anew_just_now_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass has begun between the listing and the deletion."""
    notes = Notes()
    notes.note().begin()
    notes.clock.sleep(timedelta(days=DAYS, minutes=1).total_seconds())
    read = notes.state.read

    def meanwhile(name: str) -> object:
        document = read(name)
        notes.note().begin()
        return document

    monkeypatch.setattr(notes.state, "read", meanwhile)
    assert notes.begun() == []
    assert notes.note().look()
