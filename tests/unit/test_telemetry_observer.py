"""Who is told, and what they are told."""

import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from azure.core.settings import settings as azure_settings
from azure.core.tracing.ext.opentelemetry_span import OpenTelemetrySpan

from shared.delivery.observer import NULL_OBSERVER
from shared.delivery.sweep_result import SweepResult
from shared.error_codes import Status
from shared.read_settings import read_settings
from shared.telemetry import invocation
from shared.telemetry.dependencies import CleanSpan
from shared.telemetry.observer import TelemetryObserver, observer
from tests.support.fake_clock import MORNING
from tests.support.telemetry_listener import HOST, Listener
from tests.support.world import ENVIRONMENT
from tests.unit.test_telemetry_log_events import outcome

SETTINGS = read_settings(ENVIRONMENT | {"CONNECTOR_URL": f"https://{HOST}:8443/"})


def test_if_nobody_listens_the_log_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The summary line and the sweep's line, and nothing else."""
    monkeypatch.setattr(invocation, "sys", SimpleNamespace(modules={}))
    told = observer(SETTINGS)
    assert told._tracer is None
    with caplog.at_level(logging.INFO):
        told.ended(outcome(Status.SUCCEEDED), seconds=1.0, newly_rejected=0)
        told.sweep_ended(SweepResult(), MORNING)
        told.accepted(3)
        with told.request(0) as answered:
            answered(200)
    assert [message.partition(":")[0] for message in caplog.messages] == ["export finished", "sweep finished"]


def test_if_somebody_listens_they_are_told_as_well(caplog: pytest.LogCaptureFixture) -> None:
    """The same lines, and metrics and spans beside them."""
    listener = Listener()
    with caplog.at_level(logging.INFO):
        listener.observer.ended(outcome(Status.SUCCEEDED), seconds=1.5, newly_rejected=2)
        listener.observer.sweep_ended(SweepResult(last_sent_at=MORNING), MORNING + timedelta(hours=5))
        listener.observer.accepted(3)
        with listener.observer.request(4) as answered:
            answered(201)
    assert [message.partition(":")[0] for message in caplog.messages] == ["export finished", "sweep finished"]
    points = {name: points for (name, _), points in listener.points().items()}
    assert [point.sum for _, point in points["gatepost.export.duration"]] == [1.5]
    assert [point.value for _, point in points["gatepost.export.age"]] == [5.0]
    assert [point.value for _, point in points["gatepost.records.sent"]] == [3]
    assert [(span.attributes or {})["batch"] for span in listener.spans] == [4]


def test_whoever_listens_hears_of_clean_azure_spans_only() -> None:
    """Where the platform has switched Azure's spans on, ours take their place, with this app's own words."""
    before = azure_settings.tracing_implementation()
    try:
        azure_settings.tracing_implementation = OpenTelemetrySpan
        assert isinstance(observer(SETTINGS), TelemetryObserver)
        implementation = azure_settings.tracing_implementation()
        assert implementation is not None
        assert issubclass(implementation, CleanSpan)
        assert implementation.words == {
            "badging-exports",
            "badging-results",
            "gatepost-state",
            "gatepost-sources",
        }
    finally:
        azure_settings.tracing_implementation = before
    assert not logging.getLogger("azure").isEnabledFor(logging.WARNING)


def test_the_span_s_host_is_the_connector_s() -> None:
    """Taken from the settings, without port and path."""
    listener = Listener()
    with listener.observer.request(0) as answered:
        answered(200)
    assert (listener.spans[0].attributes or {})["url.full"] == f"https://{HOST}/api/signals/physicalbadging"
    told = observer(SETTINGS)
    assert isinstance(told, TelemetryObserver)
    assert told._host == HOST


def test_the_null_observer_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Commands and tests work without an observer."""
    with caplog.at_level(logging.DEBUG):
        NULL_OBSERVER.ended(outcome(Status.SUCCEEDED), seconds=1.0, newly_rejected=0)
        NULL_OBSERVER.sweep_ended(SweepResult(), MORNING)
        NULL_OBSERVER.accepted(1)
        with NULL_OBSERVER.request(0) as answered:
            answered(None)
    assert caplog.records == []
