"""How Azure's libraries reach their hosts: bounded for Entra ID, the vault and the identity endpoint, never with netrc."""

from typing import Any, Final

import requests
from azure.core.pipeline.transport import RequestsTransport

from shared.services.bounded_https import BoundedSession, Bounds, is_packed, without_netrc
from shared.services.trust import TrustingAdapter

CONNECT_SECONDS: Final = 10
READ_SECONDS: Final = 30
BOUNDS: Final = Bounds(head_seconds=READ_SECONDS, body_seconds=READ_SECONDS, reply_bytes=1 << 20)
"""A token is some kB, a secret at most 25 kB, a certificate with its key some 10 kB."""
_PIECE_BYTES: Final = 1 << 20
"""Blobs are taken from the network in such pieces; in those of 4 kB, the library's own, reading costs twice the time, and with every
piece it waits for its turn beside a pass."""


def bounded_transport() -> RequestsTransport:
    """A transport for small replies."""
    session = BoundedSession(BOUNDS, plain=True)
    session.hooks["response"].append(_refuse_packed)
    return RequestsTransport(session=session, connection_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS)


def storage_session() -> requests.Session:
    """Connections to storage; not for two threads at the same time."""
    transport = RequestsTransport()
    transport.open()  # which sets its session up
    session: requests.Session = transport.session
    retries: Any = session.get_adapter("https://")
    session.mount("https://", TrustingAdapter(max_retries=retries.max_retries))
    without_netrc(session)
    return session


def storage_transport(
    connect_seconds: float, read_seconds: float, session: requests.Session | None = None
) -> RequestsTransport:
    """A transport for blobs of any size.

    Args:
        connect_seconds: at most.
        read_seconds: between two pieces of a reply, at most.
        session: whose connections it uses; `None`: it has its own.
    """
    return RequestsTransport(
        session=session or storage_session(),
        session_owner=session is None,
        connection_timeout=connect_seconds,
        read_timeout=read_seconds,
        connection_data_block_size=_PIECE_BYTES,
    )


def _refuse_packed(response: requests.Response, **_: object) -> None:
    if is_packed(response):
        response.close()
        raise requests.exceptions.ContentDecodingError("the reply is packed, which was not asked for")
