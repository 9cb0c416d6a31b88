"""Key Vault: one secret, read with the app's own identity; its errors end here.

Azure's vault library is imported when it is first needed: an attempt that only meets a final outcome, or an export that is
rejected, asks nobody for anything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from azure.core.exceptions import HttpResponseError

from shared.error_codes import BlockedCode, FailedCode
from shared.errors import ActionRequiredError, LoginError, TransientError
from shared.services.cli_login import CliLoginError
from shared.services.host_errors import seconds_to_wait, unreached
from shared.services.identity import BriefRetryPolicy, IdentityError, own_credential
from shared.services.network_faults import network_fault
from shared.services.transports import bounded_transport

if TYPE_CHECKING:
    from azure.keyvault.secrets import KeyVaultSecret, SecretClient

_KEPT_OUT: Final = frozenset({"ForbiddenByFirewall", "ForbiddenByConnection", "ForbiddenByVnet"})


class Vault:
    """A vault.

    Args:
        uri: its address.
        identity_client_id: of the app's identity; `None` for the Azure CLI's login.
    """

    def __init__(self, uri: str, identity_client_id: str | None) -> None:
        self._uri = uri
        self._identity = identity_client_id
        self._client: SecretClient | None = None

    def secret(self, name: str) -> "KeyVaultSecret":
        """The newest version of a secret.

        Raises:
            ActionRequiredError: a permission, a wrong setting, a missing secret.
            TransientError: vault or identity cannot be reached just now.
        """
        from azure.keyvault.secrets import SecretClient

        if self._client is None:
            self._client = SecretClient(
                self._uri,
                own_credential(self._identity),
                retry_policy=BriefRetryPolicy(retry_total=1),
                transport=bounded_transport(),
            )
        with vault_errors(self._uri):
            return self._client.get_secret(name)


@contextmanager
def vault_errors(vault_uri: str) -> Iterator[None]:
    """Turn the vault's errors into ours, and whatever its libraries make of an answer that is none of a vault's.

    Args:
        vault_uri: that is asked.
    """
    try:
        yield
    except IdentityError as error:
        message = "The app's identity gives no token for the vault."
        raise TransientError(FailedCode.IDENTITY_UNAVAILABLE, message) from error
    except CliLoginError as error:
        message = f"{error.message[0].upper()}{error.message[1:]} for the vault."
        raise LoginError(FailedCode.IDENTITY_UNAVAILABLE, message, error.trouble) from error
    except HttpResponseError as error:
        raise _vault_answer(error) from error
    except ValueError as error:
        message = "KEY_VAULT_URI does not lead to an Azure Key Vault."
        raise ActionRequiredError(BlockedCode.VAULT_MISCONFIGURED, message) from error
    except Exception as error:
        raise unreached(FailedCode.VAULT_UNAVAILABLE, network_fault(error, "the vault", vault_uri)) from error


def _vault_answer(error: HttpResponseError) -> Exception:
    match error.status_code:
        case 403:
            return _forbidden(error)
        case 404:
            return ActionRequiredError(
                BlockedCode.SECRET_MISSING, "The vault has no secret of this name (404)."
            )
        case 400 | 401 as status:
            return ActionRequiredError(
                BlockedCode.VAULT_MISCONFIGURED, f"The vault refuses the request ({status})."
            )
        case int(status) if status > HTTPStatus.UNAUTHORIZED:
            message = f"The vault answers {status}."
            return TransientError(
                FailedCode.VAULT_UNAVAILABLE, message, retry_after_seconds=seconds_to_wait(error)
            )
        case _:
            message = "What answers at KEY_VAULT_URI does not answer like a vault."
            return TransientError(FailedCode.VAULT_UNAVAILABLE, message)


def _forbidden(error: HttpResponseError) -> ActionRequiredError:
    """Which of its reasons the vault had: a firewall, a secret that is switched off, or a role that is missing."""
    code = str(_inner_code(error))
    if code in _KEPT_OUT or "firewall" in (error.message or ""):
        return ActionRequiredError(
            BlockedCode.VAULT_FIREWALL, "The vault's firewall keeps the app out (403)."
        )
    if code == "SecretDisabled" or "disabled" in (error.message or ""):
        return ActionRequiredError(
            BlockedCode.SECRET_MISSING, "The app secret in the vault is disabled (403)."
        )
    return ActionRequiredError(
        BlockedCode.VAULT_FORBIDDEN, "The app's identity may not read the secret (403)."
    )


def _inner_code(error: HttpResponseError) -> Any:
    """The vault's own code: `ForbiddenByFirewall`, `ForbiddenByRbac`, `SecretNotFound`."""
    details: Any = getattr(error, "error", None)
    inner = getattr(details, "innererror", None) or {}
    return inner.get("code") or getattr(details, "code", "")
