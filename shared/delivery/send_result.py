"""How far sending came."""

from dataclasses import dataclass, field

from shared.delivery.ledger_store import StoredLedger
from shared.errors import ExportChangedError, OutcomeError, TimeUsedUpError


@dataclass(frozen=True, slots=True)
class SendResult:
    """How far sending came.

    Attributes:
        stored: the ledger as it was last written.
        progress: whether the connector accepted anything in this invocation.
        replies: the connector's last reply to a batch, by the batch's SHA-256.
        stopped: what ended it; `None`: nothing is left to send.
    """

    stored: StoredLedger
    progress: bool
    replies: dict[str, str] = field(default_factory=dict)
    stopped: OutcomeError | TimeUsedUpError | ExportChangedError | None = None
