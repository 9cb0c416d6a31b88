"""`validate`: what is wrong with an export, before anybody sends it. Needs no settings and no network."""

from typing import Annotated, Any, Final

import typer

from commands import files, screen
from commands.desk import SettingsFile, desk_of
from commands.exit_codes import Exit, worst
from commands.findings import Checks, Examined, Finding, examined
from commands.hints import hints
from commands.screen import Column
from shared.delivery.outcome import Reason
from shared.errors import ExportError, SettingsError
from shared.exports.batches import Limits
from shared.settings import SETTINGS

_USED: Final = ("BATCH_MAX_RECORDS", "BATCH_MAX_BYTES", "MAX_INVALID_PERCENT", "MAX_EXPORT_BYTES")


def validate(  # noqa: PLR0913  (each one is an option)
    context: typer.Context,
    named: files.Files,
    *,
    show: Annotated[int, typer.Option(min=0, help="How many bad records to list for each file.")] = 20,
    max_invalid_percent: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=100,
            help="Above this share of bad records an export is rejected whole (50 if nothing else is set).",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    settings: SettingsFile = None,
) -> None:
    """Check exports for mistakes, without sending anything.

    The very check the function makes before it sends. Works offline and needs no settings; if there are any, its
    limits are taken from them.

    Example: python gatepost.py validate badging.json
    """
    given = desk_of(context).settings(settings)
    if max_invalid_percent is not None:
        given["MAX_INVALID_PERCENT"] = str(max_invalid_percent)
    checks = checks_of(given, show)
    looked_at = [_shown(examined(file, checks), quiet=as_json) for file in files.found(named)]
    code = worst(one.exit for one in looked_at)
    if as_json:
        screen.show_json({"exitCode": code, "files": [as_document(one) for one in looked_at]})
    elif len(looked_at) > 1:
        _say_totals(looked_at)
    raise typer.Exit(code)


def checks_of(given: dict[str, str], shown: int) -> Checks:
    """The limits out of what settings there are, with the product's defaults for the rest.

    Raises:
        SettingsError: one of them is malformed.
    """
    values, problems = {}, []
    for name in _USED:
        try:
            values[name] = SETTINGS[name].read(given.get(name, "").strip() or SETTINGS[name].default or "")
        except ValueError as error:
            problems.append(f"{name} {error}")
    if problems:
        raise SettingsError(problems)
    limits = Limits(values["BATCH_MAX_RECORDS"], values["BATCH_MAX_BYTES"])
    return Checks(limits, values["MAX_INVALID_PERCENT"], values["MAX_EXPORT_BYTES"], shown)


def say_findings(one: Examined) -> None:
    """Say what was found in a file, so that it can be mended without asking anybody."""
    name = screen.name_text(str(one.file))
    if one.examination is None:
        screen.say(f"{name}: cannot be sent.", "red")
        if one.error:
            screen.say(f"  {one.error.message}{_place(one.error)}")
            screen.say(f"  {one.error.fault.help}")
        return
    _say_verdict(name, one)
    for finding in one.first:
        for violation in finding.violations:
            screen.say(f"  {_where(finding)}: {screen.name_text(violation.name)} {violation.reason}")
    more = one.examination.rejected - len(one.first)
    if more:
        screen.say(f"  ... and {records(more)} more; --show {one.examination.rejected} lists them all")
    if one.examination.by_reason:
        screen.say()
        say_reasons(one.examination.by_reason)
        screen.say()
        for hint in hints(one.examination.by_reason):
            screen.say(f"  {hint}")
    for warning in one.warnings:
        screen.say(f"  Warning: {warning.message}", "yellow")


def say_reasons(reasons: list[Reason]) -> None:
    """A count by reason, as a table."""
    rows = [(f"{one.records:,}", f"{one.property or 'the record'} {one.reason}") for one in reasons]
    screen.show_table([Column("Records", number=True), Column("Reason", gives_way=True)], rows)


def records(count: int) -> str:
    """`1 record`, `2,000 records`."""
    return f"{count:,} record{'' if count == 1 else 's'}"


def as_document(one: Examined) -> dict[str, Any]:
    """The findings for programs; counts are null for a file that cannot be read as a whole."""
    examination, error = one.examination, one.error
    return {
        "file": str(one.file),
        "exitCode": one.exit,
        "records": examination
        and {"read": examination.read, "valid": examination.valid, "invalid": examination.rejected},
        "batches": examination and len(examination.batches),
        "byReason": examination.by_reason if examination else [],
        "invalid": [_finding(finding) for finding in one.first],
        "warnings": one.warnings,
        "error": error
        and {
            "code": error.code,
            "message": error.message,
            "help": error.fault.help,
            "line": error.place.line,
            "column": error.place.column,
            "offset": error.place.offset,
            "record": error.place.record,
        },
    }


def _finding(finding: Finding) -> dict[str, Any]:
    errors = [
        {"property": one.name or None, "code": one.code, "reason": one.reason} for one in finding.violations
    ]
    return {
        "record": finding.record,
        "line": finding.place.line,
        "column": finding.place.column,
        "errors": errors,
    }


def _place(error: ExportError) -> str:
    """Where it is, unless the message says so already."""
    line = f"line {error.place.line}, column {error.place.column}"
    return f" It is at {line}." if error.place.offset and line not in error.message else ""


def _shown(one: Examined, *, quiet: bool) -> Examined:
    if not quiet:
        say_findings(one)
    return one


def _say_verdict(name: str, one: Examined) -> None:
    examination = one.examination
    assert examination is not None  # noqa: S101  (the caller has looked)
    bad = examination.rejected
    match one.exit:
        case Exit.DONE if examination.read:
            screen.say(f"{name}: good. All {records(examination.read)} can be sent.", "green")
        case Exit.DONE:
            screen.say(
                f"{name}: good. It holds no records, which is right for a day without events.", "green"
            )
        case Exit.PARTLY:
            verdict = f"{records(examination.valid)} would be sent, {bad:,} set aside to be mended"
            screen.say(f"{name}: {bad:,} of {records(examination.read)} cannot be sent; {verdict}.", "yellow")
        case _:
            limit = one.checks.max_invalid_percent
            why = f"more than {limit} %, so nothing of it" if examination.valid else "so nothing"
            screen.say(
                f"{name}: {bad:,} of {records(examination.read)} cannot be sent, {why} would be sent.", "red"
            )


def _where(finding: Finding) -> str:
    return f"record {finding.record} (line {finding.place.line}, column {finding.place.column})"


def _say_totals(looked_at: list[Examined]) -> None:
    good = sum(one.exit is Exit.DONE for one in looked_at)
    valid = sum(
        one.examination.valid for one in looked_at if one.examination and one.exit is not Exit.INVALID
    )
    screen.say(f"{good} of {len(looked_at)} files are good; {records(valid)} would be sent.")
