"""What the stand-ins are made of: a quiet threaded server on loopback, over http or https."""

import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol, Self
from urllib.parse import parse_qs, urlsplit

import trustme


class Certificates:
    """A certificate authority of our own and a server certificate for this machine, in a folder of the caller's."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        server = authority.issue_cert("127.0.0.1", "localhost")
        self.bundle = folder / "ca.pem"
        self.certificate = folder / "server.pem"
        self.key = folder / "server.key"
        authority.cert_pem.write_to_path(self.bundle)
        server.cert_chain_pems[0].write_to_path(self.certificate)
        server.private_key_pem.write_to_path(self.key)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.configure_cert(self.context)


@dataclass(frozen=True)
class Request:
    """What was asked: header names in lower case, query values as first given.

    Attributes:
        came_at: when its head was read (`time.perf_counter`).
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    came_at: float = field(default_factory=time.perf_counter)


@dataclass(frozen=True)
class Answer:
    """What is answered; `wire` is called with the handler instead, for answers that break off."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    wire: Any = None

    @classmethod
    def of(cls, document: Any, status: int = 200, *headers: tuple[str, str]) -> Self:
        """A JSON answer."""
        body = json.dumps(document).encode()
        return cls(status, body, (("Content-Type", "application/json"), *headers))


class Service(Protocol):
    """A stand-in: answers requests, on several threads."""

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        ...


class Server:
    """Serves a stand-in on a port of the system's choosing; use it in a `with` block, which stops it."""

    def __init__(self, service: Service, context: ssl.SSLContext | None = None) -> None:
        self._server = _QuietServer(("127.0.0.1", 0), _handler(service))
        if context:
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        scheme = "https" if context else "http"
        self.port = int(self._server.server_address[1])
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        """Start serving."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and wait for it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class's name)
            """Stay quiet: paths have queries."""

        def _serve(self) -> None:
            answer = service.answer(_request(self))
            if answer.wire:
                self.close_connection = True
                answer.wire(self)
            else:
                _send(self, answer)

        do_GET = do_POST = do_PUT = do_HEAD = do_CONNECT = _serve  # noqa: N815  (the base class looks for these names)

    return Handler


def _request(handler: BaseHTTPRequestHandler) -> Request:
    came_at, parts = time.perf_counter(), urlsplit(handler.path)
    return Request(
        handler.command,
        parts.path,
        {name: values[0] for name, values in parse_qs(parts.query).items()},
        {name.lower(): value for name, value in handler.headers.items()},
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0)),
        came_at,
    )


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    handler.send_response(answer.status)
    for name, value in answer.headers:
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(answer.body)))
    handler.end_headers()
    handler.wfile.write(answer.body)
