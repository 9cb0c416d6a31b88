"""The one place where constructors meet: builds the outside world out of the app settings."""

from collections.abc import Mapping

from shared.clock import SystemClock
from shared.delivery.dependencies import Dependencies
from shared.delivery.source_store import SourceStore
from shared.read_settings import read_settings
from shared.services.connector import HttpsConnector
from shared.services.credentials import connector_tokens
from shared.services.identity import own_credential
from shared.services.message_queue import MessageQueue
from shared.services.storage import BlobContainer
from shared.telemetry.observer import observer


def build(environment: Mapping[str, str]) -> Dependencies:
    """Build everything from the app settings.

    Raises:
        SettingsError: with everything that is wrong with them.
    """
    settings = read_settings(environment)
    storage = settings.storage
    credential = None if storage.connection_string else own_credential(settings.identity_client_id)
    state = BlobContainer(storage, credential, settings.state_container)
    sources = BlobContainer(storage, credential, settings.sources_container)
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
    )
