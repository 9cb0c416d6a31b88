"""What the function's own first pass says of a file on this computer; nothing is sent and nothing is written."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from commands import files
from commands.console import screen
from commands.console.exit_codes import Exit, exit_of
from shared.clock import utc_text
from shared.delivery.outcome import Notice
from shared.delivery.outcome_builder import time_warnings
from shared.delivery.rejected_file import RejectedFile
from shared.delivery.validate_export import ValidationResult, validate_export
from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place
from shared.exports.batches import Limits
from shared.exports.reader import Rejected
from shared.exports.validate import Violation

LARGE_BYTES = 4 << 20
"""From here on a file gets a progress bar."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What a file is held against, as the app settings have it; `shown` is how many bad records are kept."""

    limits: Limits
    max_invalid_percent: int
    max_export_bytes: int
    shown: int = 20


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A record that cannot be sent, where it begins, and why."""

    record: int
    place: Place
    violations: tuple[Violation, ...]


class FileProblems(RejectedFile):
    """Takes the place of the rejected file: counts like it, and keeps the first findings instead of writing.

    Attributes:
        first: the first findings, as many as are to be shown.
    """

    def __init__(self, shown: int) -> None:
        super().__init__(_Nowhere())
        self._shown = shown
        self.first: list[FileProblem] = []

    def add(self, rejected: Rejected) -> None:
        """Count a record, and note where it is."""
        super().add(rejected)
        if len(self.first) < self._shown:
            self.first.append(FileProblem(rejected.number, rejected.place(), rejected.record.violations))


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file's examination: either what was found, or why it cannot be read as a whole."""

    file: Path
    checks: Checks
    validation: ValidationResult | None = None
    first: list[FileProblem] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)
    error: ExportError | None = None

    @property
    def exit(self) -> Exit:
        """What the function would make of it."""
        if self.validation is None:
            return exit_of(self.error.code.status) if self.error else Exit.DONE
        if self.validation.too_many_invalid(self.checks.max_invalid_percent):
            return Exit.INVALID
        return Exit.PARTLY if self.validation.rejected else Exit.DONE


def check_file(file: Path, checks: Checks) -> CheckedFile:
    """Look through a file the way the function does.

    Raises:
        CommandError: the file cannot be read from disk.
    """
    problems = FileProblems(checks.shown)
    try:
        files.check_name(file.name)
        validation = _run(file, checks, problems)
    except ExportError as error:
        return CheckedFile(file, checks, error=error)
    modified = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    warnings = time_warnings(validation.latest_event, utc_text(modified))
    return CheckedFile(file, checks, validation, problems.first, warnings)


def _run(file: Path, checks: Checks, problems: FileProblems) -> ValidationResult:
    size = file.stat().st_size
    if size > checks.max_export_bytes:
        message = f"The export has {size:,} bytes; the limit is {checks.max_export_bytes:,}."
        raise ExportError(RejectedCode.TOO_LARGE, message)
    if size < LARGE_BYTES:
        return validate_export(files.pieces(file), problems, checks.limits, checks.max_export_bytes)
    with screen.bar(f"Checking {file.name}", size) as bar:
        return validate_export(
            files.pieces(file, bar.advance), problems, checks.limits, checks.max_export_bytes
        )


class _Nowhere:
    """A writer that keeps nothing."""

    def add(self, data: bytes) -> None:
        """Let it go."""

    def mark(self) -> None:
        """Nothing to remember."""

    def commit(self, *, marked_only: bool = False) -> None:
        """Nothing to show."""
