"""The connector's token from Entra ID; token and credential are kept while they are good."""

from collections.abc import Callable
from typing import Final

from shared.delivery.connector_ports import CredentialState
from shared.errors import ActionRequiredError, CredentialRefusedError, OutcomeError
from shared.services.client_credential import (
    ClientCredential,
    EntraCredential,
    FederatedIdentity,
    GivenSecret,
    Prepared,
    VaultCertificate,
    VaultSecret,
)
from shared.services.entra_errors import entra_errors
from shared.settings import CredentialKind, Settings


class ConnectorTokens:
    """Makes tokens for the connector; see `shared.delivery.connector_ports.Tokens`.

    Args:
        settings: of the app.
        credential: what the app registration proves itself with.
    """

    def __init__(self, settings: Settings, credential: ClientCredential) -> None:
        self._settings = settings
        self._client_credential = credential
        self._prepared: Prepared | None = None
        self._credential: EntraCredential | None = None

    def __repr__(self) -> str:
        """Neither the secret nor the token."""
        return f"{type(self).__name__}()"

    def token(self, *, fresh: bool = False) -> str:
        """A token that is good now."""
        if fresh or self._prepared is None:
            return self._ask(self._read())
        try:
            return self._ask(self._prepared)
        except CredentialRefusedError:
            return self._ask(self._read())

    def credential(self) -> CredentialState:
        """What is known of the credential."""
        return self._client_credential.state()

    def _read(self) -> Prepared:
        """The newest credential."""
        prepared = self._client_credential.newest()
        self._forget()
        self._prepared = prepared
        return prepared

    def _ask(self, prepared: Prepared) -> str:
        self._credential = self._credential or prepared.make()
        try:
            with entra_errors(self._settings.authority):
                return str(self._credential.get_token(self._settings.connector_scope).token)
        except CredentialRefusedError as error:
            self._prepared = None
            self._forget()
            raise error.hinted(prepared.hint()) from error.__cause__
        except OutcomeError:
            self._forget()
            raise

    def _forget(self) -> None:
        """Let the next try ask Entra ID itself: the library (msal) repeats an error answer for 60 s without asking."""
        if self._credential:
            self._credential.close()
        self._credential = None


class GivenTokens(ConnectorTokens):
    """Makes tokens from a secret that a person gives."""

    def __init__(self, settings: Settings, secret: str) -> None:
        super().__init__(settings, GivenSecret(settings, secret))

    def token(self, *, fresh: bool = False) -> str:
        """A token that is good now; a secret that is refused is a person's to fix, for no rotation brings another."""
        try:
            return super().token(fresh=fresh)
        except CredentialRefusedError as error:
            raise ActionRequiredError(error.settles_as, error.message) from None


def connector_tokens(settings: Settings) -> ConnectorTokens:
    """Tokens made with what CONNECTOR_CREDENTIAL says."""
    return ConnectorTokens(settings, _KINDS[settings.connector_credential](settings))


_KINDS: Final[dict[CredentialKind, Callable[[Settings], ClientCredential]]] = {
    "secret": VaultSecret,
    "certificate": VaultCertificate,
    "federated": FederatedIdentity,
}
