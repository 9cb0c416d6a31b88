"""`push`: what Microsoft's sample script does, with the function's checks, batches, retries and memory."""

from pathlib import Path
from typing import Annotated, Final

import typer

from commands import local_files, secret_input
from commands.console import screen
from commands.console.errors import CommandError, explained
from commands.console.exit_codes import Exit, worst
from commands.console.formatting import count
from commands.console.progress import bar
from commands.context import STORAGE, VAULT, CommandContext, command_context
from commands.deployment import Deployment
from commands.file_check import Checks, check_file
from commands.file_check_text import say_file
from commands.file_names import check_utf8
from commands.local_store.delivery import Pushed, Pusher
from commands.local_store.errors import ExportFileError, JobBusyError
from commands.local_store.one_source import OneSource
from commands.local_store.push_state import pushed_ledgers, pushed_results, state_folder
from commands.local_store.retention import delete_old
from commands.options import MAX_MINUTES, AsJson, SettingsFile, SourceProfile, StateFolder, Yes, between
from commands.outcome_text import document_for_push
from commands.outcome_wait import progress_on
from commands.push_text import exit_of_push, say_plan, say_pushed, say_totals
from commands.push_waits import PushTokens, WaitingClock, Waits
from commands.source.local_source import load_source
from shared.errors import OutcomeError, SettingsError, TransientError
from shared.exports.batches import Limits
from shared.printable import printable
from shared.sources.source import Source

_OPTIONS: Final = {
    "CONNECTOR_TENANT_ID": "--tenant",
    "CONNECTOR_APP_ID": "--app",
    "CONNECTOR_JOB_ID": "--job",
    "CONNECTOR_CLOUD": "--cloud",
    "CONNECTOR_CREDENTIAL": "--credential",
}


def push(
    context: typer.Context,
    named: local_files.Files,
    *,
    source: SourceProfile = None,
    tenant: Annotated[
        str | None, typer.Option(metavar="GUID", help="In place of CONNECTOR_TENANT_ID.")
    ] = None,
    app: Annotated[str | None, typer.Option(metavar="GUID", help="In place of CONNECTOR_APP_ID.")] = None,
    job: Annotated[str | None, typer.Option(metavar="GUID", help="In place of CONNECTOR_JOB_ID.")] = None,
    cloud: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="commercial, gcc, gcc-high or dod; in place of CONNECTOR_CLOUD."),
    ] = None,
    credential: Annotated[
        str | None,
        typer.Option(
            metavar="KIND", help="secret or certificate, from the vault; in place of CONNECTOR_CREDENTIAL."
        ),
    ] = None,
    secret_prompt: Annotated[
        bool, typer.Option("--secret-prompt", help="Ask for the client secret.")
    ] = False,
    secret_fd: Annotated[
        int | None,
        typer.Option(
            metavar="N", callback=between(0), help="Read the client secret from this file descriptor."
        ),
    ] = None,
    state: StateFolder = None,
    patience: Annotated[
        int,
        typer.Option(metavar="MINUTES", callback=between(0, MAX_MINUTES), help="Minutes to keep retrying."),
    ] = 0,
    again: Annotated[
        bool, typer.Option("--again", help="Send content again that was sent before; asks first.")
    ] = False,
    yes: Yes = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything but send.")] = False,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> None:
    """Send exports from this computer, without the function app.

    Does what Microsoft's sample script does, and more. Checks every record, sends in batches, retries, and remembers what was accepted: run it again after an
    interruption and it continues where it stopped. The client secret comes from Key Vault (KEY_VAULT_URI), from a
    prompt or from a file descriptor, never from the command line; a certificate comes from Key Vault. With --source the files
    are read as that source's exports.

    Example: python gatepost.py push badging.json --settings settings.env
    """
    values = dict(zip(_OPTIONS, (tenant, app, job, cloud, credential), strict=True))
    files = local_files.found(named)
    own = load_source(source) if source else None
    deployment = _deployment(
        command_context(context), settings, values, _secret(secret_fd, prompt=secret_prompt)
    )
    waits = Waits(deployment.clock, deployment.settings.retry_max_seconds, patience * 60)
    watched = deployment.changed(
        clock=WaitingClock(deployment.clock, waits),
        tokens=PushTokens(deployment.tokens, waits),
        observer=waits,
        **({"sources": OneSource(own)} if own else {}),
    )
    pusher = Pusher(watched, pushed_ledgers(state), pushed_results(state), patience * 60)
    if dry_run:
        raise typer.Exit(_dry_run(watched, pusher, files, own))
    if again and not yes:
        typer.confirm(
            f"{count(len(files), 'file')} will be sent again, whatever was sent before; the connector may then hold "
            "the records twice. Continue?",
            abort=True,
        )
    delete_old(state_folder(state), deployment.settings, deployment.clock)
    raise typer.Exit(_push_all(pusher, waits, files, again=again, as_json=as_json))


def _secret(descriptor: int | None, *, prompt: bool) -> str | None:
    if prompt and descriptor is not None:
        raise CommandError("Both --secret-prompt and --secret-fd are given.", "Give one of them.")
    if descriptor is not None:
        return secret_input.from_descriptor(descriptor)
    return secret_input.from_prompt() if prompt else None


def _deployment(
    command: CommandContext, settings: Path | None, options: dict[str, str | None], secret: str | None
) -> Deployment:
    """The parts of a push; everything that is missing is said at once.

    Args:
        command: what the command was given.
        settings: the file after --settings.
        options: settings given as options of their own.
        secret: the client secret, if it was given.

    Raises:
        CommandError: settings or the secret are missing or malformed.
    """
    known = command.settings(settings)
    kind = secret_input.credential_kind(
        options["CONNECTOR_CREDENTIAL"], known.get("CONNECTOR_CREDENTIAL", ""), given=secret is not None
    )
    options = options | {"CONNECTOR_CREDENTIAL": kind}
    from_vault = secret is None and bool(known.get("KEY_VAULT_URI"))
    unused = (STORAGE,) if from_vault else (STORAGE, VAULT)
    nothing = f"No {'certificate' if kind == 'certificate' else 'client secret'} given."
    problems = [] if from_vault or secret is not None else [nothing]
    try:
        deployment = command.deployment(settings, *unused, options=options)
    except SettingsError as error:
        problems = [_named_as_typed(problem, options) for problem in error.problems] + problems
    if problems:
        raise _incomplete(problems)
    return deployment.with_secret(secret) if secret is not None else deployment


def _named_as_typed(problem: str, options: dict[str, str | None]) -> str:
    """A setting's problem, under the option's name where the value came from one."""
    name, _, rest = problem.partition(" ")
    if options.get(name):
        return f"{_OPTIONS[name]} {rest}"
    return f"{problem} (or give {_OPTIONS[name]})" if name in _OPTIONS else problem


def _incomplete(problems: list[str]) -> CommandError:
    lines = "\n".join(f"  {problem}" for problem in problems)
    help_text = "Settings may be in a file that --settings names, or in environment variables."
    if problems[-1].startswith("No client secret "):
        help_text += (
            "\nThe client secret comes from the vault that KEY_VAULT_URI names, or --secret-prompt asks for it. "
            + secret_input.how_to_give_a_file()
        )
    return CommandError(f"Nothing was sent:\n{lines}", help_text)


def _push_all(pusher: Pusher, waits: Waits, files: list[Path], *, again: bool, as_json: bool) -> Exit:
    codes: list[Exit] = []
    done: list[Pushed] = []
    for file in files:
        try:
            pushed = _push_one(pusher, waits, file, again=again)
        except (OutcomeError, JobBusyError, ExportFileError) as error:
            said = explained(error)
            screen.tell(f"Not uploaded: {printable(file.name)}: {said.message} {said.help}", "red")
            codes.append(said.exit)
            continue
        codes.append(exit_of_push(pushed.outcome))
        done.append(pushed)
        if not as_json:
            say_pushed(file, pushed, pusher.results)
    if as_json:
        screen.show_json([document_for_push(one.outcome) for one in done])
    elif len(files) > 1:
        say_totals(done, len(files))
    return worst(codes)


def _push_one(pusher: Pusher, waits: Waits, file: Path, *, again: bool) -> Pushed:
    check_utf8(file.name)
    with bar(f"Sending {file.name}", None) as shown:
        pusher.ledgers.watch, waits.say = progress_on(shown), shown.note
        return pusher.push(file, again=again)


def _dry_run(deployment: Deployment, pusher: Pusher, files: list[Path], source: Source | None) -> Exit:
    """Everything but sending: the checks, what was pushed before of the content, and a token."""
    settings = deployment.settings
    limits = Limits(settings.batch_max_records, settings.batch_max_bytes)
    own = source.profile.policy.max_invalid_percent if source else None
    percent = settings.max_invalid_percent if own is None else own
    checks = Checks(limits, percent, settings.max_export_bytes, source=source)
    checked = [check_file(file, checks) for file in files]
    for one in checked:
        say_file(one)
        say_plan(one, pusher)
    try:
        deployment.tokens.token()
    except TransientError as error:
        help_text = "Nothing was sent. Check the network and the addresses, then run the same command again."
        raise CommandError(error.message, help_text, Exit.LATER) from None
    screen.say("The credential works: Entra ID gave a token. Nothing was sent (--dry-run).")
    return worst(one.exit for one in checked)
