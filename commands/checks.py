"""The steps of `check`, each a question to the deployment; none of them sends a record."""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from commands import outcome_lookup
from commands.console.errors import LOGIN_HELP, explained
from commands.console.exit_codes import Exit
from commands.probe import ProbeResult
from shared.clock import utc_time
from shared.delivery.collaborators import Collaborators
from shared.delivery.ports import Container, Queue
from shared.error_codes import Status
from shared.errors import GatepostError, MissingBlobError, OutcomeError

SECRET_DAYS: Final = 30
"""Below this many days the secret's expiry is a warning."""
SWEEP_AGE: Final = timedelta(hours=26)
EXPORT_AGE: Final = timedelta(days=3)
REPORT: Final = "reports/latest.html"
"""The sweep writes it last, so its age is the sweep's."""


class CheckResult(StrEnum):
    """How a step came out."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "FAILED"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the result."""

    name: str
    result: CheckResult
    detail: str
    help: str = ""
    exit: Exit = Exit.DONE


def steps(at: Collaborators, poison: Queue, probe: Callable[[str], ProbeResult]) -> Iterator[Step]:
    """Every step after the settings, one after another."""
    settings = at.settings
    for name, url in (
        ("connector host", settings.connector_url),
        ("Entra ID host", settings.authority),
        ("vault host", settings.vault_uri),
    ):
        yield _probed(name, probe(url))
    yield from _secret(at)
    for container, setting in ((at.exports, "exports"), (at.results, "results"), (at.state, "state")):
        yield _container(f"{setting} container", container)
    yield _queue("queue", at.queue, settings.exports_queue)
    yield _poison(poison, f"{settings.exports_queue}-poison")
    yield _try("last sweep", lambda: _last_sweep(at))
    yield _try("last export", lambda: _last_export(at))


def _probed(name: str, probe: ProbeResult) -> Step:
    if probe.problem:
        return Step(name, CheckResult.FAILED, f"{probe.host}: {probe.problem}", probe.help, Exit.BLOCKED)
    return Step(name, CheckResult.OK, f"{probe.host} answers over TLS")


def _secret(at: Collaborators) -> Iterator[Step]:
    """Vault access, the secret's expiry, the token: each needs the one before."""
    try:
        expires = at.tokens.secret_expires_on()
    except OutcomeError as error:
        yield _outcome_failure("vault access", at, error)
        yield Step("secret's expiry", CheckResult.SKIPPED, "needs the vault")
        yield Step("token", CheckResult.SKIPPED, "needs the vault")
        return
    yield Step(
        "vault access", CheckResult.OK, f"the secret {at.settings.secret_name} can be read, by {_who(at)}"
    )
    yield _expiry(expires, at.clock.now())
    try:
        token = at.tokens.token()
    except OutcomeError as error:
        yield _outcome_failure("token", at, error)
        return
    yield _token(token, at.settings.connector_scope)


def _who(at: Collaborators) -> str:
    return (
        "the app's identity"
        if at.settings.identity_client_id
        else "your own login (the app has its own right to it)"
    )


def _outcome_failure(name: str, at: Collaborators, error: OutcomeError) -> Step:
    if error.code == "identity-unavailable" and not at.settings.identity_client_id:
        return Step(
            name,
            CheckResult.FAILED,
            "You are not logged in to Azure on this computer.",
            LOGIN_HELP,
            Exit.BLOCKED,
        )
    said = explained(error)
    return Step(name, CheckResult.FAILED, said.message, said.help, said.exit)


def _expiry(expires: datetime | None, now: datetime) -> Step:
    name = "secret's expiry"
    if expires is None:
        help_text = "Give it one, the app registration's: az keyvault secret set-attributes --expires."
        return Step(
            name,
            CheckResult.WARNING,
            "it has no expiry date, so nobody is warned before it expires",
            help_text,
        )
    days = (expires - now) / timedelta(days=1)
    detail = f"{expires:%Y-%m-%d}, in {days:.0f} days"
    help_text = (
        "Make a new client secret for the app registration, and put its value and expiry date into the vault."
    )
    if days <= 0:
        return Step(name, CheckResult.FAILED, f"it expired on {expires:%Y-%m-%d}", help_text, Exit.BLOCKED)
    return (
        Step(name, CheckResult.WARNING, detail, help_text)
        if days < SECRET_DAYS
        else Step(name, CheckResult.OK, detail)
    )


def _token(token: str, scope: str) -> Step:
    audience = audience_of(token)
    expected = scope.removesuffix("/.default")
    if audience in {expected, expected.rpartition("/")[2]}:
        return Step("token", CheckResult.OK, f"Entra ID gives one; aud {audience}")
    help_text = f"It was asked for {expected}. Compare CONNECTOR_SCOPE with the audience the connector's page names today."
    return Step("token", CheckResult.WARNING, f"Entra ID gives one, but its aud is {audience}", help_text)


def audience_of(token: str) -> str:
    """The `aud` claim of a token, unchecked; `unknown` if it cannot be read."""
    payload = token.split(".")[1] if token.count(".") == 2 else ""  # noqa: PLR2004  (header, payload, signature)
    try:
        claims: Any = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["aud"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return "unknown"


def _container(name: str, container: Container) -> Step:
    def ask() -> Step:
        container.read("gatepost-check")  # nothing of that name is there; that we may look is what counts
        return Step(name, CheckResult.OK, f"{container.name} can be read")

    return _try(name, ask)


def _queue(name: str, queue: Queue, queue_name: str) -> Step:
    return _try(name, lambda: Step(name, CheckResult.OK, f"{queue_name} holds {queue.waiting():,} messages"))


def _poison(queue: Queue, queue_name: str) -> Step:
    def ask() -> Step:
        count = queue.waiting()
        if not count:
            return Step("poison queue", CheckResult.OK, f"{queue_name} is empty")
        help_text = "Peek at the messages in the portal: each names an export. Fix the cause, then: gatepost.py retry NAME."
        return Step(
            "poison queue",
            CheckResult.WARNING,
            f"{queue_name} holds {count:,} messages nobody could handle",
            help_text,
        )

    return _try("poison queue", ask)


def _last_sweep(at: Collaborators) -> Step:
    try:
        age = at.clock.now() - at.results.head(REPORT).last_modified
    except MissingBlobError:
        help_text = "Wait for the first one (UPLOAD_SCHEDULE, in UTC), or look whether the function app runs."
        return Step("last sweep", CheckResult.WARNING, "there has been none yet", help_text)
    if age > SWEEP_AGE:
        help_text = (
            "Look whether the function app runs, and at UPLOAD_SCHEDULE; meanwhile: gatepost.py sweep."
        )
        return Step("last sweep", CheckResult.WARNING, f"{_ago(age)}; it should run once a day", help_text)
    return Step("last sweep", CheckResult.OK, _ago(age))


def _last_export(at: Collaborators) -> Step:
    sent: datetime | None = None
    waiting: Counter[str] = Counter()
    for blob in outcome_lookup.listed(at.results):
        finished, count = blob.metadata.get("finishedat", ""), blob.metadata.get("recordssent", "")
        if finished and count not in {"", "0"}:
            sent = max(sent or utc_time(finished), utc_time(finished))
        if blob.metadata.get("status") in {Status.BLOCKED, Status.FAILED, Status.REJECTED}:
            waiting[blob.metadata["status"]] += 1
    if sent is None:
        help_text = "Upload an export: gatepost.py sample, then gatepost.py upload (a test job of the connector is best)."
        return Step("last export", CheckResult.WARNING, "no records were ever sent", help_text)
    age = at.clock.now() - sent
    counts = "".join(f"; {count:,} {status}" for status, count in sorted(waiting.items()))
    detail = f"records were last sent {_ago(age)}{counts}"
    if age > EXPORT_AGE:
        return Step(
            "last export",
            CheckResult.WARNING,
            detail,
            "Ask whoever runs the badging system whether it still exports.",
        )
    return Step("last export", CheckResult.OK, detail)


def _try(name: str, ask: Callable[[], Step]) -> Step:
    try:
        return ask()
    except GatepostError as error:
        said = explained(error)
        return Step(name, CheckResult.FAILED, said.message, said.help, said.exit)


def _ago(age: timedelta) -> str:
    hours = age / timedelta(hours=1)
    if hours < 1:
        return "less than an hour ago"
    return f"{hours:.0f} hours ago" if hours < 48 else f"{hours / 24:.0f} days ago"  # noqa: PLR2004  (two days)
