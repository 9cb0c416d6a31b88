"""Application Insights' ingestion endpoint: keeps what arrives, and fails in every way it is told.

with LocalAzure() as azure:
    environment = azure.environment | azure.telemetry     # a process started with this sends its telemetry here
    azure.ingestion.envelopes("traces")
"""

import gzip
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from local.servers import Answer, Request

TRACK: Final = ("/v2.1/track", "/v2/track")
_BASE_TYPES: Final = {
    "MessageData": "traces",
    "ExceptionData": "exceptions",
    "MetricData": "customMetrics",
    "RemoteDependencyData": "dependencies",
    "RequestData": "requests",
    "EventData": "customEvents",
}

type Trouble = Callable[[], Answer] | None
"""What to answer instead; `None` when all is well."""


@dataclass(frozen=True)
class Envelope:
    """One item of telemetry, as Application Insights would file it.

    Attributes:
        table: where a person finds it: `traces`, `dependencies`, `customMetrics`, ...
        name: a dependency's or a metric's name, a trace's text.
        operation: id of the operation it belongs to (`operation_Id`).
        parent: id of the span it hangs under (`operation_ParentId`).
        dimensions: `customDimensions`; all text.
        data: everything that was sent of it, `baseData`.
    """

    table: str
    name: str
    operation: str
    parent: str
    dimensions: dict[str, str]
    data: dict[str, Any]


@dataclass
class Ingestion:
    """The endpoint.

    Attributes:
        trouble: what to answer instead of accepting; `answers` and `hangs` make one.
        requests: how many requests came for items, whatever became of them.
        raw: bodies of the accepted requests, unpacked.
    """

    trouble: Trouble = None
    requests: int = 0
    raw: list[bytes] = field(default_factory=list)
    _items: list[dict[str, Any]] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def answer(self, request: Request) -> Answer:
        """Take items; live metrics are told that nobody is watching."""
        if request.path not in TRACK:
            return Answer(200, b"", (("x-ms-qps-subscribed", "false"),))
        with self._changed:
            self.requests += 1
        if self.trouble:
            return self.trouble()
        body = request.body
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        items = _items(body)
        with self._changed:
            self.raw.append(body)
            self._items.extend(items)
            self._changed.notify_all()
        return Answer.of({"itemsReceived": len(items), "itemsAccepted": len(items), "errors": []})

    def envelopes(self, table: str = "") -> list[Envelope]:
        """What has arrived, all of it or one table."""
        with self._changed:
            items = list(self._items)
        return [one for one in map(_envelope, items) if table in {"", one.table}]

    def sums(self, metric: str, attribute: str = "") -> Counter[str]:
        """A metric's values added up, by an attribute."""
        found: Counter[str] = Counter()
        for one in self.envelopes("customMetrics"):
            if one.name == metric:
                found[one.dimensions.get(attribute, "")] += one.data["metrics"][0]["value"]
        return found

    def count(self, metric: str) -> int:
        """How many values went into a histogram."""
        found = [one.data["metrics"][0] for one in self.envelopes("customMetrics") if one.name == metric]
        return sum(point["count"] for point in found)

    def wait(self, enough: Callable[[list[Envelope]], bool], seconds: float = 30) -> list[Envelope]:
        """Wait until what has arrived is enough; gives it.

        Raises:
            TimeoutError: it never was.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: enough(list(map(_envelope, self._items))), seconds):
                arrived = Counter(one["data"]["baseType"] for one in self._items)
                raise TimeoutError(f"not enough telemetry after {seconds:.0f} s: {dict(arrived)}")
        return self.envelopes()


def settings(url: str) -> dict[str, str]:
    """The app settings that send a process's telemetry here and nowhere else."""
    key = uuid.uuid4()  # of its own, so that what an earlier run could not send stays where it is
    return RECOMMENDED | {
        "APPLICATIONINSIGHTS_CONNECTION_STRING": f"InstrumentationKey={key};IngestionEndpoint={url}/;LiveEndpoint={url}/",
    }


RECOMMENDED: Final = {
    "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY": "true",
    "PYTHON_APPLICATIONINSIGHTS_LOGGER_NAME": "gatepost",
    "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "requests,urllib,urllib3",
    "OTEL_TRACES_SAMPLER": "always_on",
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
    "APPLICATIONINSIGHTS_SDKSTATS_DISABLED": "true",
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
}
"""As in Azure; `docs/telemetry.md` says what each is for, and is tested against this."""


def answers(status: int) -> Trouble:
    """Refuse everything with a status: 400, 439 (over quota), 500."""
    return lambda: Answer.of({"itemsReceived": 1, "itemsAccepted": 0, "errors": []}, status)


def hangs(seconds: float) -> Trouble:
    """Say nothing for a while, then drop the connection."""
    return lambda: Answer(0, wire=lambda _handler: time.sleep(seconds))


def _items(body: bytes) -> list[dict[str, Any]]:
    """An array of items, or one item a line."""
    text = body.decode()
    if text.lstrip().startswith("["):
        found: list[dict[str, Any]] = json.loads(text)
        return found
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _envelope(item: dict[str, Any]) -> Envelope:
    data = item["data"]["baseData"]
    base_type = item["data"]["baseType"]
    tags = item.get("tags") or {}
    name = (
        data["metrics"][0]["name"]
        if base_type == "MetricData"
        else data.get("name") or data.get("message", "")
    )
    return Envelope(
        table=_BASE_TYPES.get(base_type, base_type),
        name=name,
        operation=tags.get("ai.operation.id", ""),
        parent=tags.get("ai.operation.parentId", ""),
        dimensions=data.get("properties") or {},
        data=data,
    )
