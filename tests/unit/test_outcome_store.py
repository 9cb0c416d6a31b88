"""An outcome's writes: an end goes over its own attempt's start, and over nothing else."""

import logging
from typing import Any

import msgspec
import pytest

from shared.delivery.outcome import AnsweredRequest, Export, Outcome, encode
from shared.delivery.outcome_store import OutcomeStore
from shared.error_codes import Status
from shared.errors import StorageError
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer


def _outcome(status: Status = Status.IN_PROGRESS, **changes: Any) -> Outcome:
    made = Outcome(
        status=status,
        export=Export(container="badging-exports", name="day.json", etag="0x1"),
        attempts=2,
        job_id="job",
        invocation_id="ours",
        version="2.0.0",
        started_at="2026-11-22T05:00:00Z",
    )
    return msgspec.structs.replace(made, **changes)


def _begun() -> tuple[FakeContainer, OutcomeStore]:
    """An attempt that has written its start."""
    results = FakeContainer("badging-results", FakeClock())
    store = OutcomeStore(results, "day.json", "0x1")
    store.load()
    store.write(_outcome())
    return results, store


def _stored(results: FakeContainer) -> Outcome | None:
    return OutcomeStore(results, "day.json", "0x1").load()


@pytest.mark.parametrize(
    ("meanwhile", "written"),
    [
        ({}, True),
        ({"summary": "more"}, True),
        ({"invocation_id": "another"}, False),
        ({"attempts": 3}, False),
        ({"status": Status.BLOCKED}, False),
        ({"status": Status.SUCCEEDED}, False),
    ],
)
def test_an_end_replaces_only_the_start_of_its_own_attempt(
    meanwhile: dict[str, Any], *, written: bool
) -> None:
    """Whatever another attempt, or a person, wrote in the meantime is left alone."""
    results, store = _begun()
    other = _outcome(**meanwhile)
    results.put(store.path, encode(other))
    end = _outcome(Status.FAILED)
    assert store.replace_own(end) is written
    assert _stored(results) == (end if written else other)


def test_requests_that_were_answered_meanwhile_stay() -> None:
    """Each once, behind those that the end knows."""
    results, store = _begun()
    known, new = (
        AnsweredRequest(id=one, kind="retry", asked_at="2026-11-22T05:00:00Z", result="refused")
        for one in ("known", "new")
    )
    results.put(store.path, encode(_outcome(requests=[known, new])))
    assert store.replace_own(_outcome(Status.FAILED, requests=[known]))
    stored = _stored(results)
    assert stored is not None
    assert stored.requests == [known, new]


def test_an_end_is_written_where_the_outcome_is_gone() -> None:
    """It was deleted, or what is there cannot be read."""
    for left in (None, b"{"):
        results, store = _begun()
        results.delete(store.path)
        if left:
            results.put(store.path, left)
        end = _outcome(Status.FAILED)
        assert store.replace_own(end)
        assert _stored(results) == end


def test_an_outcome_that_cannot_be_read_is_logged_by_its_path(caplog: pytest.LogCaptureFixture) -> None:
    """It counts as none."""
    results, store = _begun()
    results.put(store.path, b'{"status": "secret"}')
    with caplog.at_level(logging.WARNING):
        assert store.load() is None
    assert store.path in caplog.text
    assert "secret" not in caplog.text


def test_an_outcome_that_changes_all_the_time_is_an_error() -> None:
    """The host tries again, then a person must look."""
    results, store = _begun()

    def change(_what: str, _name: str) -> None:
        results.on_change = lambda _what, _name: None
        results.put(store.path, encode(_outcome()))
        results.on_change = change

    results.on_change = change
    with pytest.raises(StorageError, match="rewritten"):
        store.replace_own(_outcome(Status.FAILED))


def test_what_is_known_is_what_was_last_read_or_written() -> None:
    """And whether there ever was one that could not be read."""
    results, store = _begun()
    assert (store.current, store.was_unreadable) == (_outcome(), False)
    other = OutcomeStore(results, "day.json", "0x1")
    assert (other.current, other.was_unreadable) == (None, False)
    assert (other.load(), other.current, other.was_unreadable) == (_outcome(), _outcome(), False)
    results.put(store.path, b"{")
    assert (other.load(), other.current, other.was_unreadable) == (None, None, True)
    other.write(_outcome(Status.SUCCEEDED))
    assert (other.current, other.was_unreadable) == (_outcome(Status.SUCCEEDED), True)
