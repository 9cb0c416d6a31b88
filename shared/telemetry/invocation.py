"""An invocation's trace: what is logged and called during it hangs under it.

Azure's worker attaches the trace context of an invocation in its event loop, but runs a synchronous `main` in a thread
pool that does not inherit it (azure-functions-runtime-v1 1.2.0). So we attach it again, in `main`'s own thread. Threads
of ours copy the context of the code that starts them.
"""

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from opentelemetry.context import Context


class TraceContext(Protocol):
    """What the host says about an invocation's trace: W3C headers, or nothing at all."""

    @property
    def trace_parent(self) -> str:
        """`00-{operation id}-{parent id}-{flags}`."""
        ...

    @property
    def trace_state(self) -> str:
        """Vendors' additions."""
        ...


def listening() -> bool:
    """Whether anybody has loaded OpenTelemetry; if not, nobody listens, and we need not load it either (30 ms)."""
    return "opentelemetry.trace" in sys.modules


@contextmanager
def invocation(host: TraceContext | None) -> Iterator[None]:
    """What happens within hangs under the host's invocation; afterwards it is flushed in the background.

    Args:
        host: what the host says; without a usable trace parent, the invocation is an operation of its own.
    """
    if not listening():
        yield
        return
    from opentelemetry import context

    from shared.telemetry.background_flush import flush_soon

    token = context.attach(_context(host))
    try:
        yield
    finally:
        context.detach(token)
        flush_soon()


def _context(host: TraceContext | None) -> "Context":
    from opentelemetry import trace
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier = {"traceparent": host.trace_parent, "tracestate": host.trace_state} if host else {}
    extracted = TraceContextTextMapPropagator().extract(
        {name: text for name, text in carrier.items() if text}
    )
    if trace.get_current_span(extracted).get_span_context().is_valid:
        return extracted
    alone = trace.SpanContext(
        trace_id=secrets.randbits(127) + 1,
        span_id=secrets.randbits(63) + 1,
        is_remote=True,
        trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(alone), extracted)
