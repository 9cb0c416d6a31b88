"""What the vault and Entra ID have in common when they do not answer, or not now."""

from datetime import UTC, datetime

from azure.core.exceptions import HttpResponseError

from shared.delivery.classify_reply import seconds_asked_for
from shared.error_codes import FailedCode
from shared.errors import ActionRequiredError, OutcomeError, TransientError
from shared.services.network_faults import NetworkFault


def unreached(code: FailedCode, fault: NetworkFault) -> OutcomeError:
    """A host that gave no answer: mostly it passes."""
    message = f"{fault.text}."
    return ActionRequiredError(fault.code, message) if fault.code else TransientError(code, message)


def seconds_to_wait(error: HttpResponseError) -> float | None:
    """How long the other side asks us to wait, if it does."""
    headers = getattr(error.response, "headers", None) or {}
    return seconds_asked_for(str(headers.get("Retry-After", "")), datetime.now(UTC))
