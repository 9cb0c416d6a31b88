"""Alerts fire when they should and only then: their queries, run on telemetry as the code writes it."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb_kql
import pytest

from infra.workbook import QUERIES
from shared.telemetry.names import ATTRIBUTES

FIGURES = (
    'let rejected_percent = {rejected};\nlet no_records_hours = {hours};\nlet data_account = "stdata";\n'
)


class Telemetry:
    """The tables of Application Insights and of the workspace; times are hours ago."""

    def __init__(self) -> None:
        self._database = duckdb_kql.connect()
        self._database.sql("set threads = 1")
        self._database.sql("create table traces(timestamp timestamp, message varchar, customDimensions json)")
        self._database.sql(
            "create table customMetrics(timestamp timestamp, name varchar, value double, valueSum double, "
            "valueCount integer, valueMax double, customDimensions json)"
        )
        self._database.sql(
            "create table StorageQueueLogs(TimeGenerated timestamp, AccountName varchar, OperationName varchar, "
            "StatusCode varchar, Uri varchar)"
        )

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def export(self, name: str, status: str, hours_ago: float, **attributes: object) -> None:
        """The line at the end of an attempt."""
        final = status in {
            "Succeeded",
            "PartiallySucceeded",
            "Duplicate",
            "Rejected",
            "Superseded",
            "GivenUp",
        }
        values = {"export": name, "status": status, "final": final} | attributes
        assert set(values) <= set(ATTRIBUTES)
        text = {key: str(value) for key, value in values.items()}  # attributes arrive as text
        self.line(f"export finished: {status} {name}: what happened.", hours_ago, text)

    def line(self, message: str, hours_ago: float, dimensions: dict[str, str] | None = None) -> None:
        """Any log line."""
        self._insert("traces", hours_ago, message, json.dumps(dimensions or {}))

    def metric(self, name: str, value: float, hours_ago: float) -> None:
        """One measurement, as the exporter sends it: a sum of one."""
        self._insert("customMetrics", hours_ago, name, value, value, 1, value, "{}")

    def queue_log(self, operation: str, hours_ago: float, path: str, **columns: str) -> None:
        """One line of the data account's log."""
        uri = f"https://stdata.queue.example.com:443/{path}"
        row = {"account": "stdata", "status": "201"} | columns
        self._insert("StorageQueueLogs", hours_ago, row["account"], operation, row["status"], uri)

    def found(self, alert: str, *, rejected: int = 5, hours: int = 26) -> list[dict[str, Any]]:
        """The rows an alert's query returns now."""
        query = (
            FIGURES.format(rejected=rejected, hours=hours) + (QUERIES / "alerts" / f"{alert}.kql").read_text()
        )
        result = duckdb_kql.kql(self._database, query)
        return [dict(zip(result.columns, row, strict=True)) for row in result.fetchall()]

    def _insert(self, table: str, hours_ago: float, *values: object) -> None:
        marks = ", ".join("?" for _ in values)
        self._database.execute(
            f"insert into {table} values (now()::timestamp - to_seconds(?), {marks})",  # noqa: S608  (our own table names)
            [hours_ago * 3600, *values],
        )


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    """Empty tables, closed afterwards."""
    tables = Telemetry()
    yield tables
    tables.close()


def test_rejected_is_told_export_by_export(telemetry: Telemetry) -> None:
    """Each export whose last attempt ended as Rejected, with its code."""
    telemetry.export("a.json", "Rejected", 5, code="broken-json", top_reason="")
    telemetry.export("b.json", "Rejected", 4, code="too-many-invalid", top_reason="UserId is missing")
    telemetry.export("c.json", "Succeeded", 3, code="")
    assert sorted(row["export"] for row in telemetry.found("export-rejected")) == ["a.json", "b.json"]


def test_rejected_is_over_when_the_corrected_export_goes_well(telemetry: Telemetry) -> None:
    """The same name, uploaded again."""
    telemetry.export("a.json", "Rejected", 5, code="broken-json")
    telemetry.export("a.json", "Succeeded", 1, code="")
    assert telemetry.found("export-rejected") == []


def test_blocked_is_told_code_by_code(telemetry: Telemetry) -> None:
    """A wrong secret blocks every export but is one thing to fix."""
    for name in ("a.json", "b.json"):
        telemetry.export(name, "Blocked", 5, code="secret-refused", retry="auto")
    telemetry.export("c.json", "Blocked", 5, code="job-mismatch", retry="auto")
    rows = {row["code"]: row["exports"] for row in telemetry.found("export-blocked")}
    assert rows == {"secret-refused": 2, "job-mismatch": 1}


def test_blocked_is_over_when_a_later_attempt_goes_well(telemetry: Telemetry) -> None:
    """Corrected, tried again by the sweep, sent."""
    telemetry.export("a.json", "Blocked", 20, code="secret-refused", retry="auto")
    telemetry.export("a.json", "Succeeded", 1, code="", retry="")
    assert telemetry.found("export-blocked") == []


def test_given_up_counts_as_blocked(telemetry: Telemetry) -> None:
    """The sweep closes it without an attempt, so its own line is all there is."""
    telemetry.export("a.json", "Failed", 20, code="connector-unavailable", retry="auto")
    telemetry.line("export given up: a.json", 1, {"export": "a.json"})
    [row] = telemetry.found("export-blocked")
    assert (row["code"], row["retry"]) == ("retries-exhausted", "person")


def test_failed_is_told_after_six_hours_of_nothing_else(telemetry: Telemetry) -> None:
    """Tried every hour without success; the code of the last try is named."""
    for hours_ago in (8, 7, 6, 5, 4, 3, 2):
        telemetry.export("a.json", "Failed", hours_ago, code="connector-unavailable")
    telemetry.export("a.json", "Failed", 1, code="entra-unavailable")
    [row] = telemetry.found("export-failed-for-hours")
    assert (row["code"], row["exports"], row["hours"]) == ("entra-unavailable", 1, 8)


def test_failed_is_not_told_before(telemetry: Telemetry) -> None:
    """Five hours are no news; nor is a failure that began anew after the export was blocked or sent."""
    telemetry.export("a.json", "Failed", 5, code="connector-unavailable")
    telemetry.export("b.json", "Failed", 30, code="connector-unavailable")
    telemetry.export("b.json", "Succeeded", 10, code="")
    telemetry.export("b.json", "Failed", 2, code="connector-unavailable")
    assert telemetry.found("export-failed-for-hours") == []


def test_failed_is_over_when_it_was_sent(telemetry: Telemetry) -> None:
    """The outage passed."""
    telemetry.export("a.json", "Failed", 10, code="connector-unavailable")
    telemetry.export("a.json", "Succeeded", 1, code="")
    assert telemetry.found("export-failed-for-hours") == []


def test_failed_is_told_even_when_the_tries_have_stopped(telemetry: Telemetry) -> None:
    """An app that is down says nothing: the last word still is Failed."""
    telemetry.export("a.json", "Failed", 9, code="connector-unavailable")
    assert len(telemetry.found("export-failed-for-hours")) == 1


def test_a_share_of_rejected_records_is_told(telemetry: Telemetry) -> None:
    """6 of 100, rejected and refused together, are more than 5 percent; 5 are not."""
    telemetry.export("a.json", "PartiallySucceeded", 3, read=100, rejected=4, refused=2)
    assert [row["percent"] for row in telemetry.found("records-rejected")] == [6.0]
    telemetry.export("b.json", "Succeeded", 2, read=20, rejected=0, refused=0)
    assert telemetry.found("records-rejected") == []


def test_a_share_counts_an_export_once(telemetry: Telemetry) -> None:
    """Tries before the last one and older days do not count again."""
    telemetry.export("a.json", "Failed", 5, read=100, rejected=50, refused=0)
    telemetry.export("a.json", "PartiallySucceeded", 3, read=100, rejected=1, refused=0)
    telemetry.export("old.json", "PartiallySucceeded", 30, read=100, rejected=90, refused=0)
    assert telemetry.found("records-rejected") == []
    assert len(telemetry.found("records-rejected", rejected=0)) == 1


def test_no_records_is_told_after_its_hours(telemetry: Telemetry) -> None:
    """27 hours are more than 26, 25 are not."""
    telemetry.line("anything", 40)
    telemetry.metric("gatepost.records.sent", 100, 27)
    assert [row["hours"] for row in telemetry.found("no-records-sent")] == [27]
    telemetry.metric("gatepost.records.sent", 100, 25)
    assert telemetry.found("no-records-sent") == []


def test_no_records_knows_from_the_sweep_what_is_long_ago(telemetry: Telemetry) -> None:
    """With 74 hours, a weekend passes; a sweep 10 hours ago measured 70 hours since the last records."""
    telemetry.line("anything", 40)
    telemetry.metric("gatepost.export.age", 70, 10)
    assert len(telemetry.found("no-records-sent", hours=74)) == 1
    telemetry.metric("gatepost.export.age", 60, 10)
    assert telemetry.found("no-records-sent", hours=74) == []


def test_no_records_gives_a_new_app_time(telemetry: Telemetry) -> None:
    """Nothing was sent yet, but its first sign of life is two hours old; 27 hours later it is told."""
    telemetry.line("Host started", 2)
    assert telemetry.found("no-records-sent") == []
    telemetry.line("Host started", 27)
    assert len(telemetry.found("no-records-sent")) == 1


def test_no_records_is_told_of_an_app_without_any_sign_of_life(telemetry: Telemetry) -> None:
    """Two days of silence are no reason to be quiet."""
    assert len(telemetry.found("no-records-sent")) == 1


def test_a_missing_sweep_is_told(telemetry: Telemetry) -> None:
    """The last one finished 27 hours ago; 25 hours are in time; a new app is given its first day."""
    telemetry.line("Host started", 3)
    assert telemetry.found("sweep-missing") == []
    telemetry.line("sweep finished: 0 queued, 0 closed, 0 waiting", 27)
    assert [row["hours"] for row in telemetry.found("sweep-missing")] == [27]
    telemetry.line("sweep finished: 0 queued, 0 closed, 0 waiting", 25)
    assert telemetry.found("sweep-missing") == []


def test_a_missing_sweep_is_told_of_a_silent_app(telemetry: Telemetry) -> None:
    """No telemetry at all in two days."""
    assert len(telemetry.found("sweep-missing")) == 1


@pytest.mark.parametrize(
    ("days", "problem"),
    [
        (100, None),
        (31, None),
        (29, "the secret expires within 30 days"),
        (-1, "the secret has expired"),
    ],
)
def test_the_secrets_end_is_told(telemetry: Telemetry, days: float, problem: str | None) -> None:
    """From 30 days before, by the last sweep's measurement."""
    telemetry.metric("gatepost.secret.days_left", 365, 25)
    telemetry.line("sweep finished", 1)
    telemetry.metric("gatepost.secret.days_left", days, 1.01)
    assert [row["problem"] for row in telemetry.found("secret-expiry")] == ([problem] if problem else [])


def test_an_unknown_end_of_the_secret_is_told(telemetry: Telemetry) -> None:
    """A sweep that measured nothing does not know the date, whatever an earlier one measured."""
    telemetry.metric("gatepost.secret.days_left", 365, 25)
    telemetry.line("sweep finished", 1)
    assert [row["problem"] for row in telemetry.found("secret-expiry")] == ["the expiry date is unknown"]


def test_the_secret_is_no_news_before_the_first_sweep(telemetry: Telemetry) -> None:
    """Nobody has looked yet."""
    assert telemetry.found("secret-expiry") == []


def test_a_poison_message_is_told_until_it_is_taken_away(telemetry: Telemetry) -> None:
    """Put by the host; deleted by a person."""
    telemetry.queue_log("PutMessage", 5, "badging-exports-poison/messages")
    assert [row["messages"] for row in telemetry.found("poison-queue")] == [1]
    telemetry.queue_log("DeleteMessage", 4, "badging-exports-poison/messages/1", status="204")
    assert telemetry.found("poison-queue") == []


def test_a_cleared_poison_queue_is_empty(telemetry: Telemetry) -> None:
    """Until the next message comes."""
    telemetry.queue_log("PutMessage", 5, "badging-exports-poison/messages")
    telemetry.queue_log("ClearMessages", 4, "badging-exports-poison/messages", status="204")
    assert telemetry.found("poison-queue") == []
    telemetry.queue_log("PutMessage", 3, "badging-exports-poison/messages")
    assert [row["messages"] for row in telemetry.found("poison-queue")] == [1]


def test_other_queues_accounts_and_refused_puts_are_no_poison(telemetry: Telemetry) -> None:
    """Only what really lies on this account's poison queue."""
    telemetry.queue_log("PutMessage", 5, "badging-exports/messages")
    telemetry.queue_log("PutMessage", 5, "badging-exports-poison/messages", account="stother")
    telemetry.queue_log("PutMessage", 5, "badging-exports-poison/messages", status="403")
    assert telemetry.found("poison-queue") == []
