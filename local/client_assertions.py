"""How an app proves itself without a secret, checked as Entra ID does: signature, issuer, subject, audience, time.

Two kinds: an assertion that the app signed itself, with the key of a certificate the app registration has; and a token of another issuer,
whose subject a federated credential of the app registration names (here: the app's managed identity).
"""

from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from jwt.exceptions import InvalidSubjectError

BEARER: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_BITS: Final = 2_048
_SKEW_SECONDS: Final = 300


@dataclass(frozen=True)
class AppCertificate:
    """A certificate with its key, as a vault keeps it.

    Attributes:
        pfx: PKCS#12 in base64, without a password: what the vault gives as a secret.
        pem: the same as text.
        public: what is uploaded to the app registration.
        ends: when it expires, as Unix time.
    """

    pfx: str = field(repr=False)
    pem: str = field(repr=False)
    public: x509.Certificate
    ends: int


def app_certificate(days: int = 365) -> AppCertificate:
    """Make a certificate that is good for this many days."""
    key = rsa.generate_private_key(65_537, _BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gatepost-made-up")])
    now = datetime.now(UTC)
    public = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pfx = pkcs12.serialize_key_and_certificates(b"gatepost", key, public, None, plain)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    pem += public.public_bytes(serialization.Encoding.PEM)
    return AppCertificate(
        b64encode(pfx).decode(), pem.decode(), public, int((now + timedelta(days=days)).timestamp())
    )


@dataclass(frozen=True)
class FederatedCredential:
    """What the app registration says of a token it takes as proof."""

    issuer: str
    subject: str
    audience: str


@dataclass
class Proofs:
    """What an app registration has beside client secrets.

    Attributes:
        certificates: that were uploaded.
        federated: credentials that were made.
        issuers: the public key of every issuer whose tokens can be checked.
    """

    certificates: list[x509.Certificate] = field(default_factory=list)
    federated: list[FederatedCredential] = field(default_factory=list)
    issuers: dict[str, rsa.RSAPublicKey] = field(default_factory=dict)

    def wrong(self, assertion: str, app_id: str, audience: str) -> str:
        """The number of what is wrong with an assertion; empty if it proves the app.

        Args:
            assertion: the JWT.
            app_id: whom it must prove.
            audience: the token endpoint, for which an app signs.
        """
        try:
            header = jwt.get_unverified_header(assertion)
        except jwt.InvalidTokenError:
            return "50027"
        signed_by_the_app = {"x5t", "x5t#S256"} & set(header)
        return (
            self._wrong_certificate(header, assertion, app_id, audience)
            if signed_by_the_app
            else self._wrong_token(assertion)
        )

    def _wrong_certificate(self, header: dict[str, Any], assertion: str, app_id: str, audience: str) -> str:
        named = {str(header.get(name)).rstrip("=") for name in ("x5t", "x5t#S256")}
        known = [one for one in self.certificates if _thumbprints(one) & named]
        now = datetime.now(UTC)
        if not known:
            return "700027"
        if not known[0].not_valid_before_utc <= now < known[0].not_valid_after_utc:
            return "1000502"
        return _wrong_claims(
            assertion,
            known[0].public_key(),
            _Claims(app_id, app_id, audience),
            _Numbers(signature="700027", issuer="700021", subject="700021", audience="700023"),
        )

    def _wrong_token(self, assertion: str) -> str:
        claims = jwt.decode(assertion, options={"verify_signature": False})
        issuer = str(claims.get("iss"))
        if issuer not in {one.issuer for one in self.federated}:
            return "700211"
        subjects = {one.subject for one in self.federated if one.issuer == issuer}
        if claims.get("sub") not in subjects:
            return "700213"
        audiences = {one.audience for one in self.federated if one.subject == claims["sub"]}
        if claims.get("aud") not in audiences:
            return "700212"
        return _wrong_claims(
            assertion,
            self.issuers[issuer],
            _Claims(issuer, claims["sub"], claims["aud"]),
            _Numbers(signature="5001256", issuer="700211", subject="700213", audience="700212"),
        )


@dataclass(frozen=True)
class _Claims:
    issuer: str
    subject: str
    audience: str


@dataclass(frozen=True)
class _Numbers:
    signature: str
    issuer: str
    subject: str
    audience: str


def _wrong_claims(assertion: str, key: Any, wanted: _Claims, numbers: _Numbers) -> str:
    try:
        jwt.decode(
            assertion,
            key,
            algorithms=["RS256", "PS256"],
            issuer=wanted.issuer,
            subject=wanted.subject,
            audience=wanted.audience,
            leeway=_SKEW_SECONDS,
            options={"require": ["exp"]},
        )
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError, jwt.MissingRequiredClaimError):
        return "700024"
    except jwt.InvalidIssuerError:
        return numbers.issuer
    except jwt.InvalidAudienceError:
        return numbers.audience
    except InvalidSubjectError:
        return numbers.subject
    except jwt.InvalidTokenError:
        return numbers.signature
    return ""


def _thumbprints(certificate: x509.Certificate) -> set[str]:
    """As a header's x5t and x5t#S256 have them."""
    return {
        urlsafe_b64encode(certificate.fingerprint(kind)).rstrip(b"=").decode()
        for kind in (hashes.SHA1(), hashes.SHA256())  # noqa: S303  (a name for a certificate, as the header has it)
    }
