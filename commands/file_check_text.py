"""What `validate`, `upload` and `push --dry-run` say about a checked file: the result first, then why."""

from collections.abc import Iterable, Sequence
from typing import Any

from commands.console import screen
from commands.console.errors import explained
from commands.console.exit_codes import Exit
from commands.console.formatting import count, reason, records
from commands.console.hints import hints
from commands.console.tables import Column, show_table
from commands.file_check import CheckedFile, FileProblem
from shared.delivery.outcome import Reason
from shared.delivery.validate_export import ValidationResult
from shared.error_codes import RejectedCode
from shared.errors import ExportError
from shared.printable import printable

_STYLES = {Exit.DONE: "green", Exit.PARTLY: "yellow"}


def say_file(one: CheckedFile, *, show_values: bool = False) -> None:
    """Say what was found in a file, so that it can be corrected.

    Args:
        one: the file.
        show_values: whether to print the values that break a rule.
    """
    screen.say(f"{printable(one.name)}: {_result(one)}", _STYLES.get(one.exit, "red"))
    if one.error:
        screen.say(f"  {one.error.message}{_place(one.error)}")
        screen.say(f"  {_help(one.error)}")
    if one.validation and one.validation.by_reason:
        screen.say()
        _say_examples(one, show_values=show_values)
        _say_listed(one.problems.listed, show_values=show_values)
        screen.say()
        for hint in hints(one.validation.by_reason, one.problems.hints):
            screen.say(f"  {hint}")
    for warning in one.warnings:
        screen.say(f"  Warning: {warning.message}", "yellow")


def say_summary(checked: Sequence[CheckedFile]) -> None:
    """A table of several files, and one line over all of them."""
    rows = [(printable(one.name), verdict(one), *_counts(one)) for one in checked]
    columns = [
        Column("File", gives_way=True),
        Column("Verdict"),
        Column("Ready", number=True),
        Column("Rejected", number=True),
    ]
    show_table(columns, rows)
    good = sum(one.exit is Exit.DONE for one in checked)
    ready = sum(_ready(one.validation) for one in checked if one.validation and one.exit is not Exit.INVALID)
    screen.say()
    screen.say(f"{good} of {count(len(checked), 'file')} OK; {records(ready)} ready to send.")


def say_short(one: CheckedFile) -> None:
    """One line for a file that is not OK."""
    if one.exit is not Exit.DONE:
        why = f" {one.error.message}" if one.error else ""
        screen.say(f"{printable(one.name)}: {_result(one)}{why}")


def say_reasons(reasons: Iterable[Reason]) -> None:
    """A count by reason, as a table."""
    rows = [(f"{one.records:,}", reason(one)) for one in reasons]
    show_table([Column("Records", number=True), Column("Reason", gives_way=True)], rows)


def verdict(one: CheckedFile) -> str:
    """A file's result in a word or two."""
    match one.exit:
        case Exit.DONE:
            return "OK"
        case Exit.PARTLY:
            return "partly"
        case _:
            return one.error.code if one.error else "too many invalid records"


def as_document(one: CheckedFile) -> dict[str, Any]:
    """The result for programs; counts are null for a file that cannot be read as a whole."""
    validation, error = one.validation, one.error
    return {
        "file": str(one.file),
        "exitCode": one.exit,
        "records": validation
        and {
            "read": validation.read,
            "valid": validation.valid,
            "invalid": validation.rejected,
            "ignored": validation.ignored,
            "repeated": validation.repeated,
        },
        "batches": validation and len(validation.batches),
        "byReason": validation.by_reason if validation else [],
        "invalid": [_problem(problem) for problem in one.problems.listed],
        "warnings": one.warnings,
        "error": error and _error(error),
    }


def _error(error: ExportError) -> dict[str, Any]:
    return {
        "code": error.code,
        "message": error.message,
        "help": _help(error),
        "line": error.place.line,
        "column": error.place.column,
        "offset": error.place.offset,
        "record": error.place.record,
    }


def _help(error: ExportError) -> str:
    """What to do; nothing was uploaded yet."""
    return explained(error).help.replace("upload it again", "try again")


def _problem(problem: FileProblem) -> dict[str, Any]:
    errors = [
        {"property": one.name or None, "code": one.code, "reason": one.reason} for one in problem.violations
    ]
    place = problem.place
    return {"record": problem.record, "line": place.line, "column": place.column, "errors": errors}


def _result(one: CheckedFile) -> str:
    validation = one.validation
    if validation is None:
        return "cannot be sent."
    if one.exit is Exit.DONE:
        if not validation.read:
            return "OK: no records, which is right for a day without events."
        return f"OK: {records(_ready(validation))}, ready to send{_left_out(validation)}."
    if one.exit is Exit.PARTLY:
        rest = f"the other {_ready(validation):,} are ready to send{_left_out(validation)}"
        return f"{_bad(validation)}; {rest}."
    if validation.nothing_mapped:
        return "no row became a record: nothing would be sent. `source try` shows why, row by row."
    why = f", more than {one.checks.max_invalid_percent} %" if validation.valid else ""
    return f"{_bad(validation)}{why}: nothing would be sent."


def _bad(validation: ValidationResult) -> str:
    first = "the first " if validation.stopped else ""  # the others were not read
    return f"{validation.rejected:,} of {first}{records(validation.read)} cannot be sent"


def _ready(validation: ValidationResult) -> int:
    return sum(batch.records for batch in validation.batches)


def _left_out(validation: ValidationResult) -> str:
    ignored = sum(one.records for one in validation.ignored)
    parts = [
        f"{number:,} {what}"
        for number, what in ((ignored, "ignored"), (validation.repeated, "repeated"))
        if number
    ]
    return f"; {' and '.join(parts)}" if parts else ""


def _counts(one: CheckedFile) -> tuple[str, str]:
    if one.validation is None:
        return "-", "-"
    ready = 0 if one.exit is Exit.INVALID else _ready(one.validation)
    return f"{ready:,}", f"{one.validation.rejected:,}"


def _place(error: ExportError) -> str:
    """Where the first character of another encoding is; other messages name their place themselves."""
    place = f"line {error.place.line}, column {error.place.column}"
    if error.code is not RejectedCode.WRONG_ENCODING or error.place.line is None or place in error.message:
        return ""
    return f" First such character: {place}."


def _say_examples(one: CheckedFile, *, show_values: bool) -> None:
    """Each reason with its count and its first record."""
    rows = []
    for why in one.validation.by_reason if one.validation else []:
        example = one.example_of(why)
        value = example.value_of(why.property or "") if example and show_values else ""
        first = f"record {example.record:,}, line {example.place.line}" if example else ""
        rows.append(
            (
                f"{why.records:,}",
                first,
                reason(why) + (f"; found: {printable(value)}" if value else ""),
            )
        )
    columns = [
        Column("Records", number=True),
        Column("First at", gives_way=True),
        Column("Reason", gives_way=True),
    ]
    show_table(columns, rows)


def _say_listed(listed: Iterable[FileProblem], *, show_values: bool) -> None:
    for number, problem in enumerate(listed):
        if number == 0:
            screen.say()
        where = f"record {problem.record} (line {problem.place.line}, column {problem.place.column})"
        for one in problem.violations:
            value = problem.value_of(one.name) if show_values else ""
            found = f"; found: {printable(value)}" if value else ""
            screen.say(f"  {where}: {printable(one.name)} {one.reason}{found}")
