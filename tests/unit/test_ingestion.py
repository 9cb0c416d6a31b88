"""The stand-in for Application Insights, and what it shows at a terminal."""

import gzip
import io
import json
import threading
from typing import Any

import msgspec
import pytest
from rich.console import Console

from local.ingestion import Ingestion, answers, hangs, settings
from local.insights import FIGURES, News, wrong_figures
from local.servers import Request
from shared.delivery.outcome import Records
from shared.error_codes import Status
from tests.unit.test_telemetry_log_events import OUTCOME


def item(base_type: str, data: dict[str, Any], operation: str = "op") -> dict[str, Any]:
    """An envelope as the exporter sends it."""
    tags = {"ai.operation.id": operation, "ai.operation.parentId": "parent"}
    return {"name": "n", "tags": tags, "data": {"baseType": base_type, "baseData": data}}


def line(message: str, **dimensions: str) -> dict[str, Any]:
    """A log line."""
    return item("MessageData", {"message": message, "properties": dimensions})


def metric(name: str, value: float, count: int = 1, **dimensions: str) -> dict[str, Any]:
    """A metric's value."""
    return item(
        "MetricData", {"metrics": [{"name": name, "value": value, "count": count}], "properties": dimensions}
    )


def post(ingestion: Ingestion, items: list[dict[str, Any]], **headers: str) -> int:
    """Send items; gives the status of the answer."""
    body = json.dumps(items).encode()
    if headers.get("content-encoding") == "gzip":
        body = gzip.compress(body)
    return ingestion.answer(Request("POST", "/v2.1/track", {}, headers, body)).status


def test_items_are_filed_as_people_find_them() -> None:
    """Tables, names, operation, parent and dimensions, packed or not, as an array or one a line."""
    ingestion = Ingestion()
    assert post(ingestion, [line("hello", event="e")]) == 200
    assert post(ingestion, [metric("m", 2.0)], **{"content-encoding": "gzip"}) == 200
    dependency = item("RemoteDependencyData", {"name": "GET /"}, "other")
    lines = "\n".join(json.dumps(one) for one in (dependency, item("ExceptionData", {}))).encode()
    assert ingestion.answer(Request("POST", "/v2/track", {}, {}, lines)).status == 200
    filed = [(one.table, one.name, one.operation, one.parent) for one in ingestion.envelopes()]
    assert filed == [
        ("traces", "hello", "op", "parent"),
        ("customMetrics", "m", "op", "parent"),
        ("dependencies", "GET /", "other", "parent"),
        ("exceptions", "", "op", "parent"),
    ]
    assert [one.dimensions for one in ingestion.envelopes("traces")] == [{"event": "e"}]
    assert ingestion.requests == 3


def test_metrics_add_up() -> None:
    """Sums by an attribute, and how many values a histogram has seen."""
    ingestion = Ingestion()
    post(ingestion, [metric("m", 2.0, 3, s="a"), metric("m", 5.0, 1, s="b"), metric("x", 9.0)])
    post(ingestion, [metric("m", 1.0, 1, s="a")])
    assert ingestion.sums("m", "s") == {"a": 3.0, "b": 5.0}
    assert ingestion.sums("m").total() == 8.0
    assert ingestion.count("m") == 5


def test_live_metrics_are_told_that_nobody_watches() -> None:
    """They are no items."""
    ingestion = Ingestion()
    answer = ingestion.answer(Request("POST", "/QuickPulseService.svc/ping", {}, {}, b"[]"))
    assert (answer.status, dict(answer.headers)["x-ms-qps-subscribed"]) == (200, "false")
    assert ingestion.requests == 0


@pytest.mark.parametrize("status", [400, 439, 500])
def test_it_refuses_as_told(status: int) -> None:
    """What is refused is not kept, and is counted as a request."""
    ingestion = Ingestion(trouble=answers(status))
    assert post(ingestion, [line("lost")]) == status
    assert ingestion.envelopes() == []
    assert ingestion.requests == 1


def test_it_hangs_as_told() -> None:
    """The answer is a pause and a connection that is dropped."""
    trouble = hangs(0)
    assert trouble is not None
    assert trouble().wire is not None


def test_waiting_ends_when_enough_has_arrived_or_never_does() -> None:
    """A test waits for what it needs, and is told what there is if that never comes."""
    ingestion = Ingestion()
    thread = threading.Thread(target=post, args=(ingestion, [line("hello")]))
    thread.start()
    assert [one.name for one in ingestion.wait(bool, 10)] == ["hello"]
    thread.join()
    with pytest.raises(TimeoutError, match="'MessageData': 1"):
        ingestion.wait(lambda found: len(found) > 1, 0)


def test_every_process_has_a_key_of_its_own() -> None:
    """What an earlier run could not send is not sent by a later one."""
    first, second = (
        settings("http://127.0.0.1:1")["APPLICATIONINSIGHTS_CONNECTION_STRING"] for _ in range(2)
    )
    assert first != second
    assert "IngestionEndpoint=http://127.0.0.1:1/;LiveEndpoint=http://127.0.0.1:1/" in first


def told(**changes: str) -> list[dict[str, Any]]:
    """What arrives for the outcome of `test_telemetry_lines`, all of it right but for the changes."""
    figures = dict.fromkeys(FIGURES, "0") | {"read": "3", "sent": "3"}
    said = figures | {"event": "export finished", "export": "day.json", "status": "Succeeded"} | changes
    return [
        line("export finished: ...", **said),
        metric("gatepost.exports", 1),
        metric("gatepost.records.sent", 3),
        metric("gatepost.connector.duration", 0.5, 4),
    ]


def test_figures_that_agree_are_no_fault() -> None:
    """One line with the outcome's figures, sums that are the outcomes' sums."""
    ingestion = Ingestion()
    post(ingestion, told())
    assert list(wrong_figures(ingestion, [OUTCOME])) == []


@pytest.mark.parametrize(
    ("items", "fault"),
    [
        ([], "did not get one line with the figures of day.json"),
        (told() + told()[:1], "did not get one line"),
        (told(sent="2"), "did not get one line"),
        (told(status="Failed"), "did not get one line"),
        ([*told(), metric("gatepost.exports", 1)], "gatepost.exports adds up to 2 instead of 1"),
        ([*told(), metric("gatepost.records.sent", 1)], "gatepost.records.sent adds up to 4 instead of 3"),
        ([*told(), metric("gatepost.records.rejected", 1)], "gatepost.records.rejected adds up to 1"),
        ([*told(), metric("gatepost.connector.duration", 1)], "counts 5 requests instead of 4"),
    ],
)
def test_figures_that_do_not_agree_are_named(items: list[dict[str, Any]], fault: str) -> None:
    """A line too few or too many, another figure, another sum."""
    ingestion = Ingestion()
    post(ingestion, items)
    assert any(fault in one for one in wrong_figures(ingestion, [OUTCOME]))


def test_an_unreadable_export_has_zeros() -> None:
    """Without figures in the outcome, the line has zeros."""
    ingestion = Ingestion()
    zeros = dict.fromkeys(("read", "sent"), "0")
    post(ingestion, [told(**zeros, status="Rejected")[0], metric("gatepost.exports", 1)])
    broken = msgspec.structs.replace(OUTCOME, status=Status.REJECTED, records=None, batches=[])
    assert list(wrong_figures(ingestion, [broken])) == []
    with_figures = msgspec.structs.replace(broken, records=Records(read=1, rejected=1))
    assert len(list(wrong_figures(ingestion, [with_figures]))) == 2


def test_news_are_failures_and_sweeps_each_once() -> None:
    """Exports have their own line elsewhere; a failed invocation is shown with what to do."""
    ingestion = Ingestion()
    printed = io.StringIO()
    news = News(ingestion, Console(file=printed, width=200))
    post(ingestion, told())
    post(ingestion, [line("invocation failed: storage: [403]", event="invocation failed", code="storage")])
    post(ingestion, [line("sweep finished: 1 queued", event="sweep finished")])
    news.poll()
    news.poll()
    assert printed.getvalue().splitlines() == [
        "invocation failed: storage: [403]",
        "    It is tried again by itself; after five tries it is in the queue badging-exports-poison.".ljust(
            200
        ),
        "sweep finished: 1 queued",
    ]


def test_news_are_coloured_where_there_is_a_terminal() -> None:
    """Red for what failed."""
    ingestion = Ingestion()
    printed = io.StringIO()
    post(ingestion, [line("invocation failed: bug: ...", event="invocation failed", code="bug")])
    News(ingestion, Console(file=printed, width=200, force_terminal=True)).poll()
    assert "\x1b[31minvocation failed" in printed.getvalue()
