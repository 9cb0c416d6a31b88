"""A storage account with versions and soft delete, as far as Microsoft's REST reference describes what is used here.

Azurite has neither. It answers List Blobs with `versions` and `deleted`, Get Blob of a version, Put Blob and Undelete Blob
on a loopback address; signatures are not checked.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The published key of every Azurite account."""


@dataclass(slots=True)
class Kept:
    """A version, current or not; `version_id` is empty in an account without versions."""

    data: bytes
    etag: str
    modified: str
    version_id: str = ""
    current: bool = False
    deleted: bool = False


@dataclass
class VersionedBlobs:
    """One container."""

    blobs: dict[str, list[Kept]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def connection_string(self) -> str:
        """For the SDK."""
        return (
            f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={_KEY};"
            f"BlobEndpoint=http://127.0.0.1:{self.port}/devstoreaccount1;"
        )

    def put(self, name: str, data: bytes) -> Kept:
        """Put Blob: what was current becomes a version."""
        for one in self.blobs.setdefault(name, []):
            one.current = False
        new = Kept(data, '"0xNEW"', "Wed, 25 Nov 2026 09:10:00 GMT", "2026-11-25T09:10:00Z", current=True)
        self.blobs[name].append(new)
        return new

    def undelete(self, name: str) -> None:
        """Undelete Blob."""
        for one in self.blobs[name]:
            one.deleted, one.current = False, True

    def listing(self, prefix: str) -> bytes:
        """The answer to List Blobs."""
        entries = "".join(
            _entry(name, one)
            for name, kept in sorted(self.blobs.items())
            if name.startswith(prefix)
            for one in kept
        )
        return f'<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>{entries}</Blobs><NextMarker/></EnumerationResults>'.encode()


def _entry(name: str, one: Kept) -> str:
    version = f"<VersionId>{one.version_id}</VersionId>" if one.version_id else ""
    current = "<IsCurrentVersion>true</IsCurrentVersion>" if one.version_id and one.current else ""
    deleted = "<Deleted>true</Deleted>" if one.deleted else ""
    return (
        f"<Blob><Name>{name}</Name>{deleted}{version}{current}<Properties><Last-Modified>{one.modified}</Last-Modified>"
        f"<Etag>{one.etag}</Etag><Content-Length>{len(one.data)}</Content-Length><BlobType>BlockBlob</BlobType>"
        "</Properties></Blob>"
    )


@contextmanager
def versioned_blobs() -> Iterator[VersionedBlobs]:
    """The account, running while the block does."""
    account = VersionedBlobs()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(account))
    account.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield account
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(account: VersionedBlobs) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name, query = self._asked()
            if query.get("comp") == ["list"]:
                self._answer(200, account.listing(query.get("prefix", [""])[0]), "application/xml")
                return
            (wanted,) = (one for one in account.blobs[name] if [one.version_id] == query.get("versionid"))
            self._answer(206, wanted.data, "application/octet-stream", wanted)

        def do_PUT(self) -> None:
            name, query = self._asked()
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if query.get("comp") == ["undelete"]:
                account.undelete(name)
                self._answer(200, b"", "application/xml")
            else:
                self._answer(201, b"", "application/xml", account.put(name, body))

        def _asked(self) -> tuple[str, dict[str, list[str]]]:
            account.requests.append(f"{self.command} {self.path.partition('?')[2]}")
            parts = urlsplit(self.path)
            return unquote(parts.path).split("/", 3)[3:][0] if parts.path.count("/") > 2 else "", parse_qs(
                parts.query
            )

        def _answer(self, status: int, body: bytes, kind: str, one: Kept | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if one:
                self.send_header("ETag", one.etag)
                self.send_header("Last-Modified", one.modified)
                if status == 206:
                    self.send_header("Content-Range", f"bytes 0-{max(0, len(body) - 1)}/{len(body)}")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
