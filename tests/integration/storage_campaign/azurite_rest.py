"""Azurite over REST: one connection a service, kept open, and the clock it goes by."""

import http.client
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

from azure.storage.blob import AccountSasPermissions, ResourceTypes, Services, generate_account_sas

from local.azurite import ACCOUNT, KEY, Azurite

_VERSION: Final = "2021-12-02"
_IDLE_SECONDS: Final = 1.0
_FOREVER: Final = datetime(2099, 1, 1, tzinfo=UTC)


class AzuriteAccount:
    """The account, and the clock it goes by."""

    def __init__(self, azurite: Azurite, clock_port: int) -> None:
        self._blobs = http.client.HTTPConnection("127.0.0.1", azurite.blob_port)
        self._queues = http.client.HTTPConnection("127.0.0.1", azurite.queue_port)
        self._clock = http.client.HTTPConnection("127.0.0.1", clock_port)
        self._used: dict[int, float] = {}
        self._signature = generate_account_sas(
            ACCOUNT,
            KEY,
            ResourceTypes(service=True, container=True, object=True),
            AccountSasPermissions(
                read=True,
                write=True,
                delete=True,
                list=True,
                add=True,
                create=True,
                update=True,
                process=True,
            ),
            _FOREVER,
            services=Services(blob=True, queue=True),
        )

    def close(self) -> None:
        """End the connections."""
        for connection in (self._blobs, self._queues, self._clock):
            connection.close()

    def set_clock(self, now: datetime) -> None:
        """Move its clock; on a connection of its own, since these lie far apart."""
        self._clock.request("GET", f"/{round(now.timestamp() * 1_000)}")
        self._clock.getresponse().read()
        self._clock.close()

    def blob(self, method: str, path: str, query: Mapping[str, Any], **sent: Any) -> "Reply":
        """One request to the blob service."""
        return self._send(self._blobs, method, path, query, **sent)

    def queue(self, method: str, path: str, query: Mapping[str, Any], **sent: Any) -> "Reply":
        """One request to the queue service."""
        return self._send(self._queues, method, path, query, **sent)

    def _renew_idle(self, connection: http.client.HTTPConnection) -> None:
        """Begin anew on a connection that was not used for a while: Azurite closes it after 5 s."""
        now = time.monotonic()
        if now - self._used.get(id(connection), now) > _IDLE_SECONDS:
            connection.close()
        self._used[id(connection)] = now

    def _send(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        query: Mapping[str, Any],
        **sent: Any,
    ) -> "Reply":
        given = {key: value for key, value in query.items() if value not in {None, ""}}
        told = {key: str(value) for key, value in sent.get("headers", {}).items() if value is not None}
        address = f"/{ACCOUNT}/{quote(path)}?{urlencode(given)}&{self._signature}"
        self._renew_idle(connection)
        connection.request(method, address, sent.get("body"), {"x-ms-version": _VERSION, **told})
        reply = connection.getresponse()
        return Reply(reply.status, reply.headers, reply.read())


class Reply:
    """An answer of REST."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def is_success(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The error code, from the header or the body."""
        if self.is_success:
            return ""
        named = str(self.headers.get("x-ms-error-code") or "")
        return named or str(self.xml.findtext("Code") if self.body else "")

    @property
    def xml(self) -> ET.Element:
        """The body."""
        return ET.fromstring(self.body.removeprefix(b"\xef\xbb\xbf"))  # noqa: S314  (our own Azurite's)
