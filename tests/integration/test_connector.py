"""The connector's client over real https: what goes on the wire, and every way in which an answer can fail to come."""

import gzip
import hashlib
import logging
import os
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler
from itertools import chain, repeat
from pathlib import Path

import msgspec
import pytest
import requests
import urllib3.exceptions
from pytest_socket import enable_socket

from local import connector as faults
from local.connector import Connector
from local.identities import EntraId
from local.servers import Answer, Certificates, Request, Server
from shared.delivery.classify_reply import Action, classify_reply
from shared.delivery.connector_ports import NoReply, Reply
from shared.delivery.parallel import in_threads
from shared.error_codes import BlockedCode, FailedCode
from shared.errors import LeaseLostError
from shared.services import connector as module
from shared.services.bounded_https import BoundedSession
from shared.services.connector import HttpsConnector
from shared.telemetry.log_events import quiet_libraries
from tests.support.fake_connector import OpenFence

JOB = "33333333-3333-3333-3333-333333333333"
TOKEN = "made-up-token"
AUDIENCE = "https://audience.example"
BODY = '[{"UserId":"j\u00fcrgen@example.com"}]'.encode()


def nothing() -> None:
    """Is done while requests are on their way."""


@dataclass
class Recorder:
    """Answers through the stand-in and keeps what came."""

    service: Connector
    requests: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Answer:
        """Keep and pass on."""
        self.requests.append(request)
        return self.service.answer(request)


@dataclass
class Posting:
    """A connector stand-in over https, and a client for it."""

    url: str
    service: Connector
    recorder: Recorder
    client: HttpsConnector

    def post(self, body: bytes = BODY) -> Reply | NoReply:
        """Post with the good token."""
        return self.client.post(body, TOKEN, OpenFence())


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """One authority for the file."""
    enable_socket()
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, certificates: Certificates) -> None:
    """Trust the test's authority; no proxy, whatever the machine has set."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates.bundle))
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def line(certificates: Certificates) -> Iterator[Posting]:
    """A fresh stand-in and a client with short patience."""
    entra = EntraId("tenant", "app", set())
    entra.issued[TOKEN] = (AUDIENCE, time.time() + 3_600)
    service = Connector(JOB, AUDIENCE, entra)
    recorder = Recorder(service)
    with Server(recorder, certificates.context) as server:
        client = HttpsConnector(server.url, JOB, 5.0, reply_seconds=0.3)
        yield Posting(server.url, service, recorder, client)
        client.close()


def test_what_goes_on_the_wire(line: Posting) -> None:
    """One POST to the one path, the job as query, the headers of the design, the body to the byte."""
    reply = line.post()
    assert reply == Reply(
        200, reply.headers if isinstance(reply, Reply) else {}, b'{"RecordsSaved": 1, "RecordsSkipped": 0}'
    )
    (request,) = line.recorder.requests
    assert (request.method, request.path, request.query) == (
        "POST",
        "/api/signals/physicalbadging",
        {"jobid": JOB},
    )
    assert request.body == BODY
    wanted = {
        "authorization": f"Bearer {TOKEN}",
        "content-type": "application/json",
        "accept": "application/json",
        "accept-encoding": "identity",
        "content-length": str(len(BODY)),
    }
    assert {name: request.headers.get(name) for name in wanted} == wanted
    assert "transfer-encoding" not in request.headers
    assert "cookie" not in request.headers


def test_a_large_body_arrives_whole(line: Posting) -> None:
    """Ten megabytes, in one request, over one connection with the next."""
    body = b"[" + b",".join([b'{"n":"%06d"}' % number for number in range(40_000)] * 18) + b"]"
    assert len(body) > 10_000_000
    line.service._checked = lambda _request: (None, [])  # type: ignore[assignment,method-assign]  # more than 50,000, on purpose
    for _ in range(2):
        assert isinstance(line.post(body), Reply)
    assert [hashlib.sha256(one.body).digest() for one in line.recorder.requests] == [
        hashlib.sha256(body).digest()
    ] * 2


def test_reply_headers_come_in_lower_case(line: Posting) -> None:
    """So that Retry-After is found however it is written."""
    line.service.script.append(faults.says(429, b"later", ("RETRY-AFTER", "7")))
    reply = line.post()
    assert isinstance(reply, Reply)
    assert (reply.status, reply.headers["retry-after"], reply.body) == (429, "7", b"later")


@pytest.mark.parametrize("status", [201, 207, 301, 302, 307, 308, 400, 401, 403, 404, 413, 500, 503])
def test_every_status_comes_back_as_it_was_said_and_is_asked_once(line: Posting, status: int) -> None:
    """No redirect is followed and nothing is retried at this level: one post, one request."""
    line.service.script.append(faults.says(status, b"x", ("Location", line.url + "/elsewhere")))
    reply = line.post()
    assert isinstance(reply, Reply)
    assert (reply.status, reply.body) == (status, b"x")
    assert len(line.recorder.requests) == 1


def test_a_slow_reply_is_waited_for(line: Posting) -> None:
    """Longer than reading the body may take: the clock for that starts with the reply."""
    line.service.script.append(faults.slow(0.5))
    assert isinstance(line.post(), Reply)


@pytest.mark.parametrize("fault", [faults.cut, faults.lost_reply])
def test_a_connection_that_is_cut_after_the_request_leaves_doubt(line: Posting, fault: object) -> None:
    """Taken or not, nobody knows: the request has left. The next one goes over a new connection."""
    line.service.script.append(fault())  # type: ignore[operator]
    assert line.post() == NoReply("The connection to the connector broke", left=True)
    assert isinstance(line.post(), Reply)


def test_a_reply_that_does_not_come_in_time_leaves_doubt(line: Posting) -> None:
    """The limit is CONNECTOR_TIMEOUT_SECONDS."""
    client = HttpsConnector(line.url, JOB, 0.2)
    line.service.script.append(faults.hang(1.0))
    assert client.post(BODY, TOKEN, OpenFence()) == NoReply("The connector did not answer in time", left=True)
    client.close()


def test_half_a_reply_has_said_its_status(line: Posting) -> None:
    """The status came, so the batch is accepted; what is there of the body is kept."""
    line.service.script.append(faults.half_a_reply())
    reply = line.post()
    assert isinstance(reply, Reply)
    assert (reply.status, reply.body) == (200, b'{"Rec')
    assert isinstance(line.post(), Reply)


def test_a_huge_reply_is_read_up_to_64_kb(line: Posting) -> None:
    """A megabyte of reply costs 64 kB."""
    line.service.script.append(faults.huge_reply(5_000_000))
    reply = line.post()
    assert isinstance(reply, Reply)
    assert reply.status == 200
    assert len(reply.body) == 65_536
    assert isinstance(line.post(), Reply)


def test_a_packed_reply_is_not_unpacked(line: Posting) -> None:
    """We ask for identity; a gzip bomb is left lying."""
    line.service.script.append(faults.huge_reply(50_000_000, packed=True))
    reply = line.post()
    assert isinstance(reply, Reply)
    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["content-encoding"] == "gzip"


def test_a_reply_that_drips_is_left_after_its_time(line: Posting) -> None:
    """A byte now and then would hold us for hours; after 30 s (here 0.3) what has come is what there is."""
    line.service.script.append(faults.drip(100, 0.05))
    began = time.monotonic()
    reply = line.post()
    assert isinstance(reply, Reply)
    assert reply.status == 200
    assert 0 < len(reply.body) < 100
    assert set(reply.body) == {ord(" ")}
    assert time.monotonic() - began < 4  # the whole drip takes 5 s
    assert isinstance(line.post(), Reply)


def _writes(*pieces: bytes, every_seconds: float, then: bytes = b"") -> faults.Fault:
    """Take the batch and answer piece by piece, the last one for ever."""

    def wire(handler: BaseHTTPRequestHandler) -> None:
        try:
            for piece in chain(pieces, repeat(then)):
                handler.wfile.write(piece)
                handler.wfile.flush()
                time.sleep(every_seconds)
        except OSError:
            return  # the client went away

    return faults.wired(wire)


ENDLESS = {
    "100 for ever": _writes(every_seconds=0.02, then=b"HTTP/1.1 100 Continue\r\n\r\n"),
    "103 for ever": _writes(every_seconds=0.02, then=b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
    "a status line that drips": _writes(b"HTTP/1.1 200 ", every_seconds=0.02, then=b"O"),
    "headers that drip": _writes(b"HTTP/1.1 200 OK\r\n", b"X-A: ", every_seconds=0.02, then=b"x"),
    "headers without an end": _writes(b"HTTP/1.1 200 OK\r\n", every_seconds=0.05, then=b"X: y\r\n"),
}


@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in ENDLESS.items()])
def test_a_head_that_does_not_end_is_left_after_the_time_for_all_of_it(
    line: Posting, fault: faults.Fault
) -> None:
    """Each byte is in time, the head is not: a second here, CONNECTOR_TIMEOUT_SECONDS in the product."""
    line.service.script.append(fault)
    client = HttpsConnector(line.url, JOB, 1.0)
    assert client.post(BODY, TOKEN, OpenFence()) == NoReply("The connector did not answer in time", left=True)
    client.close()


FLOODS = {
    "100 in masses": _writes(every_seconds=0, then=b"HTTP/1.1 100 Continue\r\n\r\n" * 500),
    "one line of a gigabyte": _writes(b"HTTP/1.1 200 OK\r\nX: ", every_seconds=0, then=b"x" * 60_000),
    "a status line of a gigabyte": _writes(b"HTTP/1.1 200 ", every_seconds=0, then=b"x" * 60_000),
    "headers in masses": _writes(b"HTTP/1.1 200 OK\r\n", every_seconds=0, then=b"X: y\r\n" * 50),
}


@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in FLOODS.items()])
def test_a_head_that_is_too_large_is_no_reply(line: Posting, fault: faults.Fault) -> None:
    """At once, and without keeping it: the batch may have arrived."""
    line.service.script.append(fault)
    reply = line.post()
    assert isinstance(reply, NoReply)
    assert reply.left
    assert isinstance(line.post(), Reply)


def test_a_head_that_breaks_off_is_no_reply(line: Posting) -> None:
    """Its headers would have said more; the library alone takes the end of the connection for the end of the head."""
    line.service.script.append(faults.wired(lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")))
    assert line.post() == NoReply("The connection to the connector broke", left=True)


@pytest.mark.parametrize(
    "before", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"]
)
def test_replies_of_the_kind_1xx_are_passed_over(line: Posting, before: bytes) -> None:
    """The one that counts comes after them, on a connection that stays."""
    whole = before * 3 + b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}"
    line.service.script.append(faults.wired(lambda handler: handler.wfile.write(whole)))
    reply = line.post()
    assert isinstance(reply, Reply)
    assert (reply.status, reply.body) == (201, b"{}")


def test_a_body_without_an_end_is_left_after_its_time_or_its_bytes(line: Posting) -> None:
    """Chunked, slow or in floods; the status counts."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    for every, then in ((0.02, b"1\r\nx\r\n"), (0.0, b"ffff\r\n" + b"x" * 65_535 + b"\r\n"), (0.02, b"0")):
        line.service.script.append(_writes(head, every_seconds=every, then=then))
        reply = line.post()
        assert isinstance(reply, Reply)
        assert reply.status == 200
        assert len(reply.body) <= 65_536


@pytest.mark.parametrize("takes_bytes", [0, 100_000])
def test_a_host_that_stops_reading_is_left_after_the_same_time(
    certificates: Certificates, takes_bytes: int
) -> None:
    """Sending is part of it: sixty megabytes that are not taken, or ever so slowly, do not hold us."""
    over, taken = threading.Event(), list[int]()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take_little() -> None:
            connection, _ = server.accept()
            with certificates.context.wrap_socket(connection, server_side=True) as secure:
                secure.recv(100)
                while not over.wait(0.05 if takes_bytes else 10):
                    taken.append(len(secure.recv(takes_bytes)))

        thread = threading.Thread(target=take_little)
        thread.start()
        client = HttpsConnector(f"https://127.0.0.1:{server.getsockname()[1]}", JOB, 2.0)
        reply = client.post(b"[" + b" " * 60_000_000 + b"]", TOKEN, OpenFence())
        over.set()
        thread.join()
    assert reply == NoReply("The connector did not answer in time", left=True)
    assert sum(taken) < 30_000_000


def test_a_connection_that_is_not_taken_in_time_is_no_possible_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connect time-out: a transient error, with nothing in doubt."""

    def connect(*_: object, **__: object) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket.socket, "connect", connect)
    reply = HttpsConnector("https://127.0.0.1:9", JOB, 5.0).post(BODY, TOKEN, OpenFence())
    assert reply == NoReply("The connector's host did not take the connection in time", left=False)
    decision = classify_reply(reply, records=1, accepted_before=False, now=datetime.now(UTC))
    assert decision.action is Action.RETRY
    assert decision.answered
    assert decision.error().code is FailedCode.CONNECTOR_UNAVAILABLE


@pytest.mark.parametrize("packed", [False, True])
def test_a_huge_reply_behind_a_redirect_is_not_read_either(line: Posting, packed: object) -> None:
    """Nobody looks for the next address in it."""
    body = gzip.compress(bytes(50_000_000)) if packed else bytes(5_000_000)
    headers = (("Content-Encoding", "gzip"),) if packed else ()
    line.service.script.append(faults.says(302, body, ("Location", "https://elsewhere.example/"), *headers))
    reply = line.post()
    assert isinstance(reply, Reply)
    assert (reply.status, len(reply.body)) == (302, 0 if packed else 65_536)


def test_an_untrusted_certificate_is_refused_before_anything_leaves(
    line: Posting, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another authority's bundle: no request is seen, and the fault is a person's."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(Certificates(tmp_path).bundle))
    reply = line.post()
    assert isinstance(reply, NoReply)
    assert (reply.left, reply.code) == (False, BlockedCode.UNTRUSTED_CERTIFICATE)
    assert "OpenSSL says: unable to get local issuer certificate" in reply.why
    assert line.recorder.requests == []


def test_a_certificate_for_another_name_is_refused(line: Posting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trusted authority, wrong host."""
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest, **more: real("127.0.0.1", *rest, **more))
    client = HttpsConnector(line.url.replace("127.0.0.1", "other.example"), JOB, 5.0)
    reply = client.post(BODY, TOKEN, OpenFence())
    assert isinstance(reply, NoReply)
    assert (reply.left, reply.code) == (False, BlockedCode.UNTRUSTED_CERTIFICATE)
    assert line.recorder.requests == []


def test_a_bundle_that_is_not_there_is_no_bug(line: Posting, monkeypatch: pytest.MonkeyPatch) -> None:
    """REQUESTS_CA_BUNDLE with a typing error: nothing leaves, and the reason names it."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    reply = line.post()
    assert isinstance(reply, NoReply)
    assert (reply.left, reply.code) == (False, BlockedCode.CERTIFICATES_UNUSABLE)
    assert "REQUESTS_CA_BUNDLE names no file ('/nowhere/ca.pem')" in reply.why


def test_a_bundle_without_certificates_is_no_bug(
    line: Posting, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It names the wrong file: a key, a page, nothing."""
    for content in ("", "<html>", "-----BEGIN CERTIFICATE-----\nAAAA\n"):
        (tmp_path / "ca.pem").write_text(content)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        reply = line.post()
        assert isinstance(reply, NoReply)
        assert (reply.left, reply.code) == (False, BlockedCode.CERTIFICATES_UNUSABLE)
        assert "without certificates" in reply.why


def test_plain_http_is_refused(line: Posting) -> None:
    """Whatever address gets here, no token leaves unencrypted."""
    with Server(line.recorder) as plain:
        client = HttpsConnector(plain.url, JOB, 5.0)
        reply = client.post(BODY, TOKEN, OpenFence())
    assert isinstance(reply, NoReply)
    assert not reply.left
    assert line.recorder.requests == []


@pytest.fixture
def closing_port() -> Iterator[tuple[int, list[bytes]]]:
    """A server that takes connections, reads a little, and hangs up; gives its port and what it read."""
    read: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(1)
                    read.append(connection.recv(100))

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], read
        over.set()
        thread.join()


def test_a_handshake_that_is_cut_is_no_possible_copy(closing_port: tuple[int, list[bytes]]) -> None:
    """No byte of the body has left; it is tried again, not blamed on a certificate."""
    port, read = closing_port
    reply = HttpsConnector(f"https://127.0.0.1:{port}", JOB, 5.0).post(BODY, TOKEN, OpenFence())
    assert isinstance(reply, NoReply)
    assert (reply.left, reply.code) == (False, None)
    assert len(read) == 1


def test_a_connection_that_is_cut_while_the_body_goes_out_leaves_doubt(certificates: Certificates) -> None:
    """The handshake stood and the head of the request is gone: whatever TLS makes of the end, the body may be there."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            connection, _ = server.accept()
            with certificates.context.wrap_socket(connection, server_side=True) as secure:
                secure.recv(1_000)
                secure.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

        thread = threading.Thread(target=hang_up)
        thread.start()
        client = HttpsConnector(f"https://127.0.0.1:{server.getsockname()[1]}", JOB, 5.0)
        reply = client.post(b"[" + b" " * 20_000_000 + b"]", TOKEN, OpenFence())
        thread.join()
    assert isinstance(reply, NoReply)
    assert (reply.left, reply.code) == (True, None)


def test_a_refused_connection_is_no_possible_copy() -> None:
    """Nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    reply = HttpsConnector(f"https://127.0.0.1:{port}", JOB, 5.0).post(BODY, TOKEN, OpenFence())
    assert reply == NoReply("The connector's host could not be reached", left=False)


def test_a_host_that_is_not_found_is_no_possible_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is said to be not found, since that is another thing to fix."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    reply = HttpsConnector("https://connector.example", JOB, 5.0).post(BODY, TOKEN, OpenFence())
    assert reply == NoReply("The connector's host could not be found", left=False)


def test_a_proxy_is_asked_once(
    line: Posting, closing_port: tuple[int, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that hangs up is one failed try, without retries of its own, and shows it neither path nor token."""
    port, read = closing_port
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    reply = line.post()
    assert isinstance(reply, NoReply)
    assert not reply.left
    assert len(read) == 1
    assert read[0].startswith(b"CONNECT ")
    assert JOB.encode() not in read[0]
    assert TOKEN.encode() not in read[0]
    assert line.recorder.requests == []


@dataclass
class Proxy:
    """Answers CONNECT with one status."""

    status: bytes
    asked: list[bytes] = field(default_factory=list)

    def serve(self, server: socket.socket) -> None:
        """Once."""
        connection, _ = server.accept()
        with connection:
            self.asked.append(connection.recv(1_000))
            connection.sendall(b"HTTP/1.1 " + self.status + b"\r\nProxy-Authenticate: Basic\r\n\r\n")


@pytest.mark.parametrize(
    ("status", "code", "why"),
    [
        (
            b"407 Proxy Authentication Required",
            "proxy-refused",
            "asks for a login (407) on the way to the connector",
        ),
        (b"403 Forbidden", "proxy-refused", "refuses the way to the connector (403)"),
        (b"502 Bad Gateway", None, "finds no way to the connector (502)"),
    ],
)
def test_a_proxy_that_refuses_is_named(
    monkeypatch: pytest.MonkeyPatch, status: bytes, code: str | None, why: str
) -> None:
    """By its host and port, without the login in its address; what a person must settle is theirs, the rest passes."""
    proxy = Proxy(status)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        thread = threading.Thread(target=proxy.serve, args=(server,))
        thread.start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://name:pass-word@127.0.0.1:{port}")
        reply = HttpsConnector("https://connector.example", JOB, 5.0).post(BODY, TOKEN, OpenFence())
        thread.join()
    assert isinstance(reply, NoReply)
    assert (reply.left, reply.code) == (False, code)
    assert reply.why == f"The proxy 127.0.0.1:{port} {why}"
    assert "pass-word" not in reply.why


def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the proxy that cannot be reached, not the connector."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{port}")
    reply = HttpsConnector("https://connector.example", JOB, 5.0).post(BODY, TOKEN, OpenFence())
    why = f"The proxy 127.0.0.1:{port} could not be reached on the way to the connector"
    assert reply == NoReply(why, left=False)


def test_netrc_does_not_replace_the_token(
    line: Posting, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file of passwords in the user's home changes nothing."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default\nlogin a-user\npassword else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    line.post()
    assert line.recorder.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_cookies_do_not_stick(line: Posting) -> None:
    """What one reply sets, the next request does not carry."""
    line.service.script.append(faults.says(503, b"", ("Set-Cookie", "a=b; Path=/")))
    line.post()
    line.post()
    assert "cookie" not in line.recorder.requests[1].headers


def test_nothing_printable_holds_token_or_job(line: Posting, caplog: pytest.LogCaptureFixture) -> None:
    """Neither its text nor its log at the level the product sets, in success and failure."""
    quiet_libraries()
    with caplog.at_level(logging.DEBUG, logger="gatepost"):
        line.post()
        line.service.script.append(faults.cut())
        why = line.post()
    for text in (repr(line.client), str(line.client), repr(why), caplog.text):
        assert TOKEN not in text
        assert JOB not in text
    assert "127.0.0.1" in repr(line.client)


def _classes(root: type[Exception]) -> Iterator[type[Exception]]:
    yield root
    for one in root.__subclasses__():
        yield from _classes(one)


EXCEPTIONS: list[type[Exception]] = sorted(
    {
        *_classes(requests.RequestException),
        *_classes(urllib3.exceptions.HTTPError),
        ssl.SSLError,
        OSError,
        TimeoutError,
    },
    key=lambda one: f"{one.__module__}.{one.__name__}",
)


@pytest.mark.parametrize("one", EXCEPTIONS, ids=lambda one: f"{one.__module__}.{one.__name__}")
@pytest.mark.parametrize("left", [False, True])
def test_every_exception_of_the_libraries_is_translated(
    one: type[Exception],
    left: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """None leaves `post`, whichever it is and whenever it comes; doubt depends on whether the body was begun alone."""
    error = one.__new__(one)
    error.args = (f"https://connector.example/?jobid={JOB}",)

    def post(*_: object, data: module._Noticed, **__: object) -> None:
        if left:
            assert b"".join(data) == BODY
        raise error

    client = HttpsConnector("https://connector.example", JOB, 5.0)
    monkeypatch.setattr(BoundedSession, "post", post)
    reply = client.post(BODY, TOKEN, OpenFence())
    assert isinstance(reply, NoReply)
    assert reply.left is left
    assert JOB not in reply.why


class ClosedFence(OpenFence):
    """The lease was lost while the connection was made."""

    def check(self) -> None:
        """Not any more."""
        raise LeaseLostError("the job's lease could not be renewed")


def test_a_body_that_may_not_begin_is_a_request_that_never_was(line: Posting) -> None:
    """The fence is asked before the first byte: the connector sees no request, and the error is ours."""
    with pytest.raises(LeaseLostError):
        line.client.post(BODY, TOKEN, ClosedFence())
    assert isinstance(line.post(), Reply)
    assert len(line.service.accepted) == 1
    assert [one.body for one in line.recorder.requests if one.body] == [BODY]


def test_the_fence_is_not_asked_before_the_connection_stands(certificates: Certificates) -> None:
    """It is about the moment at which the body begins; a connection that was never made needs none."""
    asked: list[str] = []

    class Noting(OpenFence):
        def check(self) -> None:
            asked.append("body")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = HttpsConnector(f"https://127.0.0.1:{port}", JOB, 5.0)
    assert client.post(BODY, TOKEN, Noting()) == NoReply(
        "The connector's host could not be reached", left=False
    )
    client.close()
    assert asked == []
    entra = EntraId("tenant", "app", set())
    with Server(Connector(JOB, AUDIENCE, entra), certificates.context) as server:
        client = HttpsConnector(server.url, JOB, 5.0)
        assert isinstance(client.post(BODY, TOKEN, Noting()), Reply)
        client.close()
    assert asked == ["body"]


@pytest.mark.parametrize(
    ("left_seconds", "connect_seconds"), [(40.0, 40.0), (3.5, 3.5), (100.0, 60), (0.2, 1.0), (-5.0, 1.0)]
)
def test_connecting_takes_no_longer_than_the_lease_is_trusted(
    left_seconds: float, connect_seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """60 s, or what is left; at least a second, after which the fence refuses the body anyway."""

    class Leaving(OpenFence):
        def seconds_left(self) -> float:
            return left_seconds

    found: list[object] = []

    def post(*_: object, timeout: object, **__: object) -> None:
        found.append(timeout)
        raise requests.ConnectionError

    client = HttpsConnector("https://connector.example", JOB, 5.0)
    monkeypatch.setattr(BoundedSession, "post", post)
    client.post(BODY, TOKEN, Leaving())
    assert found == [(connect_seconds, 5.0)]


@pytest.mark.parametrize("count", [2, 8])
def test_requests_on_their_way_at_the_same_time_do_not_meet(line: Posting, count: int) -> None:
    """Each has a connection of its own, gets its own reply, and arrives whole; the next ones take the connections over."""
    together = threading.Barrier(count, timeout=10)

    def meets(_connector: Connector, _request: Request, records: list[msgspec.Raw]) -> Answer:
        together.wait()
        return Answer(200, b"%d" % len(records))

    bodies = [b"[" + b",".join([b"{}"] * (1 + 4_000 * number)) + b"]" for number in range(count)]
    for _ in range(3):
        line.service.script.extend([meets] * count)
        replies = in_threads([partial(line.post, body) for body in bodies], nothing)
        said = [(one.status, one.body) for one in replies if isinstance(one, Reply)]
        assert said == [(200, b"%d" % (1 + 4_000 * number)) for number in range(count)]
    assert sorted(one.body for one in line.recorder.requests) == sorted(bodies * 3)
    assert len(line.client._idle) == count


def test_of_requests_on_their_way_one_may_break_and_another_wait(line: Posting) -> None:
    """What becomes of one is nothing to the others."""
    throttled = faults.says(429, b"", ("Retry-After", "7"))
    line.service.script.extend([faults.slow(0.2), faults.cut(), throttled, None])
    replies = in_threads([line.post] * 4, nothing)
    statuses = Counter(one.status if isinstance(one, Reply) else 0 for one in replies)
    assert statuses == {200: 2, 429: 1, 0: 1}
    assert isinstance(line.post(), Reply)


def test_of_bodies_that_leave_together_none_begins_once_the_lease_is_lost(line: Posting) -> None:
    """The one that had begun is waited for; then the loss is said."""
    left = threading.Semaphore(1)

    class Once(OpenFence):
        def check(self) -> None:
            if not left.acquire(blocking=False):
                raise LeaseLostError("the job's lease could not be renewed")

    line.service.script.append(faults.slow(0.2))
    with pytest.raises(LeaseLostError):
        in_threads([partial(line.client.post, BODY, TOKEN, Once())] * 4, nothing)
    assert len(line.service.accepted) == 1
