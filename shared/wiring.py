"""The one place where constructors meet: builds the outside world out of the app settings."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

from shared.clock import SystemClock
from shared.clouds import CLOUDS
from shared.delivery.dependencies import Dependencies
from shared.delivery.source_store import SourceStore
from shared.read_settings import read_settings
from shared.services.connector import HttpsConnector
from shared.services.credentials import connector_tokens
from shared.services.identity import own_credential
from shared.services.message_queue import MessageQueue
from shared.services.storage import BlobContainer
from shared.services.transports import storage_session
from shared.services.trust import read_in_advance
from shared.settings import Settings
from shared.telemetry.observer import observer

if TYPE_CHECKING:
    from shared.delivery.people_refresh import Users

GRAPH_PATIENCE_SECONDS: Final = 400.0
"""A sweep's slice takes at most `INVOCATION_SECONDS`; with this the host's 40 minutes are enough."""


_OF_AN_ATTEMPT: Final = ("shared.delivery.process_export", "azure.keyvault.secrets", "azure.identity")


def load_libraries() -> None:
    """Import what an attempt needs to come to its first request, and read what its connections trust."""
    for module in _OF_AN_ATTEMPT:
        import_module(module)
    read_in_advance()


def build(environment: Mapping[str, str]) -> Dependencies:
    """Build everything from the app settings.

    Raises:
        SettingsError: with everything that is wrong with them.
    """
    settings = read_settings(environment)
    storage = settings.storage
    credential = None if storage.connection_string else own_credential(settings.identity_client_id)
    # of the attempt's own thread; exports and results are read ahead by another one
    session = storage_session()
    state = BlobContainer(storage, credential, settings.state_container, session)
    sources = BlobContainer(storage, credential, settings.sources_container, session)
    clock = SystemClock()
    return Dependencies(
        settings=settings,
        exports=BlobContainer(storage, credential, settings.exports_container),
        results=BlobContainer(storage, credential, settings.results_container),
        state=state,
        sources=SourceStore(sources, state, clock),
        queue=MessageQueue(storage, credential, settings.exports_queue),
        poison=MessageQueue(storage, credential, f"{settings.exports_queue}-poison"),
        connector=HttpsConnector(settings.connector_url, settings.job_id, settings.connector_timeout_seconds),
        tokens=connector_tokens(settings),
        clock=clock,
        observer=observer(settings),
        source_files=sources,
        users=_users(settings, clock),
    )


def _users(settings: Settings, clock: SystemClock) -> "Users | None":
    """The users of the tenant, where the sweep is to read them."""
    if settings.people_from_entra != "true":
        return None
    from shared.services.graph import GraphUsers

    credential = own_credential(settings.identity_client_id)
    return GraphUsers(
        CLOUDS[settings.cloud].graph_url, credential, clock, patience_seconds=GRAPH_PATIENCE_SECONDS
    )
