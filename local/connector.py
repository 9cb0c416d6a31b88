"""The physical badging connector: checks what it is sent, keeps what it accepts, and fails in every way it is told."""

import gzip
import hashlib
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

import msgspec

from local.identities import EntraId
from local.servers import Answer, Request

PATH: Final = "/api/signals/physicalbadging"
MAX_RECORDS: Final = 50_000

type Records = list[msgspec.Raw]
type Fault = Callable[["Connector", Request, Records], Answer | None]
"""What happens instead of, or before, an ordinary answer; `None` goes on as if nothing was."""


@dataclass(frozen=True)
class Accepted:
    """One accepted request; `body` is empty if bodies are not kept."""

    records: int
    length: int
    sha256: str
    body: bytes


@dataclass
class Connector:
    """One job of the connector.

    Attributes:
        script: faults for the next requests, in order; `None` for one that goes well.
        always: the fault for every request after that.
        accepted: what was accepted, in order.
        requests: how many requests came, whatever became of them.
    """

    job_id: str
    audience: str
    entra: EntraId
    keep_bodies: bool = True
    script: deque[Fault | None] = field(default_factory=deque)
    always: Fault | None = None
    accepted: list[Accepted] = field(default_factory=list)
    requests: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request) -> Answer:
        """Check a request, then take it or do as told."""
        with self._lock:
            self.requests += 1
            fault = self.script.popleft() if self.script else self.always
        refusal, records = self._checked(request)
        if refusal:
            return refusal
        faulty = fault(self, request, records) if fault else None
        return faulty or self.take(request, records)

    def take(self, request: Request, records: Records) -> Answer:
        """Store a batch and say so."""
        body = request.body if self.keep_bodies else b""
        sha256 = hashlib.sha256(request.body).hexdigest()
        with self._lock:
            self.accepted.append(Accepted(len(records), len(request.body), sha256, body))
        return Answer.of({"RecordsSaved": len(records), "RecordsSkipped": 0})

    def records(self) -> list[Any]:
        """Every accepted record, in order, repeats included."""
        return [record for one in self.accepted for record in json.loads(one.body)]

    def _checked(self, request: Request) -> tuple[Answer | None, Records]:
        """What is wrong with a request, and its records."""
        refusal = self._wrong_address(request)
        if refusal:
            return refusal, []
        try:
            records = _DECODER.decode(request.body)
        except msgspec.DecodeError:
            return Answer(400, b"not an array"), []
        if len(records) > MAX_RECORDS or any(bytes(record)[:1] != b"{" for record in records):
            return Answer(400, b"not an array of at most 50,000 objects"), []
        return None, records

    def _wrong_address(self, request: Request) -> Answer | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if (request.method, request.path) != ("POST", PATH):
            return Answer(404)
        if scheme != "Bearer" or not self.entra.is_good(token, self.audience):
            return Answer(401)
        if request.query.get("jobid") != self.job_id:
            return Answer.of("jobId and corresponding appId do not match.", 403)
        return None if request.headers.get("content-type") == "application/json" else Answer(415)


_DECODER: Final = msgspec.json.Decoder(list[msgspec.Raw])


def says(status: int, body: bytes = b"", *headers: tuple[str, str]) -> Fault:
    """Answer with this, and take nothing."""
    return lambda _connector, _request, _records: Answer(status, body, headers)


def takes_and_says(status: int, body: bytes) -> Fault:
    """Take the batch, and answer with this."""

    def fault(connector: Connector, request: Request, records: Records) -> Answer:
        connector.take(request, records)
        return Answer(status, body)

    return fault


def slow(seconds: float) -> Fault:
    """Take the batch after a while."""
    return lambda _connector, _request, _records: time.sleep(seconds)


def refuses_if(wrong: Callable[[list[Any], int], bool], status: int) -> Fault:
    """Refuse a batch by its records and its length in bytes."""

    def fault(_connector: Connector, request: Request, _records: Records) -> Answer | None:
        return Answer(status) if wrong(json.loads(request.body), len(request.body)) else None

    return fault


def cut() -> Fault:
    """Drop the connection without an answer, and take nothing."""
    return lambda _connector, _request, _records: Answer(0, wire=lambda _handler: None)


def lost_reply() -> Fault:
    """Take the batch and drop the connection: the reply is lost."""
    return wired(lambda _handler: None)


def half_a_reply() -> Fault:
    """Take the batch, say 200, and break off in the middle of the body."""
    return wired(_half)


def huge_reply(length: int, *, packed: bool = False) -> Fault:
    """Take the batch and answer with far too much, packed (a gzip bomb) or plain."""
    body = gzip.compress(bytes(length)) if packed else bytes(length)
    headers = (("Content-Encoding", "gzip"),) if packed else ()

    def fault(connector: Connector, request: Request, records: Records) -> Answer:
        connector.take(request, records)
        return Answer(200, body, headers)

    return fault


def wired(wire: Callable[[BaseHTTPRequestHandler], Any]) -> Fault:
    """Take the batch and write an answer of one's own."""

    def fault(connector: Connector, request: Request, records: Records) -> Answer:
        connector.take(request, records)
        return Answer(0, wire=wire)

    return fault


def drip(pieces: int, seconds: float) -> Fault:
    """Take the batch and answer a byte at a time."""

    def wire(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % pieces)
        for _ in range(pieces):
            handler.wfile.flush()
            time.sleep(seconds)
            handler.wfile.write(b" ")

    return wired(wire)


def hang(seconds: float) -> Fault:
    """Take nothing and say nothing for a while, then drop the connection."""
    return lambda _connector, _request, _records: Answer(0, wire=lambda _handler: time.sleep(seconds))


def _half(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"Rec')
