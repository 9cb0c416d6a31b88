"""What becomes of an export when nothing is in the way."""

import json

import pytest

from shared.error_codes import Status
from shared.messages import Message
from tests.support.exports import array, export, record
from tests.support.fake_connector import reply
from tests.support.world import World


def test_a_good_export_is_sent_in_batches_of_the_set_size() -> None:
    """25 records are sent as 10, 10 and 5, in order, unchanged."""
    world = World()
    world.upload("2026/11/22/lenel.json", export(25))
    world.run()
    outcome = world.outcome("2026/11/22/lenel.json")
    assert outcome.status is Status.SUCCEEDED
    assert outcome.records is not None
    assert (outcome.records.read, outcome.records.sent) == (25, 25)
    assert [len(batch) for batch in world.connector.taken] == [10, 10, 5]
    assert [one for batch in world.connector.taken for one in batch] == [
        record(number) for number in range(1, 26)
    ]
    assert outcome.summary == "25 of 25 records sent."


def test_a_single_record_goes_out_as_an_array_of_one() -> None:
    """One object alone, as PowerShell writes it, is sent as an array."""
    world = World()
    world.upload("one.json", json.dumps(record(1)).encode())
    world.run()
    assert world.connector.bodies == [b"[" + json.dumps(record(1)).encode() + b"]"]


def test_bad_records_are_set_aside_with_content_and_reasons() -> None:
    """The good records are sent; the bad one lies in the rejected file, ready to be corrected."""
    world = World()
    world.upload("day.json", export(3, bad=(2,)))
    world.run()
    outcome = world.outcome("day.json")
    assert outcome.status is Status.PARTIALLY_SUCCEEDED
    assert outcome.summary == "2 of 3 records sent; 1 rejected: AccessStatus must be Success or Failed."
    assert outcome.batches[0].first == 1
    assert outcome.batches[0].last == 3
    assert world.rejected("day.json") == [
        {
            "record": 2,
            "errors": [
                {"property": "AccessStatus", "code": "not-allowed", "reason": "must be Success or Failed"}
            ],
            "content": record(2, AccessStatus="Granted"),
        }
    ]


def test_a_corrected_rejected_file_is_an_export() -> None:
    """Correcting `content` in place and uploading the file again sends what was missing."""
    world = World()
    world.upload("day.json", export(3, bad=(2,)))
    world.run()
    blob = world.outcome("day.json").rejections.blob or ""
    world.upload("corrected.jsonl", world.results.data(blob).replace(b"Granted", b"Success"))
    world.run()
    assert world.outcome("corrected.jsonl").status is Status.SUCCEEDED
    assert world.connector.taken[-1] == [record(2, AccessStatus="Success")]


def test_an_empty_array_is_a_closed_day() -> None:
    """`[]` succeeds with 0 records and no request, on every closed day anew."""
    world = World()
    for name in ("saturday.json", "sunday.json"):
        world.upload(name, b"[]")
    world.run()
    assert [world.outcome(name).status for name in ("saturday.json", "sunday.json")] == [Status.SUCCEEDED] * 2
    assert world.connector.requests == []


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        pytest.param("day.json", b'[{"UserId": "a@b"', "truncated", id="half-written"),
        pytest.param("day.json", b" \n", "empty-export", id="white space"),
        pytest.param("day.json", b'{"records": [{}]}', "wrong-top-level", id="envelope"),
        pytest.param("day.json", b"UserId,AssetId\n", "not-json", id="csv"),
        pytest.param("day.json.gz", b"\x1f\x8bnothing", "broken-gzip", id="broken gzip"),
        pytest.param("day.xlsx", b"PK", "not-an-export", id="spreadsheet"),
        pytest.param("a/../day.json", export(1), "unsafe-name", id="dots in the name"),
        pytest.param("day.json", export(3, bad=(1, 2)), "too-many-invalid", id="two of three invalid"),
        pytest.param("day.json", export(1, bad=(1,)), "too-many-invalid", id="none valid"),
    ],
)
def test_what_cannot_be_sent_is_rejected(name: str, data: bytes, code: str) -> None:
    """A bad export leaves an outcome with a code, sends nothing, makes no ledger, and raises nothing."""
    world = World()
    outcome = world.process(world.upload(name, data))
    assert outcome is not None
    assert outcome.status is Status.REJECTED
    assert outcome.error is not None
    assert outcome.error.code == code
    assert world.connector.requests == []
    assert world.ledgers() == []


def test_of_a_rejected_export_the_first_thousand_bad_records_are_kept() -> None:
    """A completely wrong export does not fill the results container."""
    world = World()
    world.upload("day.json", array(record(number, AccessStatus="Granted") for number in range(1, 1_501)))
    world.run()
    assert len(world.rejected("day.json")) == 1_000
    assert world.outcome("day.json").rejections.by_reason[0].records == 1_500


@pytest.mark.parametrize("name", ["day.json.tmp", "day.part", "day.json.filepart", "folder/"])
def test_uploads_on_their_way_are_left_alone(name: str) -> None:
    """Unfinished names and folders leave no outcome at all."""
    world = World()
    assert world.process(world.upload(name, b"[")) is None
    assert world.results.names() == []


def test_an_empty_blob_is_left_alone_while_it_is_young() -> None:
    """SFTP announces a file before its content; after a minute an empty file is an empty export."""
    world = World()
    message = world.upload("day.json", b"")
    assert world.process(message) is None
    world.clock.sleep(61)
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.error is not None
    assert outcome.error.code == "empty-export"


def test_a_final_outcome_is_not_processed_again() -> None:
    """The same message twice makes one set of requests and one outcome."""
    world = World()
    message = world.upload("day.json", export(3))
    world.run()
    assert world.process(message) is None
    assert len(world.connector.requests) == 1


def test_the_same_bytes_under_another_name_are_a_duplicate() -> None:
    """Content that was sent is not sent again; the outcome says under which name it went."""
    world = World()
    world.upload("monday.json", export(3))
    world.run()
    world.upload("copy of monday.json", export(3))
    world.run()
    outcome = world.outcome("copy of monday.json")
    assert outcome.status is Status.DUPLICATE
    assert outcome.duplicate_of is not None
    assert outcome.duplicate_of.name == "monday.json"
    assert outcome.summary == "This content was sent before, as monday.json."
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.unsent) == (0, 3)
    assert len(world.connector.requests) == 1


def test_new_content_under_the_same_name_is_sent() -> None:
    """Of a cumulative file under the same name only what is new is sent."""
    world = World()
    world.upload("today.json", export(3))
    world.run()
    world.upload("today.json", export(5))
    world.run()
    assert world.outcome("today.json").status is Status.SUCCEEDED
    assert [len(batch) for batch in world.connector.taken] == [3, 2]


def test_replies_and_what_they_report_are_in_the_outcome() -> None:
    """RecordsSaved and RecordsSkipped add up; skipped records make it a partial success with a warning."""
    world = World()
    body = json.dumps({"RecordsSaved": 9, "recordsskipped": 1}).encode()
    world.connector.always = reply(200, body)
    world.upload("day.json", export(20))
    world.run()
    outcome = world.outcome("day.json")
    assert outcome.status is Status.PARTIALLY_SUCCEEDED
    assert outcome.reported is not None
    assert (outcome.reported.records_saved, outcome.reported.records_skipped) == (18, 2)
    assert outcome.replies == [body.decode()]
    assert [batch.reply for batch in outcome.batches] == [0, 0]
    assert [warning.code for warning in outcome.warnings] == ["records-skipped"]


def test_event_times_in_the_future_are_a_warning() -> None:
    """Local times written without an offset mostly show as times after the export was made."""
    world = World()
    world.upload("day.json", array([record(1, EventTime="2026-11-22T05:06:00")]))
    world.run()
    assert [warning.code for warning in world.outcome("day.json").warnings] == ["events-in-the-future"]


def test_one_message_with_several_events_is_several_attempts() -> None:
    """An array of events is read as one export each."""
    world = World()
    blobs = [world.exports.put(f"{number}.json", export(1, first=number)) for number in (1, 2)]
    for blob in blobs:
        world.announce(Message(blob.name, blob.etag))
    world.run()
    assert [world.outcome(blob.name).status for blob in blobs] == [Status.SUCCEEDED] * 2
