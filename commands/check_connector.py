"""The steps of `check` towards the connector: hosts, secret, token."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from commands.check_steps import CheckResult, Step, failed, ok, warning
from commands.console.command_line import foreign_command
from commands.console.errors import NOT_LOGGED_IN, Explanation, explained
from commands.console.exit_codes import Exit
from commands.console.formatting import count
from commands.deployment import Deployment
from commands.probe import ProbeResult
from shared.error_codes import FailedCode
from shared.errors import OutcomeError
from shared.settings import Settings

SECRET_DAYS: Final = 30
"""With fewer days left the secret's expiry is a warning."""
_RENEW: Final = (
    "Make a new client secret for the app registration, and put its value and expiry date into the vault."
)
_JWT_PARTS: Final = 3
_EXPIRY: Final = "secret's expiry"


def connector_steps(azure: Deployment, probe: Callable[[str], ProbeResult]) -> Iterator[Step]:
    """The hosts, then vault access, the secret's expiry and the token: each needs the one before."""
    settings = azure.settings
    for name, url in (
        ("connector host", settings.connector_url),
        ("Entra ID host", settings.authority),
        ("vault host", settings.vault_uri),
    ):
        yield _probed(name, probe(url))
    try:
        state = azure.tokens.credential()
    except OutcomeError as error:
        yield failed("vault access", _explained(settings, error))
        yield Step(_EXPIRY, CheckResult.SKIPPED, "needs the vault")
        yield Step("token", CheckResult.SKIPPED, "needs the vault")
        return
    who = "the app's identity" if settings.identity_client_id else "you (the app has permissions of its own)"
    yield _readable(f"the secret {settings.secret_name} can be read by {who}", state.note)
    secret_uri = f"{settings.vault_uri}/secrets/{settings.secret_name}"
    yield _expiry(state.expires_on, azure.clock.now(), secret_uri)
    try:
        yield _token(azure.tokens.token(), settings.connector_scope)
    except OutcomeError as error:
        yield failed("token", _explained(settings, error))


def audience_of(token: str) -> str:
    """The `aud` claim of a token, unchecked; `unknown` if it cannot be read."""
    parts = token.split(".")
    payload = parts[1] if len(parts) == _JWT_PARTS else ""
    try:
        claims: Any = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["aud"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return "unknown"


def _probed(name: str, result: ProbeResult) -> Step:
    if result.problem:
        return failed(name, Explanation(f"{result.host}: {result.problem}", result.help, Exit.BLOCKED))
    return ok(name, f"{result.host} answers over TLS")


def _readable(detail: str, note: str) -> Step:
    if not note:
        return ok("vault access", detail)
    return warning(
        "vault access", f"{detail}; {note}", "Put it into the vault again, from a file without them."
    )


def _explained(settings: Settings, error: OutcomeError) -> Explanation:
    if error.code is FailedCode.IDENTITY_UNAVAILABLE and not settings.identity_client_id:
        return NOT_LOGGED_IN
    return explained(error)


def _expiry(expires: datetime | None, now: datetime, secret_uri: str) -> Step:
    """The step about the expiry date.

    Args:
        expires: the date; `None` if the secret has none.
        now: the current time.
        secret_uri: the secret's address in the vault.
    """
    if expires is None:
        return warning(
            _EXPIRY,
            "it has no expiry date, so there is no warning before it expires",
            "Set the one that the app registration shows for it:",
            foreign_command(
                *("az", "keyvault", "secret", "set-attributes"),
                *("--id", secret_uri, "--expires", "2027-01-31T00:00:00Z"),
            ),
        )
    days = (expires - now) / timedelta(days=1)
    if days <= 0:
        return failed(_EXPIRY, Explanation(f"it expired on {expires:%Y-%m-%d}", _RENEW, Exit.BLOCKED))
    detail = f"{expires:%Y-%m-%d}, in {count(round(days), 'day')}"
    return warning(_EXPIRY, detail, _RENEW) if days < SECRET_DAYS else ok(_EXPIRY, detail)


def _token(token: str, scope: str) -> Step:
    audience = audience_of(token)
    expected = scope.removesuffix("/.default")
    if audience in {expected, expected.rpartition("/")[2]}:
        return ok("token", f"Entra ID gives one; aud {audience}")
    return warning(
        "token",
        f"Entra ID gives one, but its aud is {audience}",
        f"{expected} was asked for. Compare CONNECTOR_SCOPE with the audience that the connector's page names today.",
    )
