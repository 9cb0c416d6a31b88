"""`retry` and `resend`: ask the function to try an export again, or to send again what was sent."""

import uuid
from dataclasses import dataclass
from typing import Annotated

import typer

from commands import outcome_lookup
from commands.console import screen
from commands.console.command_line import command
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit, worst
from commands.context import CONNECTOR, VAULT, command_context
from commands.deployment import Deployment
from commands.options import ExportName, Minutes, SettingsFile, Wait, Yes
from commands.outcome_wait import Awaited, Waiting, awaited, show_outcome
from shared.blob_names import Kind, classify_name, printable
from shared.delivery.outcome_store import OutcomeStore
from shared.delivery.ports import Blob, Container
from shared.error_codes import Status
from shared.errors import MissingBlobError
from shared.messages import Message

_SENT = frozenset({Status.SUCCEEDED, Status.PARTIALLY_SUCCEEDED, Status.DUPLICATE})


@dataclass(frozen=True, slots=True)
class OperatorRequest:
    """An export that is to be tried again, and its status so far; `None` if it has no outcome yet."""

    name: str
    etag: str
    status: Status | None


def retry(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The export's name with its folders.")
    ] = None,
    *,
    blocked: Annotated[bool, typer.Option("--blocked", help="All exports that are Blocked.")] = False,
    rejected: Annotated[bool, typer.Option("--rejected", help="All exports that are Rejected.")] = False,
    wait: Wait = False,
    minutes: Minutes = 30,
    settings: SettingsFile = None,
) -> None:
    """Retry exports after the problem is fixed.

    Nothing that was accepted is sent a second time.

    Example: python gatepost.py retry --blocked
    """
    if bool(name) == (blocked or rejected):
        raise CommandError(
            "Nothing to retry was named.", "Give a NAME, or --blocked or --rejected (or both)."
        )
    azure = command_context(context).deployment(settings, CONNECTOR, VAULT)
    statuses = {Status.BLOCKED: blocked, Status.REJECTED: rejected}
    wanted = {status for status, asked in statuses.items() if asked}
    requests = (
        [_request_for(azure.exports, azure.results, name)]
        if name
        else _of_status(azure.exports, azure.results, wanted)
    )
    if not requests:
        screen.say("Nothing to retry.")
        return
    for request in requests:
        _refuse_if_sent(request)
    raise typer.Exit(_queued(azure, requests, None, minutes if wait else 0))


def resend(
    context: typer.Context,
    name: ExportName,
    *,
    yes: Yes = False,
    wait: Wait = False,
    minutes: Minutes = 30,
    settings: SettingsFile = None,
) -> None:
    """Send an export again although it was sent; asks first.

    For the rare day on which the connector has lost what it accepted. Microsoft does not say whether the connector
    then holds the records twice.

    Example: python gatepost.py resend 2026/11/22/lenel.json
    """
    azure = command_context(context).deployment(settings, CONNECTOR, VAULT)
    request = _request_for(azure.exports, azure.results, name)
    if not yes:
        typer.confirm(
            f"All records of {printable(name)} will be sent again, also those that were accepted. The connector "
            "may then hold them twice. Continue?",
            abort=True,
        )
    raise typer.Exit(_queued(azure, [request], str(uuid.uuid4()), minutes if wait else 0))


def _request_for(exports: Container, results: Container, name: str) -> OperatorRequest:
    """The export as it is now in the container.

    Raises:
        CommandError: it is not there.
    """
    if classify_name(name) not in {Kind.EXPORT, Kind.NOT_AN_EXPORT}:
        raise outcome_lookup.no_such_outcome(results, name)
    try:
        blob = exports.head(name)
    except MissingBlobError:
        if outcome_lookup.newest(results, name) is None:
            raise outcome_lookup.no_such_outcome(results, name) from None
        raise CommandError(
            f"The export {printable(name)} is no longer in the container.",
            "Upload it again if it is still needed.",
            Exit.NOT_FOUND,
        ) from None
    outcome = OutcomeStore(results, name, blob.etag).load()
    return OperatorRequest(name, blob.etag, outcome.status if outcome else None)


def _of_status(exports: Container, results: Container, statuses: set[Status]) -> list[OperatorRequest]:
    """Every export whose current version has such an outcome."""
    listed = (blob for blob in outcome_lookup.listed(results) if blob.metadata.get("status") in statuses)
    found = (_current(exports, results, blob) for blob in listed)
    return [request for request in found if request and request.status in statuses]


def _current(exports: Container, results: Container, listed: Blob) -> OperatorRequest | None:
    """The export of a listed outcome, if the outcome is of the version that is there now."""
    found = outcome_lookup.read(results, listed)
    if found is None or classify_name(found.outcome.export.name) is not Kind.EXPORT:
        return None
    export = found.outcome.export
    try:
        if exports.head(export.name).etag != export.etag:
            return None
    except MissingBlobError:
        return None
    return OperatorRequest(export.name, export.etag, found.outcome.status)


def _refuse_if_sent(request: OperatorRequest) -> None:
    if request.status in _SENT:
        raise CommandError(
            f"{printable(request.name)} was sent already ({request.status}); a retry would change nothing.",
            "To fetch rejected records, or to send everything again:",
            commands=[command("rejected", request.name), command("resend", request.name)],
        )


def _queued(
    azure: Deployment, requests: list[OperatorRequest], resend_id: str | None, wait_minutes: int
) -> Exit:
    """Put a message on the queue for each request, and wait for the outcomes if asked to."""
    waiting: list[Awaited] = []
    for request in requests:
        waiting.append(awaited(azure.results, request.name, request.etag))
        azure.queue.put(Message(request.name, request.etag, "command", resend=resend_id).encode(), 0)
    if wait_minutes:
        how = Waiting(azure.results, azure.state, azure.clock, wait_minutes)
        return worst([show_outcome(how, one) for one in waiting])
    for request in requests:
        screen.say(f"Queued: {printable(request.name)}")
    screen.say("The function works through them. To see the outcomes:")
    screen.say_commands([command("list")])
    return Exit.DONE
