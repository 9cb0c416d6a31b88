"""Alerts fire when they should and only then: their queries, run on telemetry as the code writes it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.clock import utc_text
from shared.telemetry.names import ATTRIBUTES
from tests.support.telemetry_tables import Row, TelemetryTables, line, metric, request

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
"""A Thursday."""


class Telemetry:
    """Rows whose times are hours before `now`, and what an alert finds in them."""

    def __init__(self, tables: TelemetryTables) -> None:
        self._tables = tables
        self._rows: list[Row] = []
        self.now = NOW

    def export(self, name: str, status: str, hours_ago: float, **attributes: object) -> None:
        """The line at the end of an attempt."""
        final = status in {"Succeeded", "PartiallySucceeded", "Duplicate", "Rejected"}
        values = {"export": name, "status": status, "final": final} | attributes
        assert set(values) <= set(ATTRIBUTES)
        self._rows.append(
            line(self._at(hours_ago), f"export finished: {status} {name}: what happened.", **values)
        )

    def line(self, message: str, hours_ago: float, **attributes: object) -> None:
        """Any log line."""
        self._rows.append(line(self._at(hours_ago), message, **attributes))

    def metric(self, name: str, value: float, hours_ago: float, **attributes: str) -> None:
        """One measurement."""
        self._rows.append(metric(self._at(hours_ago), name, value, **attributes))

    def request(self, function: str, hours_ago: float, *, success: bool) -> None:
        """One invocation."""
        self._rows.append(request(self._at(hours_ago), function, success=success))

    def found(self, alert: str, *, rejected: int = 5, hours: int = 26) -> list[dict[str, Any]]:
        """The rows an alert's query returns now."""
        self._tables.hold(self._rows)
        return self._tables.found(alert, self.now, rejected=rejected, hours=hours)

    def _at(self, hours_ago: float) -> datetime:
        return self.now - timedelta(hours=hours_ago)


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    """Empty tables, closed afterwards."""
    with TelemetryTables() as tables:
        yield Telemetry(tables)


def test_rejected_is_told_code_by_code(telemetry: Telemetry) -> None:
    """Three hundred broken exports of one night are one thing to correct: Azure keeps no more alerts a rule."""
    telemetry.export("a.json", "Rejected", 5, code="broken-json")
    telemetry.export("b.json", "Rejected", 4, code="too-many-invalid")
    telemetry.export("d.json", "Rejected", 4, code="too-many-invalid")
    telemetry.export("c.json", "Succeeded", 3, code="")
    rows = {row["code"]: row["exports"] for row in telemetry.found("export-rejected")}
    assert rows == {"broken-json": 1, "too-many-invalid": 2}


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
    """Fixed, tried again by the sweep, sent."""
    telemetry.export("a.json", "Blocked", 20, code="secret-refused", retry="auto")
    telemetry.export("a.json", "Succeeded", 1, code="", retry="")
    assert telemetry.found("export-blocked") == []


def test_what_waits_on_purpose_is_no_news(telemetry: Telemetry) -> None:
    """A person has switched sending off, or tries a source out."""
    telemetry.export("a.json", "Blocked", 5, code="sending-off", retry="auto")
    telemetry.export("b.json", "Blocked", 5, code="source-on-trial", retry="auto")
    assert telemetry.found("export-blocked") == []


def test_what_waits_for_a_person_is_told_as_long_as_a_sweep_sees_it(telemetry: Telemetry) -> None:
    """The figure of the last sweep counts, however long ago the export was blocked."""
    telemetry.metric("gatepost.exports.waiting", 0, 30, status="Blocked")
    telemetry.metric("gatepost.exports.waiting", 2, 6, status="Blocked")
    telemetry.metric("gatepost.exports.waiting", 3, 6, status="Failed")
    assert [(row["status"], row["exports"]) for row in telemetry.found("exports-waiting")] == [("Blocked", 2)]
    telemetry.metric("gatepost.exports.waiting", 0, 1, status="Blocked")
    assert telemetry.found("exports-waiting") == []


def test_failed_is_told_after_six_hours_of_nothing_else(telemetry: Telemetry) -> None:
    """Tried every hour without success; the code of the last attempt is named."""
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


def test_failed_is_told_even_when_the_attempts_have_stopped(telemetry: Telemetry) -> None:
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
    """Attempts before the last one and older days do not count again."""
    telemetry.export("a.json", "Failed", 5, read=100, rejected=50, refused=0)
    telemetry.export("a.json", "PartiallySucceeded", 3, read=100, rejected=1, refused=0)
    telemetry.export("old.json", "PartiallySucceeded", 30, read=100, rejected=90, refused=0)
    assert telemetry.found("records-rejected") == []
    assert len(telemetry.found("records-rejected", rejected=0)) == 1


def test_no_records_is_told_after_its_hours(telemetry: Telemetry) -> None:
    """27 hours are more than 26, 25 are not; an attempt that ended in another way counts for nothing."""
    telemetry.export("a.json", "Succeeded", 27)
    telemetry.export("b.json", "Rejected", 2)
    assert [row["hours"] for row in telemetry.found("no-records-sent")] == [27]
    telemetry.export("c.json", "PartiallySucceeded", 25)
    assert telemetry.found("no-records-sent") == []


def test_an_empty_export_of_a_closed_day_is_no_silence(telemetry: Telemetry) -> None:
    """It ended well with no record; nothing else can be expected of that day."""
    telemetry.metric("gatepost.export.age", 50, 6)
    telemetry.export("closed.json", "Succeeded", 5, read=0)
    assert telemetry.found("no-records-sent") == []


@pytest.mark.parametrize(
    ("day", "hour", "told"), [(28, 12, False), (29, 23, False), (30, 7, False), (30, 9, True)]
)
def test_a_weekend_does_not_count(telemetry: Telemetry, day: int, hour: int, *, told: bool) -> None:
    """After Friday's export at 06:00 nothing is missed before Monday at 08:00."""
    telemetry.now = datetime(2026, 11, day, hour, tzinfo=UTC)
    last_sweep = telemetry.now.replace(hour=5, minute=30)
    hours_ago = (telemetry.now - last_sweep) / timedelta(hours=1)
    age = (last_sweep - datetime(2026, 11, 27, 6, tzinfo=UTC)) / timedelta(hours=1)
    telemetry.metric("gatepost.export.age", age, hours_ago)
    assert bool(telemetry.found("no-records-sent")) is told


def test_silence_from_before_a_weekend_is_told_through_it(telemetry: Telemetry) -> None:
    """Thursday's was the last export: on Sunday the log no longer shows it, but the sweep has measured it."""
    telemetry.now = datetime(2026, 11, 29, 12, tzinfo=UTC)
    telemetry.metric("gatepost.export.age", 71.5, 6.5)
    assert len(telemetry.found("no-records-sent")) == 1


def test_no_records_knows_from_the_sweep_what_is_long_ago(telemetry: Telemetry) -> None:
    """A limit of three days: a sweep 10 hours ago measured 70 hours since the last export."""
    telemetry.metric("gatepost.export.age", 70, 10)
    assert telemetry.found("no-records-sent", hours=100) == []
    telemetry.now += timedelta(days=1)
    assert len(telemetry.found("no-records-sent", hours=50)) == 1


def test_no_records_gives_a_new_app_time(telemetry: Telemetry) -> None:
    """Nothing was sent yet, but its first sign of life is two hours old; 27 hours later it is told."""
    telemetry.line("Host started", 2)
    assert telemetry.found("no-records-sent") == []
    telemetry.line("Host started", 27)
    assert len(telemetry.found("no-records-sent")) == 1


def test_an_app_without_any_sign_of_life_is_told_by_one_alert(telemetry: Telemetry) -> None:
    """The missing sweep says it; one mail is enough."""
    assert telemetry.found("no-records-sent") == []
    assert len(telemetry.found("sweep-missing")) == 1


def test_a_missing_sweep_is_told(telemetry: Telemetry) -> None:
    """The last one finished 27 hours ago; 25 hours are in time; a new app is given its first day."""
    telemetry.line("Host started", 3)
    assert telemetry.found("sweep-missing") == []
    telemetry.line("sweep finished: 0 queued, 0 closed, 0 waiting", 27)
    assert [row["hours"] for row in telemetry.found("sweep-missing")] == [27]
    telemetry.line("sweep finished: 0 queued, 0 closed, 0 waiting", 25)
    assert telemetry.found("sweep-missing") == []


def test_a_queue_that_stands_still_is_told(telemetry: Telemetry) -> None:
    """The timer put the sweep on the queue four hours ago and it has not ended; the alert stays until it has."""
    telemetry.line("sweep finished: 0 queued", 28)
    telemetry.request("TimerUploadTrigger", 2, success=True)
    assert telemetry.found("queue-stands-still") == []
    telemetry.request("TimerUploadTrigger", 4, success=True)
    assert [row["hours"] for row in telemetry.found("queue-stands-still")] == [4]
    telemetry.line("sweep finished: 0 queued", 1)
    assert telemetry.found("queue-stands-still") == []


@pytest.mark.parametrize("by_host", [True, False])
def test_failing_invocations_are_told_from_the_third_on(telemetry: Telemetry, *, by_host: bool) -> None:
    """As the host saw them or as the app said them; two within an hour are what an update of the platform leaves."""
    for count, hours_ago in enumerate((0.9, 0.8, 0.7), 1):
        if by_host:
            telemetry.request("BlobUploadTrigger", hours_ago, success=False)
        else:
            telemetry.line("invocation failed: storage", hours_ago, code="storage")
        telemetry.request("BlobUploadTrigger", hours_ago, success=True)
        assert bool(telemetry.found("failing-invocations")) is (count == 3)


def test_old_failures_are_no_news(telemetry: Telemetry) -> None:
    """They are over an hour old."""
    for hours_ago in (1.1, 1.2, 1.3, 1.4):
        telemetry.request("BlobUploadTrigger", hours_ago, success=False)
    assert telemetry.found("failing-invocations") == []


def _owes(telemetry: Telemetry, source: str, begins: float, due: float, **changes: int) -> None:
    """What the sweep 7 hours ago said of a source; times are hours from now."""
    times = {"from": begins, "by": due, "from_before": changes.pop("before", begins)}
    said = {name: utc_text(NOW + timedelta(hours=hours)) for name, hours in times.items()}
    figures = {"every_hours": 0, "missing": 1, "missing_before": 1} | changes
    seen = {
        "last_upload": utc_text(NOW - timedelta(hours=30)),
        "last_event": utc_text(NOW - timedelta(hours=31)),
    }
    telemetry.line(f"source due: {source}", 7, source=source, **figures, **said, **seen)


def _came(
    telemetry: Telemetry, name: str, hours_ago: float = 3, event: float | None = 4, **attributes: Any
) -> None:
    """An export of a source, uploaded a moment before; its newest event was so many hours ago."""
    telemetry.export(
        name,
        str(attributes.pop("status", "Succeeded")),
        hours_ago,
        source=name.partition("/")[0],
        uploaded=utc_text(NOW - timedelta(hours=hours_ago, minutes=1)),
        newest_event="" if event is None else (NOW - timedelta(hours=event)).isoformat()[:19],
        **attributes,
    )


def _late(telemetry: Telemetry) -> list[str]:
    telemetry.line("sweep finished: 0 queued, 0 waiting", 6.99)
    return sorted(row["source"] for row in telemetry.found("source-late"))


def test_a_source_is_late_from_its_hour_on(telemetry: Telemetry) -> None:
    """Each by its own schedule; what is not due yet, and what has come, is not told."""
    _owes(telemetry, "bergen", -12, -0.01)
    _owes(telemetry, "munich", -12, 0.01)
    _owes(telemetry, "oslo", -12, -1)
    _came(telemetry, "oslo/26.csv", 3, 4)
    assert _late(telemetry) == ["bergen"]


@pytest.mark.parametrize(
    ("what", "late"),
    [
        ({"event": 4}, False),
        ({"event": None}, False),
        ({"event": -2}, False),
        ({"event": 31}, True),
        ({"event": 4, "status": "Duplicate"}, True),
        ({"event": 4, "status": "Rejected", "code": "broken-json"}, True),
        ({"event": 4, "status": "Blocked", "code": "secret-refused"}, True),
        ({"event": 4, "status": "Blocked", "code": "sending-off"}, False),
        ({"event": 4, "status": "Blocked", "code": "source-on-trial"}, False),
        ({"event": 4, "hours_ago": 13}, True),
    ],
    ids=[
        "new",
        "quiet day",
        "clock ahead",
        "old events",
        "same again",
        "rejected",
        "blocked",
        "off",
        "trial",
        "early",
    ],
)
def test_only_an_export_with_news_counts(telemetry: Telemetry, what: dict[str, Any], late: object) -> None:
    """It ended well or waits on purpose, and its newest event is newer than any before, or it has none."""
    _owes(telemetry, "munich", -12, -1)
    _came(telemetry, "munich/26.csv", **what)
    assert (_late(telemetry) == ["munich"]) is late


def test_each_due_time_needs_an_export_of_its_own(telemetry: Telemetry) -> None:
    """The file of yesterday that comes this morning does not hide that today's is missing; the same file twice is one."""
    _owes(telemetry, "munich", -36, -25)
    _owes(telemetry, "munich", -12, -1, before=-36, missing_before=2)
    _came(telemetry, "munich/25.csv", 5, 28)
    _came(telemetry, "munich/25 again.csv", 4, 28)
    assert _late(telemetry) == ["munich"]
    _came(telemetry, "munich/26.csv", 2, 4)
    assert _late(telemetry) == []


def test_a_source_with_an_interval_is_late_after_its_last_export(telemetry: Telemetry) -> None:
    """Twelve hours and two of grace after the last one, also after one that the sweep has not seen."""
    _owes(telemetry, "bergen", -20, -6, every_hours=14)
    _owes(telemetry, "oslo", -20, -6, every_hours=14)
    _came(telemetry, "oslo/a.csv", 6.5, 7)
    assert _late(telemetry) == ["bergen"]
    telemetry.now += timedelta(hours=8)
    assert sorted(row["source"] for row in telemetry.found("source-late")) == ["bergen", "oslo"]


def test_only_the_last_sweep_says_what_is_owed(telemetry: Telemetry) -> None:
    """What the one before said was owed has come, or the schedule is another one by now."""
    _owes(telemetry, "munich", -12, -1)
    telemetry.line("sweep finished: 0 queued, 0 waiting", 1)
    assert _late(telemetry) == []


def _judged(telemetry: Telemetry, hours_ago: float, day: str, state: str, notice: str) -> None:
    telemetry.line(f"day judged: {notice}", hours_ago, day=day, state=state, notice=notice)


def test_the_daily_notice_is_of_the_newest_day_that_can_be_judged(telemetry: Telemetry) -> None:
    """By the last word on it; a day that is not due yet waits for the next notice; without any report there is none."""
    assert telemetry.found("daily-notice") == []
    _judged(telemetry, 40, "2026-11-24", "missing", "Tue 24 Nov: not complete. munich: nothing since 24 Nov.")
    _judged(telemetry, 30, "2026-11-24", "complete", "Tue 24 Nov complete: 27,198 records from 3 sources")
    _judged(telemetry, 6, "2026-11-25", "so-far", "Wed 25 Nov: so far 12 records.")
    said = [{"notice": "Tue 24 Nov complete: 27,198 records from 3 sources"}]
    assert telemetry.found("daily-notice") == said
    _judged(telemetry, 3, "2026-11-25", "missing", "Wed 25 Nov: not complete. " + "x" * 500)
    assert [len(row["notice"]) for row in telemetry.found("daily-notice")] == [300]


@pytest.mark.parametrize(
    ("days", "problem"),
    [
        (100, None),
        (30.5, None),
        (29, "the credential expires within 30 days"),
        (14.5, "the credential expires within 30 days"),
        (13.9, "the credential expires within 14 days"),
        (6.9, "the credential expires within 7 days"),
        (0.9, "the credential expires within 1 day"),
        (-1, "the credential has expired"),
    ],
)
def test_the_credentials_end_is_told_in_bands(telemetry: Telemetry, days: float, problem: str | None) -> None:
    """Each band is an alert of its own, so it is told four times and not once."""
    telemetry.metric("gatepost.secret.days_left", 365, 25)
    telemetry.line("sweep finished", 1)
    telemetry.metric("gatepost.secret.days_left", days, 1.01)
    assert [row["problem"] for row in telemetry.found("secret-expiry")] == ([problem] if problem else [])


def test_an_unknown_end_of_the_credential_is_told(telemetry: Telemetry) -> None:
    """The last sweep said so, whatever an earlier one measured; the next one that measures closes it."""
    telemetry.metric("gatepost.secret.days_left", 365, 25)
    telemetry.line("secret expiry unknown: it has none", 1.01)
    telemetry.line("sweep finished", 1)
    assert [row["problem"] for row in telemetry.found("secret-expiry")] == ["the expiry date is unknown"]
    telemetry.metric("gatepost.secret.days_left", 365, 0.1)
    telemetry.line("sweep finished", 0.09)
    assert telemetry.found("secret-expiry") == []


def test_a_federated_identity_has_no_end(telemetry: Telemetry) -> None:
    """Its sweeps measure nothing and say nothing."""
    telemetry.line("sweep finished", 25)
    telemetry.line("sweep finished", 1)
    assert telemetry.found("secret-expiry") == []


def test_a_poison_message_is_told_until_a_sweep_finds_none(telemetry: Telemetry) -> None:
    """The figure of the last sweep counts: nothing closes by the passing of time."""
    assert telemetry.found("poison-queue") == []
    telemetry.metric("gatepost.queue.poison", 1, 30)
    assert [row["messages"] for row in telemetry.found("poison-queue")] == [1]
    telemetry.metric("gatepost.queue.poison", 2, 6)
    assert [row["messages"] for row in telemetry.found("poison-queue")] == [2]
    telemetry.metric("gatepost.queue.poison", 0, 1)
    assert telemetry.found("poison-queue") == []
