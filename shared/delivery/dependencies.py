"""What `process_export` and `sweep` are given by `shared.wiring`; everything below takes only the parts that it needs."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.clock import Clock
from shared.delivery.connector_ports import Connector, Parallel, Tokens
from shared.delivery.observer import NULL_OBSERVER, Observer
from shared.delivery.parallel import in_threads
from shared.delivery.ports import Container, Queue
from shared.delivery.source_store import SourceStore
from shared.delivery.worker_memory import WorkerMemory
from shared.exports.rules import RULES, Rules
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.delivery.people_refresh import Users


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The outside world, as protocols.

    Attributes:
        settings: checked.
        exports: where exports are uploaded; only read.
        results: outcomes, rejected records, the report.
        state: ledgers, plans, the job's lease, the sweep's place.
        sources: profiles and people files; one store for all attempts of a worker.
        queue: of messages.
        poison: messages that failed five times; only counted.
        source_files: the sources container itself, for the people file that the sweep refreshes.
        users: of the tenant; `None` unless `PEOPLE_FROM_ENTRA` is true.
        connector: takes requests.
        tokens: for the connector.
        clock: time, waiting and chance.
        observer: is told what happens.
        rules: of a record.
        parallel: makes requests at the same time.
        memory: of the worker.
    """

    settings: Settings
    exports: Container
    results: Container
    state: Container
    sources: SourceStore
    queue: Queue
    poison: Queue
    connector: Connector
    tokens: Tokens
    clock: Clock
    observer: Observer = NULL_OBSERVER
    source_files: Container | None = None
    users: "Users | None" = None
    rules: Rules = RULES
    parallel: Parallel = in_threads
    memory: WorkerMemory = field(default_factory=WorkerMemory)
