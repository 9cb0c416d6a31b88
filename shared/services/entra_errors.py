"""What Entra ID's refusals mean: its errors all have one type, an outage's too; only the number inside tells."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from azure.core.exceptions import ClientAuthenticationError

from shared.error_codes import BlockedCode, FailedCode
from shared.errors import ActionRequiredError, CredentialRefusedError, TransientError
from shared.services.host_errors import seconds_to_wait, unreached
from shared.services.identity import IdentityError
from shared.services.network_faults import known_fault, network_fault

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
_NO_IDENTITY: Final = "The app's identity gives no token to prove the app registration with."
_NO_FEDERATION: Final = "The app registration has no federated credential with the"
_REFUSED: Final[dict[str, tuple[FailedCode, BlockedCode, str]]] = {
    "7000215": (
        FailedCode.SECRET_WRONG,
        BlockedCode.SECRET_REFUSED,
        "Entra ID says the app secret is wrong (AADSTS7000215).",
    ),
    "7000222": (
        FailedCode.SECRET_WRONG,
        BlockedCode.SECRET_REFUSED,
        "Entra ID says the app secret has expired (AADSTS7000222).",
    ),
    "700027": (
        FailedCode.CERTIFICATE_WRONG,
        BlockedCode.CERTIFICATE_REFUSED,
        "Entra ID says the app registration does not have this certificate (AADSTS700027).",
    ),
    "700211": (
        FailedCode.FEDERATION_WRONG,
        BlockedCode.FEDERATION_REFUSED,
        f"{_NO_FEDERATION} issuer of the identity's token (AADSTS700211).",
    ),
    "700212": (
        FailedCode.FEDERATION_WRONG,
        BlockedCode.FEDERATION_REFUSED,
        f"{_NO_FEDERATION} audience of the identity's token (AADSTS700212).",
    ),
    "700213": (
        FailedCode.FEDERATION_WRONG,
        BlockedCode.FEDERATION_REFUSED,
        f"{_NO_FEDERATION} subject of the identity's token (AADSTS700213).",
    ),
    "70021": (
        FailedCode.FEDERATION_WRONG,
        BlockedCode.FEDERATION_REFUSED,
        f"{_NO_FEDERATION} issuer, subject and audience of the identity's token (AADSTS70021).",
    ),
}
"""The newest credential is not known there, or not yet: a change takes minutes to arrive."""


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
        if number in _REFUSED:
            code, settles_as, message = _REFUSED[number]
            raise CredentialRefusedError(code, message, settles_as) from error
        if _has(error, IdentityError):
            raise TransientError(FailedCode.IDENTITY_UNAVAILABLE, _NO_IDENTITY) from error
        fault = None if number or error.response else known_fault(error, "Entra ID", authority)
        if fault and fault.code:
            raise ActionRequiredError(fault.code, f"{fault.text}.") from error
        what = f" (AADSTS{number})" if number else ""
        message = f"{fault.text}." if fault else f"Entra ID gave no token{what}."
        raise TransientError(
            FailedCode.ENTRA_UNAVAILABLE, message, retry_after_seconds=seconds_to_wait(error)
        ) from error
    except IdentityError as error:
        raise TransientError(FailedCode.IDENTITY_UNAVAILABLE, _NO_IDENTITY) from error
    except Exception as error:
        raise unreached(FailedCode.ENTRA_UNAVAILABLE, network_fault(error, "Entra ID", authority)) from error


def _has(error: BaseException | None, kind: type[BaseException]) -> bool:
    """Whether an error of this kind is behind it: the identity is asked while the library makes its request."""
    while error:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False


def _number(error: BaseException | None) -> str:
    """Entra's number for what is wrong; of a tenant it does not know only the first of a chain of errors has it."""
    while error:
        if found := _AADSTS.search(str(error)):
            return str(found[1])
        error = error.__cause__ or error.__context__
    return ""
