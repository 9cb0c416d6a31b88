"""What hangs under an invocation, and how it is sent off without anybody waiting."""

import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from opentelemetry import trace

from shared.clock import SystemClock
from shared.delivery.prefetch import prefetch
from shared.telemetry import background_flush
from shared.telemetry import invocation as invocations
from shared.telemetry.background_flush import BackgroundFlush
from shared.telemetry.invocation import invocation

OPERATION, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@dataclass(frozen=True)
class Host:
    """What the host says of an invocation's trace."""

    trace_parent: str = f"00-{OPERATION}-{PARENT}-01"
    trace_state: str = ""


def current() -> tuple[str, str]:
    """Operation and parent of whatever is said just now."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}", f"{context.span_id:016x}"


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Requests for a flush, noted instead of granted."""
    noted: list[str] = []
    monkeypatch.setattr(background_flush, "flush_soon", lambda: noted.append("soon"))
    return noted


def test_what_happens_within_hangs_under_the_host_s_invocation(requests: list[str]) -> None:
    """Operation and parent id are the host's; afterwards they are gone and a flush is asked for."""
    with invocation(Host()):
        assert current() == (OPERATION, PARENT)
        assert requests == []
    assert not trace.get_current_span().get_span_context().is_valid
    assert requests == ["soon"]


def test_an_exception_passes_and_the_context_is_given_back(requests: list[str]) -> None:
    """An attempt that fails is sent off as well."""
    with pytest.raises(KeyError), invocation(Host()):
        raise KeyError
    assert not trace.get_current_span().get_span_context().is_valid
    assert requests == ["soon"]


@pytest.mark.parametrize("host", [None, Host(""), Host("nonsense"), Host(f"00-{'0' * 32}-{PARENT}-01")])
def test_without_a_usable_parent_an_invocation_is_an_operation_of_its_own(
    host: Host | None, requests: list[str]
) -> None:
    """Everything of it still has one operation id, and no two have the same."""
    with invocation(host):
        first = current()
        assert trace.get_current_span().get_span_context().trace_flags.sampled
    with invocation(host):
        second = current()
    assert int(first[0], 16) > 0
    assert int(first[1], 16) > 0
    assert first[0] != second[0]
    assert len(requests) == 2


def test_threads_that_read_ahead_work_in_the_caller_s_context(requests: list[str]) -> None:
    """Downloads that run ahead are dependencies of the same invocation."""
    with invocation(Host()):
        assert list(prefetch((current() for _ in range(3)), 1)) == [(OPERATION, PARENT)] * 3
    assert requests


def test_what_happens_every_so_often_works_in_the_caller_s_context(requests: list[str]) -> None:
    """So do renewals of the lease."""
    seen: list[tuple[str, str]] = []
    once = threading.Event()

    def renew() -> None:
        seen.append(current())
        once.set()

    with invocation(Host()):
        stop = SystemClock().every(0.001, renew)
        assert once.wait(10)
        stop()
    assert set(seen) == {(OPERATION, PARENT)}
    assert requests


def test_if_nobody_listens_nothing_is_loaded_or_attached(
    monkeypatch: pytest.MonkeyPatch, requests: list[str]
) -> None:
    """With telemetry off, OpenTelemetry costs nothing at all."""
    monkeypatch.setattr(invocations, "sys", SimpleNamespace(modules={}))
    with invocation(Host()):
        assert not trace.get_current_span().get_span_context().is_valid
    assert requests == []


def test_loading_the_product_does_not_load_opentelemetry() -> None:
    """The doors, the observer and the log lines stand without it."""
    script = (
        "import sys, shared.app, shared.telemetry.observer, shared.telemetry.log_events, shared.delivery.process_export;"
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


class Gate:
    """A flush that waits to be let through, and counts."""

    def __init__(self) -> None:
        self.flushes = 0
        self.entered = threading.Semaphore(0)
        self.open = threading.Semaphore(0)

    def flush(self) -> None:
        """Wait for the endpoint, so to speak."""
        self.flushes += 1
        self.entered.release()
        self.open.acquire()


def ended(name: str) -> Callable[[], bool]:
    """Whether no thread of this name is left; waits for those there are."""

    def check() -> bool:
        for thread in threading.enumerate():
            if thread.name == name:
                thread.join(10)
        return not any(thread.name == name for thread in threading.enumerate())

    return check


def test_a_flush_that_hangs_holds_nobody_up() -> None:
    """Requests return at once while one flush waits; all of them together are one more flush."""
    gate = Gate()
    sending = BackgroundFlush(gate.flush, lambda: None)
    sending.soon()
    assert gate.entered.acquire(timeout=10)
    for _ in range(100):
        sending.soon()
    assert gate.flushes == 1
    gate.open.release()
    assert gate.entered.acquire(timeout=10)
    gate.open.release()
    assert ended("telemetry-flush")()
    assert gate.flushes == 2


def test_a_flush_that_fails_is_nobody_s_reason_to_fail() -> None:
    """Telemetry that cannot be sent is lost, and the next request is granted."""
    tries: list[int] = []

    def broken() -> None:
        tries.append(1)
        raise OSError

    sending = BackgroundFlush(broken, lambda: None)
    for _ in range(2):
        sending.soon()
        assert ended("telemetry-flush")()
    assert len(tries) == 2


def test_flushing_asks_every_provider_that_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """Traces, logs and metrics are flushed, each for at most 10 s; a provider that cannot flush is passed over."""
    from opentelemetry import _logs, metrics  # noqa: PLC0415  (read beside their use)

    flushed: list[tuple[str, int]] = []

    def provider(name: str) -> SimpleNamespace:
        return SimpleNamespace(force_flush=lambda millis: flushed.append((name, millis)))

    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider("traces"))
    monkeypatch.setattr(_logs, "get_logger_provider", object)
    monkeypatch.setattr(metrics, "get_meter_provider", lambda: provider("metrics"))
    background_flush.flush_all()
    assert flushed == [("traces", 10_000), ("metrics", 10_000)]


def test_log_lines_of_other_threads_have_no_operation(
    requests: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A context belongs to the thread it was attached in: another invocation's lines stay its own."""
    seen: list[tuple[str, str]] = []
    with invocation(Host()), caplog.at_level(logging.INFO):
        thread = threading.Thread(target=lambda: seen.append(current()))
        thread.start()
        thread.join()
    assert seen == [("0" * 32, "0" * 16)]
    assert requests
