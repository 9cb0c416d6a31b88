"""The app's own identity: what it raises ends here, whatever library inside it raised it.

An identity endpoint that answers 500 in plain words, or `[]`, makes the libraries raise ValueError, AttributeError or
KeyError. Asking for a token on the way to storage or to the vault raises one type instead, which the Azure SDK
takes for a transient error and tries again once or thrice, as it is set up.
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

from azure.core.exceptions import AzureError
from azure.core.pipeline.policies import RetryPolicy

from shared.services.transports import bounded_transport

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, AccessTokenInfo, TokenCredential

MAX_RETRY_SECONDS: Final = 10.0
_NO_IDENTITY: Final = "the app's identity gives no token"

for _library in (
    "msal",
    "azure.identity",
):  # they log an answer they cannot read whole, and a token may be in it
    logging.getLogger(_library).setLevel(logging.CRITICAL)


class IdentityError(AzureError):
    """The identity gives no token just now; the cause is kept, its text may be a stranger's."""


class BriefRetryPolicy(RetryPolicy[Any, Any]):
    """The SDK's retries, without its habit of sleeping for as long as a reply's Retry-After says.

    A lease is held meanwhile. A long wait is for a requeued message, not for a thread.
    """

    def get_retry_after(self, response: Any) -> float | None:
        """Seconds to wait before the retry, at most ten; what is no time is passed over."""
        try:
            asked: float | None = super().get_retry_after(response)
        except (ValueError, TypeError, AttributeError, OverflowError):
            return None
        return None if asked is None else min(asked, MAX_RETRY_SECONDS)


class _Own:
    """A credential whose errors are all `IdentityError`."""

    def __init__(self, credential: "TokenCredential") -> None:
        self._credential = credential

    def get_token(self, *scopes: str, **options: Any) -> "AccessToken":
        """A token, as the SDK asks for it."""
        return self._asked(lambda: self._credential.get_token(*scopes, **options))

    def get_token_info(self, *scopes: str, **options: Any) -> "AccessTokenInfo":
        """A token, as the SDK asks for it nowadays."""
        credential = cast("Any", self._credential)
        return self._asked(lambda: cast("AccessTokenInfo", credential.get_token_info(*scopes, **options)))

    def close(self) -> None:
        """Close its connections."""
        cast("Any", self._credential).close()

    def _asked[T](self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except Exception as error:
            raise IdentityError(_NO_IDENTITY) from error


def own_credential(client_id: str | None) -> "TokenCredential":
    """The app's managed identity, or, at a desk, the Azure CLI's login; no other credential is tried."""
    from azure.identity import ManagedIdentityCredential

    from shared.services.cli_login import CliLogin

    if not client_id:
        return CliLogin()
    return _Own(
        ManagedIdentityCredential(
            client_id=client_id,
            retry_total=1,
            retry_policy_class=BriefRetryPolicy,
            transport=bounded_transport(),
        )
    )
