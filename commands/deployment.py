"""The product as the commands use it: each command takes the parts it needs.

The only module of the command-line tool that knows how the product is put together. Azure's libraries are imported when
a command needs them: checking a file needs none.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

    from shared.clock import Clock
    from shared.delivery.connector_ports import Tokens
    from shared.delivery.dependencies import Dependencies
    from shared.delivery.outcome import Outcome
    from shared.delivery.ports import Container, Queue
    from shared.messages import Message
    from shared.services.blob_versions import BlobVersion
    from shared.services.poison_messages import PoisonMessage
    from shared.settings import Settings
    from shared.storage_connection import StorageConnection

type Build = Callable[[dict[str, str]], "Dependencies"]


def build(settings: Mapping[str, str]) -> "Dependencies":
    """Put the product together, as the function app does.

    Raises:
        SettingsError: settings are missing or malformed.
    """
    from shared import wiring

    return wiring.build(settings)


@dataclass(frozen=True, slots=True)
class Deployment:
    """Containers, queue, tokens, clock and settings, and what the product does with them."""

    _parts: "Dependencies"

    @classmethod
    def of(cls, settings: Mapping[str, str], build: Build = build) -> "Deployment":
        """Build it from app settings.

        Raises:
            SettingsError: settings are missing or malformed.
        """
        return cls(build(dict(settings)))

    @property
    def settings(self) -> "Settings":
        """The app settings."""
        return self._parts.settings

    @property
    def exports(self) -> "Container":
        """Where exports are uploaded."""
        return self._parts.exports

    @property
    def results(self) -> "Container":
        """Where outcomes and rejected records are."""
        return self._parts.results

    @property
    def queue(self) -> "Queue":
        """What the function works through."""
        return self._parts.queue

    @property
    def tokens(self) -> "Tokens":
        """Tokens for the connector."""
        return self._parts.tokens

    @property
    def clock(self) -> "Clock":
        """Time."""
        return self._parts.clock

    def changed(self, **parts: Any) -> "Deployment":
        """The same with other parts, by the names of the properties (and `observer`)."""
        return Deployment(replace(self._parts, **parts))

    def with_secret(self, secret: str) -> "Deployment":
        """The same with tokens made from this client secret instead of the vault's."""
        from shared.services.credentials import GivenTokens

        return self.changed(tokens=GivenTokens(self.settings, secret))

    def process(self, message: "Message") -> "Outcome | None":
        """One attempt on the export that a message names; `None` if there was nothing to do.

        Raises:
            StorageError: an outcome, a ledger or a message cannot be written.
        """
        from shared.delivery.process_export import process_export

        return process_export(self._parts, message, str(uuid.uuid4()))


class ExportVersions(Protocol):
    """Versions of exports; see `shared.services.blob_versions`."""

    def of(self, name: str) -> "list[BlobVersion]":
        """Every version of an export that can still be had, newest first."""
        ...

    def write_anew(self, name: str, version: "BlobVersion") -> str:
        """Make a version the current one; gives the new ETag."""
        ...

    def undelete(self, name: str) -> None:
        """Bring a soft-deleted export back as it was."""
        ...


class PoisonQueue(Protocol):
    """The queue of messages that could not be processed; see `shared.services.poison_messages`."""

    def waiting(self) -> int:
        """How many messages lie there, roughly."""
        ...

    def peek(self) -> "Sequence[PoisonMessage]":
        """The first messages; others still see them."""
        ...

    def take(self, count: int) -> "Iterator[PoisonMessage]":
        """The next messages, hidden for a minute."""
        ...

    def release(self, message: "PoisonMessage") -> None:
        """Let others see a message at once that `take` gave."""
        ...

    def delete(self, message: "PoisonMessage") -> None:
        """Take a message away that `take` gave."""
        ...


def poison_queue(settings: "Settings") -> PoisonQueue:
    """The queue of messages that could not be processed."""
    from shared.services.poison_messages import PoisonMessages

    return PoisonMessages(*_account(settings), f"{settings.exports_queue}-poison")


def versions_of_exports(settings: "Settings") -> ExportVersions:
    """Older versions and deleted exports, as far as the account keeps them."""
    from shared.services.blob_versions import BlobVersions

    return BlobVersions(*_account(settings), settings.exports_container)


def container_of_sources(settings: "Settings") -> "Container":
    """Profiles and people files."""
    from shared.services.storage import BlobContainer

    return BlobContainer(*_account(settings), settings.sources_container)


def _account(settings: "Settings") -> "tuple[StorageConnection, TokenCredential | None]":
    """The data account, and this person's login; none for Azurite, whose connection string says everything."""
    from shared.services.identity import own_credential

    storage = settings.storage
    return storage, None if storage.connection_string else own_credential(settings.identity_client_id)
