"""Spans of calls to others: hosts, statuses and known words; never a query, an id in a path, or an exception's text."""

from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.pipeline import Pipeline
from azure.core.pipeline.policies import DistributedTracingPolicy
from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest
from azure.core.settings import settings as azure_settings
from azure.core.tracing.decorator import distributed_trace
from azure.core.tracing.ext.opentelemetry_span import OpenTelemetrySpan
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode

from shared.services.connector import _PATH
from shared.telemetry.dependencies import CleanSpan, clean_azure_spans, clean_url, connector_request
from shared.telemetry.names import CONNECTOR_REQUEST
from tests.support.telemetry_listener import Listener

JOB_ID = "33333333-3333-3333-3333-333333333333"
WORDS = frozenset({"gatepost-state", "badging-exports"})


class _Transport(HttpTransport[Any, Any]):
    """Answers with a status, or breaks."""

    def __init__(self, status: int, error: Exception | None = None) -> None:
        self._status = status
        self._error = error

    def send(self, request: Any, **_options: Any) -> Any:
        """Answer."""
        if self._error:
            raise self._error
        headers = {"x-ms-request-id": "a-request"}
        return type("Response", (), {"status_code": self._status, "headers": headers, "request": request})()

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing to close."""

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """A listener to Azure's SDK, which has been told to use clean spans."""
    listening = Listener()
    monkeypatch.setattr(
        trace,
        "get_tracer",
        lambda *args, **_options: listening.tracer_provider.get_tracer(str(args[0])),
    )
    before = azure_settings.tracing_implementation()
    azure_settings.tracing_implementation = OpenTelemetrySpan
    clean_azure_spans(WORDS)
    yield listening
    azure_settings.tracing_implementation = before


def call(url: str, status: int = 200, error: Exception | None = None) -> None:
    """A request through Azure's pipeline, as every client of its SDK makes it."""
    policies = [DistributedTracingPolicy()]
    Pipeline(_Transport(status, error), policies).run(HttpRequest("PUT", url))


def test_a_call_of_azure_s_sdk_is_one_span_without_ids_and_queries(listener: Listener) -> None:
    """Of the URL stay host and known words; of the rest, method, status and Microsoft's request id."""
    with listener.tracer.start_as_current_span("invocation") as invocation:
        call(f"https://acct.example/gatepost-state/ledger/{JOB_ID}/9f2c.json?comp=lease&sig=secret", 412)
    span = listener.spans[0]
    assert dict(span.attributes or {}) == {
        "url.full": "https://acct.example/gatepost-state/ledger/*",
        "http.request.method": "PUT",
        "http.response.status_code": 412,
        "error.type": "412",
        "az.service_request_id": "a-request",
    }
    assert span.kind is SpanKind.CLIENT
    assert span.parent is not None
    assert span.parent.span_id == invocation.get_span_context().span_id


def test_a_call_that_breaks_has_an_error_s_type_and_no_text(listener: Listener) -> None:
    """Exceptions quote URLs and replies; only their type is noted."""
    with listener.tracer.start_as_current_span("invocation"), pytest.raises(OSError, match="quote"):
        call(
            "https://acct.example/badging-exports/a@example.com.json", error=OSError("quote of a@example.com")
        )
    span = listener.spans[0]
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description is None
    assert span.events == ()
    assert (span.attributes or {})["error.type"] == "OSError"
    assert "a@example.com" not in span.to_json()


def test_outside_an_invocation_nothing_is_recorded(listener: Listener) -> None:
    """The exporter's own tokens, for one, are nobody's dependency."""
    call("https://login.example/tenant/oauth2/v2.0/token")
    assert listener.spans == ()


def test_a_client_s_method_is_not_a_second_span(listener: Listener) -> None:
    """The SDK wraps requests in spans of its methods; they say nothing the request does not."""

    @distributed_trace
    def method() -> None:
        call("https://acct.example/badging-exports")

    with listener.tracer.start_as_current_span("invocation"):
        method()
    assert [span.name for span in listener.spans] == ["PUT", "invocation"]


def test_where_azure_s_sdk_makes_no_spans_it_is_left_alone() -> None:
    """With its tracing off there is none of ours."""
    assert azure_settings.tracing_implementation() is None
    clean_azure_spans(WORDS)
    assert azure_settings.tracing_implementation() is None


def test_clean_spans_have_no_other_attributes() -> None:
    """An attribute nobody has looked at does not pass."""
    listener = Listener()
    with listener.tracer.start_as_current_span("s") as raw:
        CleanSpan(raw).add_attribute("component", "http")
        CleanSpan(raw).add_attribute("enduser.id", "a@example.com")
    assert dict(listener.spans[0].attributes or {}) == {}


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://a.example/badging-exports/2026/a@b.json?sv=1&sig=x", "https://a.example/badging-exports/*"),
        ("http://127.0.0.1:10000/account/badging-exports", "http://127.0.0.1:10000/*/badging-exports"),
        ("https://login.example/11111111/oauth2/v2.0/token", "https://login.example/*/oauth2/v2.0/token"),
        ("https://vault.example/secrets/badging-app-secret/", "https://vault.example/secrets/*/"),
        ("https://user:password@a.example/x#y", "https://a.example/*"),
        ("http://169.254.1.1:8081/msi/token?resource=x&client_id=y", "http://169.254.1.1:8081/msi/token"),
    ],
)
def test_a_clean_url_has_known_words_only(url: str, clean: str) -> None:
    """Credentials, queries, fragments and unknown segments go; what is left groups well."""
    assert clean_url(url, WORDS) == clean


def test_the_connector_s_span_has_host_batch_and_status() -> None:
    """And no query, in which the job id would be; its duration is in the histogram."""
    listener = Listener()
    with connector_request(listener.tracer, listener.metrics, "connector.example", 7) as answered:
        answered(200)
    span = listener.spans[0]
    assert (span.name, span.kind) == (CONNECTOR_REQUEST.name, SpanKind.CLIENT)
    assert dict(span.attributes or {}) == {
        "url.full": "https://connector.example/api/signals/physicalbadging",
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "batch": 7,
    }
    assert span.status.is_ok
    [(attributes, point)] = listener.points()["gatepost.connector.duration", "s"]
    assert (attributes, point.count) == ({"http_status": 200}, 1)


@pytest.mark.parametrize(("status", "error"), [(None, "no-answer"), (302, "302"), (400, "400"), (503, "503")])
def test_a_request_that_brought_no_success_is_a_failed_dependency(status: int | None, error: str) -> None:
    """A refusal and no answer at all are failures, with their kind."""
    listener = Listener()
    with connector_request(listener.tracer, listener.metrics, "connector.example", 0) as answered:
        answered(status)
    assert listener.spans[0].status.status_code is StatusCode.ERROR
    assert (listener.spans[0].attributes or {})["error.type"] == error


def test_a_request_that_raises_ends_its_span_without_a_text() -> None:
    """Whatever is raised through it is not recorded."""
    listener = Listener()
    with (
        pytest.raises(ValueError, match="quote"),
        connector_request(listener.tracer, listener.metrics, "h", 0),
    ):
        raise ValueError("a quote")
    assert listener.spans[0].events == ()
    assert "a quote" not in listener.spans[0].to_json()


def test_the_connector_s_span_has_the_attributes_its_name_promises() -> None:
    """`names` lists what spans carry."""
    listener = Listener()
    for status in (200, 400):
        with connector_request(listener.tracer, listener.metrics, "h", 0) as answered:
            answered(status)
    seen = {name for span in listener.spans for name in span.attributes or {}}
    assert seen == set(CONNECTOR_REQUEST.attributes)


def test_the_span_is_named_after_the_connector_s_real_path() -> None:
    """The name in `dependencies` is the one the service knows."""
    assert CONNECTOR_REQUEST.name == f"POST {_PATH}"
