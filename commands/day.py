"""`day`: did a day's badge data arrive, and is it complete?"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Final

import typer

from commands.console import screen
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.context import command_context
from commands.options import AsJson, PushedHere, SettingsFile, StateFolder, day_named
from commands.results import results_and_scope
from shared.clock import utc_text
from shared.completeness.sentences import source_sentence, verdict_line
from shared.completeness.source_notes import SourceNote
from shared.completeness.usual import UsualRange
from shared.completeness.verdict import SourceDay, State
from shared.printable import printable
from shared.report.collect import Scope
from shared.report.one_day import OneDay, one_day

_EXITS: Final = {
    State.COMPLETE: Exit.DONE,
    State.FEWER: Exit.NOT_COMPLETE,
    State.MISSING: Exit.NOT_COMPLETE,
    State.STUCK: Exit.NOT_COMPLETE,
    State.NO_HISTORY: Exit.NOT_KNOWN,
    State.SO_FAR: Exit.NOT_KNOWN,
}


def day(
    context: typer.Context,
    *,
    which: Annotated[
        str | None, typer.Argument(metavar="[DATE]", help="Such as 2026-11-24. Default: yesterday.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this source, or this first folder.")
    ] = None,
    as_json: AsJson = False,
    pushed: PushedHere = False,
    state: StateFolder = None,
    settings: SettingsFile = None,
) -> None:
    """Tell whether a day of events arrived, and whether it is complete.

    A day is complete when what was due or usually comes has come, nothing of it waits, and it has no fewer records than the same weekday of the last weeks.
    Exit code 0: complete; 8: not complete; 9: cannot be told yet.

    Example: python gatepost.py day 2026-11-24
    """
    results, scope = results_and_scope(command_context(context), settings, state, pushed=pushed)
    wanted = day_named(which).date() if which else scope.today - timedelta(days=1)
    found = one_day(results, scope, wanted, source)
    if source is not None and not found.verdict.sources:
        raise CommandError(
            f"Nothing is known of a source {printable(source)}.",
            "`python gatepost.py list` shows exports with their folders.",
            exit_code=Exit.NOT_FOUND,
        )
    if as_json:
        screen.show_json(_document(found, scope))
    else:
        _show(found, scope)
    raise typer.Exit(_EXITS[found.verdict.state])


def _show(found: OneDay, scope: Scope) -> None:
    verdict, not_sent = found.verdict, found.not_sent
    screen.say(verdict_line(verdict, scope.zone, not_sent))
    if len(verdict.sources) > 1:
        for one in verdict.sources:
            said = source_sentence(one, verdict.day, scope.zone, not_sent)
            screen.say(f"  {printable(one.source) or '(no folder)'}: {said}")
    show_notes(found.notes)


def show_notes(notes: Sequence[SourceNote]) -> None:
    """What should be known of sources as of now, whatever day was asked for."""
    for note in notes:
        screen.say(f"{printable(note.source)}: {note.text}", "yellow")


def _document(found: OneDay, scope: Scope) -> dict[str, Any]:
    verdict, not_sent = found.verdict, found.not_sent
    return {
        "day": verdict.day.isoformat(),
        "state": verdict.state.value,
        "summary": verdict_line(verdict, scope.zone, not_sent),
        "records": verdict.records,
        "usual": _usual(verdict.usual),
        "sources": [_source(one, verdict.day, scope, not_sent) for one in verdict.sources],
        "notes": [{"source": one.source, "kind": one.kind, "text": one.text} for one in found.notes],
    }


def _source(one: SourceDay, its_day: date, scope: Scope, not_sent: Mapping[str, int]) -> dict[str, Any]:
    return {
        "source": one.source,
        "state": one.state.value,
        "summary": source_sentence(one, its_day, scope.zone, not_sent),
        "records": one.records,
        "usual": _usual(one.usual),
        "silentSince": one.silent_since.isoformat() if one.silent_since else None,
        "due": utc_text(one.due),
        "stuck": [
            {
                "export": stuck.name,
                "status": stuck.status.value,
                "code": stuck.code or None,
                "notSent": not_sent.get(stuck.path),
            }
            for stuck in one.stuck
        ],
    }


def _usual(usual: UsualRange | None) -> dict[str, int] | None:
    return {"low": usual.low, "high": usual.high} if usual else None
