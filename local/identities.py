"""Who gives out tokens: the App Service identity endpoint, and Entra ID."""

import base64
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key

from local.client_assertions import BEARER, FederatedCredential, Proofs
from local.entra_errors import Trouble, fails_with
from local.servers import Answer, Request

STORAGE_AUDIENCE = "https://storage.azure.com"


def _jwt(claims: dict[str, Any]) -> str:
    """A token of the right shape, without a real signature."""
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    return ".".join((*encoded, "none"))


def token_for(audience: str, seconds: int = 3_600) -> str:
    """A token for an audience, such as the managed identity's for storage; Azurite checks audience, issuer and times."""
    return _jwt(_claims(audience, seconds))


def _claims(audience: str, seconds: int) -> dict[str, Any]:
    now = int(time.time())
    issuer = f"https://sts.windows.net/{uuid.UUID(int=1)}/"
    return {
        "aud": audience,
        "iss": issuer,
        "iat": now,
        "nbf": now - 60,
        "exp": now + seconds,
        "jti": str(uuid.uuid4()),
    }


@dataclass
class IdentityEndpoint:
    """The managed identity as App Service offers it (`IDENTITY_ENDPOINT`, `IDENTITY_HEADER`).

    Attributes:
        tenant_id, principal_id: of the identity; a token that proves an app has them as issuer and subject.
        authority: that issues its tokens.
        token_seconds: how long a token is good.
    """

    client_id: str
    header: str = field(default_factory=lambda: uuid.uuid4().hex)
    trouble: Trouble = None
    tenant_id: str = str(uuid.UUID(int=1))
    principal_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    authority: str = "https://login.microsoftonline.com"
    token_seconds: int = 86_400
    key: RSAPrivateKey | None = field(default=None, repr=False)

    @property
    def issuer(self) -> str:
        """As its tokens name it."""
        return f"{self.authority}/{self.tenant_id}/v2.0"

    def federated_credential(self, audience: str) -> FederatedCredential:
        """What an app registration must have to take this identity for proof."""
        return FederatedCredential(self.issuer, self.principal_id, audience)

    def public_key(self) -> RSAPublicKey:
        """Whose tokens these are can be checked with this."""
        return self._signing_key().public_key()

    def _signing_key(self) -> RSAPrivateKey:
        """Made when it is first needed: most never sign."""
        self.key = self.key or generate_private_key(65_537, 2_048)
        return self.key

    def answer(self, request: Request) -> Answer:
        """A token for the resource that is asked for."""
        if self.trouble:
            return self.trouble()
        if request.headers.get("x-identity-header") != self.header:
            return Answer.of({"statusCode": 401, "message": "unauthorized"}, 401)
        if request.query.get("client_id") != self.client_id:
            return Answer.of({"statusCode": 400, "message": "No User Assigned identity found"}, 400)
        resource = request.query["resource"]
        return Answer.of(
            {
                "access_token": self._token(resource),
                "expires_on": str(int(time.time()) + self.token_seconds),
                "resource": resource,
                "token_type": "Bearer",
            }
        )

    def _token(self, resource: str) -> str:
        """For storage and vault in the right shape; for another audience signed, so that it proves something."""
        if not resource.startswith("api://"):
            return token_for(resource, self.token_seconds)
        claims = _claims(resource, self.token_seconds) | {"iss": self.issuer, "sub": self.principal_id}
        return jwt.encode(claims, self._signing_key(), "RS256")


@dataclass
class EntraId:
    """Entra ID's token endpoint for one app.

    Attributes:
        secrets: the client secrets that are valid just now.
        proofs: certificates and federated credentials of the app registration.
        expired: client secrets that were valid once.
        lifetime_seconds: how long a token is good.
        issued: the tokens that are good, with the audience and the end of each.
        trouble: what to answer instead of a token; `fails_with` makes one.
    """

    tenant_id: str
    app_id: str
    secrets: set[str]
    expired: set[str] = field(default_factory=set)
    lifetime_seconds: int = 3_600
    issued: dict[str, tuple[str, float]] = field(default_factory=dict)
    trouble: Trouble = None
    token_requests: int = 0
    url: str = ""
    proofs: Proofs = field(default_factory=Proofs)

    def trust(self, identity: IdentityEndpoint, audience: str) -> None:
        """Make the federated credential for an identity."""
        self.proofs.federated.append(identity.federated_credential(audience))
        self.proofs.issuers[identity.issuer] = identity.public_key()

    def answer(self, request: Request) -> Answer:
        """Metadata, or a token."""
        if request.path.endswith("/.well-known/openid-configuration"):
            if not request.path.startswith(f"/{self.tenant_id}/"):
                return fails_with("90002")()
            tenant = f"{self.url}/{self.tenant_id}"
            return Answer.of(
                {
                    "token_endpoint": f"{tenant}/oauth2/v2.0/token",
                    "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize",
                    "issuer": f"{tenant}/v2.0",
                }
            )
        if (
            request.path == "/common/discovery/instance"
        ):  # asked of Microsoft's own hosts: is this one of you?
            host = self.url.removeprefix("https://")
            known = {"preferred_network": host, "preferred_cache": host, "aliases": [host]}
            endpoint = f"{self.url}/{self.tenant_id}/v2.0/.well-known/openid-configuration"
            return Answer.of({"tenant_discovery_endpoint": endpoint, "metadata": [known]})
        self.token_requests += 1
        if self.trouble:
            return self.trouble()
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        wrong = self._wrong(request.path, form)
        proof = "2" if "client_assertion" in form else "1"
        return fails_with(wrong)() if wrong else self._token(form["scope"], proof)

    def is_good(self, token: str, audience: str) -> bool:
        """Whether a token was issued here for this audience and has not run out or been revoked."""
        issued_for, ends = self.issued.get(token, ("", 0.0))
        return issued_for == audience and time.time() < ends

    def _wrong(self, path: str, form: dict[str, str]) -> str:
        if f"/{self.tenant_id}/" not in path:
            return "90002"
        if form.get("client_id") != self.app_id:
            return "700016"
        if form.get("client_assertion_type") == BEARER:
            endpoint = f"{self.url}/{self.tenant_id}/oauth2/v2.0/token"
            return self.proofs.wrong(form["client_assertion"], self.app_id, endpoint)
        if form.get("client_secret") in self.expired:
            return "7000222"
        return "" if form.get("client_secret") in self.secrets else "7000215"

    def _token(self, scope: str, proof: str) -> Answer:
        audience = scope.removesuffix("/.default")
        token = _jwt(_claims(audience, self.lifetime_seconds) | {"appidacr": proof})
        self.issued[token] = (audience, time.time() + self.lifetime_seconds)
        return Answer.of(
            {
                "token_type": "Bearer",
                "expires_in": self.lifetime_seconds,
                "ext_expires_in": 0,
                "access_token": token,
            }
        )
