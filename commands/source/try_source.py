"""`source try`: what would become of files, row by row, before anything is uploaded."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from commands import local_files
from commands.console import screen
from commands.console.errors import CommandError, explained
from commands.console.exit_codes import Exit, worst
from commands.console.formatting import count
from commands.context import command_context
from commands.file_check import checks_of
from commands.options import Overwrite, SettingsFile, between
from commands.source.local_source import ProfileFile, load_source
from commands.source.trial import People, Trial, try_file
from commands.source.trial_text import say_reasons_of, say_trial
from shared.errors import ExportError
from shared.printable import printable
from shared.sources.file_names import takes, without_gz
from shared.sources.source import Source

_SHOWN: Final = 5

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="Files as the badging system writes them, each also with .gz."),
]


@dataclass(frozen=True, slots=True)
class Tried:
    """A file that was tried: what became of it, or why it cannot be read as a whole."""

    file: Path
    limit: int
    trial: Trial | None = None
    error: ExportError | None = None

    @property
    def exit(self) -> Exit:
        """How the function would end with it."""
        if self.trial is None:
            return explained(self.error).exit if self.error else Exit.DONE
        counts = self.trial.counts
        if counts.nothing_mapped or counts.rejected * 100 > counts.judged * self.limit:
            return Exit.INVALID
        return Exit.PARTLY if counts.rejected else Exit.DONE


def try_source(
    context: typer.Context,
    profile: ProfileFile,
    named: Files,
    *,
    rows: Annotated[
        int,
        typer.Option(
            "--rows", callback=between(0, 1_000), metavar="N", help="Show the first N rows of each file."
        ),
    ] = _SHOWN,
    unknown: Annotated[
        Path | None,
        typer.Option("--unknown", metavar="FILE", help="Write the people whom no people file knows, as CSV."),
    ] = None,
    overwrite: Overwrite = False,
    settings: SettingsFile = None,
) -> None:
    """Show what would become of files, before anything is uploaded.

    The first rows and what they become, where each outcome word goes, who is found, and the earliest and latest time.
    Needs no network. What it shows may be personal data.

    Example: python gatepost.py source try munich/profile.toml export.csv
    """
    source = load_source(profile)
    checks = checks_of(command_context(context).settings(settings), source=source)
    done = []
    for file in local_files.found(named):
        done.append(_tried(file, source, rows, checks.max_invalid_percent, checks.max_export_bytes))
        _say(done[-1], source)
        screen.say()
    if unknown:
        _write_unknown(unknown, [one.trial.people for one in done if one.trial], overwrite=overwrite)
    raise typer.Exit(worst(one.exit for one in done))


def _tried(file: Path, source: Source, shown: int, percent: int, max_bytes: int) -> Tried:
    """Try one file.

    Args:
        file: on this computer.
        source: whose export it would be.
        shown: so many rows are kept for showing.
        percent: the share of rows that may be rejected.
        max_bytes: how large it may be, unpacked.

    Raises:
        CommandError: the source has nothing to map, or the file cannot be read from disk.
    """
    mapping = source.profile.mapping
    if mapping is None:
        raise CommandError(
            'This source has format = "connector": there is nothing to map.', "Use `validate` for its files."
        )
    try:
        pieces = partial(local_files.pieces, file)
        return Tried(
            file,
            percent,
            try_file(pieces, source, mapping, without_gz(file.name), shown=shown, limit=max_bytes),
        )
    except ExportError as error:
        return Tried(file, percent, error=error)


def _say(tried: Tried, source: Source) -> None:
    mapping, trial = source.profile.mapping, tried.trial
    name = printable(tried.file.name)
    if trial is None or mapping is None:
        said = explained(tried.error) if tried.error else None
        screen.say(f"{name}: cannot be read.", "red")
        screen.say(f"  {said.message} {said.help}" if said else "")
        return
    screen.say(
        f"{name}, as an export of {printable(source.name)} ({printable(source.profile.name)}):", "bold"
    )
    screen.say()
    say_trial(trial, source, mapping)
    say_reasons_of(trial)
    screen.say()
    screen.say(_result(tried, trial), _STYLES.get(tried.exit, "red"))
    for note in _notes(tried, source):
        screen.say(f"  {note}", "yellow")


_STYLES: Final = {Exit.DONE: "green", Exit.PARTLY: "yellow"}


def _result(tried: Tried, trial: Trial) -> str:
    counts = trial.counts
    if tried.exit is Exit.INVALID:
        if counts.nothing_mapped:
            return "Nothing would be sent: no row became a record."
        return f"Nothing would be sent: more than {tried.limit} % of the rows are rejected."
    would = f"{count(counts.valid, 'record')} would be sent"
    return f"{would}; {count(counts.rejected, 'row')} rejected." if counts.rejected else f"OK: {would}."


def _notes(tried: Tried, source: Source) -> Iterator[str]:
    if not source.profile.policy.send:
        yield "On trial: the profile says send = false, so the function would send nothing yet."
    if not takes(source.profile.input, tried.file.name):
        yield (
            "The function would not take a file of this name for this source: see [input] files, or give it an ending such as "
            + (".csv." if source.profile.input.format == "csv" else ".json.")
        )


def _write_unknown(file: Path, people: list[People], *, overwrite: bool) -> None:
    """Write the keys that no people file knows, most frequent first."""
    total: Counter[str] = Counter()
    for one in people:
        total.update(one.unknown)
    with (
        local_files.writing(file, "Name another file with --unknown"),
        file.open("w" if overwrite else "x", encoding="utf-8", newline="") as target,
    ):
        rows = csv.writer(target)
        rows.writerow(["key", "rows"])
        rows.writerows(total.most_common())
    screen.say(f"{count(len(total), 'key')} written to {file}.")
