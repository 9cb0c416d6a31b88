"""The app secret from Key Vault and the connector's token from Entra ID; both are kept while they are good.

Azure's identity and vault libraries are imported when they are first needed: an attempt that only meets a final outcome,
or an export that is rejected, asks nobody for anything.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

from shared.delivery.classify_reply import seconds_asked_for
from shared.error_codes import BlockedCode, FailedCode
from shared.errors import ActionRequiredError, OutcomeError, SecretError, TransientError
from shared.services.identity import BriefRetryPolicy, IdentityError, own_credential
from shared.settings import Settings

if TYPE_CHECKING:
    from azure.identity import ClientSecretCredential
    from azure.keyvault.secrets import KeyVaultSecret, SecretClient

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
_KEPT_OUT: Final = frozenset({"ForbiddenByFirewall", "ForbiddenByConnection", "ForbiddenByVnet"})
_SECRET: Final = {
    "7000215": "Entra ID says the app secret is wrong (AADSTS7000215).",
    "7000222": "Entra ID says the app secret has expired (AADSTS7000222).",
}


class VaultTokens:
    """Makes tokens for the connector; see `shared.delivery.ports.Tokens`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._vault: SecretClient | None = None
        self._made: Callable[[], ClientSecretCredential] | None = None
        self._credential: ClientSecretCredential | None = None

    def __repr__(self) -> str:
        """Neither the secret nor the token."""
        return f"{type(self).__name__}()"

    def token(self, *, fresh: bool = False) -> str:
        """A token that is good now."""
        if fresh or self._made is None:
            return self._ask(self._read())
        try:
            return self._ask(self._made)
        except SecretError:
            return self._ask(self._read())

    def secret_expires_on(self) -> datetime | None:
        """When the app secret expires; `None` if it has no expiry date."""
        return self._secret().properties.expires_on

    def _read(self) -> "Callable[[], ClientSecretCredential]":
        """What makes credentials out of the newest secret; the secret itself is in no attribute."""
        secret = self._newest()
        self._forget()
        if not secret:
            raise ActionRequiredError(BlockedCode.SECRET_MISSING, "The app secret in the vault is empty.")
        self._made = lambda: _credential(self._settings, secret)
        return self._made

    def _ask(self, made: "Callable[[], ClientSecretCredential]") -> str:
        self._credential = self._credential or made()
        try:
            with _entra_errors():
                return self._credential.get_token(self._settings.connector_scope).token
        except SecretError:
            self._made = None
            self._forget()
            raise
        except OutcomeError:
            self._forget()
            raise

    def _forget(self) -> None:
        """Let the next try ask Entra ID itself: the library (msal) repeats an error answer for 60 s without asking."""
        if self._credential:
            self._credential.close()
        self._credential = None

    def _newest(self) -> str:
        return self._secret().value or ""

    def _secret(self) -> "KeyVaultSecret":
        from azure.keyvault.secrets import SecretClient

        if self._vault is None:
            credential = own_credential(self._settings.identity_client_id)
            self._vault = SecretClient(
                self._settings.vault_uri,
                credential,
                retry_policy=BriefRetryPolicy(retry_total=1),
                connection_timeout=10,
                read_timeout=30,
            )
        with _vault_errors():
            return self._vault.get_secret(self._settings.secret_name)


class GivenTokens(VaultTokens):
    """Makes tokens from a secret that a person gives; no vault is asked."""

    def __init__(self, settings: Settings, secret: str) -> None:
        super().__init__(settings)
        self._given = secret

    def token(self, *, fresh: bool = False) -> str:
        """A token that is good now; a secret that is refused is a person's to fix, for no rotation brings another."""
        try:
            return super().token(fresh=fresh)
        except SecretError as error:
            raise ActionRequiredError(BlockedCode.SECRET_REFUSED, error.message) from None

    def secret_expires_on(self) -> datetime | None:
        """Nobody knows."""
        return None

    def _newest(self) -> str:
        return self._given


def _credential(settings: Settings, secret: str) -> "ClientSecretCredential":
    from azure.identity import ClientSecretCredential

    return ClientSecretCredential(
        settings.tenant_id,
        settings.app_id,
        secret,
        authority=settings.authority,
        disable_instance_discovery=settings.custom_authority,
        retry_policy_class=BriefRetryPolicy,
        retry_total=1,
        connection_timeout=10,
        read_timeout=30,
    )


@contextmanager
def _entra_errors() -> Iterator[None]:
    """Entra's errors all have one type, an outage's too: only known codes are a person's to fix."""
    try:
        yield
    except ClientAuthenticationError as error:
        number = _number(error)
        if number in _PERSON:
            raise ActionRequiredError(*_PERSON[number]) from error
        if number in _SECRET:
            raise SecretError(FailedCode.SECRET_WRONG, _SECRET[number]) from error
        what = f" (AADSTS{number})" if number else ""
        message = f"Entra ID gave no token{what}."
        raise TransientError(
            FailedCode.ENTRA_UNAVAILABLE, message, retry_after_seconds=_wait(error)
        ) from error
    except Exception as error:
        raise TransientError(FailedCode.ENTRA_UNAVAILABLE, "Entra ID cannot be reached.") from error


def _number(error: BaseException | None) -> str:
    """Entra's number for what is wrong; of a tenant it does not know only the first of a chain of errors has it."""
    while error:
        if found := _AADSTS.search(str(error)):
            return str(found[1])
        error = error.__cause__ or error.__context__
    return ""


@contextmanager
def _vault_errors() -> Iterator[None]:
    """The vault's errors, and whatever its libraries make of an answer that is none of a vault's."""
    try:
        yield
    except IdentityError as error:
        message = "The app's identity gives no token for the vault."
        raise TransientError(FailedCode.IDENTITY_UNAVAILABLE, message) from error
    except HttpResponseError as error:
        raise _vault_answer(error) from error
    except ValueError as error:
        message = "KEY_VAULT_URI does not lead to an Azure Key Vault."
        raise ActionRequiredError(BlockedCode.VAULT_MISCONFIGURED, message) from error
    except Exception as error:
        raise TransientError(FailedCode.VAULT_UNAVAILABLE, "The vault cannot be reached.") from error


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
            return TransientError(FailedCode.VAULT_UNAVAILABLE, message, retry_after_seconds=_wait(error))
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


def _wait(error: HttpResponseError) -> float | None:
    """How long the other side asks us to wait, if it does."""
    headers = getattr(error.response, "headers", None) or {}
    return seconds_asked_for(str(headers.get("Retry-After", "")), datetime.now(UTC))


def _inner_code(error: HttpResponseError) -> Any:
    """The vault's own code: `ForbiddenByFirewall`, `ForbiddenByRbac`, `SecretNotFound`."""
    details: Any = getattr(error, "error", None)
    inner = getattr(details, "innererror", None) or {}
    return inner.get("code") or getattr(details, "code", "")
