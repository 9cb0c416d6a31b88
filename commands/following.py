"""Waits for an outcome, and shows how far the ledger has come."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from commands.console import screen
from shared.blob_names import ledger_path, outcome_path
from shared.clock import Clock
from shared.delivery import ledger as ledgers
from shared.delivery import outcome as outcomes
from shared.delivery.collaborators import Collaborators
from shared.delivery.ledger import Ledger
from shared.delivery.outcome import Outcome
from shared.delivery.ports import Container, Document
from shared.error_codes import Status
from shared.errors import StorageError

type Watch = Callable[[Ledger], None]

POLL_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Awaited:
    """What is waited for.

    Attributes:
        name: of the export.
        etag: of its version.
        before: the ETag of the outcome's document before there was anything to wait for; `None` if there was none.
        sha256: of the unpacked content, where it is known.
    """

    name: str
    etag: str
    before: str | None = None
    sha256: str = ""


def awaited(results: Container, name: str, etag: str) -> Awaited:
    """What to wait for after this moment, for a version that may have an outcome already.

    Raises:
        StorageError: the container cannot be read.
    """
    document = results.read(outcome_path(name, etag))
    return Awaited(name, etag, document.etag if document else None)


def follow(at: Collaborators, wanted: Awaited, patience_seconds: float) -> Outcome | None:
    """Wait, with a progress bar, until a worker has left an outcome; `None` if there is none in time.

    Raises:
        StorageError: the results container cannot be read.
    """
    ends = at.clock.monotonic() + patience_seconds
    with screen.bar(f"Waiting for {wanted.name}", None) as bar:
        snapshot = _Snapshot(at.state, wanted.sha256, progress_on(bar))
        while True:
            document = at.results.read(outcome_path(wanted.name, wanted.etag))
            outcome = _decoded(document) if document and document.etag != wanted.before else None
            if outcome and outcome.status is not Status.IN_PROGRESS:
                return outcome
            if outcome:
                snapshot.at(outcome)
            if not _waited(at.clock, ends):
                return None


def progress_on(bar: screen.Bar) -> Watch:
    """Shows a ledger on a progress bar, in records."""

    def watch(ledger: Ledger) -> None:
        total = sum(entry.records for entry in ledger.entries)
        bar.reach(sum(entry.records for entry in ledger.entries if not entry.open), total)

    return watch


def _decoded(document: Document) -> Outcome | None:
    try:
        return outcomes.decode(document.data)
    except msgspec.MsgspecError:
        return None


def _waited(clock: Clock, ends: float) -> bool:
    if clock.monotonic() >= ends:
        return False
    clock.sleep(POLL_SECONDS)
    return True


class _Snapshot:
    """Looks at a ledger; gives up for good where people may not read ledgers."""

    def __init__(self, state: Container, sha256: str, watch: Watch) -> None:
        self._state = state
        self._sha256 = sha256
        self._watch = watch
        self._allowed = True

    def at(self, outcome: Outcome) -> None:
        """Show the ledger of an export that is being worked on."""
        sha256 = outcome.export.sha256 or self._sha256
        if not self._allowed or not sha256:
            return
        request_id = outcome.resend_of.id if outcome.resend_of else None
        try:
            document = self._state.read(ledger_path(outcome.job_id, sha256, request_id))
            if document:
                self._watch(ledgers.decode(document.data))
        except (StorageError, msgspec.MsgspecError):
            self._allowed = False
