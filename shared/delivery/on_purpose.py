"""Exports that wait on purpose: everything is done but the requests, and nothing of it is final."""

from typing import Final

from shared.delivery.export_rules import ExportRules
from shared.error_codes import BlockedCode
from shared.errors import ActionRequiredError, ExportError

_MESSAGES: Final = {
    BlockedCode.SENDING_OFF: (
        "CONNECTOR_SENDING is off: everything was checked, and nothing is sent until it is on again."
    ),
    BlockedCode.SOURCE_ON_TRIAL: (
        "The source is on trial: everything was checked, and nothing is sent until its profile says send = true."
    ),
}
ON_PURPOSE: Final = frozenset(_MESSAGES)
"""The codes of what waits on purpose."""


def on_purpose(rules: ExportRules, *, sending: bool) -> BlockedCode | None:
    """Why nothing of an export is sent, if it waits on purpose.

    Args:
        rules: by which it is read.
        sending: whether the app sends at all.
    """
    if not sending:
        return BlockedCode.SENDING_OFF
    return BlockedCode.SOURCE_ON_TRIAL if rules.on_trial else None


def held(code: BlockedCode, error: ExportError | None) -> ActionRequiredError:
    """The end of an attempt on an export that waits.

    Args:
        code: why it does.
        error: why it would be rejected, if it would be.
    """
    then = f" It will be rejected: {error.message}" if error else ""
    return ActionRequiredError(code, _MESSAGES[code] + then, place=error.place if error else None)
