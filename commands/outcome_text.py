"""An outcome as a short page for people: what happened, which file it was, what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from commands.console import screen
from commands.console.command_line import command, commands_in, without_commands
from commands.console.formatting import count
from commands.console.styles import STYLES
from commands.console.tables import Column, show_table
from commands.file_check_text import say_reasons
from shared.delivery.outcome import Outcome
from shared.error_codes import BlockedCode, Status
from shared.errors import Place
from shared.printable import printable

GO_ON: Final = (
    "Run the same command again: it continues where it stopped; what was accepted is not sent again."
)
_CHECK_VALUE = "Use the client secret's Value, not its Secret ID. If it has expired, make a new one for the app registration."
_CHANGED: Final = "Run the same command again when the program that writes the file has finished."
_FIXED: Final = {
    Status.SUPERSEDED: "A newer version took the place of this one. It has an outcome of its own.",
    Status.IN_PROGRESS: "Wait. If this attempt never ends, the daily sweep starts another one.",
}


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do: a text, and commands to paste. Both may be empty."""

    text: str = ""
    commands: tuple[str, ...] = ()


def say_outcome(outcome: Outcome, *, pushed: bool = False) -> None:
    """An outcome as a short page.

    Args:
        outcome: to show.
        pushed: whether it is of a push from this computer.
    """
    screen.say(printable(outcome.export.name), "bold")
    screen.say(f"{outcome.status.value}: {outcome.summary}", STYLES[outcome.status])
    screen.say()
    show_table([Column(""), Column("", gives_way=True)], list(_facts(outcome, pushed=pushed)), headings=False)
    if outcome.rejections.by_reason:
        screen.say()
        say_reasons(outcome.rejections.by_reason)
    for reply in _replies(outcome):
        screen.say()
        screen.say(f"The connector replied: {reply}")
    for warning in outcome.warnings:
        screen.say()
        screen.say(f"Warning: {warning.message}", "yellow")
    advice = advice_for_push(outcome) if pushed else advice_for(outcome)
    if advice.text:
        screen.say()
        screen.say(f"What to do: {advice.text}")
        screen.say_commands(advice.commands)
    if outcome.error:
        screen.say("About this error:")
        screen.say_commands([command("explain", outcome.error.code)])


def advice_for(outcome: Outcome) -> Advice:
    """What to do about an export in Azure."""
    name = outcome.export.name
    help_text = outcome.error.help if outcome.error else ""
    retry = (command("retry", name),)
    match outcome.status:
        case Status.PARTIALLY_SUCCEEDED if outcome.rejections.blob:
            return Advice(_correct("upload"), (command("rejected", name),))
        case Status.BLOCKED:
            return _advice_when_blocked(name, help_text, is_automatic=outcome.retry == "auto")
        case Status.FAILED:
            return Advice(f"{help_text} The next try is at {outcome.next_attempt_at}.")
        case Status.GIVEN_UP:
            return Advice("Gatepost does not retry it automatically. If it is needed after all:", retry)
        case _:
            return Advice(_FIXED.get(outcome.status, help_text))


def advice_for_push(outcome: Outcome) -> Advice:
    """What to do about a push from this computer: nothing tries again by itself here."""
    name = outcome.export.name
    error = outcome.error
    match outcome.status:
        case Status.PARTIALLY_SUCCEEDED if outcome.rejections.blob:
            return Advice(_correct("push"), (command("rejected", name, pushed=True),))
        case Status.FAILED | Status.IN_PROGRESS:
            return Advice(GO_ON)
        case Status.BLOCKED if error:
            help_text = (
                _CHECK_VALUE if error.code == BlockedCode.SECRET_REFUSED else without_commands(error.help)
            )
            return Advice(f"{help_text} {GO_ON}")
        case Status.SUPERSEDED:
            return Advice(_CHANGED)
        case Status.REJECTED if error:
            return Advice(error.help.replace("upload it again", "push it again"))
        case _:
            return Advice()


def document_for_push(outcome: Outcome) -> Outcome:
    """The outcome of a push for programs: without promises that only the function app keeps."""
    if outcome.error is None:
        return outcome
    error = msgspec.structs.replace(outcome.error, help=advice_for_push(outcome).text)
    return msgspec.structs.replace(outcome, error=error, retry=None, next_attempt_at=None)


def _advice_when_blocked(name: str, help_text: str, *, is_automatic: bool) -> Advice:
    """The product's help, and below it, complete, every command that it names."""
    named = dict.fromkeys(["retry", *commands_in(help_text)])
    text = f"{without_commands(help_text)} Gatepost "
    text += "tries again once a day." if is_automatic else "does not retry it automatically."
    text += " To try again now:" if len(named) == 1 else " The commands:"
    return Advice(text, tuple(command(one, name) for one in named))


def counted(outcome: Outcome) -> str:
    """`3 read, 2 sent, 1 rejected`, without what is 0; empty if the export could not be read."""
    records = outcome.records
    if records is None:
        return ""
    unsent = "sent before" if outcome.status is Status.DUPLICATE else "not sent"
    rest = {
        "ignored": records.ignored,
        "repeated": records.repeated,
        "rejected": records.rejected,
        "refused by the connector": records.refused,
        "unconfirmed": records.unconfirmed,
        unsent: records.unsent,
    }
    parts = [
        f"{records.read:,} read",
        f"{records.sent:,} sent",
        *(f"{number:,} {what}" for what, number in rest.items() if number),
    ]
    return ", ".join(parts)


def _correct(verb: str) -> str:
    return (
        f"Correct the export, or the rejected records alone, and {verb} the file: what was sent is not sent again. To "
        "fetch the rejected records:"
    )


def _facts(outcome: Outcome, *, pushed: bool) -> Iterator[tuple[str, str]]:
    """What happened, then which file it was."""
    if outcome.records:
        yield "Records", counted(outcome)
    yield from _source_facts(outcome)
    if outcome.reported:
        saved, skipped = outcome.reported.records_saved, outcome.reported.records_skipped
        yield "Connector", f"RecordsSaved {saved:,}, RecordsSkipped {skipped:,}"
    if outcome.batches:
        yield "Batches", _batches(outcome)
    for one in outcome.passes:
        yield "Tried again", f"{one.at}, under a changed mapping: {one.sent:,} of {one.tried:,} sent"
    if outcome.error:
        yield "Error", f"{outcome.error.code}{_place(outcome)}"
    yield "Started", f"{outcome.started_at}, by {outcome.trigger}, attempt {outcome.attempts}"
    if outcome.finished_at:
        yield "Finished", f"{outcome.finished_at}, after {outcome.duration_seconds or 0:.1f} s"
    if outcome.next_attempt_at and not pushed:
        yield "Next try", outcome.next_attempt_at
    yield from _file_facts(outcome)


def _source_facts(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """What the export's source has to say about its rows."""
    if outcome.ignored:
        yield "Ignored", ", ".join(f"{one.records:,} {one.code}" for one in outcome.ignored)
    if outcome.unknown_words:
        words = ", ".join(f"{printable(one.word)} ({one.records:,})" for one in outcome.unknown_words)
        yield "Unknown words", words
    if outcome.unknown_keys:
        yield "Unknown keys", f"{outcome.unknown_keys:,} that no people file knows"
    if outcome.source:
        yield "Source", printable(outcome.source.name)


def _file_facts(outcome: Outcome) -> Iterator[tuple[str, str]]:
    if outcome.export.bytes is not None:
        yield "Size", count(outcome.export.bytes, "byte")
    yield "Version", outcome.export.etag
    if outcome.export.sha256:
        yield "SHA-256", outcome.export.sha256
    if outcome.duplicate_of:
        yield "Sent as", printable(outcome.duplicate_of.name)
    if outcome.rejections.blob:
        yield "Rejected", printable(outcome.rejections.blob)


def _replies(outcome: Outcome) -> list[str]:
    """What the connector said where it matters, on one line each and cut short; `--json` has all of it."""
    if outcome.status not in {Status.BLOCKED, Status.FAILED}:
        return []
    lines = (" ".join(reply.split()) for reply in outcome.replies)
    return [printable(line) for line in lines if line]


def _batches(outcome: Outcome) -> str:
    accepted = sum(batch.accepted_at is not None for batch in outcome.batches)
    requests = sum(batch.requests for batch in outcome.batches)
    copies = sum(batch.possible_copies for batch in outcome.batches)
    text = f"{accepted:,} of {len(outcome.batches):,} accepted, in {count(requests, 'request')}"
    return text + (f"; {copies:,} of them may be copies" if copies else "")


def _place(outcome: Outcome) -> str:
    error = outcome.error
    if error is None or (error.line is None and error.record is None):
        return ""
    return f", at {Place(error.line, error.column, error.offset, error.record)}"
