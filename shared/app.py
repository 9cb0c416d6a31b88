"""What the two functions call: one entry point each, and the one place where a failure becomes a fixed text.

What the work needs is imported after the worker has started, so that it starts fast: in the background, while the host gets
ready to bring the first message.
"""

import os
from functools import cache
from typing import TYPE_CHECKING, Final

from shared.background_loading import BackgroundLoading
from shared.errors import BadMessageError, GatepostError, InvocationError, SettingsError

if TYPE_CHECKING:
    from shared.delivery.dependencies import Dependencies
    from shared.messages import Message, TaskMessage
    from shared.telemetry.invocation import TraceContext


def process_message(body: bytes, invocation_id: str, trace_context: "TraceContext | None" = None) -> None:
    """Do what a queue message asks for: an attempt on an export, a slice of a sweep, or the report.

    Args:
        body: the message as it was on the queue.
        invocation_id: the host's; goes into the outcome.
        trace_context: the host's; what is logged and called hangs under it.

    Raises:
        InvocationError: a bad message, storage that cannot be written, a bad deployment, or a bug; the host tries again.
    """
    _LOADING.wait()
    from shared.telemetry.invocation import invocation

    with invocation(trace_context):
        _process(_dependencies_or_raise(), body, invocation_id)


def start_sweep(trace_context: "TraceContext | None" = None) -> None:
    """Queue the message that starts a sweep: a timer run that fails is not repeated, a message is.

    Args:
        trace_context: the host's; what is logged and called hangs under it.

    Raises:
        InvocationError: the queue cannot be written, a bad deployment, or a bug.
    """
    _LOADING.wait()
    from shared.delivery.sweep import new_sweep
    from shared.telemetry.invocation import invocation

    with invocation(trace_context):
        deps = _dependencies_or_raise()
        try:
            deps.queue.put(new_sweep().encode(), 0)
        except Exception as error:  # noqa: BLE001  (the one place where a bug is turned into a text without content)
            raise _failed(error) from None


def _load() -> None:
    from shared.wiring import load_libraries

    load_libraries()


_LOADING: Final = BackgroundLoading(_load)
load_in_background: Final = _LOADING.start


def _process(deps: "Dependencies", body: bytes, invocation_id: str) -> None:
    from shared.blob_names import outcome_path
    from shared.messages import Message, read_messages

    name = outcome = "-"
    try:
        first, *others = read_messages(body, deps.settings.exports_container)
        for other in others:  # before the first one, which may fail
            deps.queue.put(other.encode(), 0)
        if isinstance(first, Message):
            name, outcome = first.name, outcome_path(first.name, first.etag)
            _process_export(deps, first, invocation_id)
        else:
            _do_task(deps, first)
    except Exception as error:  # noqa: BLE001  (likewise)
        raise _failed(error, name, outcome) from None


def _process_export(deps: "Dependencies", message: "Message", invocation_id: str) -> None:
    from shared.delivery.process_export import process_export

    outcome = process_export(deps, message, invocation_id)
    if outcome:
        from shared.report.request import request_report

        request_report(deps.results, deps.queue, deps.clock.now(), deps.memory)


def _do_task(deps: "Dependencies", message: "TaskMessage") -> None:
    from shared.delivery.sweep import sweep
    from shared.report.publish import publish

    if message.task == "sweep":
        sweep(deps, message)
    else:
        settings = deps.settings
        publish(
            deps.results,
            deps.clock,
            settings.report_zone,
            deps.sources,
            sending=settings.connector_sending,
        )


@cache
def _dependencies() -> "Dependencies":
    from shared.wiring import build

    return build(os.environ)


def _dependencies_or_raise() -> "Dependencies":
    try:
        return _dependencies()
    except SettingsError as error:
        from shared.telemetry.log_events import invocation_failed

        invocation_failed("bad-settings", "-", str(error))
        raise InvocationError("bad-settings") from None
    except Exception as error:  # noqa: BLE001  (what an SDK makes of a malformed connection string)
        raise _failed(error) from None


def _failed(error: Exception, name: str = "-", outcome: str = "-") -> InvocationError:
    """The only thing that leaves a function: a fixed text. What happened is logged without any content."""
    from shared.printable import printable
    from shared.telemetry.log_events import invocation_failed

    export = printable(name)
    if isinstance(error, GatepostError):
        code, detail = "bad-message" if isinstance(error, BadMessageError) else "storage", str(error)
    else:
        code, detail = "bug", f"{type(error).__name__} in {_where(error)}; please report this"
    invocation_failed(code, export, detail)
    return InvocationError(code, export, printable(outcome))


def _where(error: Exception) -> str:
    """Function and line in which an exception was raised."""
    frames = error.__traceback__
    while frames and frames.tb_next:
        frames = frames.tb_next
    return f"{frames.tb_frame.f_code.co_name}:{frames.tb_lineno}" if frames else "?"
