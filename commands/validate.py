"""`validate`: what is wrong with an export, before anybody sends it. Needs no settings and no network."""

from typing import Annotated, Any, Final

import typer

from commands import files
from commands.console import screen
from commands.console.exit_codes import Exit, worst
from commands.console.hints import hints
from commands.console.screen import Column
from commands.context import SettingsFile, command_context
from commands.file_check import CheckedFile, Checks, FileProblem, check_file
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
    given = command_context(context).settings(settings)
    if max_invalid_percent is not None:
        given["MAX_INVALID_PERCENT"] = str(max_invalid_percent)
    checks = checks_of(given, show)
    checked = [_shown(check_file(file, checks), quiet=as_json) for file in files.found(named)]
    code = worst(one.exit for one in checked)
    if as_json:
        screen.show_json({"exitCode": code, "files": [as_document(one) for one in checked]})
    elif len(checked) > 1:
        _say_totals(checked)
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


def say_problems(one: CheckedFile) -> None:
    """Say what was found in a file, so that it can be corrected without asking anybody."""
    name = screen.name_text(str(one.file))
    if one.validation is None:
        screen.say(f"{name}: cannot be sent.", "red")
        if one.error:
            screen.say(f"  {one.error.message}{_place(one.error)}")
            screen.say(f"  {one.error.code.help}")
        return
    _say_result(name, one)
    for problem in one.first:
        for violation in problem.violations:
            screen.say(f"  {_where(problem)}: {screen.name_text(violation.name)} {violation.reason}")
    more = one.validation.rejected - len(one.first)
    if more:
        screen.say(f"  ... and {records(more)} more; --show {one.validation.rejected} lists them all")
    if one.validation.by_reason:
        screen.say()
        say_reasons(one.validation.by_reason)
        screen.say()
        for hint in hints(one.validation.by_reason):
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


def as_document(one: CheckedFile) -> dict[str, Any]:
    """The findings for programs; counts are null for a file that cannot be read as a whole."""
    validation, error = one.validation, one.error
    return {
        "file": str(one.file),
        "exitCode": one.exit,
        "records": validation
        and {"read": validation.read, "valid": validation.valid, "invalid": validation.rejected},
        "batches": validation and len(validation.batches),
        "byReason": validation.by_reason if validation else [],
        "invalid": [_problem(problem) for problem in one.first],
        "warnings": one.warnings,
        "error": error
        and {
            "code": error.code,
            "message": error.message,
            "help": error.code.help,
            "line": error.place.line,
            "column": error.place.column,
            "offset": error.place.offset,
            "record": error.place.record,
        },
    }


def _problem(problem: FileProblem) -> dict[str, Any]:
    errors = [
        {"property": one.name or None, "code": one.code, "reason": one.reason} for one in problem.violations
    ]
    return {
        "record": problem.record,
        "line": problem.place.line,
        "column": problem.place.column,
        "errors": errors,
    }


def _place(error: ExportError) -> str:
    """Where it is, unless the message says so already."""
    line = f"line {error.place.line}, column {error.place.column}"
    return f" It is at {line}." if error.place.offset and line not in error.message else ""


def _shown(one: CheckedFile, *, quiet: bool) -> CheckedFile:
    if not quiet:
        say_problems(one)
    return one


def _say_result(name: str, one: CheckedFile) -> None:
    validation = one.validation
    assert validation is not None  # noqa: S101  (the caller has looked)
    bad = validation.rejected
    match one.exit:
        case Exit.DONE if validation.read:
            screen.say(f"{name}: good. All {records(validation.read)} can be sent.", "green")
        case Exit.DONE:
            screen.say(
                f"{name}: good. It holds no records, which is right for a day without events.", "green"
            )
        case Exit.PARTLY:
            verdict = f"{records(validation.valid)} would be sent, {bad:,} rejected"
            screen.say(f"{name}: {bad:,} of {records(validation.read)} cannot be sent; {verdict}.", "yellow")
        case _:
            limit = one.checks.max_invalid_percent
            why = f"more than {limit} %, so nothing of it" if validation.valid else "so nothing"
            screen.say(
                f"{name}: {bad:,} of {records(validation.read)} cannot be sent, {why} would be sent.", "red"
            )


def _where(problem: FileProblem) -> str:
    return f"record {problem.record} (line {problem.place.line}, column {problem.place.column})"


def _say_totals(checked: list[CheckedFile]) -> None:
    good = sum(one.exit is Exit.DONE for one in checked)
    valid = sum(one.validation.valid for one in checked if one.validation and one.exit is not Exit.INVALID)
    screen.say(f"{good} of {len(checked)} files are good; {records(valid)} would be sent.")
