"""`retry` and `resend`: ask the function for another look, or to send again what was sent."""

import uuid
from dataclasses import dataclass
from typing import Annotated

import typer

from commands import outcome_lookup
from commands.console import screen
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit, exit_of, worst
from commands.context import CONNECTOR, VAULT, SettingsFile, command_context
from commands.following import Awaited, awaited, follow
from commands.show import ExportName, say_outcome
from shared.blob_names import Kind, classify_name
from shared.delivery.collaborators import Collaborators
from shared.error_codes import Status
from shared.errors import MissingBlobError
from shared.messages import Message

Wait = Annotated[
    bool, typer.Option("--wait", help="Wait for the outcome and show it; the exit code follows it.")
]
Minutes = Annotated[int, typer.Option("--minutes", min=1, metavar="N", help="How long to wait.")]


@dataclass(frozen=True, slots=True)
class OperatorRequest:
    """An export a person wants looked at, and its status so far; `None` if it has no outcome yet."""

    name: str
    etag: str
    status: Status | None


def retry(  # noqa: PLR0913  (each one is an option)
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="The export's name, folders included.")
    ] = None,
    *,
    blocked: Annotated[bool, typer.Option("--blocked", help="All exports that are Blocked.")] = False,
    rejected: Annotated[bool, typer.Option("--rejected", help="All exports that are Rejected.")] = False,
    wait: Wait = False,
    minutes: Minutes = 30,
    settings: SettingsFile = None,
) -> None:
    """Have exports tried again, once their cause is corrected.

    Nothing that was accepted is sent a second time.

    Example: python gatepost.py retry --blocked
    """
    if bool(name) == (blocked or rejected):
        raise CommandError("Say what to retry.", "Either NAME, or --blocked or --rejected (or both).")
    at = command_context(context).collaborators(settings, CONNECTOR, VAULT)
    statuses = {Status.BLOCKED: blocked, Status.REJECTED: rejected}
    wanted = {status for status, asked in statuses.items() if asked}
    requests = [_request_for(at, name)] if name else _of_status(at, wanted)
    if not requests:
        screen.say("Nothing to retry.")
        return
    for request_id in requests:
        _refuse_if_done(request_id)
    raise typer.Exit(_queued(at, requests, None, minutes if wait else 0))


def resend(  # noqa: PLR0913  (each one is an option)
    context: typer.Context,
    name: ExportName,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wait: Wait = False,
    minutes: Minutes = 30,
    settings: SettingsFile = None,
) -> None:
    """Send an export again although it was sent; asks first.

    For the rare day on which the connector has lost what it accepted. Whether the connector then holds the records
    twice, Microsoft does not say.

    Example: python gatepost.py resend 2026/11/22/lenel.json
    """
    at = command_context(context).collaborators(settings, CONNECTOR, VAULT)
    request_id = _request_for(at, name)
    if not yes:
        shown = screen.name_text(name)
        typer.confirm(
            f"All records of {shown} will be sent again, those that were accepted before too. The connector may then "
            "hold them twice. Go on?",
            abort=True,
        )
    raise typer.Exit(_queued(at, [request_id], str(uuid.uuid4()), minutes if wait else 0))


def _request_for(at: Collaborators, name: str) -> OperatorRequest:
    """The export as it is now in the container.

    Raises:
        CommandError: it is not there.
    """
    if classify_name(name) not in {Kind.EXPORT, Kind.NOT_AN_EXPORT}:
        raise outcome_lookup.no_such_outcome(at.results, name)
    try:
        blob = at.exports.head(name)
    except MissingBlobError:
        if outcome_lookup.newest(at.results, name) is None:
            raise outcome_lookup.no_such_outcome(at.results, name) from None
        raise CommandError(
            f"The export {screen.name_text(name)} is gone from the container.",
            "Upload it again if it is still needed.",
            Exit.NOT_FOUND,
        ) from None
    found = outcome_lookup.of_version(at.results, name, blob.etag)
    return OperatorRequest(name, blob.etag, found.status if found else None)


def _of_status(at: Collaborators, statuses: set[Status]) -> list[OperatorRequest]:
    """Every export whose newest version has such an outcome and is still there."""
    requests = []
    for blob in outcome_lookup.listed(at.results):
        if blob.metadata.get("status") not in statuses:
            continue
        found = outcome_lookup.read(at.results, blob)
        if found is None or found.outcome.status not in statuses:
            continue
        export = found.outcome.export
        try:
            there = (
                classify_name(export.name) is Kind.EXPORT and at.exports.head(export.name).etag == export.etag
            )
        except MissingBlobError:
            there = False
        if there:
            requests.append(OperatorRequest(export.name, export.etag, found.outcome.status))
    return requests


def _refuse_if_done(request_id: OperatorRequest) -> None:
    if request_id.status in {Status.SUCCEEDED, Status.PARTIALLY_SUCCEEDED, Status.DUPLICATE}:
        name = screen.name_text(request_id.name)
        raise CommandError(
            f"{name} was sent already ({request_id.status}); a retry would change nothing.",
            f"Records that were rejected: gatepost.py rejected {name}. To send everything again: gatepost.py resend {name}.",
        )


def _queued(at: Collaborators, requests: list[OperatorRequest], resend_id: str | None, minutes: int) -> Exit:
    waiting: list[Awaited] = []
    for request_id in requests:
        waiting.append(awaited(at.results, request_id.name, request_id.etag))
        at.queue.put(Message(request_id.name, request_id.etag, "command", resend=resend_id).encode(), 0)
    if not minutes:
        for request_id in requests:
            screen.say(f"Queued: {screen.name_text(request_id.name)}")
        screen.say("The function looks at them in turn; see what became of them with: gatepost.py list")
        return Exit.DONE
    return worst([_awaited(at, one, minutes) for one in waiting])


def _awaited(at: Collaborators, one: Awaited, minutes: int) -> Exit:
    outcome = follow(at, one, minutes * 60)
    if outcome is None:
        screen.say(no_outcome(one.name, minutes), "yellow")
        return Exit.LATER
    say_outcome(outcome)
    return exit_of(outcome.status)


def no_outcome(name: str, minutes: int) -> str:
    """What to say when nobody left an outcome in time."""
    shown = screen.name_text(name)
    return (
        f"{shown}: no outcome within {minutes} minutes. Look later with `gatepost.py show {shown}`; if nothing ever "
        "happens, `gatepost.py check` looks for the cause."
    )
