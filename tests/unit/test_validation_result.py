"""What pass 1 found: which records are judged, and when they are too many."""

from typing import Any

import pytest

from shared.delivery import selection
from shared.delivery.mapping_figures import mapping_fields
from shared.delivery.outcome import Ignored
from shared.delivery.record_bits import RecordBits
from shared.delivery.rejected_file import RejectedFile
from shared.delivery.validate_export import ValidationResult, unfit, validate_export
from shared.exports.batches import Limits
from shared.exports.items import BEFORE_START
from shared.exports.reader import Reader
from shared.exports.unpacking import Unpacked
from tests.support.exports import array, record
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer


def found(**changes: Any) -> ValidationResult:
    """What was found, if it was this."""
    parts = {"read": 0, "rejected": 0} | changes
    return ValidationResult(
        sha256="9f", by_reason=[], latest_event="", batches=[], bits=RecordBits(), **parts
    )


@pytest.mark.parametrize(
    ("changes", "valid", "too_many"),
    [
        ({}, 0, False),
        ({"read": 10}, 10, False),
        ({"read": 10, "rejected": 1}, 9, False),
        ({"read": 10, "rejected": 2}, 8, True),
        ({"read": 1, "rejected": 1}, 0, True),
        ({"read": 1_000, "rejected": 100}, 900, False),
        ({"read": 1_000, "rejected": 101}, 899, True),
        ({"read": 20, "rejected": 1, "sent_elsewhere": 10}, 9, False),
        ({"read": 20, "rejected": 1, "sent_elsewhere": 11}, 8, True),
        ({"read": 20, "rejected": 1, "ignored": [Ignored(code="no-event", records=11)]}, 8, True),
        ({"read": 20, "rejected": 1, "ignored": [Ignored(code=BEFORE_START, records=11)]}, 19, False),
        ({"read": 20, "ignored": [Ignored(code="no-event", records=20)]}, 0, False),
        ({"read": 20, "repeated": 20}, 20, False),
    ],
)
def test_only_records_about_which_something_is_decided_are_judged(
    changes: dict[str, Any], valid: int, *, too_many: bool
) -> None:
    """Ten in a hundred may be invalid; one alone is too many where no record is valid."""
    assert found(**changes).valid == valid
    assert found(**changes).too_many_invalid(10) is too_many


def test_an_export_without_a_valid_record_is_rejected_whatever_the_limit() -> None:
    """Not one without any record: that is a quiet day."""
    assert found(read=1, rejected=1).too_many_invalid(100)
    assert not found(read=2, rejected=1).too_many_invalid(100)
    assert not found().too_many_invalid(100)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"read": 3, "rejected": 2},
            "2 of 3 records are invalid, more than the 10 % that may be; nothing was sent.",
        ),
        ({"read": 3, "rejected": 3}, "3 of 3 records are invalid, so there is nothing to send."),
        (
            {"read": 3, "rejected": 3, "stopped": True},
            "3 of the first 3 records are invalid, more than the 10 %",
        ),
    ],
)
def test_a_message_says_how_many_are_too_many(changes: dict[str, Any], said: str) -> None:
    """And of how many, if not all were read."""
    error = unfit(found(**changes), 10)
    assert error is not None
    assert error.message.startswith(said)


def test_every_record_that_goes_has_its_day() -> None:
    """The first and the last one too."""
    data = array(record(day, EventTime=f"2026-11-{20 + day}T08:00:00Z") for day in (1, 2, 3))
    results = FakeContainer("badging-results", FakeClock())
    rejected = RejectedFile(results.block_writer("rejected/day.json/1.jsonl"))
    result = validate_export(Reader(Unpacked([data], len(data))), rejected, Limits(10, 10_000))
    assert result.days == {"2026-11-21", "2026-11-22", "2026-11-23"}


def test_what_was_not_read_to_its_end_has_no_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of its beginning names nothing."""
    monkeypatch.setattr(selection, "MAX_INVALID_RECORDS", 3)
    for size, stopped in ((2, False), (30, True)):
        data = array({} for _ in range(size))
        results = FakeContainer("badging-results", FakeClock())
        rejected = RejectedFile(results.block_writer("rejected/day.json/1.jsonl"))
        reader = Reader(Unpacked([data], len(data)))
        result = validate_export(reader, rejected, Limits(10, 10_000), max_invalid_percent=10)
        assert (result.stopped, result.sha256 == "") == (stopped, stopped)


def test_an_export_without_a_source_has_no_figures_of_a_mapping() -> None:
    """Also if it belonged to one before."""
    assert mapping_fields(None) == {
        "source": None, "mapping_tried": None, "unknown_words": [], "unknown_keys": 0,
    }  # fmt: skip
