"""An HTTP session whose requests end: time and bytes of every reply are bounded, whatever the other side does.

`requests` bounds each read from a socket, not the reply: endless `100 Continue`, a byte a minute of a header, or a body
without an end hold a thread for ever. Here every read and every write asks one deadline how long it may take.

    connecting        the connect time-out
    first byte sent   head_seconds, to the end of the reply's head: sending, 1xx replies and headers
    head read         body_seconds, to the end of the body

Replies of the kind 1xx come before the one that counts; `http.client` skips 100 alone. A head that breaks off is no head,
which `http.client` takes for the headers' end. `.netrc` is never read: its passwords are for other programs.
"""

import io
import time
from collections.abc import Buffer
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

import requests
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from shared.services.trust import TrustingAdapter

_LINE_BYTES: Final = 16_384
"""Of a header that is passed over, at a time."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one request may cost.

    Attributes:
        head_seconds: from the first byte sent to the end of the reply's head.
        body_seconds: from there to the end of the body.
        reply_bytes: of everything that comes back: heads, 1xx replies and the body, as it is on the wire.
    """

    head_seconds: float
    body_seconds: float
    reply_bytes: int


class ReplyTooLargeError(HTTPException):
    """More came back than a reply may have."""


class BoundedSession(requests.Session):
    """A session without netrc, retries, redirects and cookies; every reply is bounded.

    Args:
        bounds: of every request.
        plain: whether http is allowed; the identity endpoint of App Service has no https. Without it no token can leave
            by it: there is no adapter.
    """

    def __init__(self, bounds: Bounds, *, plain: bool = False) -> None:
        super().__init__()
        without_netrc(self)
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.adapters.clear()
        for scheme in ("https://", "http://") if plain else ("https://",):
            self.mount(scheme, _BoundedAdapter(bounds))
        self.headers["Accept-Encoding"] = "identity"

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None, whatever the reply says: looking for it, `requests` would read and unpack all of the reply."""


def without_netrc(session: requests.Session) -> None:
    """Keep `requests` from looking into `.netrc`: it does where a session has no `auth`, and then replaces the token."""
    session.auth = _as_it_is


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def is_packed(response: requests.Response) -> bool:
    """Whether a reply is packed, though identity was asked for; unpacking what nobody asked for is how bombs work."""
    return bool(response.headers.get("Content-Encoding", "identity").lower() != "identity")


class _Deadline:
    """Until when the current step of a request may take."""

    def __init__(self) -> None:
        self._ends = 0.0

    def start(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def seconds_left(self) -> float:
        """More than 0.

        Raises:
            TimeoutError: nothing is left.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


class _Wire(io.RawIOBase):
    """What comes from a socket, within the deadline, and not more than it may be."""

    def __init__(self, socket: Any, deadline: _Deadline, limit: int) -> None:
        self._socket = socket
        self._raw: Any = socket.makefile("rb", buffering=0)
        self._deadline = deadline
        self._left = limit
        self.in_head = True

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Read once.

        Raises:
            TimeoutError: the time is over.
            ReplyTooLargeError: all that may come has come.
            RemoteDisconnected: the other side is gone before the head's end.
        """
        if not self._left:
            raise ReplyTooLargeError
        self._socket.settimeout(self._deadline.seconds_left())
        count: int = self._raw.readinto(memoryview(buffer)[: self._left])
        self._left -= count
        if self.in_head and not count:
            raise RemoteDisconnected("Remote end closed connection without a whole response head")
        return count

    def close(self) -> None:
        """Close the socket's file."""
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    """A reply that is read through a `_Wire`."""

    def __init__(
        self, socket: Any, *arguments: Any, deadline: _Deadline, bounds: Bounds, **options: Any
    ) -> None:
        super().__init__(socket, *arguments, **options)
        self.fp.close()
        self._deadline = deadline
        self._body_seconds = bounds.body_seconds
        self._wire = _Wire(socket, deadline, bounds.reply_bytes)
        self.fp = io.BufferedReader(self._wire)

    def _read_status(self) -> tuple[str, int, str]:
        """The status line of the reply that counts; those before it, 100 to 199, are passed over with their headers."""
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]  # as old as the class, and no type says so
            if not HTTPStatus.CONTINUE <= status < HTTPStatus.OK or status == HTTPStatus.SWITCHING_PROTOCOLS:
                return version, status, reason
            while self.fp.readline(_LINE_BYTES).strip():
                pass

    def begin(self) -> None:
        """Read the head; from its end on, the body has its own time."""
        super().begin()
        self._wire.in_head = False
        self._deadline.start(self._body_seconds)


class _Bounded(HTTPConnection):
    """A connection with a deadline for each step."""

    bounds: Bounds

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._deadline = _Deadline()
        made: Any = partial(_Response, deadline=self._deadline, bounds=self.bounds)
        self.response_class = made

    def connect(self) -> None:
        """Connect, a proxy's answer included, within the connect time-out."""
        seconds: Any = self.timeout
        self._deadline.start(seconds if isinstance(seconds, int | float) else self.bounds.head_seconds)
        super().connect()
        self._deadline.start(self.bounds.head_seconds)

    def request(self, *arguments: Any, **options: Any) -> None:
        """Send a request; its time begins here, or where the connection stands."""
        self._deadline.start(self.bounds.head_seconds)
        super().request(*arguments, **options)

    def send(self, data: Any) -> None:
        """Send bytes, no longer than there is time: a socket's time-out is for all of them, plain or over TLS."""
        if self.sock is not None:
            self.sock.settimeout(self._deadline.seconds_left())
        super().send(data)


class _BoundedHttps(_Bounded, HTTPSConnection):
    """The same over TLS."""


class _BoundedAdapter(TrustingAdapter):
    """Makes bounded connections, straight or through a proxy."""

    def __init__(self, bounds: Bounds) -> None:
        self._pools = {
            "http": _pool(HTTPConnectionPool, _Bounded, bounds),
            "https": _pool(HTTPSConnectionPool, _BoundedHttps, bounds),
        }
        super().__init__(max_retries=0, pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the pools of straight connections."""
        super().init_poolmanager(*arguments, **options)
        self._use(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Make the pools of connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **options)
        self._use(manager)
        return manager

    def _use(self, manager: PoolManager) -> None:
        known: Any = manager
        known.pool_classes_by_scheme = self._pools


def _pool(
    pool: type[HTTPConnectionPool], connection: type[_Bounded], bounds: Bounds
) -> type[HTTPConnectionPool]:
    """A pool of connections with these bounds."""
    bounded = type(connection.__name__, (connection,), {"bounds": bounds})
    return type(pool.__name__, (pool,), {"ConnectionCls": bounded})
