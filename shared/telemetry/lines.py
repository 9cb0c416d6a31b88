"""What Gatepost says about its work: one line an export, one line a sweep, and silence in between."""

import logging
from typing import Final

from shared.delivery.outcome import Outcome
from shared.delivery.sweep import Swept
from shared.faults import Status
from shared.names import printable

LOGGER: Final = logging.getLogger("gatepost")
EXPORT_FINISHED: Final = "export finished"
SWEEP_FINISHED: Final = "sweep finished"

_LEVELS: Final = {
    Status.REJECTED: logging.ERROR,
    Status.BLOCKED: logging.ERROR,
    Status.FAILED: logging.WARNING,
    Status.PARTIALLY_SUCCEEDED: logging.WARNING,
}


def hush() -> None:
    """Quieten libraries that log each request; urllib3 would log the connector's path with its query."""
    for name, level in (("azure", logging.WARNING), ("urllib3", logging.ERROR)):
        logging.getLogger(name).setLevel(level)
    LOGGER.setLevel(logging.INFO)


def export_finished(outcome: Outcome) -> None:
    """The one line at the end of a look, with the outcome's figures as attributes."""
    LOGGER.log(
        _LEVELS.get(outcome.status, logging.INFO),
        "%s: %s %s: %s",
        EXPORT_FINISHED,
        outcome.status.value,
        printable(outcome.export.name),
        outcome.summary,
        extra=_figures(outcome),
    )


def sweep_finished(swept: Swept) -> None:
    """The one line at the end of a sweep, and an error for each export that is given up."""
    for name in swept.given_up:
        LOGGER.error("given up: %s: see its outcome for the cause", printable(name))
    if swept.expiry_problem:
        LOGGER.warning("app secret: %s", swept.expiry_problem)
    LOGGER.info(
        "%s: %d queued, %d closed, %d waiting",
        SWEEP_FINISHED,
        swept.queued,
        swept.closed,
        sum(swept.waiting.values()),
    )


def _figures(outcome: Outcome) -> dict[str, object]:
    records = outcome.records
    return {
        "status": outcome.status.value,
        "final": outcome.status.final,
        "trigger": outcome.trigger,
        "export": printable(outcome.export.name),
        "code": outcome.error.code if outcome.error else "",
        "retry": outcome.retry or "",
        "read": records.read if records else 0,
        "sent": records.sent if records else 0,
        "rejected": records.rejected if records else 0,
        "refused": records.refused if records else 0,
        "unconfirmed": records.unconfirmed if records else 0,
        "unsent": records.unsent if records else 0,
        "attempts": outcome.attempts,
        "duration_seconds": outcome.duration_seconds or 0.0,
    }
