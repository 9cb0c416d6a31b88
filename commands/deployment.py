"""The product as the commands use it: each command takes the parts it needs.

The only module of the command-line tool that knows how the product is put together. Azure's libraries are imported when
a command needs them: checking a file needs none.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shared.clock import Clock
from shared.delivery.connector_ports import Tokens
from shared.delivery.dependencies import Dependencies
from shared.delivery.outcome import Outcome
from shared.delivery.ports import Container, Queue
from shared.delivery.process_export import process_export
from shared.messages import Message
from shared.settings import Settings

type Build = Callable[[dict[str, str]], Dependencies]


def build(settings: Mapping[str, str]) -> Dependencies:
    """Put the product together, as the function app does.

    Raises:
        SettingsError: settings are missing or malformed.
    """
    from shared import wiring

    return wiring.build(settings)


@dataclass(frozen=True, slots=True)
class Deployment:
    """Containers, queue, tokens, clock and settings, and what the product does with them."""

    _parts: Dependencies

    @classmethod
    def of(cls, settings: Mapping[str, str], build: Build = build) -> "Deployment":
        """Build it from app settings.

        Raises:
            SettingsError: settings are missing or malformed.
        """
        return cls(build(dict(settings)))

    @property
    def settings(self) -> Settings:
        """The app settings."""
        return self._parts.settings

    @property
    def exports(self) -> Container:
        """Where exports are uploaded."""
        return self._parts.exports

    @property
    def results(self) -> Container:
        """Where outcomes and rejected records are."""
        return self._parts.results

    @property
    def queue(self) -> Queue:
        """What the function works through."""
        return self._parts.queue

    @property
    def tokens(self) -> Tokens:
        """Tokens for the connector."""
        return self._parts.tokens

    @property
    def clock(self) -> Clock:
        """Time."""
        return self._parts.clock

    def changed(self, **parts: Any) -> "Deployment":
        """The same with other parts, by the names of the properties (and `observer`)."""
        return Deployment(replace(self._parts, **parts))

    def with_secret(self, secret: str) -> "Deployment":
        """The same with tokens made from this client secret instead of the vault's."""
        from shared.services.credentials import GivenTokens

        return self.changed(tokens=GivenTokens(self.settings, secret))

    def process(self, message: Message) -> Outcome | None:
        """One attempt on the export that a message names; `None` if there was nothing to do.

        Raises:
            StorageError: an outcome, a ledger or a message cannot be written.
        """
        return process_export(self._parts, message, str(uuid.uuid4()))


def poison_queue(settings: Settings) -> Queue:
    """The queue of messages that could not be processed."""
    from shared.services.identity import own_credential
    from shared.services.message_queue import MessageQueue

    storage = settings.storage
    credential = None if storage.connection_string else own_credential(settings.identity_client_id)
    return MessageQueue(storage, credential, f"{settings.exports_queue}-poison")
