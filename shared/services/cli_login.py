"""The Azure CLI's login, for people at a desk: tokens are kept, and what goes wrong is told apart.

The library gives an error of one type for everything; a slow CLI, an expired login and a missing second factor need
different things done. Nothing is tried again: the CLI takes seconds, and would say the same.
"""

import re
import time
from subprocess import TimeoutExpired
from typing import TYPE_CHECKING, Any, Final

from shared.errors import LoginTrouble

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, AccessTokenInfo

CLI_SECONDS: Final = 60
"""Many a computer needs 12 s for a token; the library waits 10."""
_RENEW_SECONDS: Final = 300
_AADSTS: Final = re.compile(r"AADSTS(\d{4,7})")
_EXPIRED: Final = frozenset({"70043", "70044", "700082", "700084", "50173", "50132", "50133", "50089"})
_MORE_PROOF: Final = frozenset({"50076", "50079", "50074", "50078", "50158", "53000", "53001", "53003"})
_OFFLINE: Final = re.compile(
    r"Max retries exceeded|Failed to establish|Failed to resolve|Name or service|getaddrinfo|Connection\s?(?:Error|aborted|reset)"
    r"|CERTIFICATE_VERIFY_FAILED|ProxyError|timed out",
    re.IGNORECASE,
)


class CliLoginError(Exception):
    """The Azure CLI gives no token. Not one of the SDK's errors, so that no policy of its tries again.

    Attributes:
        trouble: what is to be done about it.
        number: Entra's number for it, or empty.
    """

    def __init__(self, trouble: LoginTrouble, number: str = "") -> None:
        super().__init__(trouble)
        self.trouble: LoginTrouble = trouble
        self.number = number

    @property
    def message(self) -> str:
        """What happened, inside of a sentence."""
        return (
            f"the Azure CLI gives no token (AADSTS{self.number})"
            if self.number
            else "the Azure CLI gives no token"
        )


class CliLogin:
    """The Azure CLI's login as the SDK's credential."""

    def __init__(self) -> None:
        from azure.identity import AzureCliCredential

        self._credential = AzureCliCredential(process_timeout=CLI_SECONDS)
        self._tokens: dict[str, AccessTokenInfo] = {}

    def get_token(self, *scopes: str, **options: Any) -> "AccessToken":
        """A token, as the SDK asks for it."""
        from azure.core.credentials import AccessToken

        found = self._asked(scopes, options)
        return AccessToken(found.token, found.expires_on)

    def get_token_info(self, *scopes: str, options: Any = None) -> "AccessTokenInfo":
        """A token, as the SDK asks for it nowadays."""
        return self._asked(scopes, options or {})

    def close(self) -> None:
        """There is nothing to close."""

    def _asked(self, scopes: tuple[str, ...], options: Any) -> "AccessTokenInfo":
        key = repr((scopes, sorted(options.items())))
        known = self._tokens.get(key)
        if known and known.expires_on > time.time() + _RENEW_SECONDS:
            return known
        wanted = {name: options[name] for name in ("claims", "tenant_id") if options.get(name)}
        try:
            found: AccessTokenInfo = self._credential.get_token_info(*scopes, options=wanted)
        except Exception as error:
            raise _explained(error) from error
        self._tokens[key] = found
        return found


def _explained(error: Exception) -> CliLoginError:
    text, number = str(error), _AADSTS.search(str(error))
    if number:
        found = number[1]
        trouble: LoginTrouble = (
            "expired" if found in _EXPIRED else "more-proof" if found in _MORE_PROOF else "unclear"
        )
        return CliLoginError(trouble, found)
    if isinstance(error.__cause__, TimeoutExpired):
        return CliLoginError("slow")
    if "not found on path" in text or "Failed to execute" in text:
        return CliLoginError("no-cli")
    if _OFFLINE.search(text):
        return CliLoginError("offline")
    return CliLoginError("none" if "az login" in text else "unclear")
