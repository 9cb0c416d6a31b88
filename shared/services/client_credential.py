"""What the app registration proves itself with at Entra ID: a client secret, a certificate, or the app's own identity.

Azure's identity library is imported when it is first needed: an attempt that only meets a final outcome, or an export
that is rejected, asks nobody for anything.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from shared.delivery.connector_ports import CredentialState
from shared.error_codes import BlockedCode, FailedCode
from shared.errors import ActionRequiredError, TransientError
from shared.services import app_secret
from shared.services.certificate import certificate_data
from shared.services.identity import BriefRetryPolicy, own_credential
from shared.services.identity_token import hint_of
from shared.services.transports import bounded_transport
from shared.services.vault import Vault
from shared.settings import Settings

_NO_CERTIFICATE: Final = (
    "What the vault has under APP_CERTIFICATE_NAME is no certificate with an RSA key that can be read."
)
_AT_DESK: Final = "CONNECTOR_CREDENTIAL is federated: the app's identity proves the app registration, and this computer has none."


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
        hint: gives what to add where Entra ID has refused it; may be empty.
    """

    make: Callable[[], EntraCredential] = field(repr=False)
    hint: Callable[[], str] = str


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


class VaultCertificate:
    """A certificate in the vault, which gives it with its key as the secret of the same name (PKCS#12 or PEM)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._vault = Vault(settings.vault_uri, settings.identity_client_id)

    def newest(self) -> Prepared:
        """The newest version."""
        settings, data = self._settings, certificate_data(self._read().value or "")

        def make() -> EntraCredential:
            from azure.identity import CertificateCredential

            try:
                return CertificateCredential(
                    settings.tenant_id, settings.app_id, certificate_data=data, **_options(settings)
                )
            except (ValueError, TypeError):  # its text may quote what it was given
                raise ActionRequiredError(BlockedCode.CERTIFICATE_UNUSABLE, _NO_CERTIFICATE) from None

        return Prepared(make)

    def state(self) -> CredentialState:
        """Its expiry date; the vault has that of the certificate."""
        return CredentialState(self._read().properties.expires_on)

    def _read(self) -> Any:
        try:
            return self._vault.secret(self._settings.certificate_name)
        except ActionRequiredError as error:
            if error.code is not BlockedCode.SECRET_MISSING:
                raise
            message = error.message.replace("secret", "certificate")
            raise ActionRequiredError(BlockedCode.CERTIFICATE_MISSING, message) from error


class FederatedIdentity:
    """The app's managed identity: its token for one audience is what the app registration proves itself with."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def newest(self) -> Prepared:
        """A token of the identity, asked for whenever Entra ID is.

        Raises:
            TransientError: this is a person's computer, which has no such identity.
        """
        settings = self._settings
        if not settings.identity_client_id:
            raise TransientError(FailedCode.IDENTITY_UNAVAILABLE, _AT_DESK)
        identity = own_credential(settings.identity_client_id)
        seen: list[str] = []

        def assertion() -> str:
            token = identity.get_token(f"{settings.federated_audience}/.default").token
            seen[:] = [hint_of(token, settings)]
            return token

        def make() -> EntraCredential:
            from azure.identity import ClientAssertionCredential

            return ClientAssertionCredential(
                settings.tenant_id, settings.app_id, assertion, **_options(settings)
            )

        return Prepared(make, lambda: "".join(seen))

    def state(self) -> CredentialState:
        """It has no end."""
        return CredentialState(None, expires=False)


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

    said = app_secret.hint(value)
    return Prepared(make, lambda: said)


def _options(settings: Settings) -> dict[str, Any]:
    """What all credentials of the library are told."""
    return {
        "authority": settings.authority,
        "disable_instance_discovery": settings.custom_authority,
        "retry_policy_class": BriefRetryPolicy,
        "retry_total": 1,
        "transport": bounded_transport(),
    }
