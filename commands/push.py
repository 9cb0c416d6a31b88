"""`push`: what Microsoft's sample script does, with the function's checks, batches, retries and memory."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from commands import files, secret
from commands.console import screen
from commands.console.errors import CommandError, explained
from commands.console.exit_codes import Exit, exit_of, worst
from commands.context import STORAGE, VAULT, CommandContext, SettingsFile, command_context
from commands.file_check import CheckedFile, Checks, check_file
from commands.following import progress_on
from commands.push_messages import say_pushed, say_totals
from commands.pushing import Pushed, Pusher
from commands.results import StateFolder, state_folder
from commands.validate import records, say_problems
from shared.delivery.collaborators import Collaborators
from shared.errors import OutcomeError, TransientError
from shared.exports.batches import Limits
from shared.services.credentials import GivenTokens


def push(  # noqa: PLR0913  (each one is an option)
    context: typer.Context,
    named: files.Files,
    *,
    tenant: Annotated[
        str | None, typer.Option(metavar="GUID", help="Instead of CONNECTOR_TENANT_ID.")
    ] = None,
    app: Annotated[str | None, typer.Option(metavar="GUID", help="Instead of CONNECTOR_APP_ID.")] = None,
    job: Annotated[str | None, typer.Option(metavar="GUID", help="Instead of CONNECTOR_JOB_ID.")] = None,
    cloud: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="commercial, gcc, gcc-high or dod; instead of CONNECTOR_CLOUD."),
    ] = None,
    secret_prompt: Annotated[bool, typer.Option("--secret-prompt", help="Ask for the app's secret.")] = False,
    secret_fd: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Read the app's secret from this open file descriptor."),
    ] = None,
    state: StateFolder = None,
    patience: Annotated[
        int, typer.Option(metavar="MINUTES", min=0, help="How long to wait for what should pass.")
    ] = 0,
    again: Annotated[
        bool, typer.Option("--again", help="Send content again that was sent before; asks first.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything but send.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcomes as JSON.")] = False,
    settings: SettingsFile = None,
) -> None:
    """Send exports from this computer, as Microsoft's sample script does.

    Checks every record, sends in batches, retries, and remembers what was accepted: run it again after an
    interruption and it goes on where it stopped. The app's secret comes from Key Vault (KEY_VAULT_URI), from a prompt
    or from a file descriptor, never from the command line.

    Example: python gatepost.py push badging.json --settings settings.env
    """
    options = {
        "CONNECTOR_TENANT_ID": tenant,
        "CONNECTOR_APP_ID": app,
        "CONNECTOR_JOB_ID": job,
        "CONNECTOR_CLOUD": cloud,
    }
    wanted = files.found(named)
    given = _secret(prompt=secret_prompt, descriptor=secret_fd)
    at = _collaborators(command_context(context), settings, options, given)
    pusher = Pusher(at, state_folder(state), patience * 60)
    if dry_run:
        raise typer.Exit(_tried(at, pusher, wanted))
    if again and not yes:
        typer.confirm(
            f"{len(wanted)} file(s) will be sent again, whatever was sent before; the connector may then hold their "
            "records twice. Go on?",
            abort=True,
        )
    raise typer.Exit(_pushed_all(pusher, wanted, again=again, as_json=as_json))


def _secret(*, prompt: bool, descriptor: int | None) -> str | None:
    if prompt and descriptor is not None:
        raise CommandError("Both --secret-prompt and --secret-fd are given.", "Give one of them.")
    if descriptor is not None:
        return secret.from_descriptor(descriptor)
    return secret.from_prompt() if prompt else None


def _collaborators(
    command: CommandContext, settings: Path | None, options: dict[str, str | None], given: str | None
) -> Collaborators:
    if given is None:
        if not command.settings(settings).get("KEY_VAULT_URI"):
            raise CommandError(
                "There is no secret for the app.",
                "Name the vault in KEY_VAULT_URI, or let yourself be asked with --secret-prompt, or give it in a file: "
                "--secret-fd 3 3< FILE",
            )
        return command.collaborators(settings, STORAGE, options=options)
    at = command.collaborators(settings, STORAGE, VAULT, options=options)
    return replace(at, tokens=GivenTokens(at.settings, given))


def _pushed_all(pusher: Pusher, wanted: list[Path], *, again: bool, as_json: bool) -> Exit:
    codes: list[Exit] = []
    done: list[Pushed] = []
    for file in wanted:
        try:
            pushed = _pushed(pusher, file, again=again)
        except OutcomeError as error:
            said = explained(error)
            screen.tell(f"Not uploaded: {screen.name_text(file.name)}: {said.message} {said.help}", "red")
            codes.append(said.exit)
            continue
        codes.append(exit_of(pushed.outcome.status))
        done.append(pushed)
        if not as_json:
            say_pushed(file, pushed, pusher.results)
    if as_json:
        screen.show_json([one.outcome for one in done])
    elif len(wanted) > 1:
        say_totals(done)
    return worst(codes)


def _pushed(pusher: Pusher, file: Path, *, again: bool) -> Pushed:
    with screen.bar(f"Sending {file.name}", None) as bar:
        return pusher.push(file, again=again, watch=progress_on(bar))


def _tried(at: Collaborators, pusher: Pusher, wanted: list[Path]) -> Exit:
    """Everything but sending: the checks, what is remembered of the content, and a token."""
    limits = Limits(at.settings.batch_max_records, at.settings.batch_max_bytes)
    checks = Checks(limits, at.settings.max_invalid_percent, at.settings.max_export_bytes)
    checked = [check_file(file, checks) for file in wanted]
    for one in checked:
        say_problems(one)
        _say_plan(one, pusher)
    try:
        at.tokens.token()
    except TransientError as error:
        help_text = "Nothing was sent. Check the network and the addresses, then run the same command again."
        raise CommandError(error.message, help_text, Exit.LATER) from None
    screen.say(
        "The app's secret is good: Entra ID gives a token for the connector. Nothing was sent (--dry-run)."
    )
    return worst(one.exit for one in checked)


def _say_plan(one: CheckedFile, pusher: Pusher) -> None:
    validation = one.validation
    if validation is None or one.exit is Exit.INVALID or not validation.batches:
        return
    ledger = pusher.sent_before(validation.sha256)
    if ledger and ledger.completed_by:
        screen.say("  This content was pushed before; it would not be sent again.")
        return
    entries = [entry for entry in ledger.entries if entry.open] if ledger else validation.batches
    left = sum(entry.records for entry in entries)
    requests = f"{len(entries):,} request{'' if len(entries) == 1 else 's'}"
    screen.say(f"  It would be sent in {requests}: {records(left)}.")
