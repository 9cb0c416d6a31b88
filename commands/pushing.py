"""How a file on this computer is pushed: the function's own look, with folders in the place of storage.

State and results are kept in a folder, so a push that was interrupted goes on where it stopped, content that was
pushed before is not pushed again, and two pushes of the same content at once do not get in each other's way.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from commands.following import Watch
from commands.local_store.export_files import ExportFiles
from commands.local_store.folder import Folder
from shared.blob_names import ledger_path
from shared.delivery import ledger as ledgers
from shared.delivery.collaborators import Collaborators
from shared.delivery.ledger import Ledger
from shared.delivery.outcome import Outcome
from shared.delivery.outcome_store import OutcomeStore
from shared.delivery.ports import Condition
from shared.delivery.process_export import process_export
from shared.error_codes import RejectedCode, Status
from shared.errors import ExportError
from shared.messages import Message, read_messages


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of a file; `earlier` says that it was finished before and nothing was done now."""

    outcome: Outcome
    earlier: bool = False


class Ledgers(Folder):
    """The ledgers on this computer; somebody may watch them being written."""

    watch: Watch | None = None

    def write(
        self,
        name: str,
        data: bytes,
        condition: Condition,
        *,
        lease_id: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Write a ledger, and show it."""
        etag = super().write(name, data, condition, lease_id=lease_id, metadata=metadata)
        if self.watch:
            self.watch(ledgers.decode(data))
        return etag


@dataclass(slots=True)
class NoQueue:
    """The queue of one push: what wants another look, and after how many seconds."""

    messages: list[tuple[int, str]] = field(default_factory=list)

    def put(self, text: str, delay_seconds: int) -> None:
        """Keep a message."""
        self.messages.append((delay_seconds, text))

    def waiting(self) -> int:
        """How many messages are kept."""
        return len(self.messages)


class Pusher:
    """Pushes files one after another.

    Args:
        at: settings, connector, tokens and clock; its containers are not used.
        state: the folder for ledgers, outcomes and rejected records.
        patience_seconds: how long to wait for what should pass, beyond the retries of a single look.
    """

    def __init__(self, at: Collaborators, state: Path, patience_seconds: float) -> None:
        self.ledgers = Ledgers(state / "ledgers", "ledgers")
        self.results = Folder(state / "results", "results")
        self._patience_seconds = patience_seconds
        self._at = replace(at, results=self.results, state=self.ledgers)

    def push(self, file: Path, *, again: bool, watch: Watch) -> Pushed:
        """Push one file.

        Args:
            file: the export.
            again: whether a person wants content sent that was sent before.
            watch: is shown the ledger whenever it is written.

        Raises:
            OutcomeError: the file cannot even be looked at.
            StorageError: the folder for the state cannot be used.
        """
        exports, requeues = ExportFiles(file.parent), NoQueue()
        at = replace(self._at, exports=exports, queue=requeues)
        blob = exports.head(file.name)
        if blob.bytes == 0:
            raise ExportError(RejectedCode.EMPTY_EXPORT, "The export is empty.")
        self.ledgers.watch = watch
        request_id = str(uuid.uuid4()) if again else None
        outcome = process_export(
            at, Message(file.name, blob.etag, "command", resend=request_id), str(uuid.uuid4())
        )
        outcome = self._waited(at, requeues, outcome)
        if outcome:
            return Pushed(outcome)
        return self._finished_before(file, blob.etag)

    def sent_before(self, sha256: str) -> Ledger | None:
        """The ledger of content that was pushed before, wholly or in part.

        Raises:
            StorageError: the folder cannot be read.
        """
        document = self.ledgers.read(ledger_path(self._at.settings.job_id, sha256, None))
        try:
            return ledgers.decode(document.data) if document else None
        except msgspec.MsgspecError:
            return None

    def _waited(self, at: Collaborators, requeues: NoQueue, outcome: Outcome | None) -> Outcome | None:
        """Take what came back, as long as there is patience for it."""
        patience_ends = at.clock.monotonic() + self._patience_seconds
        while requeues.messages:
            delay, text = requeues.messages.pop(0)
            if delay and at.clock.monotonic() + delay > patience_ends:
                return outcome
            at.clock.sleep(delay)
            (message,) = read_messages(text, at.settings.exports_container)
            outcome = process_export(at, message, str(uuid.uuid4())) or outcome
        return outcome

    def _finished_before(self, file: Path, etag: str) -> Pushed:
        outcome = OutcomeStore(self.results, file.name, etag).load()
        if outcome is None or outcome.status is Status.IN_PROGRESS:
            raise ExportError(
                RejectedCode.NOT_AN_EXPORT, "The file's name says that it is no finished export."
            )
        return Pushed(outcome, earlier=True)
