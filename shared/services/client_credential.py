"""What the app registration proves itself with at Entra ID.

Azure's identity library is imported when it is first needed: an attempt that only meets a final outcome, or an export
that is rejected, asks nobody for anything.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.delivery.connector_ports import CredentialState
from shared.error_codes import BlockedCode
from shared.errors import ActionRequiredError
from shared.services import app_secret
from shared.services.identity import BriefRetryPolicy
from shared.services.transports import bounded_transport
from shared.services.vault import Vault
from shared.settings import Settings


class EntraCredential(Protocol):
    """A credential of Azure's identity library."""

    def get_token(self, *scopes: str) -> Any:
        """A token, from its memory or from Entra ID."""
        ...

    def close(self) -> None:
        """Close its connections."""
        ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """The newest credential, ready to be used; what is secret in it is in no attribute.

    Attributes:
        make: makes a credential that has asked nobody yet.
        hint: what to add where Entra ID refuses it.
    """

    make: Callable[[], EntraCredential] = field(repr=False)
    hint: str = ""


class ClientCredential(Protocol):
    """One kind of proof."""

    def newest(self) -> Prepared:
        """Read it anew.

        Raises:
            ActionRequiredError: a permission, a wrong setting, something missing.
            TransientError: the vault or the identity endpoint cannot be reached just now.
        """
        ...

    def state(self) -> CredentialState:
        """What is known of it.

        Raises:
            ActionRequiredError: as `newest`.
            TransientError: as `newest`.
        """
        ...


class VaultSecret:
    """A client secret in the vault."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._vault = Vault(settings.vault_uri, settings.identity_client_id)

    def newest(self) -> Prepared:
        """The newest version."""
        return _with_secret(self._settings, self._read().value or "")

    def state(self) -> CredentialState:
        """Its expiry date, if the vault has one, and whether something is around it."""
        secret = self._read()
        value = secret.value or ""
        note = app_secret.TRIMMED if app_secret.trimmed(value) != value else ""
        return CredentialState(secret.properties.expires_on, note)

    def _read(self) -> Any:
        return self._vault.secret(self._settings.secret_name)


class GivenSecret:
    """A client secret that a person gives; no vault is asked, and nobody knows its expiry date."""

    def __init__(self, settings: Settings, secret: str) -> None:
        self._prepared = _with_secret(settings, secret)

    def newest(self) -> Prepared:
        """The one that was given."""
        return self._prepared

    def state(self) -> CredentialState:
        """Nothing is known."""
        return CredentialState(None)


def _with_secret(settings: Settings, value: str) -> Prepared:
    secret = app_secret.trimmed(value)
    if not secret:
        raise ActionRequiredError(BlockedCode.SECRET_MISSING, "The app secret in the vault is empty.")

    def make() -> EntraCredential:
        from azure.identity import ClientSecretCredential

        return ClientSecretCredential(settings.tenant_id, settings.app_id, secret, **_options(settings))

    return Prepared(make, app_secret.hint(value))


def _options(settings: Settings) -> dict[str, Any]:
    """What all credentials of the library are told."""
    return {
        "authority": settings.authority,
        "disable_instance_discovery": settings.custom_authority,
        "retry_policy_class": BriefRetryPolicy,
        "retry_total": 1,
        "transport": bounded_transport(),
    }
