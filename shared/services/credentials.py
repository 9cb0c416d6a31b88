"""The app secret from Key Vault and the connector's token from Entra ID; both are kept while they are good.

Azure's identity and vault libraries are imported when they are first needed: a look that only meets a final outcome,
or an export that is rejected, asks nobody for anything.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

from shared.errors import NeedsPersonError, PassingError, SecretError
from shared.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.identity import ClientSecretCredential
    from azure.keyvault.secrets import KeyVaultSecret, SecretClient

_AADSTS: Final = re.compile(r"AADSTS(\d{4,7})")
_PERSON: Final = {
    "700016": ("app-unknown", "Entra ID does not know the app in this tenant (AADSTS700016)."),
    "7000112": ("app-disabled", "The app is disabled in Entra ID (AADSTS7000112)."),
    "90002": ("tenant-unknown", "Entra ID does not know the tenant (AADSTS90002)."),
    "500011": (
        "audience-unknown",
        "Entra ID does not know the connector's audience in this tenant (AADSTS500011).",
    ),
}
_SECRET: Final = {
    "7000215": "Entra ID says the app secret is wrong (AADSTS7000215).",
    "7000222": "Entra ID says the app secret has expired (AADSTS7000222).",
}


def own_credential(client_id: str | None) -> "TokenCredential":
    """The app's managed identity, or, at a desk, the Azure CLI's login; no other credential is tried."""
    from azure.identity import AzureCliCredential, ManagedIdentityCredential  # noqa: PLC0415  (see above)

    return (
        ManagedIdentityCredential(client_id=client_id, retry_total=1) if client_id else AzureCliCredential()
    )


class VaultTokens:
    """Makes tokens for the connector; see `shared.delivery.ports.Tokens`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._vault: SecretClient | None = None
        self._credential: ClientSecretCredential | None = None

    def __repr__(self) -> str:
        """Neither the secret nor the token."""
        return f"{type(self).__name__}()"

    def token(self, *, fresh: bool = False) -> str:
        """A token that is good now."""
        cached = self._credential is not None
        if fresh or self._credential is None:
            self._renew()
            cached = False
        try:
            return self._ask()
        except SecretError:
            if not cached:
                raise
        self._renew()
        return self._ask()

    def secret_expires_on(self) -> datetime | None:
        """When the app secret expires; `None` if it has no expiry date."""
        return self._secret().properties.expires_on

    def _ask(self) -> str:
        credential = self._credential
        with _entra_errors():
            return credential.get_token(self._settings.connector_scope).token  # type: ignore[union-attr]  # _renew sets it

    def _renew(self) -> None:
        from azure.identity import ClientSecretCredential  # noqa: PLC0415  (see above)

        settings = self._settings
        secret = self._newest()
        if self._credential:
            self._credential.close()
            self._credential = None
        if not secret:
            raise NeedsPersonError("secret-missing", "The app secret in the vault is empty.")
        self._credential = ClientSecretCredential(
            settings.tenant_id,
            settings.app_id,
            secret,
            authority=settings.authority,
            disable_instance_discovery=settings.custom_authority,
            retry_total=1,
            connection_timeout=10,
            read_timeout=30,
        )

    def _newest(self) -> str:
        return self._secret().value or ""

    def _secret(self) -> "KeyVaultSecret":
        from azure.keyvault.secrets import SecretClient  # noqa: PLC0415  (see above)

        if self._vault is None:
            credential = own_credential(self._settings.identity_client_id)
            self._vault = SecretClient(
                self._settings.vault_uri, credential, retry_total=1, connection_timeout=10, read_timeout=30
            )
        with _vault_errors():
            return self._vault.get_secret(self._settings.secret_name)


class GivenTokens(VaultTokens):
    """Makes tokens from a secret that a person gives; no vault is asked."""

    def __init__(self, settings: Settings, secret: str) -> None:
        super().__init__(settings)
        self._given = secret

    def token(self, *, fresh: bool = False) -> str:
        """A token that is good now; a secret that is refused is a person's to mend, for no rotation brings another."""
        try:
            return super().token(fresh=fresh)
        except SecretError as error:
            raise NeedsPersonError("secret-refused", error.message) from None

    def secret_expires_on(self) -> datetime | None:
        """Nobody knows."""
        return None

    def _newest(self) -> str:
        return self._given


@contextmanager
def _entra_errors() -> Iterator[None]:
    """Entra's errors all have one type, an outage's too: only known codes are a person's to mend."""
    try:
        yield
    except ClientAuthenticationError as error:
        found = _AADSTS.search(str(error))
        number = found[1] if found else ""
        if number in _PERSON:
            raise NeedsPersonError(*_PERSON[number]) from error
        if number in _SECRET:
            raise SecretError("secret-wrong", _SECRET[number]) from error
        what = f" (AADSTS{number})" if number else ""
        raise PassingError("entra-unavailable", f"Entra ID gave no token{what}.") from error
    except (AzureError, ValueError, OSError) as error:
        raise PassingError("entra-unavailable", "Entra ID cannot be reached.") from error


@contextmanager
def _vault_errors() -> Iterator[None]:
    try:
        yield
    except ClientAuthenticationError as error:
        raise PassingError(
            "identity-unavailable", "The app's identity gives no token for the vault."
        ) from error
    except HttpResponseError as error:
        raise _vault_answer(error) from error
    except ValueError as error:
        message = "KEY_VAULT_URI does not lead to an Azure Key Vault."
        raise NeedsPersonError("vault-misconfigured", message) from error
    except AzureError as error:
        raise PassingError("vault-unavailable", "The vault cannot be reached.") from error


def _vault_answer(error: HttpResponseError) -> Exception:
    code = str(_inner_code(error))
    match error.status_code:
        case 403 if "Firewall" in code or "Vnet" in code or "firewall" in (error.message or ""):
            return NeedsPersonError("vault-firewall", "The vault's firewall keeps the app out (403).")
        case 403 if code == "SecretDisabled" or "disabled" in (error.message or ""):
            return NeedsPersonError("secret-missing", "The app secret in the vault is disabled (403).")
        case 403:
            return NeedsPersonError("vault-forbidden", "The app's identity may not read the secret (403).")
        case 404:
            return NeedsPersonError("secret-missing", "The vault has no secret of this name (404).")
        case 400 | 401:
            return NeedsPersonError(
                "vault-misconfigured", f"The vault refuses the request ({error.status_code})."
            )
        case status:
            return PassingError("vault-unavailable", f"The vault answers {status}.")


def _inner_code(error: HttpResponseError) -> Any:
    """The vault's own code: `ForbiddenByFirewall`, `ForbiddenByRbac`, `SecretNotFound`."""
    details: Any = getattr(error, "error", None)
    inner = getattr(details, "innererror", None) or {}
    return inner.get("code") or getattr(details, "code", "")
