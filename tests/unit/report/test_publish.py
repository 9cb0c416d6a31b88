"""When a report is asked for, and that no page is written over a newer one."""

from datetime import UTC, timedelta

import pytest

from shared.blob_names import REPORT_PATH, REPORT_PENDING_PATH
from shared.delivery.worker_memory import WorkerMemory
from shared.errors import StorageError
from shared.messages import TaskMessage
from shared.report.publish import publish
from shared.report.request import request_report
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer, FakeQueue
from tests.support.reports import no_sources


def _empty() -> tuple[FakeClock, FakeContainer, FakeQueue]:
    clock = FakeClock()
    return clock, FakeContainer("badging-results", clock), FakeQueue(clock)


def test_a_report_is_asked_for_in_five_minutes_unless_one_is_on_its_way() -> None:
    """A hundred exports that end in a row are one page."""
    clock, results, queue = _empty()
    for _ in range(100):
        request_report(results, queue, clock.now(), WorkerMemory())
    assert queue.messages == [(300.0, TaskMessage("report").encode())]


def test_a_worker_that_has_just_asked_does_not_look_again() -> None:
    """Its message lies on the queue; later, when the page may have been made, it looks."""
    clock, results, queue = _empty()
    memory = WorkerMemory()
    request_report(results, queue, clock.now(), memory)
    results.refuses = "nothing may be asked"
    clock.sleep(149)
    request_report(results, queue, clock.now(), memory)
    results.refuses = ""
    clock.sleep(1)
    results.delete(REPORT_PENDING_PATH)
    request_report(results, queue, clock.now(), memory)
    assert len(queue.messages) == 2


def test_a_worker_whose_clock_was_set_back_looks_again() -> None:
    """Else nobody would ask for as long as it was set back."""
    clock, results, queue = _empty()
    memory = WorkerMemory()
    request_report(results, queue, clock.now() + timedelta(hours=1), memory)
    results.delete(REPORT_PENDING_PATH)
    request_report(results, queue, clock.now(), memory)
    assert len(queue.messages) == 2


@pytest.mark.parametrize(("minutes", "messages"), [(29.9, 1), (30, 2)])
def test_a_report_that_did_not_come_is_asked_for_again(minutes: float, messages: int) -> None:
    """Its message may have been lost: `pending` is void after half an hour."""
    clock, results, queue = _empty()
    request_report(results, queue, clock.now(), WorkerMemory())
    clock.sleep(minutes * 60)
    request_report(results, queue, clock.now(), WorkerMemory())
    assert len(queue.messages) == messages
    assert clock.now() - results.head(REPORT_PENDING_PATH).last_modified < timedelta(minutes=30)


def test_the_message_is_queued_before_pending_says_so() -> None:
    """Who dies in between leaves a page too many, not half an hour without one."""
    clock, results, queue = _empty()
    order: list[str] = []
    queue.on_change = results.on_change = lambda what, name: order.append(name) if what == "write" else None
    request_report(results, queue, clock.now(), WorkerMemory())
    assert order == ["queue", REPORT_PENDING_PATH]


def test_what_ends_while_the_page_is_made_asks_for_another_one() -> None:
    """`pending` is gone before anything is listed."""
    clock, results, queue = _empty()
    request_report(results, queue, clock.now(), WorkerMemory())
    results.put("outcomes/a.json/1.json", b"{}")
    pending: list[bool] = []
    blobs = results.blobs

    def listing(prefix: str = "") -> object:
        pending.append(REPORT_PENDING_PATH in results.names())
        return blobs(prefix)

    results.blobs = listing  # type: ignore[method-assign,assignment]
    assert publish(results, clock, UTC, no_sources(clock))
    assert pending == [False]
    request_report(results, queue, clock.now(), WorkerMemory())
    assert len(queue.messages) == 2


@pytest.mark.parametrize("there", [False, True])
def test_a_page_never_replaces_one_that_was_written_meanwhile(*, there: bool) -> None:
    """If-Match on the page that was there when the listing began, or that there was none."""
    clock, results, _ = _empty()
    if there:
        assert publish(results, clock, UTC, no_sources(clock))

    def newer(what: str, name: str) -> None:
        if (what, name) == ("write", REPORT_PATH):
            results.put(REPORT_PATH, b"newer")

    results.on_change = newer
    assert not publish(results, clock, UTC, no_sources(clock))
    assert results.data(REPORT_PATH) == b"newer"


def test_a_page_is_replaced_by_the_next() -> None:
    """Every one is of its own time."""
    clock, results, _ = _empty()
    assert publish(results, clock, UTC, no_sources(clock))
    first = results.data(REPORT_PATH)
    clock.sleep(86_400)
    assert publish(results, clock, UTC, no_sources(clock))
    assert results.data(REPORT_PATH) != first


def test_asking_for_a_report_harms_no_export(caplog: pytest.LogCaptureFixture) -> None:
    """Storage that refuses is a warning."""
    clock, results, queue = _empty()
    results.refuses = "storage answers 403"
    request_report(results, queue, clock.now(), WorkerMemory())
    assert queue.messages == []
    results.refuses = ""

    def refuse(_what: str, _name: str) -> None:
        raise StorageError("the queue answers 403")

    queue.on_change = refuse
    request_report(results, queue, clock.now(), WorkerMemory())
    assert results.names() == []
    assert "report failed: storage answers 403" in caplog.text
    assert "report failed: the queue answers 403" in caplog.text
