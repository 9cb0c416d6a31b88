"""`validate`: checks exports before they are sent. Needs no settings and no network."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer

from commands import local_files
from commands.console import screen
from commands.console.exit_codes import worst
from commands.context import command_context
from commands.file_check import CheckedFile, check_file, checks_of
from commands.file_check_text import as_document, say_file, say_short, say_summary
from commands.options import AsJson, SettingsFile, SourceProfile, between
from commands.sample_script import script_remarks

_IN_JSON: Final = 20
"""So many invalid records of a file are in the JSON, if nothing else is said."""

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...", help="Exports: .json, .jsonl or .ndjson, each also with .gz; - is standard input."
    ),
]


def validate(
    context: typer.Context,
    named: Files,
    *,
    source: SourceProfile = None,
    show: Annotated[
        int | None,
        typer.Option(callback=between(0), metavar="N", help="List the first N invalid records of each file."),
    ] = None,
    show_values: Annotated[
        bool,
        typer.Option("--show-values", help="Print the values that break a rule; they may be personal data."),
    ] = False,
    max_invalid_percent: Annotated[
        int | None,
        typer.Option(
            callback=between(0, 100),
            metavar="P",
            help="Above this share of invalid records nothing is sent. Default: the setting, or 50.",
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="One line for each file that is not OK, nothing else.")
    ] = False,
    sample_script: Annotated[
        bool,
        typer.Option("--sample-script", help="Also say what Microsoft's sample script would have sent."),
    ] = False,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> None:
    """Check exports for mistakes, without sending anything.

    The same check that the function makes before it sends. Works offline and needs no settings; if there are any, the
    limits are taken from them. With --source the files are read as that source's exports.

    Example: python gatepost.py validate badging.json
    """
    given = command_context(context).settings(settings)
    own = None
    if source:
        from commands.source.local_source import load_source

        own = load_source(source)
    checks = checks_of(given, (_IN_JSON if as_json else 0) if show is None else show, own)
    if max_invalid_percent is not None:
        checks = replace(checks, max_invalid_percent=max_invalid_percent)
    checked = []
    for file in local_files.found(named, standard_input=True):
        checked.append(check_file(file, checks))
        if not as_json:
            _say(checked[-1], quiet=quiet, show_values=show_values)
        if sample_script and not as_json and file.exists():
            for remark in script_remarks(file):
                screen.say(f"Sample script: {remark}")
    code = worst(one.exit for one in checked)
    if as_json:
        screen.show_json({"exitCode": code, "files": [as_document(one) for one in checked]})
    elif len(checked) > 1 and not quiet:
        screen.say()
        say_summary(checked)
    raise typer.Exit(code)


def _say(one: CheckedFile, *, quiet: bool, show_values: bool) -> None:
    if quiet:
        say_short(one)
    else:
        say_file(one, show_values=show_values)
