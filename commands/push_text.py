"""What `push` says about each file and at the end."""

from pathlib import Path
from typing import Final

from commands.console import screen
from commands.console.command_line import command
from commands.console.exit_codes import Exit, exit_of
from commands.console.formatting import count, records
from commands.console.styles import STYLES
from commands.file_check import CheckedFile
from commands.file_check_text import say_reasons
from commands.local_store.delivery import Pushed, Pusher
from commands.local_store.folder import Folder
from commands.outcome_text import advice_for_push
from shared.delivery.outcome import Outcome
from shared.error_codes import Status
from shared.printable import printable

_BEGINNINGS: Final = {
    Status.SUCCEEDED: "Upload successful",
    Status.PARTIALLY_SUCCEEDED: "Upload successful, but not for every record",
    Status.DUPLICATE: "Nothing to upload",
    Status.REJECTED: "Not uploaded",
    Status.SUPERSEDED: "Not uploaded",
    Status.GIVEN_UP: "Not uploaded",
    Status.BLOCKED: "Upload stopped",
    Status.FAILED: "Upload not finished",
    Status.IN_PROGRESS: "Upload not finished",
}
_SUMMARIES: Final = {Status.SUPERSEDED: "The file was changed while it was read; nothing of it was sent."}


def exit_of_push(outcome: Outcome) -> Exit:
    """The code for an outcome of a push: a file that was changed has no newer version that anything else would send."""
    return Exit.LATER if outcome.status is Status.SUPERSEDED else exit_of(outcome.status)


def say_pushed(file: Path, pushed: Pushed, results: Folder) -> None:
    """What happened to one file, and what to do about it.

    Args:
        file: that was pushed.
        pushed: its outcome.
        results: where its rejected records are.
    """
    outcome, status = pushed.outcome, pushed.outcome.status
    name, summary = printable(file.name), outcome.summary or _SUMMARIES.get(status, "")
    if pushed.earlier:
        when = f" at {outcome.finished_at}" if outcome.finished_at else ""
        screen.say(f"Pushed before: {name}{when}; nothing was sent now. {summary}")
    else:
        screen.say(f"{_BEGINNINGS[status]}: {name}: {summary}", STYLES[status])
    if outcome.reported:
        saved, skipped = outcome.reported.records_saved, outcome.reported.records_skipped
        screen.say(f"  The connector says: RecordsSaved {saved:,}, RecordsSkipped {skipped:,}.")
    for warning in outcome.warnings:
        screen.say(f"  Warning: {warning.message}", "yellow")
    if pushed.earlier or not outcome.rejections.by_reason:
        _say_advice(outcome)
    else:
        _say_rejections(outcome, results)


def say_totals(all_pushed: list[Pushed], number: int) -> None:
    """One line over all files.

    Args:
        all_pushed: files that have an outcome.
        number: of files that were named.
    """
    now = [one.outcome.records for one in all_pushed if not one.earlier and one.outcome.records]
    good = sum(exit_of_push(one.outcome) is Exit.DONE for one in all_pushed)
    sent = sum(one.sent for one in now)
    screen.say(f"{good} of {count(number, 'file')} OK; {records(sent)} sent now.")


def say_plan(one: CheckedFile, pusher: Pusher) -> None:
    """What would be sent of a file that has been checked."""
    validation = one.validation
    if validation is None or one.exit is Exit.INVALID or not validation.batches:
        return
    ledger = pusher.sent_before(validation.key)
    if ledger and ledger.completed_by:
        screen.say("  This content was pushed before; it would not be sent again.")
        return
    entries = [entry for entry in ledger.entries if entry.open] if ledger else validation.batches
    left = sum(entry.records for entry in entries)
    screen.say(f"  It would be sent in {count(len(entries), 'request')}: {records(left)}.")


def _say_rejections(outcome: Outcome, results: Folder) -> None:
    """The reasons, where the rejected records are, and what to do with them."""
    screen.say()
    say_reasons(outcome.rejections.by_reason)
    screen.say()
    blob = outcome.rejections.blob
    file = results.path(blob) if blob else None
    if file:
        screen.say("  The rejected records are in:")
        screen.say_commands([str(file)], indent=4)
    if file and outcome.status is Status.PARTIALLY_SUCCEEDED:
        screen.say('  Correct what is wrong after "content" in each line, then push that file:')
        screen.say_commands([command("push", str(file))], indent=4)
    else:
        _say_advice(outcome)


def _say_advice(outcome: Outcome) -> None:
    advice = advice_for_push(outcome)
    if advice.text:
        screen.say(f"  {advice.text}")
        screen.say_commands(advice.commands, indent=4)
