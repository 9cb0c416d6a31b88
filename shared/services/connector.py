"""The physical badging connector over https: no retries, nothing of a request in any message.

Facts: the job id is a query parameter, so no URL may reach a log or an exception; Microsoft's
own scripts wait 400 s for a reply. A session of `requests` is not promised to be safe for several threads, so each request that is
on its way has one of its own, with its connection; the next one that leaves takes it over.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from shared.delivery.connector_ports import Fence, NoReply, Reply
from shared.services.bounded_https import BoundedSession, Bounds, is_packed
from shared.services.network_faults import network_fault

CONNECT_SECONDS: Final = 60
MAX_REPLY_BYTES: Final = 65_536
MAX_REPLY_SECONDS: Final = 30.0
_MAX_WIRE_BYTES: Final = 3 * MAX_REPLY_BYTES
"""Of a whole reply: 1xx replies, the head, the body and its chunks."""
_PATH: Final = "/api/signals/physicalbadging"


class _Bearer(requests.auth.AuthBase):
    """Sets the token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Noticed:
    """A body that knows whether anybody has begun to send it: before that, the connection did not stand.

    No exception tells this apart as surely: a TLS error, for one, may come from the handshake or from the reply.
    """

    def __init__(self, data: bytes, fence: Fence) -> None:
        self._data = data
        self._fence = fence
        self.left = False

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[bytes]:
        self._fence.check()
        self.left = True
        yield self._data


class HttpsConnector:
    """Posts bodies to the connector's job.

    Args:
        base_url: of the cloud; https.
        job_id: of the connector.
        timeout_seconds: from the request's first byte sent to the end of the reply's head.
        reply_seconds: how long to read the reply's body once its head is there.
    """

    def __init__(
        self, base_url: str, job_id: str, timeout_seconds: float, reply_seconds: float = MAX_REPLY_SECONDS
    ) -> None:
        self._url = base_url + _PATH
        self._job_id = job_id
        self._timeout_seconds = timeout_seconds
        self._bounds = Bounds(timeout_seconds, reply_seconds, _MAX_WIRE_BYTES)
        self._idle: deque[BoundedSession] = deque()  # taken and given back by whatever thread has a request

    def __repr__(self) -> str:
        """Without the job id."""
        return f"{type(self).__name__}(host={urlsplit(self._url).hostname!r})"

    def post(self, body: bytes, token: str, fence: Fence) -> Reply | NoReply:
        """Post one body and read at most 64 kB of the reply, for at most 30 s.

        Args:
            body: the JSON array.
            token: for the connector.
            fence: asked before the first byte of the body is read; connecting takes no longer than it has left.

        Raises:
            LeaseLostError: the fence refused; nothing of the body has left.
        """
        noticed = _Noticed(body, fence)
        connect_seconds = min(CONNECT_SECONDS, max(1.0, fence.seconds_left()))
        with self._session() as session:
            return self._reply(session, noticed, token, connect_seconds)

    def _reply(
        self, session: BoundedSession, noticed: _Noticed, token: str, connect_seconds: float
    ) -> Reply | NoReply:
        try:
            response = session.post(
                self._url,
                params={"jobid": self._job_id},
                data=noticed,
                auth=_Bearer(token),
                timeout=(connect_seconds, self._timeout_seconds),
                allow_redirects=False,
                stream=True,
            )
        except (requests.RequestException, HTTPError, OSError) as error:
            return self._no_reply(error, left=noticed.left)
        with response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status_code, headers, _read(response))

    def close(self) -> None:
        """Close the connections."""
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _session(self) -> Iterator[BoundedSession]:
        """The session that was used last, if it is free; else a new one."""
        try:
            session = self._idle.pop()
        except IndexError:
            session = BoundedSession(self._bounds)
            session.headers.update({"Content-Type": "application/json", "Accept": "application/json"})
        try:
            yield session
        finally:
            self._idle.append(session)

    def _no_reply(self, error: Exception, *, left: bool) -> NoReply:
        """What happened, without what the library says of it (the whole URL)."""
        fault = network_fault(error, "the connector", self._url)
        if left and not fault.answering:
            return NoReply("The connection to the connector broke", left=True)
        return NoReply(fault.text, left=left, code=fault.code)


def _read(response: requests.Response) -> bytes:
    """The beginning of the reply, as sent; whatever interrupts it, the status has been said already."""
    if is_packed(response):
        return b""
    body = b""
    try:
        while len(body) < MAX_REPLY_BYTES:
            piece = response.raw.read1(MAX_REPLY_BYTES - len(body))
            if not piece:
                break
            body += piece
    except (HTTPError, OSError, ValueError):
        return body
    return body
