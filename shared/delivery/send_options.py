"""What sending needs besides the ledger and the lease."""

from dataclasses import dataclass

from shared.clock import Clock
from shared.delivery.connector_ports import Connector, Parallel, Tokens
from shared.delivery.observer import Observer


@dataclass(frozen=True, slots=True)
class SendOptions:
    """What sending needs.

    Attributes:
        connector: takes the requests.
        tokens: for the connector.
        clock: for pauses.
        observer: is told of requests and acceptances.
        retry_max_seconds: counts from a batch's first failure.
        deadline: monotonic seconds; no request leaves after it.
        parallel: makes requests at the same time.
        parallel_requests: so many at most.
    """

    connector: Connector
    tokens: Tokens
    clock: Clock
    observer: Observer
    retry_max_seconds: float
    deadline: float
    parallel: Parallel
    parallel_requests: int
