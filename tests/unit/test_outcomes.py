"""The outcome as a document: a strict schema, a sample, metadata, what a reader may meet."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from shared.clock import utc_text, utc_time
from shared.delivery import outcome as outcomes
from shared.delivery.event_days import DayRecords, Events
from shared.delivery.outcome import Export, Outcome, Records, SourceVersion
from shared.delivery.outcome_error import error_of
from shared.delivery.outcome_metadata import metadata
from shared.error_codes import ERROR_CODES, BlockedCode, FailedCode, RejectedCode, Status
from shared.errors import ActionRequiredError, ExportError, Place, TransientError
from tests.support.outcome_schema import outcome_validator

SAMPLE = """
{
  "schemaVersion": 1,
  "status": "PartiallySucceeded",
  "retry": null,
  "summary": "2 of 3 records sent; 1 rejected: AccessStatus must be Success or Failed.",
  "export": {"container": "badging-exports", "name": "2026/11/22/lenel.json", "etag": "0x8DE2A...", "bytes": 412,
             "sha256": "9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c", "lastModified": "2026-11-22T05:00:01Z"},
  "records": {"read": 3, "sent": 2, "rejected": 1, "refused": 0, "unconfirmed": 0, "unsent": 0, "ignored": 0, "repeated": 0},
  "events": {"first": "2026-11-21T22:03:11", "last": "2026-11-22T04:58:40",
             "byDay": {"2026-11-21": {"sent": 1, "repeated": 0}, "2026-11-22": {"sent": 1, "repeated": 0}}},
  "source": null, "ignored": [], "unknownWords": [], "unknownKeys": 0, "mappingTried": null,
  "inDoubtElsewhere": 0, "passes": [],
  "reported": null,
  "batches": [{"index": 0, "first": 1, "last": 3, "records": 2, "bytes": 271,
               "sha256": "51aa51aa51aa51aa51aa51aa51aa51aa51aa51aa51aa51aa51aa51aa51aa51aa", "httpStatus": 200,
               "requests": 1, "possibleCopies": 0, "acceptedAt": "2026-11-22T05:00:03Z", "reply": 0}],
  "replies": ["..."],
  "rejections": {"blob": "rejected/2026/11/22/lenel.json/0x8DE2A....jsonl",
                 "byReason": [{"property": "AccessStatus", "code": "not-allowed", "reason": "must be Success or Failed", "records": 1}]},
  "warnings": [],
  "error": null,
  "ledger": null, "retryFrom": null, "duplicateOf": null, "requests": [], "before": null,
  "attempts": 1, "unfinishedStarts": 0, "nextAttemptAt": null,
  "trigger": "upload", "jobId": "...", "invocationId": "...", "version": "2.0.0",
  "startedAt": "2026-11-22T05:00:02Z", "firstFinishedAt": null, "finishedAt": "2026-11-22T05:00:03Z", "durationSeconds": 1.2
}
"""


def _full() -> dict[str, Any]:
    """A document in which nothing is null or empty."""
    document: dict[str, Any] = json.loads(SAMPLE)
    return document | {
        "retry": "auto",
        "reported": {"recordsSaved": 2, "recordsSkipped": 0},
        "warnings": [{"code": "possible-copies", "message": "..."}],
        "error": {"code": "truncated", "message": "...", "help": "...", "line": 1, "column": 1, "offset": 0, "record": 1},
        "duplicateOf": {"name": "a.json", "etag": "1"},
        "source": {"name": "oslo", "profile": "9f2c" * 16, "people": {"people.csv": "51aa" * 16}},
        "ignored": [{"code": "rule", "records": 1}],
        "unknownWords": [{"word": "Granted", "records": 1}],
        "mappingTried": "51aa" * 16,
        "passes": [
            {"ledger": "9f2c" * 16, "mapping": "51aa" * 16, "at": "2026-11-23T05:00:01Z", "tried": 2, "sent": 1, "possibleCopies": 0}
        ],
        "firstFinishedAt": "2026-11-22T05:00:03Z",
        "ledger": "9f2c" * 16,
        "retryFrom": "2026-11-22T05:00:01Z",
        "requests": [
            {"id": "0b7c2a52-1111-4222-8333-444455556666", "kind": "resend", "askedAt": "2026-11-22T05:00:01Z", "result": "begun"}
        ],
        "before": json.loads(SAMPLE),
        "nextAttemptAt": "2026-11-22T05:05:00Z",
    }  # fmt: skip


def _objects(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all objects in a document."""
    if isinstance(node, dict):
        yield path
        for key, value in node.items():
            yield from _objects(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _objects(value, (*path, index))


def _at(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


def test_the_schema_is_a_good_schema() -> None:
    """It is held against its own dialect."""
    Draft202012Validator.check_schema(outcome_validator().schema)


@pytest.mark.parametrize("text", [SAMPLE, json.dumps(_full())])
def test_the_documented_outcome_is_valid_and_is_read_and_written_as_it_stands(text: str) -> None:
    """Same properties, same order, same values."""
    document = json.loads(text)
    outcome_validator().validate(document)
    written = outcomes.encode(outcomes.decode(text.encode()))
    assert json.loads(written) == document
    assert list(json.loads(written)) == list(json.loads(SAMPLE))
    assert written.startswith(b'{\n  "schemaVersion": 1,\n')


@pytest.mark.parametrize("path", list(_objects(_full())))
def test_no_object_may_have_more_or_less_than_the_schema_says(path: tuple[Any, ...]) -> None:
    """A property too many is an error at every depth, and so is each one that is missing; days are no properties."""
    for missing in [] if path[-1:] in {("byDay",), ("people",)} else list(_at(_full(), path)):
        less = _full()
        del _at(less, path)[missing]
        assert not outcome_validator().is_valid(less), missing
    more = _full()
    _at(more, path)["colour"] = "red"
    assert not outcome_validator().is_valid(more)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schemaVersion",), 2),
        (("status",), "Sideways"),
        (("retry",), "never"),
        (("attempts",), -1),
        (("attempts",), 1.5),
        (("startedAt",), "2026-11-22T05:00:02+00:00"),
        (("startedAt",), None),
        (("finishedAt",), "yesterday"),
        (("nextAttemptAt",), "2026-11-22T05:05:00.5Z"),
        (("trigger",), "cron"),
        (("requests", 0, "kind"), "delete"),
        (("requests", 0, "result"), "maybe"),
        (("requests", 0, "id"), "g"),
        (("ledger",), "9f2c"),
        (("inDoubtElsewhere",), -1),
        (("before", "status"), "Sideways"),
        (("records", "sent"), -1),
        (("export", "sha256"), "9f2c"),
        (("batches", 0, "sha256"), None),
        (("replies",), ["."] * 21),
        (("replies", 0), "x" * 4_001),
        (("durationSeconds",), -0.1),
    ],
)
def test_values_are_held_to_the_schema(path: tuple[Any, ...], value: Any) -> None:
    """Types, ranges, forms of time and hash, and the limits on replies."""
    document = _full()
    _at(document, path[:-1])[path[-1]] = value
    assert not outcome_validator().is_valid(document)


def test_statuses_of_schema_and_code_are_the_same() -> None:
    """Neither knows one the other does not."""
    schema: Any = outcome_validator().schema
    assert schema["properties"]["status"]["enum"] == [status.value for status in Status]


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"{", b'"x"', b"\xff\xfe", SAMPLE.replace('"Part', '"part').encode()]
)
def test_what_is_no_outcome_is_an_error_of_one_kind(data: bytes) -> None:
    """Whatever the bytes."""
    with pytest.raises(msgspec.MsgspecError):
        outcomes.decode(data)


def test_unknown_properties_are_passed_over() -> None:
    """A newer program may add some within a schema version."""
    assert outcomes.decode(SAMPLE.replace('"retry"', '"colour": "red", "retry"', 1).encode()).retry is None


def _outcome(**changes: Any) -> Outcome:
    made = Outcome(
        status=Status.IN_PROGRESS,
        export=Export(container="c", name="n", etag="e"),
        job_id="j",
        invocation_id="i",
        version="1.0.0",
        started_at="2026-11-22T05:00:00Z",
    )
    return msgspec.structs.replace(made, **changes)


def test_metadata_shows_what_a_listing_needs() -> None:
    """Names in lower case, as Azure allows; empty where there is nothing; never a name or a summary."""
    source = SourceVersion(name="oslo", profile="9f2c" * 16, people={"people.csv": "51aa" * 16})
    done = _outcome(
        status=Status.FAILED,
        retry="auto",
        summary="secret",
        export=Export(container="c", name="n", etag="e", last_modified="2026-11-22T03:59:59Z"),
        source=source,
        records=Records(read=3, sent=2, rejected=1),
        events=Events(by_day={"2026-11-22": DayRecords(), "2026-11-21": DayRecords(sent=2)}),
        finished_at="2026-11-22T05:00:03Z",
        next_attempt_at="2026-11-22T05:05:03Z",
        retry_from="2026-11-22T04:00:00Z",
        error=error_of(TransientError(FailedCode.CONNECTOR_THROTTLED, "secret")),
    )
    assert metadata(done) == {
        "status": "Failed",
        "retry": "auto",
        "code": "connector-throttled",
        "recordssent": "2",
        "recordsrejected": "1",
        "finishedat": "2026-11-22T05:00:03Z",
        "nextattemptat": "2026-11-22T05:05:03Z",
        "retryfrom": "2026-11-22T04:00:00Z",
        "events": "2026-11-21=2 2026-11-22=0",
        "source": "oslo",
        "mapping": source.mapping,
        "uploadedat": "2026-11-22T03:59:59Z",
    }
    assert metadata(_outcome()) == dict.fromkeys(metadata(done), "") | {"status": "InProgress"}


def test_an_error_carries_help_and_place() -> None:
    """Places are null where they do not apply."""
    error = error_of(ExportError(RejectedCode.TRUNCATED, "It ends.", place=Place(3, 7, 61, 2)))
    assert (error.code, error.message, error.help) == ("truncated", "It ends.", ERROR_CODES["truncated"].help)
    assert (error.line, error.column, error.offset, error.record) == (3, 7, 61, 2)
    plain = error_of(ActionRequiredError(BlockedCode.VAULT_FORBIDDEN, "No."))
    assert (plain.line, plain.column, plain.offset, plain.record) == (None, None, None, None)


@pytest.mark.parametrize("hours", [-11, 0, 5.5])
def test_times_are_written_in_utc_to_the_second(hours: float) -> None:
    """Whatever zone a moment comes in; read back it is the same moment."""
    zone = timezone(timedelta(hours=hours))
    moment = datetime(2026, 11, 22, 5, 0, 1, 999_999, tzinfo=UTC).astimezone(zone)
    assert utc_text(moment) == "2026-11-22T05:00:01Z"
    assert utc_time(utc_text(moment)) == moment.replace(microsecond=0)
    assert utc_time("2026-11-22T05:00:01") == utc_time("2026-11-22T05:00:01Z")
