"""A listener: OpenTelemetry's own SDK, keeping everything in memory."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.telemetry.metrics import Metrics
from shared.telemetry.observer import TelemetryObserver

HOST = "connector.example"


class Listener:
    """A tracer, a meter, and what they were given.

    Attributes:
        tracer_provider: for what asks for the global one.
        observer: tells this listener.
    """

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        self.tracer_provider = TracerProvider(shutdown_on_exit=False)
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self._meter_provider = MeterProvider([self._reader], shutdown_on_exit=False)
        self.tracer = self.tracer_provider.get_tracer("test")
        self.metrics = Metrics(self._meter_provider.get_meter("test"))
        self.observer = TelemetryObserver(self.tracer, self.metrics, HOST)

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        """What has ended, in order."""
        return self._exporter.get_finished_spans()

    def points(self) -> dict[tuple[str, str], list[tuple[dict[str, Any], Any]]]:
        """Every metric by name and unit: attributes and data points."""
        data = self._reader.get_metrics_data()
        found: dict[tuple[str, str], list[tuple[dict[str, Any], Any]]] = {}
        for resource in data.resource_metrics if data else ():
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    found[metric.name, metric.unit or ""] = [
                        (dict(point.attributes or {}), point) for point in metric.data.data_points
                    ]
        return found

    def sums(self, name: str, attribute: str = "") -> Counter[str]:
        """A counter's values by an attribute."""
        found: Counter[str] = Counter()
        for (metric, _), points in self.points().items():
            if metric == name:
                for attributes, point in points:
                    found[str(attributes.get(attribute, ""))] += point.value
        return found
