"""What an outcome becomes after a pass over its rejected records: sums that add up, and what was said before."""

from collections import Counter
from typing import Any

import msgspec
import pytest

from shared.delivery.event_days import DayRecords, Events
from shared.delivery.outcome import (
    Batch,
    Export,
    Ignored,
    Notice,
    Outcome,
    Reason,
    Records,
    Rejections,
    Reported,
    UnknownWord,
)
from shared.delivery.remap_figures import Passed, healed, stopped, tried
from shared.error_codes import BlockedCode, Status
from shared.errors import ActionRequiredError
from shared.exports.validate import Violation

NOW = "2026-11-22T05:00:00Z"
REASONS = {"bad": 1, "x": 3, "y": 2, "z": 4, "broken": 5}
PERSON = Violation("UserId", "person-unknown", "is about a person whom no people file knows")


def outcome(**changes: Any) -> Outcome:
    """The outcome of ten records, four of which were rejected."""
    made = Outcome(
        status=Status.PARTIALLY_SUCCEEDED,
        export=Export(name="munich/22.csv", etag="0x1", container="badging-exports"),
        records=Records(read=10, sent=6, rejected=4),
        job_id="job",
        invocation_id="i",
        version="2.0.0",
        started_at=NOW,
    )
    return msgspec.structs.replace(made, **changes)


def passed(*, refused_before: int = 0, reasons: Counter[Violation] | None = None, **figures: Any) -> Passed:
    """A pass over these four, of which one is still rejected."""
    figures = {"records": Records(read=4, sent=3, rejected=1)} | figures
    return Passed(outcome(**figures), refused_before, reasons or Counter({PERSON: 4}), "mapping", NOW)


def after(before: Outcome, made: Passed) -> Outcome:
    """The outcome after a pass that left a file."""
    return healed(before, made, "rejected/new", cut=False)


def test_each_record_leaves_rejected_for_what_became_of_it() -> None:
    """Sent, refused, unconfirmed, ignored, repeated; what was refused before is no record of the pass."""
    before = outcome(
        records=Records(read=20, sent=6, rejected=8, refused=2, unconfirmed=1, ignored=2, repeated=1)
    )
    records = Records(read=10, sent=1, rejected=3, refused=1, unconfirmed=1, ignored=3, repeated=1)
    made = passed(records=records, refused_before=2)
    assert (made.records.read, made.records.ignored, made.gained) == (8, 1, 5)
    healthy = after(before, made)
    assert healthy.records == Records(
        read=20, sent=7, rejected=3, refused=3, unconfirmed=2, ignored=3, repeated=2
    )
    assert [(one.tried, one.sent) for one in healthy.passes] == [(8, 1)]


def test_what_was_not_sent_is_not_gained() -> None:
    """It stays rejected, and is tried again."""
    assert passed(records=Records(read=4, sent=1, rejected=1, unsent=2)).gained == 1


def test_copies_are_counted_by_their_records() -> None:
    """Two copies of a batch of three records may be six records too many."""
    batch = Batch(
        index=0, first=1, last=4, records=3, bytes=9, sha256="5a", http_status=200, requests=3,
        possible_copies=2, accepted_at=NOW, reply=None,
    )  # fmt: skip
    assert after(outcome(), passed(batches=[batch])).passes[0].possible_copies == 6


def test_doubt_and_what_the_connector_said_add_up() -> None:
    """Over the export and all passes."""
    before = outcome(in_doubt_elsewhere=2, reported=Reported(records_saved=6, records_skipped=1))
    made = passed(in_doubt_elsewhere=3, reported=Reported(records_saved=2, records_skipped=4))
    healthy = after(before, made)
    assert healthy.in_doubt_elsewhere == 5
    assert healthy.reported == Reported(records_saved=8, records_skipped=5)


@pytest.mark.parametrize("field", ["reported", "events"])
def test_what_only_one_of_both_says_is_said(field: str) -> None:
    """The connector may say nothing; an export of which all was rejected has no events."""
    said: Any = {
        "reported": Reported(records_saved=6, records_skipped=1),
        "events": Events(first="2026-11-22T04:00:00", last="2026-11-22T04:00:00"),
    }[field]
    assert getattr(after(outcome(**{field: said}), passed()), field) == said
    assert getattr(after(outcome(), passed(**{field: said})), field) == said
    assert getattr(after(outcome(), passed()), field) is None


def test_the_days_of_events_add_up() -> None:
    """From the earliest to the latest of both."""
    before = Events(
        first="2026-11-21T04:00:00",
        last="2026-11-22T04:00:00",
        by_day={"2026-11-21": DayRecords(sent=1, repeated=2), "2026-11-22": DayRecords(sent=4)},
    )
    found = Events(
        first="2026-11-22T03:00:00",
        last="2026-11-23T04:00:00",
        by_day={"2026-11-22": DayRecords(sent=8, repeated=1), "2026-11-23": DayRecords(sent=16)},
    )
    assert after(outcome(events=before), passed(events=found)).events == Events(
        first="2026-11-21T04:00:00",
        last="2026-11-23T04:00:00",
        by_day={
            "2026-11-21": DayRecords(sent=1, repeated=2),
            "2026-11-22": DayRecords(sent=12, repeated=1),
            "2026-11-23": DayRecords(sent=16),
        },
    )


def test_what_was_refused_is_none_of_the_ignored() -> None:
    """A pass leaves the lines of refused records alone; the others are counted by reason, most frequent first."""
    before = outcome(
        ignored=[Ignored(code="no-event", records=1), Ignored(code="person-without-account", records=1)]
    )
    found = [Ignored(code="refused", records=2), Ignored(code="person-without-account", records=3)]
    assert after(before, passed(ignored=found)).ignored == [
        Ignored(code="person-without-account", records=4),
        Ignored(code="no-event", records=1),
    ]


@pytest.mark.parametrize(
    ("code", "words", "keys"),
    [("outcome-unknown", "old", 7), ("person-unknown", "old", 7), ("no-event", "new", 2)],
)
def test_unknown_words_are_those_of_the_pass_unless_they_are_ignored(
    code: str, words: str, keys: int
) -> None:
    """What the profile has ignored is in no rejected file, so the pass knows only some of them."""
    before = outcome(
        ignored=[Ignored(code=code, records=1)],
        unknown_words=[UnknownWord(word="old", records=5)],
        unknown_keys=7,
    )
    found = passed(unknown_words=[UnknownWord(word="new", records=1)], unknown_keys=2)
    healthy = after(before, found)
    assert [one.word for one in healthy.unknown_words] == [words]
    assert healthy.unknown_keys == keys


def test_reasons_are_those_of_what_is_still_rejected_most_frequent_first() -> None:
    """Alike frequent, by property, then by code; a record without a property comes before those with one."""

    def reason(property_: str | None, code: str, records: int) -> Reason:
        return Reason(property=property_, code=code, reason=f"{REASONS[code]} it is {code}", records=records)

    before = [reason("UserId", "bad", 9), reason("B", "y", 1), reason("B", "x", 1), reason("A", "z", 1)]
    left = [reason(None, "broken", 1), reason("UserId", "bad", 2)]
    made = passed(
        reasons=Counter({Violation("UserId", "bad", "1 it is bad"): 9}), rejections=Rejections(by_reason=left)
    )
    healthy = after(outcome(rejections=Rejections(by_reason=before)), made)
    assert [(one.property, one.code, one.records) for one in healthy.rejections.by_reason] == [
        ("UserId", "bad", 2), (None, "broken", 1), ("A", "z", 1), ("B", "x", 1), ("B", "y", 1),
    ]  # fmt: skip


def test_warnings_stay_are_said_anew_or_add_up() -> None:
    """What a pass says takes the place of what was said before; copies are said for each time, but not twice alike."""

    def notice(code: str, message: str) -> Notice:
        return Notice(code=code, message=message)

    before = outcome(
        warnings=[
            notice("events-in-the-future", "3"),
            notice("possible-copies", "1"),
            notice("mapping-changed", "m"),
        ]
    )
    anew = [
        notice("events-in-the-future", "4"),
        notice("possible-copies", "2"),
        notice("possible-copies", "1"),
    ]
    assert [(one.code, one.message) for one in after(before, passed(warnings=anew)).warnings] == [
        ("possible-copies", "1"), ("mapping-changed", "m"), ("events-in-the-future", "4"), ("possible-copies", "2"),
    ]  # fmt: skip


def test_that_a_pass_was_stopped_is_said_once_and_until_one_was_made() -> None:
    """With the reason of the last one."""
    error = ActionRequiredError(BlockedCode.SENDING_OFF, "Nothing is sent.")
    once = stopped(outcome(warnings=[Notice(code="mapping-changed", message="m")]), error)
    twice = stopped(once, error)
    assert [one.code for one in twice.warnings] == ["mapping-changed", "remap-stopped"]
    assert twice.warnings[1].message.endswith("Nothing is sent.")
    assert [one.code for one in tried(twice, "mapping").warnings] == ["mapping-changed"]
    assert [one.code for one in after(twice, passed()).warnings] == ["mapping-changed"]


@pytest.mark.parametrize(("left", "status"), [(1, Status.PARTIALLY_SUCCEEDED), (0, Status.SUCCEEDED)])
def test_an_outcome_succeeds_once_nothing_is_rejected(left: int, status: Status) -> None:
    """Its file is the one that the pass has written."""
    healthy = after(outcome(), passed(records=Records(read=4, sent=4 - left, rejected=left)))
    assert (healthy.status, healthy.mapping_tried, healthy.rejections.blob) == (
        status,
        "mapping",
        "rejected/new",
    )
    assert healthy.summary.startswith(f"{10 - left} of 10 records sent, {4 - left} of them since")
