"""Tells the log, and whoever listens over OpenTelemetry, what delivery does; see `shared.delivery.observing.Observer`."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.delivery.observing import Answered, Silence
from shared.settings import Settings
from shared.telemetry import lines
from shared.telemetry.invocation import listening
from shared.telemetry.names import SCOPE

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from shared.delivery.outcome import Outcome
    from shared.delivery.swept import Swept
    from shared.telemetry.measures import Measures


class LogObserver(Silence):
    """Nobody listens: the log has its one line an export and a sweep."""

    def ended(self, outcome: "Outcome", *, seconds: float, newly_rejected: int) -> None:  # noqa: ARG002  (protocol's)
        """The summary line."""
        lines.export_finished(outcome, seconds)

    def swept(self, swept: "Swept", now: datetime) -> None:  # noqa: ARG002  (the other class needs the time)
        """The sweep's line."""
        lines.sweep_finished(swept)


class TelemetryObserver(LogObserver):
    """Somebody listens: metrics and spans as well.

    Args:
        tracer: makes the connector's spans.
        measures: takes the figures.
        host: the connector's, as the spans show it.
    """

    def __init__(self, tracer: "Tracer", measures: "Measures", host: str) -> None:
        self._tracer = tracer
        self._measures = measures
        self._host = host

    def request(self, batch: int) -> AbstractContextManager[Answered]:
        """A span and a duration."""
        from shared.telemetry.dependencies import connector_request  # noqa: PLC0415  (needs OpenTelemetry)

        return connector_request(self._tracer, self._measures, self._host, batch)

    def accepted(self, records: int) -> None:
        """Count them."""
        self._measures.accepted(records)

    def ended(self, outcome: "Outcome", *, seconds: float, newly_rejected: int) -> None:
        """The summary line and the figures."""
        super().ended(outcome, seconds=seconds, newly_rejected=newly_rejected)
        self._measures.ended(outcome, seconds, newly_rejected)

    def swept(self, swept: "Swept", now: datetime) -> None:
        """The sweep's line and gauges."""
        super().swept(swept, now)
        self._measures.swept(swept, now)


def observer(settings: Settings) -> LogObserver:
    """Who is told, in this process; decided once, after the worker has set OpenTelemetry up or has not."""
    lines.hush()
    if not listening():
        return LogObserver()
    from opentelemetry import metrics, trace  # noqa: PLC0415  (see `listening`)

    from shared.telemetry.dependencies import clean_azure_spans  # noqa: PLC0415
    from shared.telemetry.measures import Measures  # noqa: PLC0415

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
    return TelemetryObserver(trace.get_tracer(SCOPE), Measures(metrics.get_meter(SCOPE)), host)
