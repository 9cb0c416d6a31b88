"""Checks a file on this computer as the function's first pass does; nothing is sent and nothing is written."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from commands import local_files
from commands.console.errors import explained
from commands.console.exit_codes import Exit
from commands.console.hints import Key, hint_for
from commands.console.progress import bar
from commands.file_names import check_name
from shared.clock import utc_text
from shared.delivery.export_rules import ExportRules
from shared.delivery.outcome import Notice, Reason
from shared.delivery.outcome_texts import time_warnings
from shared.delivery.rejected_file import RejectedFile
from shared.delivery.validate_export import ValidationResult, unfit, validate_export, with_mapping
from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place, SettingsError
from shared.exports.batches import Limits
from shared.exports.items import Rejected
from shared.exports.rules import RULES
from shared.exports.unpacking import Unpacked
from shared.exports.validate import Violation
from shared.settings import SETTINGS

if TYPE_CHECKING:
    from shared.sources.source import Source

LARGE_BYTES: Final = 4 << 20
"""From here on a file gets a progress bar."""
_LOOKED_INTO: Final = 1_000
"""So many rejected records are decoded for hints and values."""
_MAX_VALUE: Final = 80


_USED: Final = ("BATCH_MAX_RECORDS", "BATCH_MAX_BYTES", "MAX_INVALID_PERCENT", "MAX_EXPORT_BYTES")


@dataclass(frozen=True, slots=True)
class Checks:
    """How a file is checked.

    Attributes:
        limits: of a batch.
        max_invalid_percent: the share of invalid records that may be.
        max_export_bytes: packed or unpacked.
        listed: how many invalid records are kept one by one.
        source: whose export it is; `None`: it holds the connector's own records.
    """

    limits: Limits
    max_invalid_percent: int
    max_export_bytes: int
    listed: int = 0
    source: "Source | None" = None


def checks_of(given: dict[str, str], listed: int = 0, source: "Source | None" = None) -> Checks:
    """The limits from what settings there are, with the product's defaults for the rest.

    Args:
        given: settings as texts.
        listed: how many invalid records are kept one by one.
        source: whose exports are checked; its own share of invalid records counts.

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
    own = source.profile.policy.max_invalid_percent if source else None
    percent = values["MAX_INVALID_PERCENT"] if own is None else own
    return Checks(limits, percent, values["MAX_EXPORT_BYTES"], listed, source)


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A record that cannot be sent: where it begins, why, and its content."""

    record: int
    place: Place
    violations: tuple[Violation, ...]
    content: bytes = field(repr=False)

    def value_of(self, name: str) -> str:
        """A property's value as JSON, of at most 80 characters; empty if the record has none. Personal data!"""
        value = _decoded(self.content).get(name, ...)
        text = "" if value is ... else json.dumps(value, ensure_ascii=False)
        return text if len(text) <= _MAX_VALUE else text[: _MAX_VALUE - 3] + "..."


class FileProblems(RejectedFile):
    """Takes the place of the rejected file: counts like it, and keeps examples instead of writing.

    Attributes:
        listed: the first invalid records, as many as are to be listed.
        examples: the first record of each reason.
        hints: what the records themselves tell about a reason.
    """

    def __init__(self, listed: int) -> None:
        super().__init__(_Nowhere())
        self._list = listed
        self.listed: list[FileProblem] = []
        self.examples: dict[Key, FileProblem] = {}
        self.hints: dict[Key, str] = {}

    def add(self, rejected: Rejected) -> None:
        """Count a record, and keep it if it is an example."""
        super().add(rejected)
        if self.records > _LOOKED_INTO:
            return
        violations = rejected.record.violations
        problem = FileProblem(rejected.number, rejected.place(), violations, rejected.record.content)
        if len(self.listed) < self._list:
            self.listed.append(problem)
        record = _decoded(problem.content)
        for one in violations:
            key = (one.countable.name, one.code)
            self.examples.setdefault(key, problem)
            if hint := hint_for(record, one):
                self.hints.setdefault(key, hint)


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """The result: either what was found, or why the file cannot be read as a whole."""

    file: Path
    checks: Checks
    validation: ValidationResult | None = None
    problems: FileProblems = field(default_factory=lambda: FileProblems(0))
    warnings: list[Notice] = field(default_factory=list)
    error: ExportError | None = None

    @property
    def name(self) -> str:
        """The file as people call it."""
        return "standard input" if self.file == local_files.STANDARD_INPUT else str(self.file)

    @property
    def exit(self) -> Exit:
        """How the function would end with it."""
        if self.validation is None:
            return explained(self.error).exit if self.error else Exit.DONE
        if unfit(self.validation, self.checks.max_invalid_percent):
            return Exit.INVALID
        return Exit.PARTLY if self.validation.rejected else Exit.DONE

    def example_of(self, reason: Reason) -> FileProblem | None:
        """The first record with this reason, if it was kept."""
        return self.problems.examples.get((reason.property or "", reason.code))


def check_file(file: Path, checks: Checks) -> CheckedFile:
    """Check a file as the function does.

    Args:
        file: on this computer; `-` is standard input.
        checks: what to check it against.

    Raises:
        CommandError: the file cannot be read from disk.
    """
    problems = FileProblems(checks.listed)
    is_file = file != local_files.STANDARD_INPUT
    rules = ExportRules(file.name, RULES, checks.source)
    try:
        if is_file:
            _check_name(file, rules)
        size_bytes = local_files.status_of(file).st_size if is_file else 0
        validation = _run(file, size_bytes, rules, checks, problems)
    except ExportError as error:
        return CheckedFile(file, checks, error=error)
    made = datetime.fromtimestamp(local_files.status_of(file).st_mtime, UTC) if is_file else datetime.now(UTC)
    warnings = time_warnings(validation.latest_event, utc_text(made))
    own = validation.mapping.warnings if validation.mapping else []
    return CheckedFile(file, checks, validation, problems, [*warnings, *own])


def _check_name(file: Path, rules: ExportRules) -> None:
    """Refuse what the function would not read because of its name."""
    if rules.source is None:
        check_name(file.name)
    else:
        rules.check_name()


def _run(
    file: Path, size_bytes: int, rules: ExportRules, checks: Checks, problems: FileProblems
) -> ValidationResult:
    limit = checks.max_export_bytes
    if size_bytes > limit:
        raise ExportError(
            RejectedCode.TOO_LARGE, f"The export has {size_bytes:,} bytes; the limit is {limit:,}."
        )
    if size_bytes < LARGE_BYTES:
        return _validated(local_files.pieces(file), rules, checks, problems)
    with bar(f"Checking {file.name}", size_bytes) as progress:
        return _validated(local_files.pieces(file, progress.advance), rules, checks, problems)


def _validated(
    pieces: Iterable[bytes], rules: ExportRules, checks: Checks, problems: FileProblems
) -> ValidationResult:
    reader = rules.reader(Unpacked(pieces, checks.max_export_bytes))
    found = validate_export(reader, problems, checks.limits, max_invalid_percent=checks.max_invalid_percent)
    return with_mapping(found, rules, reader)


def _decoded(content: bytes) -> Mapping[str, Any]:
    try:
        record = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


class _Nowhere:
    """A writer that keeps nothing."""

    def add(self, data: bytes) -> None:
        """Drop the data."""

    def mark(self) -> None:
        """Nothing to remember."""

    def commit(self, *, marked_only: bool = False) -> None:
        """Nothing to show."""
