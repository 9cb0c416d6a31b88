"""The metrics of `shared.telemetry.names`, on a meter of OpenTelemetry."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from opentelemetry.metrics import Counter, Histogram, Meter

from shared.error_codes import Status
from shared.telemetry.names import (
    CONNECTOR_DURATION,
    EXPORT_AGE,
    EXPORT_DURATION,
    EXPORTS,
    EXPORTS_WAITING,
    RECORDS_REJECTED,
    RECORDS_SENT,
    SECRET_DAYS_LEFT,
    Metric,
)

if TYPE_CHECKING:
    from opentelemetry.metrics import _Gauge

    from shared.delivery.outcome import Outcome
    from shared.delivery.sweep_result import SweepResult

_OPEN: Final = tuple(status for status in Status if not status.final)


class Metrics:
    """One instrument a metric.

    Args:
        meter: of whoever listens.
    """

    def __init__(self, meter: Meter) -> None:
        self._exports = _counter(meter, EXPORTS)
        self._sent = _counter(meter, RECORDS_SENT)
        self._rejected = _counter(meter, RECORDS_REJECTED)
        self._connector = _histogram(meter, CONNECTOR_DURATION)
        self._export = _histogram(meter, EXPORT_DURATION)
        self._waiting = _gauge(meter, EXPORTS_WAITING)
        self._age = _gauge(meter, EXPORT_AGE)
        self._days_left = _gauge(meter, SECRET_DAYS_LEFT)

    def accepted(self, records: int) -> None:
        """Records that the ledger has noted as taken."""
        self._sent.add(records)

    def request(self, seconds: float, http_status: int | None) -> None:
        """A request to the connector that is over, with a reply or without."""
        self._connector.record(seconds, {"http_status": http_status or 0})

    def ended(self, outcome: "Outcome", seconds: float, newly_rejected: int) -> None:
        """An attempt that is over."""
        status = outcome.status.value
        self._exports.add(1, {"status": status, "trigger": outcome.trigger})
        self._export.record(seconds, {"status": status})
        if newly_rejected:
            self._rejected.add(newly_rejected)

    def sweep_ended(self, sweep_result: "SweepResult", now: datetime) -> None:
        """What a sweep saw; a status without exports is reported as 0, so that a chart comes down again."""
        for status in _OPEN:
            self._waiting.set(sweep_result.waiting[status.value], {"status": status.value})
        if sweep_result.last_sent_at:
            self._age.set((now - sweep_result.last_sent_at) / timedelta(hours=1))
        if sweep_result.secret_days_left is not None:
            self._days_left.set(sweep_result.secret_days_left)


def _counter(meter: Meter, metric: Metric) -> Counter:
    return meter.create_counter(metric.name, metric.unit, metric.description)


def _histogram(meter: Meter, metric: Metric) -> Histogram:
    return meter.create_histogram(metric.name, metric.unit, metric.description)


def _gauge(meter: Meter, metric: Metric) -> "_Gauge":
    return meter.create_gauge(metric.name, metric.unit, metric.description)
