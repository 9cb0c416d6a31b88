"""What calls to others look like in `dependencies`: the connector's are our own spans, Azure's come from its SDK, cleaned.

The SDK's spans hold whole URLs, and the text of exceptions. Of a URL we keep the words we know: the job id is part of a
ledger's path, a query may hold a signature, and a name that is the same for every blob is what a person can group by.
Everything that is not known to be harmless is left out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from types import TracebackType
from typing import Any, Final
from urllib.parse import urlsplit

from azure.core.settings import settings as azure_settings
from azure.core.tracing import SpanKind as AzureSpanKind
from azure.core.tracing.ext.opentelemetry_span import OpenTelemetrySpan
from opentelemetry import trace
from opentelemetry.trace import INVALID_SPAN, SpanKind, StatusCode, Tracer

from shared.delivery.observer import Answered
from shared.telemetry.metrics import Metrics
from shared.telemetry.names import CONNECTOR_REQUEST

_KEPT: Final = frozenset(
    {
        "http.method",
        "http.status_code",
        "http.request.resend_count",
        "error.type",
        "az.service_request_id",
    }
)
_WORDS: Final = frozenset(
    {
        "",
        "outcomes",
        "rejected",
        "ledger",
        "messages",
        "secrets",
        "oauth2",
        "v2.0",
        "token",
        "msi",
        ".well-known",
    }
)
_NOT_A_SUCCESS: Final = 300


class CleanSpan(OpenTelemetrySpan):
    """A span of Azure's SDK under an invocation; anything else the SDK would report is not recorded.

    Attributes:
        words: path segments that may be shown, beside those that are the same everywhere.
    """

    words: frozenset[str] = frozenset()

    def __init__(
        self, span: Any = None, name: str | None = "span", *, kind: Any = None, **options: Any
    ) -> None:
        """Record requests; a method of a client only wraps its request, and what runs outside serves telemetry itself."""
        wanted = kind is AzureSpanKind.CLIENT and trace.get_current_span().get_span_context().is_valid
        super().__init__(span or (None if wanted else INVALID_SPAN), name, kind=kind, **options)

    def add_attribute(self, key: str, value: str | int) -> None:
        """Keep what is harmless; the host is in the URL (beside it, the exporter would write `host:None`)."""
        if key == "http.url":
            super().add_attribute(key, clean_url(str(value), self.words))
        elif key in _KEPT:
            super().add_attribute(key, value)

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Note an exception's type, never its text."""
        if exception_type:
            self.add_attribute("error.type", exception_type.__qualname__)
            self.span_instance.set_status(StatusCode.ERROR)
        super().__exit__(None, None, None)


def clean_azure_spans(words: frozenset[str]) -> None:
    """Have Azure's SDK use `CleanSpan`, if it makes spans at all."""
    if azure_settings.tracing_implementation() is not None:
        azure_settings.tracing_implementation = type("CleanSpan", (CleanSpan,), {"words": words})


def clean_url(url: str, words: frozenset[str]) -> str:
    """A URL without its query, and with every path segment but the known ones as `*`; runs of them are one."""
    parts = urlsplit(url)
    kept: list[str] = []
    for segment in parts.path.split("/"):
        word = segment if segment in _WORDS or segment in words else "*"
        if word != "*" or kept[-1:] != ["*"]:
            kept.append(word)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{'/'.join(kept)}"


@contextmanager
def connector_request(tracer: Tracer, metrics: Metrics, host: str, batch: int) -> Iterator[Answered]:
    """A request to the connector, as a span and in the histogram; hand the reply's status to what it yields."""
    started = perf_counter()
    replies: list[int | None] = []
    method, path = CONNECTOR_REQUEST.name.split()
    attributes: dict[str, str | int] = {
        "url.full": f"https://{host}{path}",  # the query, which holds the job id, is added elsewhere
        "http.request.method": method,
        "batch": batch,
    }
    span = tracer.start_span(CONNECTOR_REQUEST.name, kind=SpanKind.CLIENT, attributes=attributes)
    try:
        yield replies.append
    finally:
        status = replies[-1] if replies else None
        if status is not None:
            span.set_attribute("http.response.status_code", status)
        if status is None or status >= _NOT_A_SUCCESS:
            span.set_attribute("error.type", "no-answer" if status is None else str(status))
            span.set_status(StatusCode.ERROR)
        span.end()
        metrics.request(perf_counter() - started, status)
