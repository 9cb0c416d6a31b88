"""Certificate and federated identity over real https: what proves the app, in every cloud, and each way of being refused."""

import base64
import json
import logging
import os
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import jwt
import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from pytest_socket import enable_socket

from local.client_assertions import AppCertificate, FederatedCredential, app_certificate
from local.identities import EntraId, IdentityEndpoint
from local.servers import Answer, Request, Server
from local.vault import KeyVault, refuses
from shared.clouds import CLOUDS
from shared.errors import ActionRequiredError, CredentialRefusedError, OutcomeError, TransientError
from shared.read_settings import read_settings
from shared.services.credentials import ConnectorTokens, connector_tokens

TENANT = "11111111-1111-1111-1111-111111111111"
APP = "22222222-2222-2222-2222-222222222222"
IDENTITY = "99999999-aaaa-bbbb-cccc-999999999999"
AUDIENCE = "https://microsoft.onmicrosoft.com/86dfdabb-5089-4a0c-880a-cfa5a790c5b1"
VAULTS: Final = {
    "commercial": "a-vault.vault.azure.net",
    "gcc": "a-vault.vault.azure.net",
    "gcc-high": "a-vault.vault.usgovcloudapi.net",
    "dod": "a-vault.vault.usgovcloudapi.net",
}


@dataclass
class Ground:
    """A cloud at its own addresses, all of which lead to this machine.

    Attributes:
        form: of the last request for a token.
        hosts: that were asked, in order.
    """

    identity: IdentityEndpoint
    entra: EntraId
    vault: KeyVault
    certificate: AppCertificate
    environment: dict[str, str]
    hosts: list[str] = field(default_factory=list)

    def tokens(self, kind: str, **changes: str) -> ConnectorTokens:
        """The product's token source, fresh."""
        told = self.environment | {"CONNECTOR_CREDENTIAL": kind} | changes
        return connector_tokens(read_settings({name: value for name, value in told.items() if value}))

    def rotate(self, *, upload: bool = True) -> None:
        """A new certificate in the vault; the old one leaves the app registration."""
        self.certificate = app_certificate()
        self.vault.rotate(self.certificate.pfx)
        self.entra.proofs.certificates = [self.certificate.public] if upload else []


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """One authority for the file."""
    enable_socket()
    return trustme.CA()


@pytest.fixture(scope="module")
def first_certificate() -> AppCertificate:
    """One certificate of the app for the file."""
    return app_certificate(200)


@pytest.fixture
def cloud() -> str:
    """Which cloud; a test may have it as a parameter."""
    return "commercial"


@pytest.fixture
def ground(
    cloud: str,
    authority: trustme.CA,
    first_certificate: AppCertificate,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Ground]:
    """Stand-ins at the cloud's own addresses."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    issuer, vault_host = CLOUDS[cloud].authority, VAULTS[cloud]
    identity = IdentityEndpoint(IDENTITY, tenant_id=TENANT, authority=issuer)
    entra = EntraId(TENANT, APP, {"a-made-up-secret"}, url=issuer)
    vault = KeyVault(
        "badging-app-certificate",
        first_certificate.pfx,
        TENANT,
        expires_on=first_certificate.ends,
        url=f"https://{vault_host}",
    )
    vault.content_type, vault.resource = "application/x-pkcs12", f"https://{vault_host.partition('.')[2]}"
    entra.proofs.certificates.append(first_certificate.public)
    entra.trust(identity, CLOUDS[cloud].federated_audience)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    host = issuer.removeprefix("https://")
    authority.issue_cert(host, vault_host).configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with (
        Server(identity) as identity_server,
        Server(entra, context) as entra_server,
        Server(vault, context) as vault_server,
    ):
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{identity_server.url}/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", identity.header)
        found = Ground(identity, entra, vault, first_certificate, _environment(cloud, vault_host))
        _lead_here(monkeypatch, {host: entra_server.port, vault_host: vault_server.port}, found.hosts)
        yield found


def _environment(cloud: str, vault_host: str) -> dict[str, str]:
    return {
        "EXPORTS_QUEUE": "badging-exports",
        "UPLOAD_SCHEDULE": "0 30 5 * * *",
        "CONNECTOR_TENANT_ID": TENANT,
        "CONNECTOR_APP_ID": APP,
        "CONNECTOR_JOB_ID": TENANT,
        "CONNECTOR_CLOUD": cloud,
        "KEY_VAULT_URI": f"https://{vault_host}",
        "AZURE_CLIENT_ID": IDENTITY,
        "ExportStorage": "UseDevelopmentStorage=true",
    }


def _lead_here(monkeypatch: pytest.MonkeyPatch, ports: dict[str, int], asked: list[str]) -> None:
    """Have these hosts be servers on loopback, and every other one unknown."""
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *rest: Any, **more: Any) -> Any:
        if host == "127.0.0.1":
            return real(host, port, *rest, **more)
        asked.append(host)
        if host not in ports:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real("127.0.0.1", ports[host], *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def _fails(tokens: ConnectorTokens) -> OutcomeError:
    with pytest.raises(OutcomeError) as caught:
        tokens.token()
    return caught.value


@pytest.mark.parametrize("kind", ["secret", "certificate", "federated"])
@pytest.mark.parametrize("cloud", CLOUDS)
def test_each_kind_proves_the_app_in_each_cloud(ground: Ground, kind: str, cloud: str) -> None:
    """At that cloud's own addresses, and for no other host; a federated identity asks no vault."""
    ground.vault.value, ground.vault.secret_name = {
        "secret": ("a-made-up-secret", "badging-app-secret"),
        "certificate": (ground.certificate.pfx, "badging-app-certificate"),
        "federated": ("", "none"),
    }[kind]
    token = ground.tokens(
        kind, KEY_VAULT_URI="" if kind == "federated" else ground.environment["KEY_VAULT_URI"]
    ).token()
    assert ground.entra.is_good(token, AUDIENCE)
    proof = {"secret": "1"}.get(kind, "2")
    assert jwt.decode(token, options={"verify_signature": False})["appidacr"] == proof
    hosts = {
        CLOUDS[cloud].authority.removeprefix("https://"),
        *([] if kind == "federated" else [VAULTS[cloud]]),
    }
    assert set(ground.hosts) == hosts
    assert ground.vault.reads == (0 if kind == "federated" else 1)


@pytest.mark.parametrize("form", ["pfx", "pem"])
def test_a_certificate_is_read_in_both_of_the_vaults_forms(ground: Ground, form: str) -> None:
    """PKCS#12 in base64, or PEM, as its policy says."""
    ground.vault.value = getattr(ground.certificate, form)
    assert ground.tokens("certificate").token()


@pytest.mark.parametrize("kind", ["certificate", "federated"])
def test_token_and_credential_are_kept_while_they_are_good(ground: Ground, kind: str) -> None:
    """A thousand batches cost one read and one token."""
    tokens = ground.tokens(kind)
    assert len({tokens.token() for _ in range(1_000)}) == 1
    assert ground.entra.token_requests == 1
    assert tokens.token(fresh=True)
    assert ground.entra.token_requests == 2


def test_a_rotated_certificate_is_found_in_the_same_attempt(ground: Ground) -> None:
    """Entra ID no longer knows the old one: the newest version is read, once, and it goes on."""
    ground.entra.lifetime_seconds = 200
    tokens = ground.tokens("certificate")
    tokens.token()
    ground.rotate()
    assert tokens.token()
    assert ground.vault.reads == 2


def test_a_certificate_that_the_app_registration_does_not_have_settles_as_refused(ground: Ground) -> None:
    """Put into the vault and not uploaded: it may still be, so it is tried again, and then waits for a person."""
    ground.rotate(upload=False)
    error = _fails(ground.tokens("certificate"))
    assert isinstance(error, CredentialRefusedError)
    assert (error.code, error.settles_as) == ("certificate-wrong", "certificate-refused")
    ground.entra.proofs.certificates = [ground.certificate.public]
    assert ground.tokens("certificate").token()


def test_a_federated_credential_made_later_is_seen(ground: Ground) -> None:
    """The order of the guide the other way round: nothing is lost, and nothing has to be restarted."""
    made, ground.entra.proofs.federated = ground.entra.proofs.federated, []
    tokens = ground.tokens("federated")
    error = _fails(tokens)
    assert isinstance(error, CredentialRefusedError)
    assert (error.code, error.at_once) == ("federation-wrong", False)
    ground.entra.proofs.federated = made
    assert tokens.token()


def test_an_identity_whose_key_rotates_goes_on(ground: Ground) -> None:
    """Its issuer signs with a new key; the credential names the issuer, not a key."""
    ground.entra.lifetime_seconds = 200
    tokens = ground.tokens("federated")
    tokens.token()
    ground.identity.key = None
    ground.entra.proofs.issuers[ground.identity.issuer] = ground.identity.public_key()
    assert tokens.token(fresh=True)


OTHER = "44444444-4444-4444-4444-444444444444"
REFUSALS: Final[dict[str, tuple[str, str, str]]] = {
    "issuer": ("issuer", f"https://login.microsoftonline.com/{OTHER}/v2.0", "AADSTS700211"),
    "subject": ("subject", OTHER, "AADSTS700213"),
    "audience": ("audience", "api://AzureADTokenExchangeUSGov", "AADSTS700212"),
}


@pytest.mark.parametrize(
    ("part", "value", "number"), [pytest.param(*row, id=name) for name, row in REFUSALS.items()]
)
def test_a_federated_credential_that_does_not_fit_is_told_with_what_would(
    ground: Ground, part: str, value: str, number: str
) -> None:
    """Issuer, subject and audience to compare with; nothing else of the token."""
    (right,) = ground.entra.proofs.federated
    ground.entra.proofs.federated = [
        FederatedCredential(
            **({"issuer": right.issuer, "subject": right.subject, "audience": right.audience} | {part: value})
        )
    ]
    error = _fails(ground.tokens("federated"))
    assert isinstance(error, CredentialRefusedError)
    assert (error.code, error.settles_as) == ("federation-wrong", "federation-refused")
    assert number in error.message
    fitting = f"the issuer {right.issuer}, the subject {right.subject} and the audience {right.audience}"
    assert fitting in error.message


def test_an_identity_of_another_tenant_is_said(ground: Ground) -> None:
    """App registration and identity must be in one; no federated credential could help."""
    ground.identity.tenant_id = OTHER
    assert "in another tenant than CONNECTOR_TENANT_ID" in _fails(ground.tokens("federated")).message


def test_an_assertion_out_of_its_time_passes(ground: Ground) -> None:
    """A clock that is wrong: an outage by its type."""
    ground.identity.token_seconds = -4_000
    error = _fails(ground.tokens("federated"))
    assert (type(error), error.code) == (TransientError, "entra-unavailable")
    assert "AADSTS700024" in error.message


def test_a_token_that_the_issuer_did_not_sign_is_refused(ground: Ground) -> None:
    """The right claims with another key prove nothing."""
    ground.identity.key = generate_private_key(65_537, 2_048)
    error = _fails(ground.tokens("federated"))
    assert error.code == "entra-unavailable"
    assert ground.entra.issued == {}


@pytest.mark.parametrize(
    "trouble", [lambda: Answer(500, b"oops"), lambda: Answer(200, b"[]"), lambda: Answer(429)]
)
def test_an_identity_that_gives_no_token_is_an_outage_of_the_identity(ground: Ground, trouble: Any) -> None:
    """It is not Entra ID that is said to be unavailable."""
    ground.identity.trouble = trouble
    error = _fails(ground.tokens("federated"))
    assert (type(error), error.code) == (TransientError, "identity-unavailable")
    assert ground.entra.token_requests == 0


def test_at_a_desk_a_federated_credential_is_refused_before_anybody_is_asked(ground: Ground) -> None:
    """No other computer has the app's identity."""
    error = _fails(ground.tokens("federated", AZURE_CLIENT_ID=""))
    assert (type(error), error.code) == (TransientError, "identity-unavailable")
    assert ground.hosts == []


VALUES = {
    "nothing": "",
    "a secret": "a-made-up-secret~Q",
    "base64 of something": base64.b64encode(b"hello").decode(),
    "a certificate without its key": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "half a file": "",
}


@pytest.mark.parametrize("what", VALUES)
def test_what_is_no_certificate_with_its_key_is_said(ground: Ground, what: str) -> None:
    """Nothing of it is repeated."""
    half = ground.certificate.pfx[:1_000]
    ground.vault.value = half if what == "half a file" else VALUES[what]
    error = _fails(ground.tokens("certificate"))
    assert (type(error), error.code) == (ActionRequiredError, "certificate-unusable")
    assert not ground.vault.value or ground.vault.value not in error.message
    assert error.__cause__ is None


def test_a_certificate_that_is_not_there_is_not_called_a_secret(ground: Ground) -> None:
    """Missing or disabled."""
    ground.vault.trouble = lambda: refuses(404, "SecretNotFound")
    error = _fails(ground.tokens("certificate"))
    assert error.code == "certificate-missing"
    assert error.message == "The vault has no certificate of this name (404)."
    ground.vault.trouble = lambda: refuses(403, "ForbiddenByRbac")
    assert _fails(ground.tokens("certificate")).code == "vault-forbidden"


def test_the_expiry_is_the_certificates_and_an_identity_has_none(ground: Ground) -> None:
    """As the vault says it."""
    state = ground.tokens("certificate").credential()
    assert state.expires_on is not None
    assert int(state.expires_on.timestamp()) == ground.certificate.ends
    state = ground.tokens("federated").credential()
    assert (state.expires, state.expires_on) == (False, None)


@pytest.mark.parametrize("kind", ["certificate", "federated"])
def test_nothing_printable_holds_a_key_an_assertion_or_a_token(
    ground: Ground, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Texts, attributes, and everything any library logs at DEBUG, in success, rotation and failure."""
    sent: list[str] = []
    real = ground.entra.answer

    def answer(request: Request) -> Answer:
        sent.extend(
            part for part in request.body.decode().split("&") if part.startswith("client_assertion=ey")
        )
        return real(request)

    ground.entra.answer = answer  # type: ignore[method-assign]
    tokens = ground.tokens(kind)
    with caplog.at_level(logging.DEBUG):
        for name in ("azure", "urllib3", "msal"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        made = [tokens.token(), tokens.token(fresh=True)]
        ground.entra.proofs.certificates, ground.entra.proofs.federated = [], []
        errors = [_fails(ground.tokens(kind))]
    texts = [repr(tokens), str(vars(tokens)), caplog.text, *map(str, errors), *map(repr, errors)]
    texts += [repr(vars(tokens)["_prepared"]), repr(errors[0].__cause__)]
    assert len(sent) == 3
    key = ground.certificate.pem.splitlines()[1]
    for hidden in (*made, key, ground.certificate.pfx[:200], *(one.partition("=")[2][:80] for one in sent)):
        assert not [text for text in texts if hidden in text]
    assert caplog.text


def test_the_stand_in_takes_no_assertion_for_another_endpoint_or_app(ground: Ground) -> None:
    """It checks as Entra ID does: issuer, subject, audience and time of what the app signs."""
    token = ground.tokens("certificate").token()
    assert token
    key = ground.certificate.pem
    endpoint = f"{ground.entra.url}/{TENANT}/oauth2/v2.0/token"
    good = {"iss": APP, "sub": APP, "aud": endpoint, "exp": time.time() + 600}
    header = _header(ground)
    wrong = ground.entra.proofs.wrong
    assert wrong(jwt.encode(good, key, "RS256", header), APP, endpoint) == ""
    cases = {
        "iss": (OTHER, "700021"),
        "aud": ("https://elsewhere.example", "700023"),
        "exp": (time.time() - 4_000, "700024"),
    }
    for name, (value, number) in cases.items():
        assert wrong(jwt.encode(good | {name: value}, key, "RS256", header), APP, endpoint) == number
    assert (
        wrong(jwt.encode(good, generate_private_key(65_537, 2_048), "RS256", header), APP, endpoint)
        == "700027"
    )
    assert wrong("no.jwt", APP, endpoint) == "50027"


def _header(ground: Ground) -> dict[str, str]:
    """The header that the library sent last, seen on the way."""
    seen: list[str] = []
    real = ground.entra.answer

    def answer(request: Request) -> Answer:
        seen.append(request.body.decode())
        return real(request)

    ground.entra.answer = answer  # type: ignore[method-assign]
    ground.tokens("certificate").token()
    (part,) = [one for one in seen[-1].split("&") if one.startswith("client_assertion=")]
    encoded = part.partition("=")[2].split(".")[0]
    header = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return {name: value for name, value in header.items() if name.startswith("x5t")}
