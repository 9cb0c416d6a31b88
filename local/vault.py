"""Key Vault with one secret, its real challenge included.

The SDK checks that the challenge's resource is a domain the vault's address lies in, port and all; for an address
like https://127.0.0.1:PORT that is https://0.0.1:PORT.
"""

import time
import uuid
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from local.entra_errors import Trouble
from local.servers import Answer, Request


@dataclass
class KeyVault:
    """A vault with RBAC that knows one secret.

    Attributes:
        expires_on: Unix time at which the secret expires; `None` for no expiry date.
        trouble: what to answer instead; `refuses` makes one.
        resource: that the challenge names, where the vault is not at 127.0.0.1.
        content_type: of the value; a certificate's says PKCS#12 or PEM.
        reads: how often the secret was read.
    """

    secret_name: str
    value: str
    tenant_id: str
    expires_on: int | None = None
    enabled: bool = True
    trouble: Trouble = None
    reads: int = 0
    url: str = ""
    port: int = 0
    content_type: str = ""
    resource: str = ""
    _version: str = field(default_factory=lambda: uuid.uuid4().hex)

    def rotate(self, value: str) -> None:
        """A new version of the secret."""
        self.value, self._version = value, uuid.uuid4().hex

    def answer(self, request: Request) -> Answer:
        """The challenge, then the secret."""
        if not request.headers.get("authorization", "").startswith("Bearer "):
            authority = f"https://login.microsoftonline.com/{self.tenant_id}"
            challenge = f'Bearer authorization="{authority}", resource="{self.resource or f"https://0.0.1:{self.port}"}"'
            return Answer.of({}, 401, ("WWW-Authenticate", challenge))
        if self.trouble:
            return self.trouble()
        if request.path.strip("/") != f"secrets/{self.secret_name}":
            return refuses(404, "SecretNotFound")
        self.reads += 1
        now = int(time.time())
        attributes: dict[str, Any] = {"enabled": self.enabled, "created": now, "updated": now}
        if self.expires_on is not None:
            attributes["exp"] = self.expires_on
        secret_id = f"{self.url}/secrets/{self.secret_name}/{self._version}"
        told = {"contentType": self.content_type} if self.content_type else {}
        return Answer.of({"value": self.value, "id": secret_id, "attributes": attributes} | told)


def refuses(status: int, code: str) -> Answer:
    """A refusal as Key Vault words it: `ForbiddenByFirewall`, `ForbiddenByRbac`, `SecretNotFound`, ..."""
    outer = "Forbidden" if status == HTTPStatus.FORBIDDEN else code  # it carries the reason inside
    return Answer.of({"error": {"code": outer, "message": "refused", "innererror": {"code": code}}}, status)
