"""The door the two functions come in by, and the one place that builds what they work with.

What the work needs is imported when the first invocation needs it, so that the worker starts fast.
"""

import os
from functools import cache
from typing import TYPE_CHECKING

from shared.errors import BadMessageError, GatepostError, InvocationError, SettingsError
from shared.settings import read_settings

if TYPE_CHECKING:
    from shared.delivery.collaborators import Collaborators
    from shared.telemetry.invocation import TraceContext


def upload(body: bytes, invocation_id: str, trace_context: "TraceContext | None" = None) -> None:
    """Look at the export that a queue message names.

    Args:
        body: the message as it lay on the queue.
        invocation_id: the host's; goes into the outcome.
        trace_context: the host's; what is logged and called hangs under it.

    Raises:
        InvocationError: a bad message, storage that cannot be written, a bad deployment, or a bug; the host tries again.
    """
    from shared.telemetry.invocation import invocation  # noqa: PLC0415  (see above)

    with invocation(trace_context):
        _upload(_collaborators_or_raise(), body, invocation_id)


def _upload(at: "Collaborators", body: bytes, invocation_id: str) -> None:
    from shared.blob_names import outcome_path  # noqa: PLC0415
    from shared.delivery.process_export import process_export  # noqa: PLC0415  (see above)
    from shared.messages import read_messages  # noqa: PLC0415

    name = outcome = "-"
    try:
        first, *others = read_messages(body, at.settings.exports_container)
        for other in others:
            at.queue.put(other.encode(), 0)
        name, outcome = first.name, outcome_path(first.name, first.etag)
        process_export(at, first, invocation_id)
    except Exception as error:  # noqa: BLE001  (the one place where a bug is turned into a text without content)
        raise _fault(error, name, outcome) from None


def sweep(trace_context: "TraceContext | None" = None) -> None:
    """Queue what is due, then write the report.

    Args:
        trace_context: the host's; what is logged and called hangs under it.

    Raises:
        InvocationError: storage that cannot be read or written, a bad deployment, or a bug.
    """
    from shared.telemetry.invocation import invocation  # noqa: PLC0415  (see above)

    with invocation(trace_context):
        at = _collaborators_or_raise()
        from shared.delivery import sweep as sweeping  # noqa: PLC0415  (see above)
        from shared.report.publish import publish  # noqa: PLC0415

        try:
            sweeping.sweep(at)
        except Exception as error:  # noqa: BLE001  (likewise)
            raise _fault(error) from None
        publish(at.results, at.clock)


def build(environment: "os._Environ[str] | dict[str, str]") -> "Collaborators":
    """Build everything from the app settings.

    Raises:
        SettingsError: with everything that is wrong with them.
    """
    settings = read_settings(environment)
    from shared.clock import SystemClock  # noqa: PLC0415  (see above)
    from shared.delivery.collaborators import Collaborators  # noqa: PLC0415
    from shared.services.connector import HttpsConnector  # noqa: PLC0415
    from shared.services.credentials import VaultTokens  # noqa: PLC0415
    from shared.services.identity import own_credential  # noqa: PLC0415
    from shared.services.storage import BlobContainer, MessageQueue  # noqa: PLC0415
    from shared.telemetry.observer import observer  # noqa: PLC0415

    storage = settings.storage
    credential = None if storage.connection_string else own_credential(settings.identity_client_id)
    return Collaborators(
        settings=settings,
        exports=BlobContainer(storage, credential, settings.exports_container),
        results=BlobContainer(storage, credential, settings.results_container),
        state=BlobContainer(storage, credential, settings.state_container),
        queue=MessageQueue(storage, credential, settings.exports_queue),
        connector=HttpsConnector(settings.connector_url, settings.job_id, settings.connector_timeout_seconds),
        tokens=VaultTokens(settings),
        clock=SystemClock(),
        observer=observer(settings),
    )


@cache
def _collaborators() -> "Collaborators":
    return build(os.environ)


def _collaborators_or_raise() -> "Collaborators":
    try:
        return _collaborators()
    except SettingsError as error:
        from shared.telemetry.log_events import invocation_failed  # noqa: PLC0415  (see above)

        invocation_failed("bad-settings", "-", str(error))
        raise InvocationError("bad-settings") from None
    except Exception as error:  # noqa: BLE001  (what an SDK makes of a malformed connection string)
        raise _fault(error) from None


def _fault(error: Exception, name: str = "-", outcome: str = "-") -> InvocationError:
    """The only thing that leaves a function: a fixed text. What happened is logged without any content."""
    from shared.blob_names import printable  # noqa: PLC0415  (see above)
    from shared.telemetry.log_events import invocation_failed  # noqa: PLC0415

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
