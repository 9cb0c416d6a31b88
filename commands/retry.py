"""`retry` and `resend`: ask the function to try an export again, or to send again what was sent."""

from typing import Annotated

import typer

from commands.console import screen
from commands.console.command_line import command
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.console.formatting import count
from commands.context import CONNECTOR, VAULT, command_context
from commands.deployment import Deployment
from commands.operator_requests import (
    Target,
    ask,
    show_answers,
    show_plan,
    target_named,
    targets_of_status,
)
from commands.options import DryRun, Minutes, NoWait, SettingsFile, Version, Wait, Yes, day_named
from commands.outcome_wait import Awaited, Waiting, show_outcome
from commands.source_requests import Resend, check_source_name, to_resend, to_retry
from shared.blob_names import Kind, classify_name
from shared.completeness.arrivals import ENDED_WELL
from shared.delivery.outcome_listing import list_outcomes
from shared.delivery.ports import Blob
from shared.error_codes import Status
from shared.errors import MissingBlobError
from shared.messages import Message, RequestKind
from shared.printable import printable

OfSource = Annotated[
    str | None,
    typer.Option("--source", metavar="SOURCE", help="All exports of this source, as `source list` shows it."),
]


def retry(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The export's name with its folders.")
    ] = None,
    *,
    blocked: Annotated[bool, typer.Option("--blocked", help="All exports that are Blocked.")] = False,
    rejected: Annotated[bool, typer.Option("--rejected", help="All exports that are Rejected.")] = False,
    source: OfSource = None,
    version: Version = None,
    wait: Wait = False,
    no_wait: NoWait = False,
    minutes: Minutes = 30,
    dry_run: DryRun = False,
    settings: SettingsFile = None,
) -> None:
    """Retry exports after the problem is fixed.

    Nothing that was accepted is sent a second time. An export that was given up is retried only by its name. With
    --source, after a profile or people file was corrected: every export of the source of which something waits.

    Example: python gatepost.py retry --blocked
    """
    if [bool(name), blocked or rejected, bool(source)].count(True) != 1:
        raise CommandError(
            "What is to be retried is not clear.",
            "Give a NAME, or --blocked or --rejected (or both), or --source.",
        )
    azure = command_context(context).deployment(settings, CONNECTOR, VAULT)
    if name:
        unprocessed = _unprocessed(azure, name)
        if unprocessed and dry_run:
            show_plan("retry", [Target(unprocessed.name, unprocessed.etag, None)])
            return
        if unprocessed:
            raise typer.Exit(_announce(azure, unprocessed, 0 if no_wait else minutes))
        targets = [target_named(azure.results, name, version)]
        _refuse_if_sent(targets[0])
    elif source:
        check_source_name(source)
        targets = to_retry(azure.results, source)
    else:
        statuses = {Status.BLOCKED: blocked, Status.REJECTED: rejected}
        targets = targets_of_status(azure.results, {status for status, asked in statuses.items() if asked})
    if not targets:
        screen.say("Nothing to retry.")
        return
    if dry_run:
        show_plan("retry", targets)
        return
    raise typer.Exit(_ask(azure, "retry", targets, name, 0 if no_wait else minutes, to_the_end=wait))


def resend(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The export's name with its folders.")
    ] = None,
    *,
    source: OfSource = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="DATE", help="With --source: exports with events on this day or later."
        ),
    ] = None,
    yes: Yes = False,
    wait: Wait = False,
    no_wait: NoWait = False,
    minutes: Minutes = 30,
    dry_run: DryRun = False,
    settings: SettingsFile = None,
) -> None:
    """Send an export again although it was sent; asks first.

    For the rare day on which the connector has lost what it accepted. Microsoft does not say whether the connector
    then holds the records twice. With --source and --since, after a zone, door or outcome word was corrected in a
    profile: every event of the source's exports is sent once more, however many exports it stands in.

    Example: python gatepost.py resend 2026/11/22/lenel.json
    """
    if bool(name) == bool(source) or bool(source) != bool(since):
        raise CommandError("What is to be resent is not clear.", "Give a NAME, or --source and --since.")
    azure = command_context(context).deployment(settings, CONNECTOR, VAULT)
    if source and since:
        targets = _of_source(azure, source, since)
        about = f"All records of {count(len(targets), 'export')}"
    else:
        targets = [target_named(azure.results, name or "")]
        about = f"All records of {printable(name or '')}"
    if not targets:
        screen.say("Nothing to resend.")
        return
    if dry_run:
        show_plan("resend", targets)
        return
    if not yes:
        typer.confirm(
            f"{about} will be sent again, also those that were accepted. The connector may then hold them twice. "
            "Continue?",
            abort=True,
        )
    raise typer.Exit(_ask(azure, "resend", targets, name, 0 if no_wait else minutes, to_the_end=wait))


def _of_source(azure: Deployment, source: str, since: str) -> list[Target]:
    """What of a source is sent again, and a word about what cannot be."""
    check_source_name(source)
    found = to_resend(azure, source, day_named(since).date())
    for name in found.gone:
        screen.say(f"{printable(name)}: no longer in the container; it cannot be sent again.", "yellow")
    _say_days(found)
    return found.targets


def _say_days(found: Resend) -> None:
    if found.days:
        screen.say(f"Events of {count(len(found.days), 'day')}, from {min(found.days)} to {max(found.days)}.")


def _ask(
    azure: Deployment,
    kind: RequestKind,
    targets: list[Target],
    name: str | None,
    wait_minutes: int,
    *,
    to_the_end: bool,
) -> Exit:
    """Send the requests, and wait until the outcomes show what became of them."""
    asked = ask(azure, kind, targets, named=name is not None)
    if wait_minutes:
        waiting = Waiting(azure.results, azure.clock, wait_minutes)
        code = show_answers(waiting, asked, to_the_end=to_the_end)
    else:
        code = Exit.DONE
        for target in targets:
            screen.say(f"Queued: {printable(target.name)}")
    if not to_the_end:
        screen.say("The function works through them. To see the outcomes:")
        screen.say_commands([command("list")])
    return code


def _unprocessed(azure: Deployment, name: str) -> Blob | None:
    """The export, if it is in the container and no version of it has an outcome."""
    if next(list_outcomes(azure.results, name), None) or classify_name(name) in {Kind.IGNORED, Kind.UNSAFE}:
        return None
    try:
        return azure.exports.head(name)
    except MissingBlobError:
        return None


def _announce(azure: Deployment, export: Blob, wait_minutes: int) -> Exit:
    """Queue an export that was not processed yet, as its own event would have done."""
    azure.queue.put(Message(export.name, export.etag, "command").encode(), 0)
    screen.say(f"Queued: {printable(export.name)}")
    if not wait_minutes:
        return Exit.DONE
    return show_outcome(Waiting(azure.results, azure.clock, wait_minutes), Awaited(export.name, export.etag))


def _refuse_if_sent(target: Target) -> None:
    if target.status in ENDED_WELL:
        raise CommandError(
            f"{printable(target.name)} was sent already ({target.status}); a retry would change nothing.",
            "To fetch rejected records, or to send everything again:",
            commands=[command("rejected", target.name), command("resend", target.name)],
        )
