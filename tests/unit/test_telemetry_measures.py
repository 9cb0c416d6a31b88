"""The metrics: exactly those of `names`, with their units and attributes."""

from collections import Counter
from datetime import timedelta

from shared.delivery.swept import Swept
from shared.faults import Status
from shared.telemetry.names import METRICS
from tests.support.fake_clock import MORNING
from tests.support.listening import Listener
from tests.unit.test_telemetry_lines import outcome


def test_every_metric_has_its_name_unit_and_attributes() -> None:
    """What is measured is what `names` promises: nothing more, nothing less."""
    listener = Listener()
    measures = listener.measures
    measures.accepted(3)
    measures.request(0.5, 200)
    measures.ended(outcome(Status.SUCCEEDED), 1.0, 2)
    measures.swept(Swept(last_sent_at=MORNING, secret_days_left=9.5), MORNING)
    measured = {
        (name, unit): {tuple(sorted(attributes)) for attributes, _ in points}
        for (name, unit), points in listener.points().items()
    }
    assert measured == {(metric.name, metric.unit): {tuple(sorted(metric.attributes))} for metric in METRICS}


def test_looks_are_counted_by_status_and_trigger() -> None:
    """Two looks that succeeded and one that failed are 2 and 1."""
    listener = Listener()
    for status in (Status.SUCCEEDED, Status.SUCCEEDED, Status.FAILED):
        listener.measures.ended(outcome(status), 1.0, 0)
    points = listener.points()["gatepost.exports", "{look}"]
    assert [(attributes, point.value) for attributes, point in points] == [
        ({"status": "Succeeded", "trigger": "upload"}, 2),
        ({"status": "Failed", "trigger": "upload"}, 1),
    ]


def test_nothing_rejected_is_no_data() -> None:
    """A counter that never counted stays silent."""
    listener = Listener()
    listener.measures.ended(outcome(Status.SUCCEEDED), 1.0, 0)
    assert ("gatepost.records.rejected", "{record}") not in listener.points()


def test_a_request_without_an_answer_has_status_0() -> None:
    """The histogram's attribute is a number always."""
    listener = Listener()
    listener.measures.request(60.0, None)
    [(attributes, point)] = listener.points()["gatepost.connector.duration", "s"]
    assert attributes == {"http_status": 0}
    assert (point.sum, point.count) == (60.0, 1)


def test_a_sweep_reports_every_open_status_and_the_ages() -> None:
    """A status nobody has is 0, so that a chart comes down; ages are in hours and days."""
    listener = Listener()
    swept = Swept(waiting=Counter({"Failed": 2}), last_sent_at=MORNING, secret_days_left=12.5)
    listener.measures.swept(swept, MORNING + timedelta(hours=30))
    points = listener.points()
    assert {
        attributes["status"]: point.value
        for attributes, point in points["gatepost.exports.waiting", "{export}"]
    } == {"Blocked": 0, "Failed": 2, "InProgress": 0}
    assert [point.value for _, point in points["gatepost.export.age", "h"]] == [30.0]
    assert [point.value for _, point in points["gatepost.secret.days_left", "d"]] == [12.5]


def test_what_a_sweep_does_not_know_it_does_not_report() -> None:
    """Before the first export, and without an expiry date, there is no figure."""
    listener = Listener()
    listener.measures.swept(Swept(), MORNING)
    assert {name for name, _ in listener.points()} == {"gatepost.exports.waiting"}
