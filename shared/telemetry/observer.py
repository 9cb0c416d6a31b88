"""Tells the log, and whoever listens over OpenTelemetry, what delivery does; see `shared.delivery.observer.Observer`."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.delivery.observer import Answered, NullObserver
from shared.settings import Settings
from shared.telemetry import log_events
from shared.telemetry.invocation import listening
from shared.telemetry.names import SCOPE

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from shared.delivery.outcome import Outcome
    from shared.delivery.sweep_result import SweepResult
    from shared.telemetry.metrics import Metrics


class LogObserver(NullObserver):
    """Nobody listens: the log has its one line an export and a sweep."""

    def ended(self, outcome: "Outcome", *, seconds: float, newly_rejected: int) -> None:  # noqa: ARG002  (protocol's)
        """The summary line."""
        log_events.export_finished(outcome, seconds)

    def sweep_ended(self, sweep_result: "SweepResult", now: datetime) -> None:  # noqa: ARG002  (the other class needs the time)
        """The sweep's line."""
        log_events.sweep_finished(sweep_result)


class TelemetryObserver(LogObserver):
    """Somebody listens: metrics and spans as well.

    Args:
        tracer: makes the connector's spans.
        measures: takes the figures.
        host: the connector's, as the spans show it.
    """

    def __init__(self, tracer: "Tracer", metrics: "Metrics", host: str) -> None:
        self._tracer = tracer
        self._metrics = metrics
        self._host = host

    def request(self, batch: int) -> AbstractContextManager[Answered]:
        """A span and a duration."""
        from shared.telemetry.dependencies import connector_request  # noqa: PLC0415  (needs OpenTelemetry)

        return connector_request(self._tracer, self._metrics, self._host, batch)

    def accepted(self, records: int) -> None:
        """Count them."""
        self._metrics.accepted(records)

    def ended(self, outcome: "Outcome", *, seconds: float, newly_rejected: int) -> None:
        """The summary line and the figures."""
        super().ended(outcome, seconds=seconds, newly_rejected=newly_rejected)
        self._metrics.ended(outcome, seconds, newly_rejected)

    def sweep_ended(self, sweep_result: "SweepResult", now: datetime) -> None:
        """The sweep's line and gauges."""
        super().sweep_ended(sweep_result, now)
        self._metrics.sweep_ended(sweep_result, now)


def observer(settings: Settings) -> LogObserver:
    """Who is told, in this process; decided once, after the worker has set OpenTelemetry up or has not."""
    log_events.quiet_libraries()
    if not listening():
        return LogObserver()
    from opentelemetry import metrics, trace  # noqa: PLC0415  (see `listening`)

    from shared.telemetry.dependencies import clean_azure_spans  # noqa: PLC0415
    from shared.telemetry.metrics import Metrics  # noqa: PLC0415

    clean_azure_spans(
        frozenset(
            {
                settings.exports_container,
                settings.results_container,
                settings.state_container,
                settings.exports_queue,
            }
        )
    )
    host = urlsplit(settings.connector_url).hostname or ""
    return TelemetryObserver(trace.get_tracer(SCOPE), Metrics(metrics.get_meter(SCOPE)), host)
