"""What the function's own first pass says of a file on this computer; nothing is sent and nothing is written."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from commands import files, screen
from commands.exit_codes import Exit, exit_of
from shared.clock import utc_text
from shared.delivery.conclusion import time_warnings
from shared.delivery.examining import Examination, examine
from shared.delivery.outcome import Notice
from shared.delivery.rejections import RejectedFile
from shared.errors import ExportError, Place
from shared.exports.batches import Limits
from shared.exports.reader import Rejected
from shared.exports.records import Violation

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
class Finding:
    """A record that cannot be sent, where it begins, and why."""

    record: int
    place: Place
    violations: tuple[Violation, ...]


class Findings(RejectedFile):
    """Takes the place of the rejected file: counts like it, and keeps the first findings instead of writing.

    Attributes:
        first: the first findings, as many as are to be shown.
    """

    def __init__(self, shown: int) -> None:
        super().__init__(_Nowhere())
        self._shown = shown
        self.first: list[Finding] = []

    def add(self, rejected: Rejected) -> None:
        """Count a record, and note where it is."""
        super().add(rejected)
        if len(self.first) < self._shown:
            self.first.append(Finding(rejected.number, rejected.place(), rejected.record.violations))


@dataclass(frozen=True, slots=True)
class Examined:
    """A file's examination: either what was found, or why it cannot be read as a whole."""

    file: Path
    checks: Checks
    examination: Examination | None = None
    first: list[Finding] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)
    error: ExportError | None = None

    @property
    def exit(self) -> Exit:
        """What the function would make of it."""
        if self.examination is None:
            return exit_of(self.error.fault.status) if self.error else Exit.DONE
        if self.examination.too_many_invalid(self.checks.max_invalid_percent):
            return Exit.INVALID
        return Exit.PARTLY if self.examination.rejected else Exit.DONE


def examined(file: Path, checks: Checks) -> Examined:
    """Look through a file the way the function does.

    Raises:
        CommandError: the file cannot be read from disk.
    """
    findings = Findings(checks.shown)
    try:
        files.check_name(file.name)
        examination = _run(file, checks, findings)
    except ExportError as error:
        return Examined(file, checks, error=error)
    modified = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    warnings = time_warnings(examination.latest_event, utc_text(modified))
    return Examined(file, checks, examination, findings.first, warnings)


def _run(file: Path, checks: Checks, findings: Findings) -> Examination:
    size = file.stat().st_size
    if size > checks.max_export_bytes:
        message = f"The export has {size:,} bytes; the limit is {checks.max_export_bytes:,}."
        raise ExportError("too-large", message)
    if size < LARGE_BYTES:
        return examine(files.pieces(file), findings, checks.limits, checks.max_export_bytes)
    with screen.bar(f"Checking {file.name}", size) as bar:
        return examine(files.pieces(file, bar.advance), findings, checks.limits, checks.max_export_bytes)


class _Nowhere:
    """A writer that keeps nothing."""

    def add(self, data: bytes) -> None:
        """Let it go."""

    def mark(self) -> None:
        """Nothing to remember."""

    def commit(self, *, marked_only: bool = False) -> None:
        """Nothing to show."""
