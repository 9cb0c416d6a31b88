"""Outcomes read for the report: each at most once, and not more than a bound, so that a page never takes long."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec

from shared.delivery.outcome import Outcome, decode
from shared.delivery.ports import Container
from shared.errors import StorageError
from shared.log import OUTCOME_UNREADABLE, say
from shared.printable import printable
from shared.report.figures import ExportRow

MAX_DOCUMENTS: Final = 200


@dataclass(slots=True)
class Documents:
    """Documents read so far, each at most once, and how many more may be."""

    results: Container
    left: int = MAX_DOCUMENTS
    known: dict[str, Outcome | None] = field(default_factory=dict)

    def outcome(self, path: str) -> Outcome | None:
        """The document; `None` if it cannot be read or too many were."""
        if path not in self.known and self.left > 0:
            self.left -= 1
            self.known[path] = _read(self.results, path)
        return self.known.get(path)

    def completed(self, row: ExportRow) -> ExportRow:
        """The row with what only the document says, where it can be read."""
        outcome = self.outcome(row.path)
        if outcome is None:
            return row
        return replace(
            row,
            name=printable(outcome.export.name),
            summary=outcome.summary,
            error=outcome.error.code if outcome.error else "",
            not_sent=outcome.records.unsent if outcome.records else None,
            details=tuple(_details(outcome)),
        )


def _details(outcome: Outcome) -> Iterator[str]:
    """Sentences without personal data: replies of the connector are left to the outcome itself."""
    if outcome.error:
        yield outcome.error.message
        yield outcome.error.help
    yield from (warning.message for warning in outcome.warnings)
    if outcome.duplicate_of:
        yield f"Sent before as {printable(outcome.duplicate_of.name)}."


def _read(results: Container, path: str) -> Outcome | None:
    try:
        document = results.read(path)
        return decode(document.data) if document else None
    except (StorageError, msgspec.MsgspecError):
        shown = printable(path)
        say(logging.WARNING, OUTCOME_UNREADABLE, shown, outcome=shown)
        return None
