"""Everything an attempt or a sweep works with, built in one place (`shared.app`) and passed in."""

from dataclasses import dataclass

from shared.clock import Clock
from shared.delivery.observer import NULL_OBSERVER, Observer
from shared.delivery.ports import Connector, Container, Queue, Tokens
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Collaborators:
    """The containers, the queue, the connector, the tokens, the clock, the settings, and who is told."""

    settings: Settings
    exports: Container
    results: Container
    state: Container
    queue: Queue
    connector: Connector
    tokens: Tokens
    clock: Clock
    observer: Observer = NULL_OBSERVER
