"""Who gives out tokens: the App Service identity endpoint, and Entra ID."""

import base64
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from local.servers import Answer, Request

STORAGE_AUDIENCE = "https://storage.azure.com"

type Trouble = Callable[[], Answer] | None
"""What to answer instead; `None` when all is well."""

AADSTS = {
    "7000215": (401, "invalid_client", "Invalid client secret provided."),
    "7000222": (401, "invalid_client", "The provided client secret keys are expired."),
    "700016": (400, "unauthorized_client", "Application was not found in the directory."),
    "7000112": (401, "unauthorized_client", "Application is disabled."),
    "90002": (400, "invalid_request", "Tenant not found."),
    "500011": (400, "invalid_resource", "The resource principal was not found in the tenant."),
    "53003": (400, "invalid_grant", "Access has been blocked by Conditional Access policies."),
    "90033": (503, "temporarily_unavailable", "A transient error has occurred."),
}


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
    """The managed identity as App Service offers it (`IDENTITY_ENDPOINT`, `IDENTITY_HEADER`)."""

    client_id: str
    header: str = field(default_factory=lambda: uuid.uuid4().hex)
    trouble: Trouble = None

    def answer(self, request: Request) -> Answer:
        """A token for the resource that is asked for."""
        if self.trouble:
            return self.trouble()
        if request.headers.get("x-identity-header") != self.header:
            return Answer.of({"statusCode": 401, "message": "unauthorized"}, 401)
        if request.query.get("client_id") != self.client_id:
            return Answer.of({"statusCode": 400, "message": "No User Assigned identity found"}, 400)
        token = token_for(request.query["resource"], 86_400)
        return Answer.of(
            {
                "access_token": token,
                "expires_on": str(int(time.time()) + 86_400),
                "resource": request.query["resource"],
                "token_type": "Bearer",
            }
        )


@dataclass
class EntraId:
    """Entra ID's token endpoint for one app.

    Attributes:
        secrets: the client secrets that are valid just now.
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
        self.token_requests += 1
        if self.trouble:
            return self.trouble()
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        wrong = self._wrong(request.path, form)
        return fails_with(wrong)() if wrong else self._token(form["scope"])

    def is_good(self, token: str, audience: str) -> bool:
        """Whether a token was issued here for this audience and has not run out or been revoked."""
        issued_for, ends = self.issued.get(token, ("", 0.0))
        return issued_for == audience and time.time() < ends

    def _wrong(self, path: str, form: dict[str, str]) -> str:
        if f"/{self.tenant_id}/" not in path:
            return "90002"
        if form.get("client_id") != self.app_id:
            return "700016"
        if form.get("client_secret") in self.expired:
            return "7000222"
        return "" if form.get("client_secret") in self.secrets else "7000215"

    def _token(self, scope: str) -> Answer:
        audience = scope.removesuffix("/.default")
        token = token_for(audience, self.lifetime_seconds)
        self.issued[token] = (audience, time.time() + self.lifetime_seconds)
        return Answer.of(
            {
                "token_type": "Bearer",
                "expires_in": self.lifetime_seconds,
                "ext_expires_in": 0,
                "access_token": token,
            }
        )


def fails_with(code: str) -> Callable[[], Answer]:
    """Entra's error answer for an AADSTS code."""
    status, error, text = AADSTS[code]
    document = {
        "error": error,
        "error_description": f"AADSTS{code}: {text} Trace ID: {uuid.UUID(int=2)}",
        "error_codes": [int(code)],
    }
    return lambda: Answer.of(document, status)
