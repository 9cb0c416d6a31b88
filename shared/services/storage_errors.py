"""What storage's answers mean: the SDK's exceptions become ours here."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)

from shared.error_codes import BlockedCode, FailedCode
from shared.errors import (
    ActionRequiredError,
    ConditionError,
    MissingBlobError,
    StorageError,
    TransientError,
)
from shared.services.cli_login import CliLoginError
from shared.services.identity import IdentityError
from shared.services.network_faults import network_fault

_ANY_STORAGE: Final = "https://storage.invalid"
"""For the proxy's name: the SDK's errors do not say which address was asked."""
EXPORT_GONE_TEXT: Final = "The export is gone from the container."


_CONFLICTS: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED})


_CONFLICT_CODES: Final = frozenset(
    {"ConditionNotMet", "BlobAlreadyExists", "AppendPositionConditionNotMet", "TargetConditionNotMet"}
)


@contextmanager
def translated(*, reading: bool = False) -> Iterator[None]:
    """Turn the SDK's exceptions into ours; the cause stays attached for debugging.

    Args:
        reading: whether nothing is written, so that storage which cannot be reached is a fault that passes.
    """
    try:
        yield
    except HttpResponseError as error:
        raise _answer(error, reading=reading) from error
    except IdentityError as error:
        raise StorageError(f"storage cannot be asked: {error.message}", "login") from error
    except CliLoginError as error:
        raise StorageError(f"storage cannot be asked: {error.message}", "login", error.trouble) from error
    except (AzureError, OSError) as error:
        fault = network_fault(error, "storage", _ANY_STORAGE)
        if reading and not fault.code:
            raise _unavailable(f": {fault.text}") from error
        raise StorageError(fault.text, "unreachable") from error


def _answer(error: HttpResponseError, *, reading: bool) -> Exception:
    """What an answer of storage means."""
    text = f"storage answers {_code(error)}"
    if isinstance(error, ResourceNotFoundError):
        return MissingBlobError("no such blob") if _is_blob_missing(error) else StorageError(text, "missing")
    if isinstance(error, ClientAuthenticationError) and error.status_code is None:
        return StorageError("there is no token for storage", "login")
    if isinstance(error, ClientAuthenticationError) or error.status_code == HTTPStatus.FORBIDDEN:
        return StorageError(text, "permission")
    if _is_conflict(error):
        return ConditionError(text)
    return _unavailable() if reading and _is_transient(error) else StorageError(text, "unknown")


def _is_conflict(error: HttpResponseError) -> bool:
    """Whether another writer was faster; an immutability policy, say, answers 409 as well and is none of that."""
    code = getattr(error, "error_code", None)
    text = str(getattr(code, "value", code) or "")
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return text == "InvalidBlockList"  # another writer has committed, and with that discarded our blocks
    return error.status_code in _CONFLICTS and (
        not text or text in _CONFLICT_CODES or text.startswith("Lease")
    )


def _is_transient(error: HttpResponseError) -> bool:
    passing = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
    return (
        error.status_code is None
        or error.status_code in passing
        or error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    )


def _unavailable(why: str = "") -> TransientError:
    return TransientError(FailedCode.STORAGE_UNAVAILABLE, f"Storage could not be read{why}.")


def _code(error: HttpResponseError) -> str:
    code = getattr(error, "error_code", None) or "no code"
    return f"{error.status_code} ({getattr(code, 'value', code)})"


def _is_blob_missing(error: ResourceNotFoundError) -> bool:
    """A HEAD has no body and so no code: without one, the blob is what is missing."""
    return getattr(error, "error_code", None) in {None, "BlobNotFound"}


def gone(error: ResourceNotFoundError) -> Exception:
    """What a 404 means while an export is read."""
    if _is_blob_missing(error):
        return ActionRequiredError(BlockedCode.EXPORT_GONE, EXPORT_GONE_TEXT)
    return StorageError(f"storage answers {_code(error)}")


def unreadable(error: HttpResponseError) -> Exception:
    """What another failed read of an export means."""
    if getattr(error, "error_code", None) == "BlobArchived":
        return ActionRequiredError(
            BlockedCode.EXPORT_ARCHIVED, "The export is in the archive tier and cannot be read."
        )
    if _is_transient(error):
        return TransientError(FailedCode.STORAGE_UNAVAILABLE, "The export could not be read from storage.")
    return StorageError(f"storage answers {_code(error)}")
