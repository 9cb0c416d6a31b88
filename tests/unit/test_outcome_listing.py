"""Outcomes out of their listing: what is damaged in one never stops the others."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from shared.clock import utc_text
from shared.delivery import outcome as outcomes
from shared.delivery import outcome_metadata
from shared.delivery.outcome_listing import list_outcomes, listed, listed_or_read, read_outcome
from shared.delivery.ports import Blob
from shared.error_codes import Status
from tests.support.fake_clock import MORNING, FakeClock
from tests.support.fake_storage import FakeContainer
from tests.support.reports import written

PATH = "outcomes/a/day.json/0x8D.json"
LATER = MORNING.replace(hour=9)


def _blob(**metadata: str) -> Blob:
    return Blob(PATH, "1", 3, MORNING, metadata)


def test_a_listing_shows_what_the_outcome_says() -> None:
    """What is written as metadata is read back as it was."""
    results = FakeContainer("badging-results", FakeClock())
    written(
        results, "a/day.json", Status.FAILED, MORNING, code="connector-throttled",
        records=outcomes.Records(read=4, sent=3, rejected=1), next_attempt_at=utc_text(LATER),
    )  # fmt: skip
    (one,) = list_outcomes(results)
    assert (one.name, one.etag, one.path) == (
        "a/day.json",
        "0x00000001",
        "outcomes/a/day.json/0x00000001.json",
    )
    assert (one.status, one.retry, one.code) == (Status.FAILED, "auto", "connector-throttled")
    assert (one.sent, one.rejected) == (3, 1)
    assert (one.finished_at, one.moment, one.next_attempt_at) == (MORNING, MORNING, LATER)
    assert not one.has_unsafe_name
    assert (one.days, one.newest_event) == (None, None)


def test_a_listing_shows_the_days_of_events_and_the_newest_one() -> None:
    """As an outcome's metadata have them."""
    one = listed(_blob(status="Succeeded", events="2026-11-21=12 last=2026-11-21T22:03:11"))
    assert one.days == {date(2026, 11, 21): 12}
    assert one.newest_event == datetime(2026, 11, 21, 22, 3, 11, tzinfo=UTC)


# metadata, and what the listing makes of them: a time or a count that is not known, a status that is not final
DAMAGED = {
    "a day that is none": {"finishedat": "2026-02-30T00:00:00Z"},
    "words": {"finishedat": "yesterday", "nextattemptat": "soon"},
    "a time that leaves the calendar in UTC": {"finishedat": "0001-01-01T00:00:00+23:00"},
    "another such": {"nextattemptat": "9999-12-31T23:59:59-23:00"},
    "counts that are none": {"recordssent": "many", "recordsrejected": "-1"},
    "digits of another script": {"recordssent": "\u0663"},
    "a retry of another version": {"retry": "maybe"},
}


@pytest.mark.parametrize("metadata", [pytest.param(one, id=why) for why, one in DAMAGED.items()])
def test_what_is_damaged_is_unknown(metadata: dict[str, str]) -> None:
    """The status beside it stands; times count as those of the blob, and can be written in UTC."""
    one = listed(_blob(status="Succeeded", **metadata))
    assert one.status is Status.SUCCEEDED
    assert (one.sent, one.rejected, one.finished_at, one.next_attempt_at, one.retry) == (None,) * 5
    assert utc_text(one.moment) == utc_text(MORNING)


@pytest.mark.parametrize(
    ("path", "metadata", "source"),
    [
        (PATH, {}, "a"),
        (PATH, {"source": "munich"}, "munich"),
        ("outcomes/a/b/day.json/0x8D.json", {}, "a"),
        ("outcomes/day.json/0x8D.json", {}, ""),
        ("outcomes/day.json/0x8D.json", {"source": "munich"}, "munich"),
    ],
)
def test_an_outcome_belongs_to_its_source_or_its_first_folder(
    path: str, metadata: dict[str, str], source: str
) -> None:
    """Or to none."""
    assert listed(Blob(path, "1", 3, MORNING, metadata)).source == source


def test_what_a_listing_says_of_an_end_counts_before_the_time_of_the_blob() -> None:
    """Which is later, if the document was copied or its retry asked for."""
    one = listed(_blob(status="Blocked", retry="person", finishedat=utc_text(LATER)))
    assert (one.moment, one.finished_at, one.last_modified, one.retry) == (LATER, LATER, MORNING, "person")
    assert listed(_blob(status="Failed", retry="auto")).retry == "auto"


@pytest.mark.parametrize("status", ["", "Fine", "succeeded", "\u0000"])
def test_a_status_that_cannot_be_read_is_unfinished(status: str) -> None:
    """So that the sweep takes it up, and no report counts it as sent."""
    assert listed(_blob(status=status)).status is Status.IN_PROGRESS


def test_a_time_in_another_zone_is_that_moment() -> None:
    """Written by us it ends in Z; read, it is a moment all the same."""
    one = listed(_blob(finishedat="2026-11-22T06:00:00+01:00", nextattemptat="2026-11-22T09:00:00"))
    assert (one.finished_at, one.next_attempt_at) == (MORNING, LATER)


def test_one_damaged_outcome_stops_no_other() -> None:
    """The list has all of them, in the order of their paths."""
    results = FakeContainer("badging-results", FakeClock())
    written(results, "a.json", Status.SUCCEEDED, MORNING)
    results.put("outcomes/b.json/1.json", b"{", metadata={"finishedat": "99999999", "recordssent": "\u00b2"})
    written(results, "c.json", Status.REJECTED, MORNING, code="not-json")
    found = [(one.name, one.status) for one in list_outcomes(results)]
    assert found == [
        ("a.json", Status.SUCCEEDED), ("b.json", Status.IN_PROGRESS), ("c.json", Status.REJECTED),
    ]  # fmt: skip


def test_all_versions_of_one_export_and_of_no_other() -> None:
    """Not those of exports whose names only begin alike, or lie in a folder of that name."""
    results = FakeContainer("badging-results", FakeClock())
    for name in ("day.json", "day.json", "day.json.gz", "day.json/more.json", "a/day.json"):
        written(results, name, Status.SUCCEEDED, MORNING)
    assert [one.name for one in list_outcomes(results, "day.json")] == ["day.json"] * 2


def test_a_folder_stands_for_an_unsafe_name() -> None:
    """The name itself is in the document alone."""
    results = FakeContainer("badging-results", FakeClock())
    outcome = written(results, "a/../b.json", Status.REJECTED, MORNING, code="unsafe-name")
    (one,) = list_outcomes(results)
    assert one.has_unsafe_name
    assert read_outcome(results, one.path) == outcome


def test_a_copy_that_lost_its_metadata_is_read() -> None:
    """Copied by hand into another account, say; one that cannot be read either counts as unfinished."""
    results = FakeContainer("badging-results", FakeClock())
    outcome = written(
        results, "day.json", Status.SUCCEEDED, MORNING, records=outcomes.Records(read=3, sent=3)
    )
    (path,) = results.names()
    kept = results.data(path)
    for data, status in ((kept, Status.SUCCEEDED), (b"{", Status.IN_PROGRESS)):
        blob = results.put(path, data)
        assert listed_or_read(blob, results).status is status
        results.put(path, b"{", metadata=outcome_metadata.metadata(outcome))
        assert listed_or_read(results.head(path), results).sent == 3
    results.delete(path)
    assert listed_or_read(blob, results).status is Status.IN_PROGRESS
    assert read_outcome(results, path) is None


def test_the_document_wins_over_nothing() -> None:
    """What a document says that is itself damaged is unknown, like in metadata."""
    results = FakeContainer("badging-results", FakeClock())
    outcome = written(results, "day.json", Status.SUCCEEDED, MORNING)
    (path,) = results.names()
    damaged = msgspec.structs.replace(outcome, finished_at="never")
    one = listed_or_read(results.put(path, outcomes.encode(damaged)), results)
    assert (one.status, one.finished_at) == (Status.SUCCEEDED, None)
