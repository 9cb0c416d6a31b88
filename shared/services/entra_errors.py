"""What Entra ID's refusals mean: its errors all have one type, an outage's too; only the number inside tells."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from azure.core.exceptions import ClientAuthenticationError

from shared.error_codes import BlockedCode, FailedCode
from shared.errors import ActionRequiredError, CredentialRefusedError, TransientError
from shared.services.host_errors import seconds_to_wait, unreached
from shared.services.network_faults import network_fault

_AADSTS: Final = re.compile(r"AADSTS(\d{4,7})")
_PERSON: Final[dict[str, tuple[BlockedCode, str]]] = {
    "700016": (BlockedCode.APP_UNKNOWN, "Entra ID does not know the app in this tenant (AADSTS700016)."),
    "7000112": (BlockedCode.APP_DISABLED, "The app is disabled in Entra ID (AADSTS7000112)."),
    "90002": (BlockedCode.TENANT_UNKNOWN, "Entra ID does not know the tenant (AADSTS90002)."),
    "53003": (
        BlockedCode.CONDITIONAL_ACCESS,
        "A Conditional Access policy does not let the app sign in (AADSTS53003).",
    ),
    "500011": (
        BlockedCode.AUDIENCE_UNKNOWN,
        "Entra ID does not know the connector's audience in this tenant (AADSTS500011).",
    ),
}
_SECRET: Final = {
    "7000215": "Entra ID says the app secret is wrong (AADSTS7000215).",
    "7000222": "Entra ID says the app secret has expired (AADSTS7000222).",
}


@contextmanager
def entra_errors(authority: str) -> Iterator[None]:
    """Turn Entra's errors into ours; only known numbers are a person's to fix.

    Args:
        authority: that is asked.
    """
    try:
        yield
    except ClientAuthenticationError as error:
        number = _number(error)
        if number in _PERSON:
            raise ActionRequiredError(*_PERSON[number]) from error
        if number in _SECRET:
            raise CredentialRefusedError(FailedCode.SECRET_WRONG, _SECRET[number]) from error
        fault = None if number or error.response else network_fault(error, "Entra ID", authority)
        if fault and fault.code:
            raise ActionRequiredError(fault.code, f"{fault.text}.") from error
        what = f" (AADSTS{number})" if number else ""
        message = f"{fault.text}." if fault else f"Entra ID gave no token{what}."
        raise TransientError(
            FailedCode.ENTRA_UNAVAILABLE, message, retry_after_seconds=seconds_to_wait(error)
        ) from error
    except Exception as error:
        raise unreached(FailedCode.ENTRA_UNAVAILABLE, network_fault(error, "Entra ID", authority)) from error


def _number(error: BaseException | None) -> str:
    """Entra's number for what is wrong; of a tenant it does not know only the first of a chain of errors has it."""
    while error:
        if found := _AADSTS.search(str(error)):
            return str(found[1])
        error = error.__cause__ or error.__context__
    return ""
