"""What people would see in Application Insights, at a terminal: whether the figures agree, and what went wrong."""

from collections.abc import Iterable, Iterator
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from local.ingestion import Envelope, Ingestion
from shared.delivery.outcome import Outcome
from shared.telemetry.metrics import (
    CONNECTOR_DURATION,
    EXPORTS,
    RECORDS_IGNORED,
    RECORDS_REJECTED,
    RECORDS_REPEATED,
    RECORDS_SENT,
)
from shared.telemetry.names import (
    EXPORT_EXPIRING,
    EXPORT_FINISHED,
    INVOCATION_FAILED,
    SECRET_EXPIRY_UNKNOWN,
    SWEEP_FINISHED,
)

FIGURES: Final = ("read", "sent", "rejected", "refused", "unconfirmed", "unsent", "ignored", "repeated")
_STYLES: Final = {
    SWEEP_FINISHED.name: "dim",
    SECRET_EXPIRY_UNKNOWN.name: "yellow",
    EXPORT_EXPIRING.name: "red",
    INVOCATION_FAILED.name: "red",
}
_HELP: Final = {
    "bad-message": "After five tries it is in the queue badging-exports-poison. Only announcements of exports belong here.",
    "storage": "It is tried again by itself; after five tries it is in the queue badging-exports-poison.",
    "bad-settings": "Fix the settings it lists, then start again.",
    "bug": "It is tried again by itself. Please report this line.",
}


def wrong_figures(ingestion: Ingestion, outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Where what arrived does not agree with the outcomes, once the process that sent it has ended."""
    outcomes = list(outcomes)
    lines = [
        one.dimensions
        for one in ingestion.envelopes("traces")
        if one.dimensions.get("event") == EXPORT_FINISHED.name
    ]
    for outcome in outcomes:
        name = outcome.export.name
        figures = {figure: str(getattr(outcome.records, figure, 0)) for figure in FIGURES}
        expected = figures | {"status": outcome.status.value}
        if [{key: one[key] for key in expected} for one in lines if one["export"] == name] != [expected]:
            yield f"Application Insights did not get one line with the figures of {name}."
    yield from _wrong_sums(ingestion, outcomes)


def _wrong_sums(ingestion: Ingestion, outcomes: list[Outcome]) -> Iterator[str]:
    records = [outcome.records for outcome in outcomes if outcome.records]
    sums = {
        EXPORTS.name: len(outcomes),
        RECORDS_SENT.name: sum(one.sent for one in records),
        RECORDS_REJECTED.name: sum(one.rejected for one in records),
        RECORDS_IGNORED.name: sum(one.ignored for one in records),
        RECORDS_REPEATED.name: sum(one.repeated for one in records),
    }
    for metric, expected in sums.items():
        if (got := ingestion.sums(metric).total()) != expected:
            yield f"{metric} adds up to {got:,} instead of {expected:,}."
    requests = sum(batch.requests for outcome in outcomes for batch in outcome.batches)
    if (got := ingestion.count(CONNECTOR_DURATION.name)) != requests:
        yield f"{CONNECTOR_DURATION.name} counts {got} requests instead of {requests}."


class News:
    """Prints each log event that has no outcome of its own: sweeps, and invocations that failed."""

    def __init__(self, ingestion: Ingestion, console: Console) -> None:
        self._ingestion = ingestion
        self._console = console
        self._seen = 0

    def poll(self) -> None:
        """Print what is new."""
        lines = self._ingestion.envelopes("traces")
        for line in lines[self._seen :]:
            self._show(line)
        self._seen = len(lines)

    def _show(self, line: Envelope) -> None:
        event = line.dimensions.get("event", "")
        if event not in _STYLES:
            return
        self._console.print(f"[{_STYLES[event]}]{escape(line.name)}[/]")
        help_text = _HELP.get(line.dimensions.get("code", ""))
        if help_text:
            self._console.print(Padding(help_text, (0, 4)))
