"""The log lines: one an export, one a sweep, with figures beside the text and nothing personal in either."""

import logging
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from local.graph import Graph
from shared.delivery.event_days import Events
from shared.delivery.outcome import (
    Batch,
    Error,
    Export,
    Notice,
    Outcome,
    Reason,
    Records,
    Rejections,
    Remap,
    SourceVersion,
)
from shared.delivery.people_refresh import refresh_people
from shared.delivery.sweep_events import SOURCES_UNREADABLE
from shared.delivery.sweep_result import SweepResult
from shared.error_codes import Status
from shared.log import OUTCOME_UNREADABLE, REPORT_FAILED, say
from shared.report.publish import publish
from shared.sources.silence import Due, Standing
from shared.telemetry import log_events
from shared.telemetry.names import ATTRIBUTES, EVENTS
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer
from tests.support.graph_session import graph_users, user
from tests.support.reports import no_sources
from tests.support.world import World

BATCH = Batch(
    index=0, first=1, last=3, records=2, bytes=9, sha256="a", http_status=200, requests=2, possible_copies=1,
    accepted_at=None, reply=None,
)  # fmt: skip
OUTCOME = Outcome(
    status=Status.SUCCEEDED,
    summary="3 of 3 records sent.",
    export=Export(container="badging-exports", name="day.json", etag="0x1", bytes=412),
    records=Records(read=3, sent=3),
    batches=[BATCH, BATCH],
    attempts=2,
    job_id="33333333-3333-3333-3333-333333333333",
    invocation_id="an-invocation",
    version="1.0.0",
    started_at="2026-11-22T05:00:02Z",
)

SILENT = Standing(
    last=datetime(2026, 11, 23, 5, tzinfo=UTC),
    has_exported=True,
    newest_event=datetime(2026, 11, 23, 4, 58, 40, 500_000, tzinfo=UTC),
    due=[
        Due(
            begins=datetime(2026, 11, 24, tzinfo=UTC),
            by=datetime(2026, 11, 24, 6, tzinfo=UTC),
            missing=1,
            before=datetime(2026, 11, 23, tzinfo=UTC),
            missing_before=1,
        )
    ],
    every=None,
    late=True,
)


def attributes(record: logging.LogRecord) -> dict[str, Any]:
    """What travels beside a line's text."""
    return {name: value for name, value in vars(record).items() if name in ATTRIBUTES}


def outcome(status: Status, **changes: Any) -> Outcome:
    """The outcome above, changed."""
    return msgspec.structs.replace(OUTCOME, status=status, **changes)


@pytest.mark.parametrize(
    ("status", "level"),
    [
        (Status.SUCCEEDED, logging.INFO),
        (Status.DUPLICATE, logging.INFO),
        (Status.IN_PROGRESS, logging.INFO),
        (Status.PARTIALLY_SUCCEEDED, logging.WARNING),
        (Status.FAILED, logging.WARNING),
        (Status.REJECTED, logging.ERROR),
        (Status.BLOCKED, logging.ERROR),
    ],
)
def test_the_level_follows_the_status(status: Status, level: int, caplog: pytest.LogCaptureFixture) -> None:
    """What a person must fix is an error, what may need an attempt is a warning."""
    with caplog.at_level(logging.INFO):
        log_events.export_finished(outcome(status), 1.5)
    assert [record.levelno for record in caplog.records] == [level]
    assert caplog.messages == [f"export finished: {status.value} day.json: 3 of 3 records sent."]


def test_the_summary_line_carries_the_outcome_s_figures(caplog: pytest.LogCaptureFixture) -> None:
    """Every attribute the names promise is there, with the outcome's own figure."""
    finished = outcome(
        Status.PARTIALLY_SUCCEEDED,
        retry="auto",
        error=Error(code="connector-throttled", message="m", help="h"),
        records=Records(
            read=15, sent=4, rejected=3, refused=1, unconfirmed=1, unsent=1, ignored=3, repeated=2
        ),
        events=Events(first="2026-11-21T22:03:11", last="2026-11-22T04:58:40.5"),
        export=Export(
            container="badging-exports",
            name="day.json",
            etag="0x1",
            bytes=412,
            last_modified="2026-11-22T05:00:01Z",
        ),
        source=SourceVersion("munich", "ab" * 32, {"people.csv": "cd" * 32, "/people.csv": "ef" * 32}),
        warnings=[
            Notice(code="events-in-the-future", message="m"),
            Notice(code="records-skipped", message="m"),
        ],
        rejections=Rejections(
            by_reason=[
                Reason(property="UserId", code="c", reason="must be there", records=1),
                Reason(property=None, code="c", reason="was refused (400)", records=3),
            ]
        ),
    )
    with caplog.at_level(logging.INFO):
        log_events.export_finished(finished, 1.23456)
    assert attributes(caplog.records[0]) == {
        "event": "export finished",
        "status": "PartiallySucceeded",
        "final": True,
        "trigger": "upload",
        "export": "day.json",
        "invocation_id": "an-invocation",
        "code": "connector-throttled",
        "retry": "auto",
        "top_reason": "record was refused (400)",
        "read": 15,
        "sent": 4,
        "rejected": 3,
        "refused": 1,
        "unconfirmed": 1,
        "unsent": 1,
        "ignored": 3,
        "repeated": 2,
        "source": "munich",
        "profile": "abababababababab",
        "people": "efefefefefefefef,cdcdcdcdcdcdcdcd",
        "uploaded": "2026-11-22T05:00:01Z",
        "newest_event": "2026-11-22T04:58:40.5",
        "batches": 2,
        "requests": 4,
        "possible_copies": 2,
        "warnings": "events-in-the-future,records-skipped",
        "attempts": 2,
        "duration_seconds": 1.235,
        "export_bytes": 412,
    }


def test_an_export_that_could_not_be_read_has_zeros(caplog: pytest.LogCaptureFixture) -> None:
    """Without figures in the outcome the line has zeros and empty texts, so that a query adds up."""
    gone = outcome(Status.BLOCKED, records=None, batches=[], export=Export(container="c", name="n", etag="e"))
    with caplog.at_level(logging.INFO):
        log_events.export_finished(gone, 0.0)
    assert attributes(caplog.records[0]) | {"read": 0, "export_bytes": 0, "top_reason": "", "code": ""} == (
        attributes(caplog.records[0])
    )


def test_a_name_with_control_characters_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """An export's name cannot forge a second line."""
    forged = outcome(Status.REJECTED, export=Export(container="c", name="a\nexport finished: b", etag="e"))
    with caplog.at_level(logging.INFO):
        log_events.export_finished(forged, 0.0)
    assert "\n" not in caplog.messages[0]


def test_a_sweep_is_one_line_and_one_for_each_thing_to_know(caplog: pytest.LogCaptureFixture) -> None:
    """Exports about to be deleted are errors, an unknown expiry is a warning, the sweep itself is information."""
    sweep_result = SweepResult(
        2,
        ["old.json"],
        Counter({"Failed": 3, "Blocked": 1}),
        secret_days_left=12.34,
        expiry_problem="It has no expiry date.",
    )
    with caplog.at_level(logging.INFO):
        log_events.sweep_finished(sweep_result)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        (
            "ERROR",
            "export expiring: old.json: it waits on purpose, and storage deletes the export within 10 days",
        ),
        ("WARNING", "secret expiry unknown: It has no expiry date."),
        ("INFO", "sweep finished: 2 queued, 4 waiting"),
    ]
    assert attributes(caplog.records[-1]) == {
        "event": "sweep finished",
        "queued": 2,
        "remaps": 0,
        "remaps_left": 0,
        "waiting": 4,
        "expiring": 1,
        "days_left": 12.3,
    }


def test_what_a_sweep_leaves_for_the_next_one_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """Exports to be tried under a changed mapping; those that were queued count among its messages."""
    with caplog.at_level(logging.INFO):
        log_events.sweep_finished(SweepResult(queued=1_002, remaps_due=1_300, remaps_left=300))
    assert caplog.messages == [
        "sweep finished: 1002 queued, 0 waiting; 300 to be tried under a changed mapping by the next one"
    ]
    assert attributes(caplog.records[0])["remaps"] == 1_000


@pytest.mark.parametrize(
    ("passes", "warnings", "level", "sent"),
    [
        ([], [], "INFO", 0),
        ([], [Notice(code="remap-stopped", message="No.")], "WARNING", 0),
        (
            [Remap(ledger=None, mapping="9f", at="2026-11-23T05:00:00Z", tried=3, sent=2, possible_copies=0)],
            [],
            "INFO",
            2,
        ),
    ],
)
def test_a_pass_over_rejected_records_is_one_line(
    caplog: pytest.LogCaptureFixture, passes: list[Remap], warnings: list[Notice], level: str, sent: int
) -> None:
    """Information; a warning if it could not be made."""
    before = msgspec.structs.replace(OUTCOME, records=Records(read=5, sent=2, rejected=3))
    records = Records(read=5, sent=2 + sent, rejected=3 - sent)
    after = msgspec.structs.replace(before, records=records, passes=passes, warnings=warnings)
    with caplog.at_level(logging.INFO):
        log_events.remap_finished(before, after, 1.23456)
    (line,) = caplog.records
    assert (line.levelname, attributes(line)["duration_seconds"]) == (level, 1.235)
    assert caplog.messages[0].endswith(f": {sent} of 3 rejected records sent; {3 - sent} still rejected")


def test_what_a_source_owes_is_a_line_each(caplog: pytest.LogCaptureFixture) -> None:
    """In UTC, with what was seen of the source so far: the alert holds later exports against it."""
    with caplog.at_level(logging.INFO):
        log_events.sweep_finished(SweepResult(standings={"munich": SILENT}))
    assert caplog.messages[0] == "source due: munich by 2026-11-24T06:00:00Z"
    assert attributes(caplog.records[0]) == {
        "event": "source due",
        "source": "munich",
        "from": "2026-11-24T00:00:00Z",
        "by": "2026-11-24T06:00:00Z",
        "missing": 1,
        "from_before": "2026-11-23T00:00:00Z",
        "missing_before": 1,
        "every_hours": 0,
        "last_upload": "2026-11-23T05:00:00Z",
        "last_event": "2026-11-23T04:58:40.500000+00:00",
    }


def test_an_expiry_nobody_knows_is_empty(caplog: pytest.LogCaptureFixture) -> None:
    """No figure is made up."""
    with caplog.at_level(logging.INFO):
        log_events.sweep_finished(SweepResult())
    assert attributes(caplog.records[0])["days_left"] == ""


def test_a_failed_invocation_is_an_error_with_a_code(caplog: pytest.LogCaptureFixture) -> None:
    """The exception that leaves the function has no detail; this line has."""
    log_events.invocation_failed("storage", "day.json", "storage answers 403 (AuthorizationFailure)")
    assert attributes(caplog.records[0]) == {
        "event": "invocation failed",
        "code": "storage",
        "export": "day.json",
    }
    assert caplog.messages == ["invocation failed: storage: storage answers 403 (AuthorizationFailure)"]


def test_every_line_has_exactly_the_attributes_its_event_promises(caplog: pytest.LogCaptureFixture) -> None:
    """`names` is what is logged: nothing more, nothing less."""
    promised = {event.name: set(event.attributes) for event in EVENTS}
    with caplog.at_level(logging.INFO):
        log_events.export_finished(OUTCOME, 0.0)
        log_events.remap_finished(OUTCOME, OUTCOME, 0.0)
        log_events.sweep_finished(
            SweepResult(expiring=["old.json"], expiry_problem="unknown", standings={"munich": SILENT})
        )
        say(logging.WARNING, SOURCES_UNREADABLE, "storage answers 403")
        world = World()
        refresh_people(world.sources, graph_users(Graph([user(1)]), world.clock))
        refresh_people(world.sources, graph_users(Graph([]), world.clock))
        log_events.invocation_failed("bug", "-", "KeyError in look:1; please report this")
        say(
            logging.WARNING,
            OUTCOME_UNREADABLE,
            "outcomes/day.json/0x1.json",
            outcome="outcomes/day.json/0x1.json",
        )
        say(logging.WARNING, REPORT_FAILED, "storage answers 403")
        publish(FakeContainer("badging-results", FakeClock()), FakeClock(), UTC, no_sources(FakeClock()))
    said = {attributes(record)["event"]: set(attributes(record)) for record in caplog.records}
    assert said == promised
    plain = set(vars(logging.makeLogRecord({}))) | {"message"}
    for record in caplog.records:
        assert set(vars(record)) - plain <= set(ATTRIBUTES)


def test_libraries_are_quiet() -> None:
    """urllib3 would log the connector's path with its query; azure-identity what Entra ID answered."""
    log_events.quiet_libraries()
    assert not logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.WARNING)
    assert not logging.getLogger("azure.identity").isEnabledFor(logging.WARNING)
    assert logging.getLogger("gatepost").isEnabledFor(logging.INFO)
