"""Flushes telemetry soon after an invocation, so that a worker that is stopped takes little of it along.

OpenTelemetry sends by itself every 5 s (metrics: every minute). The platform may stop a worker sooner. Flushing waits
for the ingestion endpoint, so it happens on a thread of its own, never in an invocation: one that hangs costs nothing
but its own thread, and everything said meanwhile goes with the next one.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

PAUSE_SECONDS: Final = 1.0
"""Many short invocations share one flush."""
FLUSH_MILLIS: Final = 10_000


class BackgroundFlush:
    """At most one thread that flushes; a request during a flush is one more flush after it.

    Args:
        flush: waits for the endpoint; what it raises is lost, since telemetry is nobody's reason to fail.
        pause: waits a little, so that requests gather.
    """

    def __init__(self, flush: Callable[[], None], pause: Callable[[], object]) -> None:
        self._flush = flush
        self._pause = pause
        self._lock = threading.Lock()
        self._requested = False
        self._thread: threading.Thread | None = None

    def soon(self) -> None:
        """Ask for a flush; returns at once."""
        with self._lock:
            self._requested = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="telemetry-flush", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._pause()
            with self._lock:
                if not self._requested:
                    self._thread = None
                    return
                self._requested = False
            with suppress(Exception):  # see `flush`
                self._flush()


def flush_all() -> None:
    """Flush traces, logs and metrics; providers without an SDK behind them have nothing to flush."""
    from opentelemetry import _logs, metrics, trace

    for provider in (trace.get_tracer_provider(), _logs.get_logger_provider(), metrics.get_meter_provider()):
        flush = getattr(provider, "force_flush", None)
        if flush:
            flush(FLUSH_MILLIS)


_PROCESS: Final = BackgroundFlush(flush_all, lambda: threading.Event().wait(PAUSE_SECONDS))
flush_soon: Final = _PROCESS.soon
