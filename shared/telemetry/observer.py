"""Tells the log, and a listener over OpenTelemetry, what delivery does; see `shared.delivery.observer.Observer`."""

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.delivery.observer import Answered
from shared.log import SCOPE
from shared.settings import Settings
from shared.telemetry import log_events
from shared.telemetry.invocation import listening
from shared.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from shared.delivery.outcome import Outcome
    from shared.delivery.sweep_result import SweepResult


class TelemetryObserver:
    """The log has its one line an export and a sweep; metrics and spans where there is a listener.

    Args:
        tracer: makes the connector's spans; `None` if nobody listens.
        metrics: takes the figures.
        host: the connector's, as the spans show it.
    """

    def __init__(self, tracer: "Tracer | None", metrics: Metrics, host: str) -> None:
        self._tracer = tracer
        self._metrics = metrics
        self._host = host

    def request(self, batch: int) -> AbstractContextManager[Answered]:
        """A span and a duration."""
        if self._tracer is None:
            return nullcontext(lambda _status: None)
        from shared.telemetry.dependencies import connector_request

        return connector_request(self._tracer, self._metrics, self._host, batch)

    def accepted(self, records: int) -> None:
        """Count them."""
        self._metrics.accepted(records)

    def ended(self, outcome: "Outcome", *, seconds: float, newly_rejected: int) -> None:
        """The summary line and the figures."""
        log_events.export_finished(outcome, seconds)
        self._metrics.ended(outcome, seconds, newly_rejected)

    def remapped(self, before: "Outcome", after: "Outcome", *, seconds: float) -> None:
        """The summary line and the figures."""
        log_events.remap_finished(before, after, seconds)
        self._metrics.remapped(before, after)

    def sweep_ended(self, sweep_result: "SweepResult", now: datetime) -> None:
        """The sweep's line and gauges."""
        log_events.sweep_finished(sweep_result)
        self._metrics.sweep_ended(sweep_result, now)


def observer(settings: Settings) -> TelemetryObserver:
    """Who is told, in this process; decided once, after the worker has set OpenTelemetry up or has not."""
    log_events.quiet_libraries()
    host = urlsplit(settings.connector_url).hostname or ""
    if not listening():
        return TelemetryObserver(None, Metrics(None), host)
    from opentelemetry import metrics, trace

    from shared.telemetry.dependencies import clean_azure_spans

    words = {
        settings.exports_container,
        settings.results_container,
        settings.state_container,
        settings.sources_container,
        settings.exports_queue,
    }
    clean_azure_spans(frozenset(words))
    return TelemetryObserver(trace.get_tracer(SCOPE), Metrics(metrics.get_meter(SCOPE)), host)
