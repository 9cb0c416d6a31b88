"""The physical badging connector over https: one request at a time, no retries, nothing of it in any message.

Facts: the job id is a query parameter, so no URL may reach a log or an exception; Microsoft's
own scripts wait 400 s for a reply.
"""

import threading
from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from typing import Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, MaxRetryError, NameResolutionError

from shared.delivery.connector_ports import Fence, NoReply, Reply

CONNECT_SECONDS: Final = 60
MAX_REPLY_BYTES: Final = 65_536
MAX_REPLY_SECONDS: Final = 30.0
_PATH: Final = "/api/signals/physicalbadging"


class _Bearer(requests.auth.AuthBase):
    """Sets the token after requests has looked for credentials in .netrc, which would otherwise win."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Session(requests.Session):
    """Knows no redirects: looking for the next address, `requests` would read and unpack all of the reply."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None, whatever the reply says."""


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
        timeout_seconds: how long to wait for a reply.
        reply_seconds: how long to read the reply's body once its head is there.
    """

    def __init__(
        self, base_url: str, job_id: str, timeout_seconds: float, reply_seconds: float = MAX_REPLY_SECONDS
    ) -> None:
        self._url = base_url + _PATH
        self._reply_seconds = reply_seconds
        self._job_id = job_id
        self._timeout_seconds = timeout_seconds
        self._session = _Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.adapters.clear()  # plain http has no adapter, so no token can leave by it
        self._session.mount("https://", HTTPAdapter(max_retries=0, pool_connections=1, pool_maxsize=1))
        self._session.headers.update(
            {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}
        )

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
        try:
            response = self._session.post(
                self._url,
                params={"jobid": self._job_id},
                data=noticed,
                auth=_Bearer(token),
                timeout=(connect_seconds, self._timeout_seconds),
                allow_redirects=False,
                stream=True,
            )
        except (requests.RequestException, HTTPError, OSError) as error:
            return _no_reply(error, left=noticed.left)
        with response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status_code, headers, _read(response, self._reply_seconds))

    def close(self) -> None:
        """Close the connection."""
        self._session.close()


def _read(response: requests.Response, seconds: float) -> bytes:
    """The beginning of the reply, as sent; whatever interrupts it, the status has been said already."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        return b""  # we asked for identity; unpacking what we did not ask for is how bombs work
    body = b""
    fuse = threading.Timer(seconds, response.raw.shutdown)
    fuse.daemon = True
    fuse.start()
    try:
        while len(body) < MAX_REPLY_BYTES:
            piece = response.raw.read1(MAX_REPLY_BYTES - len(body))
            if not piece:
                break
            body += piece
    except (HTTPError, OSError, ValueError):
        return body
    finally:
        fuse.cancel()
    return body


def _no_reply(error: Exception, *, left: bool) -> NoReply:
    """What happened, without what the library says of it (the whole URL)."""
    if isinstance(error, requests.exceptions.SSLError) and not left:
        untrusted = "CERTIFICATE_VERIFY_FAILED" in str(error)
        return NoReply("The TLS handshake with the connector failed", left=False, untrusted=untrusted)
    if not isinstance(error, requests.RequestException | HTTPError):
        return NoReply("The connector cannot be asked; REQUESTS_CA_BUNDLE may name no file", left=left)
    if isinstance(_cause(error), NameResolutionError):
        return NoReply("The connector's host could not be found", left=left)
    if not left:
        return NoReply("The connector's host could not be reached", left=False)
    if isinstance(error, requests.Timeout):
        return NoReply("The connector did not answer in time", left=True)
    return NoReply("The connection to the connector broke", left=True)


def _cause(error: Exception) -> object:
    inner = error.args[0] if error.args else None
    return inner.reason if isinstance(inner, MaxRetryError) else inner
