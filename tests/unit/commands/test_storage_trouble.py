"""Why storage refuses, as far as a person can do something about it."""

from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestError,
)

from shared.errors import MissingBlobError, StorageError
from shared.services import storage_errors


def _answer(kind: type[HttpResponseError], status: int | None, code: str | None = None) -> HttpResponseError:
    response: Any = SimpleNamespace(status_code=status, reason="", headers={}) if status else None
    error = kind("refused", response=response)
    error.error_code = code  # type: ignore[attr-defined]  # storage's SDK adds it
    return error


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (_answer(ClientAuthenticationError, None), "login"),
        (_answer(ClientAuthenticationError, 401, "InvalidAuthenticationInfo"), "permission"),
        (_answer(HttpResponseError, 403, "AuthorizationPermissionMismatch"), "permission"),
        (_answer(ResourceNotFoundError, 404, "ContainerNotFound"), "missing"),
        (_answer(HttpResponseError, 503, "ServerBusy"), "unknown"),
        (ServiceRequestError("no route"), "unreachable"),
    ],
)
def test_why_storage_refuses_is_told_apart(error: AzureError, why: str) -> None:
    """A missing login, a missing role, a wrong name and an outage ask for different things."""
    with pytest.raises(StorageError) as raised, storage_errors.translated():
        raise error
    assert raised.value.why == why


def test_a_blob_that_is_missing_is_no_trouble_of_storages() -> None:
    """A HEAD has no code; then it is the blob that is missing."""
    with pytest.raises(MissingBlobError), storage_errors.translated():
        raise _answer(ResourceNotFoundError, 404)
