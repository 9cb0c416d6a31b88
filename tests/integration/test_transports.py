"""How the product reaches hosts: netrc for nobody, and what OpenSSL says of a certificate."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
import requests
from azure.core.pipeline.transport import HttpRequest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_socket import enable_socket

from commands.probe import probe
from local.servers import Answer, Certificates, Request, Server
from shared.services.transports import bounded_transport, storage_transport
from shared.services.trust import read_in_advance


class Everything:
    """Answers 200 and keeps what it is asked."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def answer(self, request: Request) -> Answer:
        """Keep and answer."""
        self.requests.append(request)
        return Answer(200)


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    """An authority and a server certificate."""
    enable_socket()
    return Certificates(tmp_path)


@pytest.fixture
def host(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[tuple[str, Everything]]:
    """A host over https, and a `.netrc` with a default entry."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default\nlogin a-user\npassword else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates.bundle))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    service = Everything()
    with Server(service, certificates.context) as server:
        yield server.url, service


def test_netrc_is_not_used_for_storage(host: tuple[str, Everything]) -> None:
    """What the SDK puts into `Authorization` stays there."""
    url, service = host
    transport = storage_transport(5, 5)
    transport.send(HttpRequest("GET", f"{url}/container", headers={"Authorization": "Bearer made-up"}))
    transport.send(HttpRequest("GET", f"{url}/container"))
    transport.close()
    assert [one.headers.get("authorization") for one in service.requests] == ["Bearer made-up", None]


def test_netrc_is_not_used_by_check(host: tuple[str, Everything]) -> None:
    """It asks hosts whether they are there, without any login."""
    url, service = host
    assert probe(url).problem == ""
    assert [one.headers.get("authorization") for one in service.requests] == [None]


WAYS = {
    "no such file": ("/nowhere/ca.pem", "REQUESTS_CA_BUNDLE names no file"),
    "in quotes": ('"/nowhere/ca.pem"', "REQUESTS_CA_BUNDLE names no file"),
}


@pytest.mark.parametrize(("value", "words"), [pytest.param(*row, id=name) for name, row in WAYS.items()])
def test_check_says_that_the_bundle_is_not_there(
    host: tuple[str, Everything], value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the variable's name and its value, in place of a stack trace."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", value)
    found = probe(host[0])
    assert f"{words} ({value!r})" in found.problem
    assert "without quotes" in found.help


@pytest.mark.parametrize(
    "address", ["https://a..b.example", "https://" + "a" * 64 + ".example", "https://.example"]
)
def test_an_address_that_is_no_host_is_a_line(address: str) -> None:
    """The settings refuse it; were it to come so far, it would be no stack trace."""
    assert probe(address).problem


_SIGNS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def _authority(folder: Path, *, critical: bool) -> ssl.SSLContext:
    """A server context under an authority whose basic constraints are, or are not, marked critical; `ca.pem` trusts it."""
    now = datetime.now(UTC)

    def builder(name: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
        )

    key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    authority = (
        builder("an inspecting proxy", "an inspecting proxy", key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=critical)
        .add_extension(identifier, critical=False)
        .add_extension(_SIGNS, critical=True)
        .sign(key, hashes.SHA256())
    )
    server = (
        builder("127.0.0.1", "an inspecting proxy", server_key)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "inspection.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    (folder / "server.pem").write_bytes(
        server.public_bytes(serialization.Encoding.PEM)
        + server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


@pytest.mark.parametrize("critical", [True, False])
def test_an_inspection_certificate_that_python_refuses_gets_openssls_reason(
    critical: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Many a proxy's authority was made before anybody looked at RFC 5280; since 3.13 Python does."""
    enable_socket()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    context = _authority(tmp_path, critical=bool(critical))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "inspection.pem"))
    with Server(Everything(), context) as server:
        found = probe(server.url)
    if critical:
        assert found.problem == ""
        return
    assert "OpenSSL says: Basic Constraints of CA cert not marked critical" in found.problem
    assert "its owners must make a new one" in found.help


def test_the_file_of_certificates_is_read_once_for_all_connections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To storage, vault, Entra ID and connector; until it changes: then a new connection goes by what it says now."""
    enable_socket()
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    certificates, others = Certificates(tmp_path / "one"), Certificates(tmp_path / "other")
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(certificates.bundle.read_bytes())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    read: list[object] = []
    load = ssl.SSLContext.load_verify_locations

    def noting(context: ssl.SSLContext, *files: object, **options: object) -> None:
        read.extend(files)
        load(context, *files, **options)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", noting)
    with Server(Everything(), certificates.context) as server:

        def ask() -> None:
            for transport in (storage_transport(5, 5), bounded_transport()):
                with transport:
                    transport.session.get(server.url).raise_for_status()

        ask()
        ask()
        assert read == [str(bundle)]
        bundle.write_bytes(others.bundle.read_bytes() + b"\n")
        with pytest.raises(requests.exceptions.SSLError, match="certificate verify failed"):
            ask()
        bundle.write_bytes(certificates.bundle.read_bytes())
        ask()


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_file_of_certificates_is_read_in_advance(
    name: str, host: tuple[str, Everything], certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that requests will name; the first connection finds it read."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.setenv(name, str(certificates.bundle))
    read_in_advance()
    monkeypatch.delattr("shared.services.trust.create_urllib3_context")
    with bounded_transport() as transport:
        assert transport.session.get(host[0]).ok


def test_a_file_of_certificates_that_cannot_be_read_in_advance_is_said_where_it_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker starts all the same."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    read_in_advance()
