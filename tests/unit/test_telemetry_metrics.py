"""The metrics: exactly those of `names`, with their units and attributes."""

from collections import Counter
from datetime import timedelta

import pytest

from shared.delivery.outcome import Records
from shared.delivery.sweep_result import SweepResult
from shared.error_codes import Status
from shared.telemetry.metrics import METRICS, Metrics
from tests.support.fake_clock import MORNING
from tests.support.telemetry_listener import Listener
from tests.unit.test_telemetry_log_events import SILENT, outcome


class AllRecords(Records, frozen=True, kw_only=True):
    """Records with every figure that a metric can show."""

    ignored: int = 0
    repeated: int = 0


def test_every_metric_has_its_name_unit_and_attributes() -> None:
    """What is measured is what `names` promises: nothing more, nothing less."""
    listener = Listener()
    metrics = listener.metrics
    metrics.accepted(3)
    metrics.request(0.5, 200)
    metrics.ended(outcome(Status.SUCCEEDED, records=AllRecords(read=3, ignored=1, repeated=2)), 1.0, 2)
    seen = SweepResult(
        last_sent_at=MORNING, poison=0, secret_days_left=9.5, standings={"munich": SILENT, "oslo": SILENT}
    )
    metrics.sweep_ended(seen, MORNING)
    measured = {
        (name, unit): {tuple(sorted(attributes)) for attributes, _ in points}
        for (name, unit), points in listener.points().items()
    }
    assert measured == {(metric.name, metric.unit): {tuple(sorted(metric.attributes))} for metric in METRICS}


def test_attempts_are_counted_by_status_and_trigger() -> None:
    """Two looks that succeeded and one that failed are 2 and 1."""
    listener = Listener()
    for status in (Status.SUCCEEDED, Status.SUCCEEDED, Status.FAILED):
        listener.metrics.ended(outcome(status), 1.0, 0)
    points = listener.points()["gatepost.exports", "{attempt}"]
    assert [(attributes, point.value) for attributes, point in points] == [
        ({"status": "Succeeded", "trigger": "upload"}, 2),
        ({"status": "Failed", "trigger": "upload"}, 1),
    ]


@pytest.mark.parametrize(("status", "counted"), [(Status.SUCCEEDED, True), (Status.BLOCKED, False)])
def test_what_is_not_sent_on_purpose_counts_once(status: Status, counted: object) -> None:
    """When the export is finished; before that, every attempt would count it again."""
    listener = Listener()
    listener.metrics.ended(outcome(status, records=AllRecords(read=3, ignored=1, repeated=2)), 1.0, 0)
    found = {name: points[0][1].value for (name, _), points in listener.points().items() if "records" in name}
    expected = {"gatepost.records.ignored": 1, "gatepost.records.repeated": 2}
    assert found == (expected if counted else {})


def test_where_nobody_listens_nothing_is_recorded() -> None:
    """Without a meter every call is harmless."""
    metrics = Metrics(None)
    metrics.accepted(3)
    metrics.request(0.5, None)
    metrics.ended(outcome(Status.FAILED), 1.0, 2)
    metrics.sweep_ended(SweepResult(), MORNING)


def test_messages_in_the_poison_queue_are_a_figure_even_if_there_are_none() -> None:
    """0 says that the queue was looked at."""
    listener = Listener()
    listener.metrics.sweep_ended(SweepResult(poison=0), MORNING)
    assert [point.value for _, point in listener.points()["gatepost.queue.poison", "{message}"]] == [0]


def test_nothing_rejected_is_no_data() -> None:
    """A counter that never counted stays silent."""
    listener = Listener()
    listener.metrics.ended(outcome(Status.SUCCEEDED), 1.0, 0)
    assert ("gatepost.records.rejected", "{record}") not in listener.points()


def test_a_request_without_an_answer_has_status_0() -> None:
    """The histogram's attribute is a number always."""
    listener = Listener()
    listener.metrics.request(60.0, None)
    [(attributes, point)] = listener.points()["gatepost.connector.duration", "s"]
    assert attributes == {"http_status": 0}
    assert (point.sum, point.count) == (60.0, 1)


def test_a_sweep_reports_every_open_status_and_the_ages() -> None:
    """A status nobody has is 0, so that a chart comes down; ages are in hours and days."""
    listener = Listener()
    sweep_result = SweepResult(waiting=Counter({"Failed": 2}), last_sent_at=MORNING, secret_days_left=12.5)
    listener.metrics.sweep_ended(sweep_result, MORNING + timedelta(hours=30))
    points = listener.points()
    assert {
        attributes["status"]: point.value
        for attributes, point in points["gatepost.exports.waiting", "{export}"]
    } == {"Blocked": 0, "Failed": 2, "InProgress": 0, "Rejected": 0}
    assert [point.value for _, point in points["gatepost.export.age", "h"]] == [30.0]
    assert [point.value for _, point in points["gatepost.secret.days_left", "d"]] == [12.5]


def test_what_a_sweep_does_not_know_it_does_not_report() -> None:
    """Before the first export, and without an expiry date, there is no figure."""
    listener = Listener()
    listener.metrics.sweep_ended(SweepResult(), MORNING)
    assert {name for name, _ in listener.points()} == {"gatepost.exports.waiting"}
