"""`show`: one outcome for people."""

from collections.abc import Iterator
from typing import Annotated

import typer

from commands import outcome_lookup
from commands.console import screen
from commands.console.exit_codes import exit_of
from commands.console.screen import Column
from commands.context import SettingsFile, command_context
from commands.push_messages import help_for_push
from commands.results import PushedHere, StateFolder, results_for
from commands.validate import say_reasons
from shared.delivery.outcome import Outcome, Records
from shared.error_codes import Status
from shared.errors import Place

ExportName = Annotated[
    str, typer.Argument(metavar="NAME", help="The export's name, folders included, as `list` shows it.")
]


def show(  # noqa: PLR0913  (each one is an option)
    context: typer.Context,
    name: ExportName,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome's document.")] = False,
    pushed: PushedHere = False,
    state: StateFolder = None,
    settings: SettingsFile = None,
) -> None:
    """Show what became of one export, and what to do about it.

    The exit code follows the outcome's status.

    Example: python gatepost.py show 2026/11/22/lenel.json
    """
    results = results_for(command_context(context), settings, state, pushed=pushed)
    outcome = outcome_lookup.newest_or_fail(results, name).outcome
    if as_json:
        screen.show_json(outcome)
    else:
        say_outcome(outcome, pushed=pushed)
    raise typer.Exit(exit_of(outcome.status))


def say_outcome(outcome: Outcome, *, pushed: bool = False) -> None:
    """An outcome as a short page."""
    screen.say(screen.name_text(outcome.export.name), "bold")
    screen.say(f"{outcome.status.value}: {outcome.summary}", screen.STYLES[outcome.status])
    screen.say()
    screen.show_table([Column(""), Column("", gives_way=True)], list(_facts(outcome)), headings=False)
    if outcome.rejections.by_reason:
        screen.say()
        say_reasons(outcome.rejections.by_reason)
    for reply in _replies(outcome):
        screen.say()
        screen.say(f"The connector replied: {reply}")
    for warning in outcome.warnings:
        screen.say()
        screen.say(f"Warning: {warning.message}", "yellow")
    if help_text := help_of(outcome, pushed=pushed):
        screen.say()
        screen.say(f"What to do: {help_text}")


def help_of(outcome: Outcome, *, pushed: bool = False) -> str:
    """What a person should do now; empty if nothing. What was pushed is nobody's but theirs: no sweep looks after it."""
    help_text = outcome.error.help if outcome.error else ""
    name = screen.name_text(outcome.export.name)
    match outcome.status:
        case Status.PARTIALLY_SUCCEEDED if outcome.rejections.blob:
            option, verb = (" --pushed", "push") if pushed else ("", "upload")
            return (
                f"Fetch the records that were rejected with `gatepost.py rejected {name}{option}`, fix them, and {verb} "
                f"that file. Do not {verb} the whole export again: all of it would be sent again."
            )
        case _ if pushed:
            return help_for_push(outcome)
        case Status.BLOCKED if outcome.retry == "auto":
            return f"{help_text} Gatepost tries again once a day; at once with `gatepost.py retry {name}`."
        case Status.FAILED:
            return f"{help_text} The next try is due at {outcome.next_attempt_at}."
        case Status.IN_PROGRESS:
            return "Wait. If a worker died with it, the daily sweep takes it up again."
        case _:
            return help_text


def counted(records: Records) -> str:
    """`3 read, 2 sent, 1 rejected`, without what is 0."""
    rest = {
        "rejected": records.rejected,
        "refused by the connector": records.refused,
        "unconfirmed": records.unconfirmed,
        "not sent": records.unsent,
    }
    parts = [
        f"{records.read:,} read",
        f"{records.sent:,} sent",
        *(f"{count:,} {what}" for what, count in rest.items() if count),
    ]
    return ", ".join(parts)


def _facts(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """What happened, then which file it was."""
    if outcome.records:
        yield "Records", counted(outcome.records)
    if outcome.reported:
        saved, skipped = outcome.reported.records_saved, outcome.reported.records_skipped
        yield "Connector", f"RecordsSaved {saved:,}, RecordsSkipped {skipped:,}"
    if outcome.batches:
        yield "Batches", _batches(outcome)
    if outcome.error:
        yield "Error", f"{outcome.error.code}{_at(outcome)}"
    yield "Started", f"{outcome.started_at}, by {outcome.trigger}, attempt {outcome.attempts}"
    if outcome.finished_at:
        yield "Finished", f"{outcome.finished_at}, after {outcome.duration_seconds or 0:.1f} s"
    if outcome.next_attempt_at:
        yield "Next try", outcome.next_attempt_at
    yield from _file_facts(outcome)


def _file_facts(outcome: Outcome) -> Iterator[tuple[str, str]]:
    if outcome.export.bytes is not None:
        yield "Size", f"{outcome.export.bytes:,} bytes"
    yield "Version", outcome.export.etag
    if outcome.export.sha256:
        yield "SHA-256", outcome.export.sha256
    if outcome.duplicate_of:
        yield "Sent as", screen.name_text(outcome.duplicate_of.name)
    if outcome.rejections.blob:
        yield "Set aside", screen.name_text(outcome.rejections.blob)


def _replies(outcome: Outcome) -> list[str]:
    """What the connector said where somebody has to read it, on one line each and cut short; `--json` has all of it."""
    if outcome.status not in {Status.BLOCKED, Status.FAILED}:
        return []
    lines = (" ".join(reply.split()) for reply in outcome.replies)
    return [screen.name_text(line) for line in lines if line]


def _batches(outcome: Outcome) -> str:
    accepted = sum(batch.accepted_at is not None for batch in outcome.batches)
    requests = sum(batch.requests for batch in outcome.batches)
    copies = sum(batch.possible_copies for batch in outcome.batches)
    text = f"{accepted:,} of {len(outcome.batches):,} accepted, in {requests:,} request{'' if requests == 1 else 's'}"
    return text + (f"; {copies:,} of them may be copies" if copies else "")


def _at(outcome: Outcome) -> str:
    error = outcome.error
    if error is None or (error.line is None and error.record is None):
        return ""
    return f", at {Place(error.line, error.column, error.offset, error.record)}"
