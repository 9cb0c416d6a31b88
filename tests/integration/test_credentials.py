"""The secret and the token over real https with Azure's own libraries: kept while good, renewed when not, never shown."""

import gzip
import logging
import os
import socket
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import azure.core.exceptions
import azure.identity
import pytest
from azure.core.exceptions import AzureError
from pytest_socket import enable_socket

from local.entra_errors import AADSTS, fails_with
from local.identities import EntraId, IdentityEndpoint
from local.servers import Answer, Certificates, Request, Server
from local.vault import KeyVault, refuses
from shared.error_codes import ERROR_CODES, Status
from shared.errors import (
    ActionRequiredError,
    CredentialRefusedError,
    LoginError,
    OutcomeError,
    TransientError,
)
from shared.read_settings import read_settings
from shared.services import transports
from shared.services.bounded_https import Bounds
from shared.services.cli_login import CliLogin, CliLoginError
from shared.services.credentials import ConnectorTokens, connector_tokens
from shared.services.entra_errors import entra_errors
from shared.services.identity import BriefRetryPolicy, own_credential
from shared.services.vault import vault_errors

TENANT = "11111111-1111-1111-1111-111111111111"
APP = "22222222-2222-2222-2222-222222222222"
IDENTITY = "99999999-aaaa-bbbb-cccc-999999999999"
SECRET = "made-up-secret-5~Q.xyz"
SCOPE = "https://microsoft.onmicrosoft.com/86dfdabb-5089-4a0c-880a-cfa5a790c5b1/.default"


@dataclass
class Ground:
    """Identity endpoint, Entra ID and vault, and the settings that lead there."""

    identity: IdentityEndpoint
    entra: EntraId
    vault: KeyVault
    environment: dict[str, str]

    def tokens(self, **changes: str) -> ConnectorTokens:
        """The product's token source, fresh."""
        return connector_tokens(read_settings(self.environment | changes))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """One authority for the file."""
    enable_socket()
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def ground(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """Fresh stand-ins; no proxy, whatever the machine has set."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    identity = IdentityEndpoint(IDENTITY)
    entra = EntraId(TENANT, APP, {SECRET})
    vault = KeyVault("badging-app-secret", SECRET, TENANT)
    with (
        Server(identity) as identity_server,
        Server(entra, certificates.context) as entra_server,
        Server(vault, certificates.context) as vault_server,
    ):
        entra.url, vault.url, vault.port = entra_server.url, vault_server.url, vault_server.port
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{identity_server.url}/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", identity.header)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates.bundle))
        yield Ground(
            identity,
            entra,
            vault,
            {
                "EXPORTS_QUEUE": "badging-exports",
                "UPLOAD_SCHEDULE": "0 30 5 * * *",
                "CONNECTOR_TENANT_ID": TENANT,
                "CONNECTOR_APP_ID": APP,
                "CONNECTOR_JOB_ID": TENANT,
                "KEY_VAULT_URI": vault_server.url,
                "ENTRA_AUTHORITY": entra_server.url,
                "AZURE_CLIENT_ID": IDENTITY,
                "ExportStorage": "UseDevelopmentStorage=true",
            },
        )


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def _fails(tokens: ConnectorTokens) -> OutcomeError:
    with pytest.raises(OutcomeError) as caught:
        tokens.token()
    return caught.value


def test_the_token_is_for_the_connector(ground: Ground) -> None:
    """Secret from the vault with the managed identity, token from Entra ID with the secret, for the set audience."""
    token = ground.tokens().token()
    assert ground.entra.is_good(token, SCOPE.removesuffix("/.default"))
    other = ground.tokens(CONNECTOR_SCOPE="https://audience.example/.default").token()
    assert ground.entra.is_good(other, "https://audience.example")


def test_secret_and_token_are_kept_while_they_are_good(ground: Ground) -> None:
    """A thousand batches cost one read of the secret and one token."""
    tokens = ground.tokens()
    assert len({tokens.token() for _ in range(1_000)}) == 1
    assert (ground.vault.reads, ground.entra.token_requests) == (1, 1)


def test_a_token_whose_time_is_over_is_replaced_without_reading_the_secret_again(ground: Ground) -> None:
    """The library renews five minutes early; the secret is still good."""
    ground.entra.lifetime_seconds = 200
    tokens = ground.tokens()
    assert tokens.token() != tokens.token()
    assert (ground.vault.reads, ground.entra.token_requests) == (1, 2)


def test_fresh_reads_the_secret_and_asks_for_a_new_token(ground: Ground) -> None:
    """What a 401 of the connector leads to."""
    tokens = ground.tokens()
    assert tokens.token() != tokens.token(fresh=True)
    assert (ground.vault.reads, ground.entra.token_requests) == (2, 2)


@pytest.mark.parametrize("expired", [False, True])
def test_a_rotated_secret_is_found_in_the_same_attempt(ground: Ground, expired: object) -> None:
    """Entra no longer takes the old one (wrong or expired): the newest is read, once, and it goes on."""
    ground.entra.lifetime_seconds = 200
    tokens = ground.tokens()
    tokens.token()
    if expired:
        ground.entra.expired = {SECRET}
    ground.entra.secrets = {"the-new-one"}
    ground.vault.rotate("the-new-one")
    assert tokens.token()
    assert ground.vault.reads == 2


def test_a_secret_that_is_new_and_wrong_is_said_at_once(ground: Ground) -> None:
    """The newest secret has just been read; it is not read a second time, and tried again only by a requeue."""
    ground.entra.secrets = set()
    error = _fails(ground.tokens())
    assert isinstance(error, CredentialRefusedError)
    assert (error.code, error.at_once) == ("secret-wrong", False)
    assert ground.vault.reads == 1


def test_after_a_wrong_secret_the_vault_is_asked_again(ground: Ground) -> None:
    """The rotation is finished between two requeues of one process."""
    ground.entra.secrets = set()
    tokens = ground.tokens()
    _fails(tokens)
    ground.entra.secrets = {"the-new-one"}
    ground.vault.rotate("the-new-one")
    assert tokens.token()


def test_a_fresh_secret_that_is_refused_is_read_and_asked_once(ground: Ground) -> None:
    """The newest secret has just been read after a 401; a second round would say the same."""
    tokens = ground.tokens()
    tokens.token()
    ground.entra.secrets = set()
    before = ground.vault.reads, ground.entra.token_requests
    with pytest.raises(CredentialRefusedError):
        tokens.token(fresh=True)
    assert (ground.vault.reads, ground.entra.token_requests) == (before[0] + 1, before[1] + 1)


def test_a_known_secret_that_is_refused_is_read_and_asked_once_more(ground: Ground) -> None:
    """The vault has no newer one: one more read, one more request, and then it is said."""
    ground.entra.lifetime_seconds = 200
    tokens = ground.tokens()
    tokens.token()
    ground.entra.secrets = set()
    before = ground.vault.reads, ground.entra.token_requests
    with pytest.raises(CredentialRefusedError):
        tokens.token()
    assert (ground.vault.reads, ground.entra.token_requests) == (before[0] + 1, before[1] + 2)


@pytest.mark.parametrize("number", AADSTS)
def test_what_is_corrected_in_entra_is_seen_at_once(ground: Ground, number: str) -> None:
    """The library would repeat the error for a minute without asking Entra ID."""
    ground.entra.trouble = fails_with(number)
    tokens = ground.tokens()
    _fails(tokens)
    asked = ground.entra.token_requests
    _fails(tokens)
    assert ground.entra.token_requests > asked
    ground.entra.trouble = None
    assert tokens.token()


def test_what_entra_refuses_for_another_reason_does_not_cost_a_read_of_the_vault(ground: Ground) -> None:
    """The secret is not what is wrong."""
    ground.entra.trouble = fails_with("700016")
    tokens = ground.tokens()
    for _ in range(3):
        _fails(tokens)
    assert ground.vault.reads == 1


def test_an_outage_of_entra_is_asked_twice_and_no_more(ground: Ground) -> None:
    """One retry of the library; everything longer is a requeue, because a lease is held meanwhile."""
    tried: list[int] = []

    def trouble() -> Answer:
        tried.append(1)
        return Answer(503, b"", ())

    ground.entra.trouble = trouble
    _fails(ground.tokens())
    assert len(tried) == 2


ENTRA: dict[str, tuple[type[OutcomeError], str]] = {
    "7000215": (CredentialRefusedError, "secret-wrong"),
    "7000222": (CredentialRefusedError, "secret-wrong"),
    "700016": (ActionRequiredError, "app-unknown"),
    "7000112": (ActionRequiredError, "app-disabled"),
    "90002": (ActionRequiredError, "tenant-unknown"),
    "500011": (ActionRequiredError, "audience-unknown"),
    "53003": (ActionRequiredError, "conditional-access"),
    "700027": (CredentialRefusedError, "certificate-wrong"),
    "700211": (CredentialRefusedError, "federation-wrong"),
    "700212": (CredentialRefusedError, "federation-wrong"),
    "700213": (CredentialRefusedError, "federation-wrong"),
    "70021": (CredentialRefusedError, "federation-wrong"),
    "90033": (TransientError, "entra-unavailable"),
}
UNCLEAR = {"700021", "700023", "700024", "1000502", "5001256", "50027"}
"""Of assertions; nobody is blamed for them."""


@pytest.mark.parametrize("number", AADSTS)
def test_every_code_of_entra_has_its_meaning(ground: Ground, number: str) -> None:
    """A person's matter only where the number says so; an outage has the same exception type and is none."""
    ground.entra.trouble = fails_with(number)
    error = _fails(ground.tokens())
    wanted = (TransientError, "entra-unavailable") if number in UNCLEAR else ENTRA[number]
    assert (type(error), error.code) == wanted
    assert SECRET not in str(error)


def test_a_tenant_that_entra_does_not_know_is_a_persons_matter(ground: Ground) -> None:
    """It is refused at the tenant's metadata already, and the library keeps the number at the end of a chain only."""
    error = _fails(ground.tokens(CONNECTOR_TENANT_ID="00000000-0000-4000-8000-000000000000"))
    assert (type(error), error.code) == (ActionRequiredError, "tenant-unknown")
    assert ground.entra.token_requests == 0


def test_an_unknown_code_of_entra_passes_and_is_named(ground: Ground) -> None:
    """A reader of the outcome can look it up."""
    document = {
        "error": "invalid_grant",
        "error_description": "AADSTS50196: The server terminated an operation.",
    }
    ground.entra.trouble = lambda: Answer.of(document, 400)
    error = _fails(ground.tokens())
    assert (type(error), error.code) == (TransientError, "entra-unavailable")
    assert "AADSTS50196" in error.message


def _says(status: int, body: bytes = b"", *headers: tuple[str, str]) -> Any:
    return lambda: Answer(status, body, headers)


def _of(document: Any, status: int = 200) -> Any:
    return lambda: Answer.of(document, status)


STRANGE = {
    "429": _says(429),
    "500": _says(500, b"oops"),
    "503": _says(503),
    "html": _says(200, b"<html>"),
    "html 502": _says(502, b"<html>"),
    "object": _of({}),
    "array": _of([]),
    "null": _of(None),
    "number": _of(3),
    "half": _says(200, b'{"access_token": "abc'),
    "error as list": _of({"error": ["x"]}, 400),
    "not UTF-8": _says(200, b"\xff\xfe\xfd"),
    "redirect": _says(302, b"", ("Location", "http://127.0.0.1:9/")),
}


@pytest.mark.parametrize("trouble", [pytest.param(trouble, id=name) for name, trouble in STRANGE.items()])
def test_whatever_entra_answers_passes(ground: Ground, trouble: Any) -> None:
    """Overloaded, broken, or not Entra at all: tried again, and never a bug."""
    ground.entra.trouble = trouble
    error = _fails(ground.tokens())
    assert (type(error), error.code) == (TransientError, "entra-unavailable")


@pytest.mark.parametrize("trouble", [pytest.param(trouble, id=name) for name, trouble in STRANGE.items()])
def test_whatever_entras_metadata_are_passes(ground: Ground, trouble: Any) -> None:
    """The first request of every process is for these."""
    real = ground.entra.answer
    ground.entra.answer = lambda request: trouble() if "openid" in request.path else real(request)  # type: ignore[method-assign]
    error = _fails(ground.tokens())
    assert (type(error), error.code) == (TransientError, "entra-unavailable")


@pytest.mark.parametrize("trouble", [pytest.param(trouble, id=name) for name, trouble in STRANGE.items()])
def test_whatever_the_identity_endpoint_answers_passes(ground: Ground, trouble: Any) -> None:
    """It is the identity that is said to be unavailable, not the vault, and nobody is sent to fix a setting."""
    ground.identity.trouble = trouble
    error = _fails(ground.tokens())
    assert (type(error), error.code) == (TransientError, "identity-unavailable")


def test_an_identity_that_is_not_the_apps_is_said(ground: Ground) -> None:
    """AZURE_CLIENT_ID names another identity: the endpoint gives no token for it."""
    assert _fails(ground.tokens(AZURE_CLIENT_ID=TENANT)).code == "identity-unavailable"


def test_an_identity_endpoint_that_is_down_passes(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connection refused."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{_closed_port()}/msi/token")
    assert _fails(ground.tokens()).code == "identity-unavailable"


VAULT: dict[str, tuple[Any, type[OutcomeError], str]] = {
    "firewall": (lambda: refuses(403, "ForbiddenByFirewall"), ActionRequiredError, "vault-firewall"),
    "private endpoint": (
        lambda: refuses(403, "ForbiddenByConnection"),
        ActionRequiredError,
        "vault-firewall",
    ),
    "role": (lambda: refuses(403, "ForbiddenByRbac"), ActionRequiredError, "vault-forbidden"),
    "policy": (lambda: refuses(403, "AccessDenied"), ActionRequiredError, "vault-forbidden"),
    "403 without a reason": (_says(403), ActionRequiredError, "vault-forbidden"),
    "403 of a stranger": (_of([1], 403), ActionRequiredError, "vault-forbidden"),
    "disabled": (lambda: refuses(403, "SecretDisabled"), ActionRequiredError, "secret-missing"),
    "no such secret": (lambda: refuses(404, "SecretNotFound"), ActionRequiredError, "secret-missing"),
    "empty secret": (
        _of({"value": "", "id": "https://127.0.0.1/secrets/x/y"}),
        ActionRequiredError,
        "secret-missing",
    ),
    "400": (lambda: refuses(400, "BadParameter"), ActionRequiredError, "vault-misconfigured"),
    "401": (_says(401), ActionRequiredError, "vault-misconfigured"),
    "409": (_says(409), TransientError, "vault-unavailable"),
    "429": (lambda: refuses(429, "Throttled"), TransientError, "vault-unavailable"),
    "500": (_says(500), TransientError, "vault-unavailable"),
    "502 of a proxy": (_says(502, b"<html>"), TransientError, "vault-unavailable"),
    "503": (_says(503), TransientError, "vault-unavailable"),
    "html": (_says(200, b"<html>"), TransientError, "vault-unavailable"),
    "array": (_of([]), TransientError, "vault-unavailable"),
    "null": (_of(None), TransientError, "vault-unavailable"),
    "redirect": (_says(302, b"", ("Location", "https://127.0.0.1:9/")), TransientError, "vault-unavailable"),
}


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in VAULT.items()])
def test_whatever_the_vault_answers_has_its_meaning(
    ground: Ground, row: tuple[Any, type[OutcomeError], str]
) -> None:
    """Firewall and role are told apart; what should pass is tried again; nothing is a bug."""
    ground.vault.trouble, kind, code = row
    error = _fails(ground.tokens())
    assert (type(error), error.code) == (kind, code)
    if kind is ActionRequiredError:
        assert ERROR_CODES[code].status is Status.BLOCKED


def test_the_vault_is_asked_twice_and_no_more(ground: Ground) -> None:
    """One retry of the library's; everything after that is ours to arrange."""
    asked: list[Answer] = []

    def trouble() -> Answer:
        asked.append(Answer(503))
        return asked[-1]

    ground.vault.trouble = trouble
    _fails(ground.tokens())
    assert len(asked) == 2


@pytest.mark.parametrize("who", ["identity", "entra", "vault"])
def test_an_hour_asked_for_is_not_slept_through(
    ground: Ground, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lease is held: the thread waits ten seconds at the most, and the vault's hour is the requeue's delay."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    getattr(ground, who).trouble = _says(429, b"{}", ("Retry-After", "3600"))
    error = _fails(ground.tokens())
    assert all(seconds <= 10 for seconds in slept)
    if who == "vault":
        assert slept
        assert error.retry_after_seconds == 3_600


@pytest.mark.parametrize("text", ["soon", "", "-1", "9" * 500, "Mon, 01 Jan 99999999999 00:00:00 GMT"])
def test_a_retry_after_that_is_no_time_is_no_bug(
    ground: Ground, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library alone would raise."""
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    ground.vault.trouble = _says(503, b"", ("Retry-After", text))
    assert _fails(ground.tokens()).code == "vault-unavailable"


def test_a_vault_that_is_not_there_passes(ground: Ground) -> None:
    """Connection refused."""
    error = _fails(ground.tokens(KEY_VAULT_URI=f"https://127.0.0.1:{_closed_port()}"))
    assert (type(error), error.code) == (TransientError, "vault-unavailable")


def test_a_vault_that_challenges_for_another_is_refused(ground: Ground) -> None:
    """KEY_VAULT_URI leads to a server that asks for a token for the real vault's address: it gets none."""
    ground.vault.port = 1
    error = _fails(ground.tokens())
    assert (type(error), error.code) == (ActionRequiredError, "vault-misconfigured")


def test_a_bundle_that_is_not_there_is_no_bug(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """REQUESTS_CA_BUNDLE with a typing error."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    error = _fails(ground.tokens())
    assert error.code == "certificates-unusable"
    assert "REQUESTS_CA_BUNDLE names no file ('/nowhere/ca.pem')" in error.message


def test_a_vault_with_another_certificate_is_not_trusted(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No secret is read over a connection that anybody may have answered."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(Certificates(tmp_path).bundle))
    error = _fails(ground.tokens())
    assert (type(error), error.code) == (ActionRequiredError, "untrusted-certificate")
    assert error.message.startswith("The certificate of the vault is not trusted; OpenSSL says: ")
    assert ground.vault.reads == 0


def test_entra_with_another_certificate_is_not_trusted(
    ground: Ground, certificates: Certificates, tmp_path: Path
) -> None:
    """The vault is genuine, Entra ID is not: the secret goes nowhere, and the message says whose certificate it is."""
    with Server(ground.entra, Certificates(tmp_path).context) as impostor:
        error = _fails(ground.tokens(ENTRA_AUTHORITY=impostor.url))
    assert (type(error), error.code) == (ActionRequiredError, "untrusted-certificate")
    assert error.message.startswith("The certificate of Entra ID is not trusted; OpenSSL says: ")
    assert ground.entra.token_requests == 0


@pytest.mark.parametrize("who", ["vault", "entra"])
def test_a_proxy_that_asks_for_a_login_is_named(
    ground: Ground, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the way to either; nobody is told to run the same command again."""
    seen: list[Request] = []

    class Refusing:
        def answer(self, request: Request) -> Answer:
            seen.append(request)
            return Answer(407, b"", (("Proxy-Authenticate", "Basic"),))

    with Server(Refusing()) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1" if who == "entra" else "")
        error = _fails(ground.tokens(ENTRA_AUTHORITY=ground.entra.url.replace("127.0.0.1", "localhost")))
    name = {"vault": "the vault", "entra": "Entra ID"}[who]
    assert (type(error), error.code) == (ActionRequiredError, "proxy-refused")
    assert error.message == f"The proxy 127.0.0.1:{proxy.port} asks for a login (407) on the way to {name}."
    assert {request.method for request in seen} == {"CONNECT"}


@pytest.mark.parametrize(
    "around", ["{}\n", "{}\r\n", "\ufeff{}", "  {} ", '"{}"', "'{}'\n", '\ufeff "{}" \r\n', "{}\x00"]
)
def test_a_secret_with_something_around_it_is_trimmed_and_said(ground: Ground, around: str) -> None:
    """Echo, an editor and a copied cell put it there; no secret has it."""
    ground.vault.value = around.format(SECRET)
    tokens = ground.tokens()
    assert tokens.token()
    assert "line end around it" in tokens.credential().note
    ground.entra.secrets = set()
    assert "line end around it" in _fails(ground.tokens()).message


@pytest.mark.parametrize("value", ["\n", '""', "\ufeff", " "])
def test_a_secret_of_nothing_but_its_surroundings_is_missing(ground: Ground, value: str) -> None:
    """Nobody at Entra ID is asked."""
    ground.vault.value = value
    assert _fails(ground.tokens()).code == "secret-missing"
    assert ground.entra.token_requests == 0


def test_the_id_of_a_secret_in_its_place_is_recognized(ground: Ground) -> None:
    """The portal shows both side by side; what is said stays a guess, and the value is not repeated."""
    ground.vault.value = "0f0e0d0c-aaaa-bbbb-cccc-0123456789ab"
    error = _fails(ground.tokens())
    assert error.code == "secret-wrong"
    assert "looks like the secret's ID (a GUID)" in error.message
    assert ground.vault.value not in error.message
    assert ground.tokens().credential().note == ""


def test_netrc_is_used_for_nobody(ground: Ground, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A default entry in the user's file of passwords goes neither to the identity endpoint, nor the vault, nor Entra ID."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default\nlogin a-user\npassword else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    seen: list[Request] = []
    for service in (ground.identity, ground.entra, ground.vault):
        real = service.answer

        def answer(request: Request, real: Any = real) -> Answer:
            seen.append(request)
            return real(request)  # type: ignore[no-any-return]

        service.answer = answer  # type: ignore[method-assign]
    assert ground.tokens().token()
    assert len(seen) > 3
    assert not [one for one in seen if one.headers.get("authorization", "").startswith("Basic")]


def _endless(piece: bytes, seconds: float) -> Any:
    def wire(handler: BaseHTTPRequestHandler) -> None:
        try:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
            while True:
                handler.wfile.write(piece)
                handler.wfile.flush()
                time.sleep(seconds)
        except OSError:
            return

    return lambda: Answer(0, wire=wire)


@pytest.mark.parametrize("who", ["identity", "entra", "vault"])
@pytest.mark.parametrize("how", ["floods", "drips", "packed"])
def test_no_reply_of_theirs_is_without_bounds(
    ground: Ground, who: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A megabyte and thirty seconds (here half a one), and nothing is unpacked: then it is an outage."""
    monkeypatch.setattr(transports, "BOUNDS", Bounds(0.5, 0.5, 1 << 20))
    monkeypatch.setattr(time, "sleep", lambda _seconds, real=time.sleep: real(min(_seconds, 0.02)))
    packed = Answer(200, gzip.compress(bytes(50_000_000)), (("Content-Encoding", "gzip"),))
    troubles = {"floods": _endless(b" " * 65_536, 0), "drips": _endless(b" ", 0.02), "packed": lambda: packed}
    getattr(ground, who).trouble = troubles[how]
    tracemalloc.start()
    error = _fails(ground.tokens())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (type(error), error.code) == (TransientError, f"{who}-unavailable")
    assert peak < 40_000_000


def test_the_expiry_date_is_the_secrets(ground: Ground) -> None:
    """None if it has none; errors are as for the token."""
    assert ground.tokens().credential().expires_on is None
    ground.vault.expires_on = int(time.time()) + 86_400
    expires = ground.tokens().credential().expires_on
    assert expires is not None
    assert int(expires.timestamp()) == ground.vault.expires_on
    ground.vault.trouble = lambda: refuses(403, "ForbiddenByRbac")
    with pytest.raises(ActionRequiredError):
        ground.tokens().credential()


def test_nothing_printable_holds_secret_or_token(ground: Ground, caplog: pytest.LogCaptureFixture) -> None:
    """Texts, attributes, and everything any library logs at DEBUG, in success, rotation and failure."""
    tokens = ground.tokens()
    with caplog.at_level(logging.DEBUG):
        for name in ("azure", "urllib3"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        made = [tokens.token(), tokens.token(fresh=True)]
        ground.entra.trouble = lambda: Answer(200, f'{{"access_token": "{made[0]}", "expires_in'.encode())
        errors = [_fails(ground.tokens())]
        ground.entra.trouble = None
        ground.entra.secrets = set()
        errors.append(_fails(ground.tokens()))
    texts = [repr(tokens), str(tokens), str(vars(tokens)), caplog.text, *map(str, errors), *map(repr, errors)]
    for hidden in (SECRET, *made):
        assert not [text for text in texts if hidden in text]
    assert "vault" in caplog.text or "127.0.0.1" in caplog.text  # something was logged at all


def test_at_a_persons_computer_the_azure_clis_login_is_used(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without AZURE_CLIENT_ID; what is wrong with it says the command that helps."""
    monkeypatch.setenv("PATH", "/nowhere")
    credential = own_credential(None)
    assert isinstance(credential, CliLogin)
    with pytest.raises(CliLoginError) as caught:
        credential.get_token("https://storage.azure.com/.default")
    assert caught.value.trouble == "no-cli"
    with pytest.raises(LoginError) as refused:
        ground.tokens(AZURE_CLIENT_ID="").token()
    assert (refused.value.trouble, refused.value.code) == ("no-cli", "identity-unavailable")


def test_an_identity_can_be_closed(ground: Ground) -> None:
    """Its holder gives its connections back."""
    del ground
    credential: Any = own_credential(IDENTITY)
    credential.close()


def _classes(root: type[Exception]) -> Iterator[type[Exception]]:
    yield root
    for one in root.__subclasses__():
        yield from _classes(one)


EXCEPTIONS = sorted(
    {
        *_classes(AzureError),
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OSError,
        RuntimeError,
        RecursionError,
    },
    key=lambda one: f"{one.__module__}.{one.__name__}",
)


def _made(one: type[Exception]) -> Exception:
    """An instance, however the class wants to be built."""
    error = one.__new__(one)
    error.args = (f"{SECRET} in it",)
    for name in ("message", "response", "status_code", "error", "reason", "inner_exception"):
        if not hasattr(error, name):
            setattr(error, name, None)
    return error


@pytest.mark.parametrize("one", EXCEPTIONS, ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_every_exception_of_the_libraries_is_translated(one: type[Exception]) -> None:
    """From the vault and from Entra ID; the text carries nothing of theirs."""
    for translate in (vault_errors, entra_errors):
        with pytest.raises(OutcomeError) as caught, translate("https://host.example"):
            raise _made(one)
        assert SECRET not in str(caught.value)
        assert caught.value.__cause__ is not None


def test_the_librarys_classes_are_all_among_them() -> None:
    """What azure.core and azure.identity export as exceptions is in the list above."""
    for library in (azure.core.exceptions, azure.identity):
        for name in dir(library):
            one = getattr(library, name)
            if isinstance(one, type) and issubclass(one, AzureError):
                assert one in EXCEPTIONS


def test_a_request_is_a_request(ground: Ground) -> None:
    """The stand-in sees what App Service would: the identity's client id and the header that proves who asks."""
    seen: list[Request] = []
    real = ground.identity.answer

    def answer(request: Request) -> Answer:
        seen.append(request)
        return real(request)

    ground.identity.answer = answer  # type: ignore[method-assign]
    ground.tokens().token()
    assert seen[0].query["client_id"] == IDENTITY
    assert seen[0].headers["x-identity-header"] == ground.identity.header


def test_brief_retries_wait_ten_seconds_at_most() -> None:
    """Whatever is asked for."""
    policy = BriefRetryPolicy(retry_total=1)
    asked = {"3": 3.0, "3600": 10.0, "soon": None}
    for text, seconds in asked.items():
        response = Mock(http_response=Mock(headers={"Retry-After": text}))
        assert policy.get_retry_after(response) == seconds
