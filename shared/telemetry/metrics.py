"""The metrics: each is declared here once, and recorded below; where nobody listens, nothing is recorded.

A new metric needs this file, a row and a query in `docs/telemetry.md` (`python -m docs.reference` writes the row), and a chart
or an alert in `infra/queries`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from shared.error_codes import Status

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter

    from shared.delivery.outcome import Outcome
    from shared.delivery.sweep_result import SweepResult

_WAITING: Final = (*(status for status in Status if not status.final), Status.REJECTED)


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric in `customMetrics`; the unit is UCUM's, which Application Insights does not show."""

    name: str
    kind: Literal["counter", "histogram", "gauge"]
    unit: str
    description: str
    attributes: tuple[str, ...] = ()


EXPORTS: Final = Metric(
    "gatepost.exports", "counter", "{attempt}", "attempts that ended", ("status", "trigger")
)
RECORDS_SENT: Final = Metric(
    "gatepost.records.sent",
    "counter",
    "{record}",
    "records the connector accepted, counted as it accepts them",
)
RECORDS_REJECTED: Final = Metric(
    "gatepost.records.rejected",
    "counter",
    "{record}",
    "records that broke a rule, counted at the end of an attempt",
)
RECORDS_IGNORED: Final = Metric(
    "gatepost.records.ignored",
    "counter",
    "{record}",
    "records that are not to be sent, counted when their export is finished",
)
RECORDS_REPEATED: Final = Metric(
    "gatepost.records.repeated",
    "counter",
    "{record}",
    "records whose event was sent before, counted when their export is finished",
)
CONNECTOR_DURATION: Final = Metric(
    "gatepost.connector.duration",
    "histogram",
    "s",
    "one request to the connector, until its reply is read",
    ("http_status",),
)
EXPORT_DURATION: Final = Metric(
    "gatepost.export.duration",
    "histogram",
    "s",
    "one attempt on an export, from message to outcome",
    ("status",),
)
EXPORTS_WAITING: Final = Metric(
    "gatepost.exports.waiting",
    "gauge",
    "{export}",
    "exports that wait, seen by the sweep: outcomes that are not final, and rejected ones that were not replaced",
    ("status",),
)
QUEUE_POISON: Final = Metric(
    "gatepost.queue.poison", "gauge", "{message}", "messages in the poison queue, seen by the sweep"
)
EXPORT_AGE: Final = Metric(
    "gatepost.export.age",
    "gauge",
    "h",
    "time since an export was last sent, a closed day's included, seen by the sweep",
)
SECRET_DAYS_LEFT: Final = Metric(
    "gatepost.secret.days_left",
    "gauge",
    "d",
    "time until the app secret or certificate expires, seen by the sweep",
)
SOURCE_AGE: Final = Metric(
    "gatepost.source.age",
    "gauge",
    "h",
    "time since a source's last export that counts, or since it exists, seen by the sweep",
    ("source",),
)
SOURCE_LATE: Final = Metric(
    "gatepost.source.late",
    "gauge",
    "1",
    "`1` if an export that the source's schedule asks for is overdue, else `0`, seen by the sweep",
    ("source",),
)
METRICS: Final = (
    EXPORTS,
    RECORDS_SENT,
    RECORDS_REJECTED,
    RECORDS_IGNORED,
    RECORDS_REPEATED,
    CONNECTOR_DURATION,
    EXPORT_DURATION,
    EXPORTS_WAITING,
    QUEUE_POISON,
    EXPORT_AGE,
    SECRET_DAYS_LEFT,
    SOURCE_AGE,
    SOURCE_LATE,
)
_OF_A_FINISHED_EXPORT: Final = {RECORDS_IGNORED: "ignored", RECORDS_REPEATED: "repeated"}


class Metrics:
    """Records the metrics.

    Args:
        meter: of the listener; `None` if there is none.
    """

    def __init__(self, meter: "Meter | None") -> None:
        self._record: dict[Metric, Any] = (
            {metric: _recorder(meter, metric) for metric in METRICS} if meter else {}
        )

    def accepted(self, records: int) -> None:
        """Records that the ledger has noted as taken."""
        self._note(RECORDS_SENT, records)

    def request(self, seconds: float, http_status: int | None) -> None:
        """A request to the connector that is over, with a reply or without."""
        self._note(CONNECTOR_DURATION, seconds, http_status=http_status or 0)

    def ended(self, outcome: "Outcome", seconds: float, newly_rejected: int) -> None:
        """An attempt that is over."""
        status = outcome.status.value
        self._note(EXPORTS, 1, status=status, trigger=outcome.trigger)
        self._note(EXPORT_DURATION, seconds, status=status)
        if newly_rejected:
            self._note(RECORDS_REJECTED, newly_rejected)
        if outcome.status.final:
            for metric, figure in _OF_A_FINISHED_EXPORT.items():
                if records := getattr(outcome.records, figure, 0):
                    self._note(metric, records)

    def remapped(self, before: "Outcome", after: "Outcome") -> None:
        """A pass over rejected records that is over: what it found besides those that it sent."""
        for metric, figure in _OF_A_FINISHED_EXPORT.items():
            if more := getattr(after.records, figure, 0) - getattr(before.records, figure, 0):
                self._note(metric, more)

    def sweep_ended(self, sweep_result: "SweepResult", now: datetime) -> None:
        """What a sweep saw; a status without exports is reported as 0, so that a chart comes down again."""
        for status in _WAITING:
            self._note(EXPORTS_WAITING, sweep_result.waiting[status.value], status=status.value)
        if sweep_result.poison is not None:
            self._note(QUEUE_POISON, sweep_result.poison)
        if sweep_result.last_sent_at:
            self._note(EXPORT_AGE, (now - sweep_result.last_sent_at) / timedelta(hours=1))
        if sweep_result.secret_days_left is not None:
            self._note(SECRET_DAYS_LEFT, sweep_result.secret_days_left)

        for source, its in sweep_result.standings.items():
            self._note(SOURCE_AGE, (now - its.last) / timedelta(hours=1), source=source)
            self._note(SOURCE_LATE, int(its.late), source=source)

    def _note(self, metric: Metric, value: float, **attributes: str | int) -> None:
        if record := self._record.get(metric):
            record(value, attributes)


def _recorder(meter: "Meter", metric: Metric) -> Any:
    """What takes a value and attributes for this metric."""
    described = (metric.name, metric.unit, metric.description)
    if metric.kind == "counter":
        return meter.create_counter(*described).add
    if metric.kind == "histogram":
        return meter.create_histogram(*described).record
    return meter.create_gauge(*described).set
