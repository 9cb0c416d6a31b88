"""Everything the functions need, on this machine: storage, Event Grid, identity, Entra ID, Key Vault, the connector.

with LocalAzure() as azure:
    azure.exports.upload_blob("day.json", data)     # an upload
    azure.event_grid.poll()                         # its announcement
    ...                                             # a process started with azure.environment does the rest
"""

import os
import tempfile
import time
import uuid
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, Self

from azure.core.credentials import AccessToken
from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient

from local.azurite import Azurite
from local.connector import Connector
from local.event_grid import EventGrid
from local.graph import Graph
from local.identities import STORAGE_AUDIENCE, EntraId, IdentityEndpoint, token_for
from local.ingestion import Ingestion, settings
from local.servers import Certificates, Server
from local.vault import KeyVault

CONTAINERS: Final = ("badging-exports", "badging-results", "gatepost-state", "gatepost-sources")
QUEUE: Final = "badging-exports"
AUDIENCE: Final = "https://microsoft.onmicrosoft.com/86dfdabb-5089-4a0c-880a-cfa5a790c5b1"
SECRET_NAME: Final = "badging-app-secret"  # noqa: S105  (its name)
_DAYS_UNTIL_EXPIRY: Final = 200
_PASSED_ON: Final = (
    "PATH",
    "HOME",
    "LANG",
    "TERM",
    "TZ",
    "COVERAGE_PROCESS_CONFIG",
    "COVERAGE_PROCESS_START",
)


class _StorageToken:
    """A token credential for the owner of the machine, where Azurite is asked over https."""

    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        """A token Azurite takes."""
        return AccessToken(token_for(STORAGE_AUDIENCE), int(time.time()) + 3_600)


class LocalAzure:
    """Starts everything; use it in a `with` block, which stops it again.

    Args:
        with_identity: reach storage over https with the app's managed identity, as in Azure, instead of over http with
            Azurite's connection string.
        keep_bodies: whether the connector keeps what it accepts; without it memory stays flat.
        location: a folder that Azurite keeps everything in, and may find it there; without it, in memory.
        azurite: one that runs already and is not ended here; without it, one is started.

    Attributes:
        azurite, identity, entra, vault, connector, ingestion, graph: what stands in, each with knobs to make it fail.
        exports, results, state, sources: the containers.
        queue, poison: the queues.
        event_grid: announces uploads; start it with `with`, or call its `poll` yourself.
        environment: everything a process needs in its environment to run the product against this.
        telemetry: what it needs beside that to send its telemetry to `ingestion`; without it there is none.
    """

    def __init__(
        self,
        *,
        with_identity: bool = False,
        keep_bodies: bool = True,
        location: Path | None = None,
        azurite: Azurite | None = None,
    ) -> None:
        self._with_identity = with_identity
        self._location = location
        self._running = azurite
        self._stack = ExitStack()
        self.client_id = str(uuid.uuid4())
        self.secret = f"made-up-{uuid.uuid4().hex}"
        tenant_id, app_id = str(uuid.uuid4()), str(uuid.uuid4())
        self.identity = IdentityEndpoint(self.client_id)
        self.entra = EntraId(tenant_id, app_id, {self.secret})
        self.vault = KeyVault(
            SECRET_NAME, self.secret, tenant_id, expires_on=int(time.time()) + _DAYS_UNTIL_EXPIRY * 86_400
        )
        self.ingestion = Ingestion()
        self.graph = Graph()
        self.connector = Connector(str(uuid.uuid4()), AUDIENCE, self.entra, keep_bodies=keep_bodies)

    def __enter__(self) -> Self:
        """Start storage and every stand-in."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gatepost-")))
            certificates = Certificates(folder)
            pair = (certificates.certificate, certificates.key) if self._with_identity else None
            self.azurite = self._running or stack.enter_context(Azurite(pair, location=self._location))
            identity = stack.enter_context(Server(self.identity))
            entra = stack.enter_context(Server(self.entra, certificates.context))
            vault = stack.enter_context(Server(self.vault, certificates.context))
            connector = stack.enter_context(Server(self.connector, certificates.context))
            self.graph.url = stack.enter_context(Server(self.graph, certificates.context)).url
            self.entra.url, self.vault.url, self.vault.port = entra.url, vault.url, vault.port
            self._bundle = certificates.bundle
            self._make_storage(stack)
            self.environment = self._environment(identity.url, connector.url)
            self.telemetry = settings(stack.enter_context(Server(self.ingestion)).url) | {
                "TMPDIR": str(folder)
            }
            self.event_grid = EventGrid(self.exports, self.queue)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        self._stack.close()

    def rotate_secret(self, *, keep_old: bool = False) -> str:
        """Give the app a new secret and put it into the vault, as an operator does; gives the secret."""
        self.secret = f"made-up-{uuid.uuid4().hex}"
        self.entra.secrets = {self.secret, *(self.entra.secrets if keep_old else ())}
        self.vault.rotate(self.secret)
        return self.secret

    def _make_storage(self, stack: ExitStack) -> None:
        self.exports, self.results, self.state, self.sources = (
            stack.enter_context(self._container(name)) for name in CONTAINERS
        )
        self.queue, self.poison = (
            stack.enter_context(self._queue(name)) for name in (QUEUE, f"{QUEUE}-poison")
        )
        for made in (self.exports, self.results, self.state, self.sources, self.queue, self.poison):
            with suppress(ResourceExistsError):  # in a location that was used before
                made.create_container() if isinstance(made, ContainerClient) else made.create_queue()

    def _container(self, name: str) -> ContainerClient:
        if not self._with_identity:
            return ContainerClient.from_connection_string(self.azurite.connection_string, name)
        uri, verify = self.azurite.blob_uri, str(self._bundle)
        return ContainerClient(uri, name, credential=_StorageToken(), connection_verify=verify)

    def _queue(self, name: str) -> QueueClient:
        if not self._with_identity:
            return QueueClient.from_connection_string(self.azurite.connection_string, name)
        uri, verify = self.azurite.queue_uri, str(self._bundle)
        return QueueClient(uri, name, credential=_StorageToken(), connection_verify=verify)

    def _environment(self, identity_url: str, connector_url: str) -> dict[str, str]:
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return (
            passed_on
            | self._storage_settings()
            | {
                "PYTHONUNBUFFERED": "1",
                "IDENTITY_ENDPOINT": identity_url,
                "IDENTITY_HEADER": self.identity.header,
                "REQUESTS_CA_BUNDLE": str(self._bundle),
                "AZURE_CLIENT_ID": self.client_id,
                "EXPORTS_QUEUE": QUEUE,
                "UPLOAD_SCHEDULE": "0 30 5 * * *",
                "CONNECTOR_TENANT_ID": self.entra.tenant_id,
                "CONNECTOR_APP_ID": self.entra.app_id,
                "CONNECTOR_JOB_ID": self.connector.job_id,
                "CONNECTOR_URL": connector_url,
                "CONNECTOR_SCOPE": f"{AUDIENCE}/.default",
                "ENTRA_AUTHORITY": self.entra.url,
                "KEY_VAULT_URI": self.vault.url,
                "APP_SECRET_NAME": SECRET_NAME,
            }
        )

    def _storage_settings(self) -> dict[str, str]:
        if not self._with_identity:
            return {"ExportStorage": self.azurite.connection_string}
        return {
            "ExportStorage__blobServiceUri": self.azurite.blob_uri,
            "ExportStorage__queueServiceUri": self.azurite.queue_uri,
            "ExportStorage__credential": "managedidentity",
            "ExportStorage__clientId": self.client_id,
        }
