"""What `push` says about each file and at the end."""

from pathlib import Path
from typing import Final

from commands.console import screen
from commands.console.exit_codes import Exit, exit_of
from commands.local_store.folder import Folder
from commands.pushing import Pushed
from commands.validate import records, say_reasons
from shared.delivery.outcome import Outcome
from shared.error_codes import Status

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
_GO_ON: Final = (
    "Run the same command again: it goes on where it stopped, and what was accepted is not sent again."
)


def say_pushed(file: Path, pushed: Pushed, results: Folder) -> None:
    """What became of one file, and what to do about it."""
    outcome, status = pushed.outcome, pushed.outcome.status
    name = screen.name_text(file.name)
    if pushed.earlier:
        when = f" at {outcome.finished_at}" if outcome.finished_at else ""
        screen.say(f"Pushed before: {name}{when}; nothing was sent now. {outcome.summary}")
    else:
        screen.say(f"{_BEGINNINGS[status]}: {name}: {outcome.summary}", screen.STYLES[status])
    if outcome.reported:
        saved, skipped = outcome.reported.records_saved, outcome.reported.records_skipped
        screen.say(f"  The connector says: RecordsSaved {saved:,}, RecordsSkipped {skipped:,}.")
    for warning in outcome.warnings:
        screen.say(f"  Warning: {warning.message}", "yellow")
    if not pushed.earlier:
        _say_rejections(outcome, results)
    if help_text := help_for_push(outcome):
        screen.say(f"  {help_text}")


def say_totals(all_pushed: list[Pushed]) -> None:
    """One line over all files."""
    now = [one.outcome.records for one in all_pushed if not one.earlier and one.outcome.records]
    good = sum(exit_of(one.outcome.status) is Exit.DONE for one in all_pushed)
    sent = sum(one.sent for one in now)
    screen.say(f"{good} of {len(all_pushed)} files need nothing more; {records(sent)} sent by this run.")


def _say_rejections(outcome: Outcome, results: Folder) -> None:
    if not outcome.rejections.by_reason:
        return
    screen.say()
    say_reasons(outcome.rejections.by_reason)
    screen.say()
    if outcome.rejections.blob:
        screen.say(f"  The records that were rejected are in {results.path(outcome.rejections.blob)}")
        if outcome.status is Status.PARTIALLY_SUCCEEDED:
            screen.say('  Correct what is wrong behind "content" in each line, then push that file.')


def help_for_push(outcome: Outcome) -> str:
    """What to do about what was pushed, beside records that were rejected; empty if nothing."""
    match outcome.status:
        case Status.FAILED | Status.IN_PROGRESS:
            return _GO_ON
        case Status.BLOCKED if outcome.error:
            return f"{_for_push(outcome.error.help)} {_GO_ON}"
        case Status.REJECTED if outcome.error:
            return outcome.error.help.replace("upload it again", "push it again")
        case _:
            return ""


def _for_push(help_text: str) -> str:
    """The help of an outcome names commands for exports in Azure; a push has its own."""
    return help_text.replace("gatepost.py retry", "the same command again").replace(
        "gatepost.py resend", "--again"
    )
