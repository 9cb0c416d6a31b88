"""The steps of `check` towards the connector: hosts, secret, token."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from commands.check_steps import CheckResult, Step, failed, ok, warning
from commands.console.command_line import foreign_command
from commands.console.errors import NOT_LOGGED_IN, Explanation, explained
from commands.console.exit_codes import Exit
from commands.console.formatting import count
from commands.deployment import Deployment
from commands.probe import ProbeResult
from shared.delivery.connector_ports import CredentialState
from shared.error_codes import FailedCode
from shared.errors import OutcomeError
from shared.settings import CredentialKind, Settings

SECRET_DAYS: Final = 30
"""With fewer days left the credential's expiry is a warning."""
_RENEW: Final[dict[CredentialKind, str]] = {
    "secret": "Make a new client secret for the app registration, and put its value and expiry date into the vault.",
    "certificate": "Make a new version of the certificate in the vault, and add it to the app registration before the old one ends.",
    "federated": "",
}
_EXPIRY: Final[Mapping[str, str]] = {"secret": "secret's expiry", "certificate": "certificate expiry"}
_UNTRIED: Final[Mapping[str, str]] = {
    "certificate": "a certificate",
    "federated": "the app's managed identity",
}
_UNKNOWN: Final = "whether Microsoft's service takes tokens made with one is not known"
_TRY_FIRST: Final = (
    "They differ from those of a client secret in one claim alone (appidacr). Send to a test job first."
)
_JWT_PARTS: Final = 3
_PROOFS: Final = frozenset({"0", "1", "2"})
"""Of `appidacr`: no proof, a client secret, a certificate or a federated credential."""


def connector_steps(azure: Deployment, probe: Callable[[str], ProbeResult]) -> Iterator[Step]:
    """The hosts, then what lies in the vault, its expiry, and the token: each needs the one before."""
    settings = azure.settings
    kind = settings.connector_credential
    hosts = [("connector host", settings.connector_url), ("Entra ID host", settings.authority)]
    for name, url in hosts if kind == "federated" else [*hosts, ("vault host", settings.vault_uri)]:
        yield _probed(name, probe(url))
    if kind in _UNTRIED:
        yield Step("credential", CheckResult.OK, f"{_UNTRIED[kind]}; {_UNKNOWN}", _TRY_FIRST)
    if kind == "federated" and not settings.identity_client_id:
        yield Step(
            "token", CheckResult.SKIPPED, "only the function app has the identity; its first export shows it"
        )
        return
    try:
        state = azure.tokens.credential()
    except OutcomeError as error:
        yield failed("vault access", _explained(settings, error))
        yield Step(_EXPIRY.get(kind, "expiry"), CheckResult.SKIPPED, "needs the vault")
        yield Step("token", CheckResult.SKIPPED, "needs the vault")
        return
    if state.expires:
        yield from _vault(settings, state, azure.clock.now())
    try:
        yield _token(azure.tokens.token(), settings.connector_scope)
    except OutcomeError as error:
        yield failed("token", _explained(settings, error))


def claims_of(token: str) -> Mapping[str, Any]:
    """The claims of a token, unchecked; none if it cannot be read."""
    parts = token.split(".")
    payload = parts[1] if len(parts) == _JWT_PARTS else ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _vault(settings: Settings, state: CredentialState, now: datetime) -> Iterator[Step]:
    """What the vault has, and until when it is good."""
    kind = settings.connector_credential
    name = settings.secret_name if kind == "secret" else settings.certificate_name
    who = "the app's identity" if settings.identity_client_id else "you (the app has permissions of its own)"
    yield _readable(f"the {kind} {name} can be read by {who}", state.note)
    yield _expiry(kind, state.expires_on, now, f"{settings.vault_uri}/secrets/{name}")


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


def _expiry(kind: CredentialKind, expires: datetime | None, now: datetime, secret_uri: str) -> Step:
    """The step about the expiry date.

    Args:
        kind: of the credential.
        expires: the date; `None` if it has none.
        now: the current time.
        secret_uri: the secret's address in the vault; a certificate is read as a secret, too.
    """
    name = _EXPIRY[kind]
    if expires is None:
        return warning(
            name,
            "it has no expiry date, so there is no warning before it expires",
            "Set the one that the app registration shows for it:",
            foreign_command(
                *("az", "keyvault", "secret", "set-attributes"),
                *("--id", secret_uri, "--expires", "2027-01-31T00:00:00Z"),
            ),
        )
    days = (expires - now) / timedelta(days=1)
    if days <= 0:
        return failed(name, Explanation(f"it expired on {expires:%Y-%m-%d}", _RENEW[kind], Exit.BLOCKED))
    detail = f"{expires:%Y-%m-%d}, in {count(round(days), 'day')}"
    return warning(name, detail, _RENEW[kind]) if days < SECRET_DAYS else ok(name, detail)


def _token(token: str, scope: str) -> Step:
    claims = claims_of(token)
    audience = str(claims.get("aud", "unknown"))
    proof = claims.get("appidacr", claims.get("azpacr"))
    proven = f", appidacr {proof}" if proof in _PROOFS else ""
    expected = scope.removesuffix("/.default")
    if audience in {expected, expected.rpartition("/")[2]}:
        return ok("token", f"Entra ID gives one; aud {audience}{proven}")
    return warning(
        "token",
        f"Entra ID gives one, but its aud is {audience}{proven}",
        f"{expected} was asked for. Compare CONNECTOR_SCOPE with the audience that the connector's page names today.",
    )
