"""How a file on this computer is pushed: the function's own processing, with folders in the place of storage.

Ledgers and outcomes are kept in a folder, so a push that was interrupted continues where it stopped, content that was
pushed before is not pushed again, and two pushes of the same content at once do not interfere.
"""

import uuid
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from commands.deployment import Deployment
from commands.local_store.errors import ExportFileError, JobBusyError
from commands.local_store.export_files import ExportFiles
from commands.local_store.folder import Folder
from commands.local_store.push_state import Ledgers
from shared.blob_names import ledgers_prefix, request_of_ledger
from shared.clock import utc_text
from shared.delivery import ledger_journal
from shared.delivery.ledger import Ledger, newest_of
from shared.delivery.outcome import Outcome
from shared.delivery.outcome_store import OutcomeStore
from shared.error_codes import RejectedCode, Status
from shared.errors import ExportError, MissingBlobError
from shared.messages import Message, OperatorRequest, read_messages


@dataclass(frozen=True, slots=True)
class Pushed:
    """The outcome of a file; `earlier` says that it was finished before and nothing was done now."""

    outcome: Outcome
    earlier: bool = False


@dataclass(slots=True)
class _Requeues:
    """The queue of one push: what is to be tried again, and after how many seconds."""

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
        deployment: settings, connector, tokens and clock; its containers are not used.
        ledgers: where ledgers are kept.
        results: where outcomes and rejected records are kept.
        patience_seconds: how long to keep trying, beyond the retries of a single attempt.
    """

    def __init__(
        self, deployment: Deployment, ledgers: Ledgers, results: Folder, patience_seconds: float
    ) -> None:
        self.ledgers = ledgers
        self.results = results
        self._patience_seconds = patience_seconds
        self._deployment = deployment.changed(results=results, state=ledgers)

    def push(self, file: Path, *, again: bool) -> Pushed:
        """Push one file.

        Args:
            file: the export.
            again: whether to send content that was sent before.

        Raises:
            OutcomeError: the file cannot be processed at all.
            JobBusyError: another push has the connector job, for longer than there is patience.
            ExportFileError: it cannot be read.
            FolderError: the folder for the state cannot be used.
        """
        exports, requeues = ExportFiles(file.parent), _Requeues()
        deployment = self._deployment.changed(exports=exports, queue=requeues)
        try:
            blob = exports.head(file.name)
        except MissingBlobError:
            raise ExportFileError(file, "") from None
        if blob.bytes == 0:
            raise ExportError(RejectedCode.EMPTY_EXPORT, "The export is empty.")
        asked_at = utc_text(deployment.clock.now())
        request = OperatorRequest(str(uuid.uuid4()), "resend" if again else "retry", asked_at, named=True)
        outcome = deployment.process(Message(file.name, blob.etag, "command", request=request))
        outcome = self._with_requeues(deployment, requeues, outcome)
        if outcome:
            return Pushed(outcome)
        return self._finished_before(file, blob.etag)

    def sent_before(self, key: str) -> Ledger | None:
        """The ledger of content that was pushed before, wholly or in part.

        Raises:
            StorageError: the folder cannot be read.
        """
        prefix = ledgers_prefix(self._deployment.settings.job_id, key)
        ordinary = [blob.name for blob in self.ledgers.blobs(prefix) if not request_of_ledger(blob.name)]
        documents = [self.ledgers.read(path) for path in ordinary]
        try:
            found = [ledger_journal.decode(document.data) for document in documents if document]
        except msgspec.MsgspecError:
            return None
        return newest_of(filter(None, found))

    def _with_requeues(
        self, deployment: Deployment, requeues: _Requeues, outcome: Outcome | None
    ) -> Outcome | None:
        """Process what was requeued, as long as there is patience for it."""
        clock = deployment.clock
        patience_ends = clock.monotonic() + self._patience_seconds
        while requeues.messages:
            delay, text = requeues.messages.pop(0)
            (message,) = read_messages(text, deployment.settings.exports_container)
            if not isinstance(message, Message):
                continue
            if delay and clock.monotonic() + delay > patience_ends:
                if message.waits:
                    raise JobBusyError
                return outcome
            clock.sleep(delay)
            outcome = deployment.process(message) or outcome
        return outcome

    def _finished_before(self, file: Path, etag: str) -> Pushed:
        outcome = OutcomeStore(self.results, file.name, etag).load()
        if outcome is None or outcome.status is Status.IN_PROGRESS:
            message = "The file name says that it is not complete yet: skipped."
            raise ExportError(RejectedCode.NOT_AN_EXPORT, message)
        return Pushed(outcome, earlier=True)
