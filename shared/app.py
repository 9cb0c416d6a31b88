"""The door the two functions come in by, and the one place that builds what they work with.

What the work needs is imported when the first invocation needs it, so that the worker starts fast.
"""

import logging
import os
from functools import cache
from typing import TYPE_CHECKING

from shared.errors import BadMessageError, GatepostError, LookError, SettingsError
from shared.settings import read_settings

if TYPE_CHECKING:
    from shared.delivery.collaborators import Collaborators


def upload(body: bytes, invocation_id: str) -> None:
    """Look at the export that a queue message names.

    Args:
        body: the message as it lay on the queue.
        invocation_id: the host's; goes into the outcome.

    Raises:
        LookError: a bad message, storage that cannot be written, a bad deployment, or a bug; the host tries again.
    """
    with_collaborators = _collaborators_or_raise()
    from shared import telemetry  # noqa: PLC0415  (see above)
    from shared.delivery.look import look  # noqa: PLC0415
    from shared.messages import read_messages  # noqa: PLC0415

    name = "-"
    try:
        first, *others = read_messages(body, with_collaborators.settings.exports_container)
        for other in others:
            with_collaborators.queue.put(other.encode(), 0)
        name = first.name
        outcome = look(with_collaborators, first, invocation_id)
    except Exception as error:  # noqa: BLE001  (the one place where a bug is turned into a text without content)
        raise _fault(error, name) from None
    if outcome:
        telemetry.export_finished(outcome)


def sweep() -> None:
    """Queue what is due.

    Raises:
        LookError: storage that cannot be read or written, a bad deployment, or a bug.
    """
    with_collaborators = _collaborators_or_raise()
    from shared import telemetry  # noqa: PLC0415  (see above)
    from shared.delivery import sweep as sweeping  # noqa: PLC0415

    try:
        swept = sweeping.sweep(with_collaborators)
    except Exception as error:  # noqa: BLE001  (likewise)
        raise _fault(error, "-") from None
    telemetry.sweep_finished(swept)


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
    )


@cache
def _collaborators() -> "Collaborators":
    from shared import telemetry  # noqa: PLC0415  (see above)

    telemetry.hush()
    return build(os.environ)


def _collaborators_or_raise() -> "Collaborators":
    try:
        return _collaborators()
    except SettingsError as error:
        logging.getLogger("gatepost").error("%s", error)  # noqa: TRY400  (a stack trace would say nothing more)
        raise LookError("bad-settings") from None


def _fault(error: Exception, name: str) -> LookError:
    """The only thing that leaves a function: a fixed text. What happened is logged without any content."""
    from shared.names import printable  # noqa: PLC0415  (see above)

    log = logging.getLogger("gatepost")
    if isinstance(error, GatepostError):
        code = "bad-message" if isinstance(error, BadMessageError) else "storage"
        log.error("%s: %s", code, error)
        return LookError(code, printable(name))
    frames = error.__traceback__
    while frames and frames.tb_next:
        frames = frames.tb_next
    where = f"{frames.tb_frame.f_code.co_name}:{frames.tb_lineno}" if frames else "?"
    log.error("bug: %s in %s; please report this", type(error).__name__, where)
    return LookError("bug", printable(name))
